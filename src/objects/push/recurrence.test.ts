import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Interval, nextTick } from './recurrence.ts'

const at = (text: string) => Date.parse(`${text}Z`)

describe('nextTick', () => {
  for (const [interval, start, after, next] of [
    [null, '2030-01-31T10:00', '2030-01-31T09:59', '2030-01-31T10:00'],
    ['daily', '2030-01-31T10:00', '2030-01-31T10:00', '2030-02-01T10:00'],
    ['daily', '2030-01-31T10:00', '2030-03-05T11:00', '2030-03-06T10:00'],
    ['weekly', '2030-01-31T10:00', '2030-01-31T10:00', '2030-02-07T10:00'],
    ['monthly', '2030-01-31T10:00', '2030-01-31T10:00', '2030-02-28T10:00'],
    ['monthly', '2030-01-31T10:00', '2030-02-28T10:00', '2030-03-31T10:00'],
    ['monthly', '2028-01-31T10:00', '2028-02-01T00:00', '2028-02-29T10:00'],
    ['monthly', '2030-11-15T10:00', '2030-12-20T00:00', '2031-01-15T10:00'],
    [90, '2030-01-31T10:00', '2030-01-31T10:00', '2030-01-31T11:30'],
    [90, '2030-01-31T10:00', '2030-02-01T10:00', '2030-02-01T11:30'],
    ['daily', '2030-01-31T10:00', '2029-01-01T00:00', '2030-01-31T10:00'],
  ] as readonly [Interval | null, string, string, string][]) {
    it(`of ${interval ?? 'once'} from ${start}, after ${after}, is ${next}`, () => {
      assert.equal(nextTick({ start: at(start), interval, end: null }, at(after)), at(next))
    })
  }

  it('is none after the only time, nor after the end', () => {
    const start = at('2030-01-31T10:00')
    assert.equal(nextTick({ start, interval: null, end: null }, start), null)
    const end = at('2030-02-02T09:59')
    const daily = { start, interval: 'daily', end } as const
    assert.equal(nextTick(daily, start), at('2030-02-01T10:00'))
    assert.equal(nextTick(daily, at('2030-02-01T10:00')), null)
  })
})
