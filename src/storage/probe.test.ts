import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Candidates } from './candidates.ts'
import { ProbeMemory } from './probe.ts'
import { sql } from './sql.ts'
import { type Comparison, rangeOf } from './where.ts'

function stretch(op: Comparison, key: string, place = 'price'): Candidates {
  return { ids: sql`SELECT 1`, isExact: false, stretch: { place, range: rangeOf(op, key) } }
}

describe('ProbeMemory', () => {
  it('knows that a wider range has no fewer candidates', () => {
    const memory = new ProbeMemory()
    memory.rememberMany(stretch('gt', '1c'))
    const wider: [Comparison, string][] = [
      ['gt', '1b'],
      ['gte', '1b'],
      ['gt', '1c'],
      ['gte', '1c'],
    ]
    for (const [op, key] of wider) assert.ok(memory.isMany(stretch(op, key)), `${op} ${key}`)
    const others: [Comparison, string][] = [
      ['gt', '1d'],
      ['lt', '1d'],
      ['gt', '2a'],
      ['eq', '1c'],
    ]
    for (const [op, key] of others) assert.ok(!memory.isMany(stretch(op, key)), `${op} ${key}`)
    assert.ok(!memory.isMany(stretch('gt', '1b', 'score')))
  })

  it('does not take an end that is left out for one that is not', () => {
    const memory = new ProbeMemory()
    memory.rememberMany(stretch('lte', '1c'))
    assert.ok(!memory.isMany(stretch('lt', '1c')))
    assert.ok(memory.isMany(stretch('lte', '1c')))
    assert.ok(memory.isMany(stretch('lt', '1d')))
  })
})
