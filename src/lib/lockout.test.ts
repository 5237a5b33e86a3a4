import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Lockout } from './lockout.ts'

const NOW = 1_700_000_000_000

describe('Lockout', () => {
  const attempts = (lockout: Lockout, name: string, count: number) =>
    Array.from({ length: count }, () => lockout.attempt(name, NOW))

  it('locks a name after five attempts, for a minute', () => {
    const lockout = new Lockout()
    assert.deepEqual(attempts(lockout, 'ann', 7), [0, 0, 0, 0, 0, 60, 60])
    assert.equal(lockout.attempt('ann', NOW + 59_001), 1)
    assert.equal(lockout.attempt('ann', NOW + 60_000), 0)
  })

  it('tells that a name is locked without counting that as an attempt', () => {
    const lockout = new Lockout()
    attempts(lockout, 'ann', 4)
    assert.deepEqual([lockout.lockedFor('ann', NOW), lockout.lockedFor('ann', NOW)], [0, 0])
    attempts(lockout, 'ann', 1)
    assert.equal(lockout.lockedFor('ann', NOW + 1000), 59)
    assert.equal(lockout.lockedFor('ann', NOW + 60_000), 0)
  })

  it('remembers ten thousand names and no more, the latest', () => {
    const lockout = new Lockout()
    attempts(lockout, 'ann', 5)
    for (let at = 0; at < 9_999; at += 1) lockout.attempt(`name${at}`, NOW)
    assert.equal(lockout.lockedFor('ann', NOW), 60)
    for (let at = 0; at < 10_000; at += 1) lockout.attempt(`other${at}`, NOW)
    assert.equal(lockout.lockedFor('ann', NOW), 0)
  })

  it('locks no other name', () => {
    const lockout = new Lockout()
    attempts(lockout, 'ann', 6)
    assert.equal(lockout.attempt('ben', NOW), 0)
  })

  it('forgets the attempts of a name that succeeds, and those of a minute ago', () => {
    const lockout = new Lockout()
    attempts(lockout, 'ann', 4)
    assert.equal(lockout.succeeded('ann'), 3)
    assert.deepEqual(attempts(lockout, 'ann', 6), [0, 0, 0, 0, 0, 60])
    attempts(lockout, 'ben', 4)
    const later = [60_000, 60_001].map((after) => lockout.attempt('ben', NOW + after))
    assert.deepEqual(later, [0, 0])
  })
})
