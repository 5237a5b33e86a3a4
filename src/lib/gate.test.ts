import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { gate } from './gate.ts'

describe('gate', () => {
  it('runs no more tasks at once than it may, in the order in which they came', async () => {
    const two = gate(2)
    const started: number[] = []
    let running = 0
    let most = 0
    const task = async (number: number) => {
      started.push(number)
      most = Math.max(most, ++running)
      await sleep(2)
      running--
      return number
    }
    const results = await Promise.all([1, 2, 3, 4, 5].map((n) => two.run(() => task(n))))
    assert.deepEqual(results, [1, 2, 3, 4, 5])
    assert.deepEqual(started, [1, 2, 3, 4, 5])
    assert.equal(most, 2)
    assert.equal(two.waiting(), 0)
  })

  it('gives the place of a failed task to the next one', async () => {
    const one = gate(1)
    const failing = one.run(() => Promise.reject(new Error('no')))
    const next = one.run(() => Promise.resolve('yes'))
    assert.equal(one.waiting(), 1)
    await assert.rejects(failing, /no/)
    assert.equal(await next, 'yes')
  })

  it('stays usable when a task throws before it returns a promise', async () => {
    const one = gate(1)
    const thrower = () => {
      throw new Error('at once')
    }
    await assert.rejects(one.run(thrower), /at once/)
    assert.equal(await one.run(async () => 7), 7)
  })
})
