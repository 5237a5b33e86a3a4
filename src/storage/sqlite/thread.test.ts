import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Thread } from './thread.ts'

const WORKER = '../testing/crashing-worker'

describe('Thread', () => {
  it('answers calls, also those of one turn together', async () => {
    const thread = new Thread<string>(WORKER, null)
    assert.deepEqual(await Promise.all([thread.call('a'), thread.call('b')]), ['a', 'b'])
    await thread.close()
  })

  it('rejects what a dying thread held, and starts another', async () => {
    const thread = new Thread<string>(WORKER, null)
    await thread.call('a')
    await sleep(1100)
    const held = [thread.call('a'), thread.call('crash')]
    for (const each of held) await assert.rejects(each, /ended unexpectedly/)
    assert.equal(await thread.call('again'), 'again')
    await thread.close()
  })

  it('does not start again what dies at once', async () => {
    const thread = new Thread<string>('no-such-worker', null)
    await assert.rejects(thread.call('a'), /ended unexpectedly/)
    await assert.rejects(thread.call('b'), /ended unexpectedly/)
    await thread.close()
  })

  it('finishes what it was asked before it closes, and takes nothing after', async () => {
    const thread = new Thread<string>(WORKER, null)
    const last = thread.call('last')
    await thread.close()
    assert.equal(await last, 'last')
    await assert.rejects(thread.call('late'), /closed/)
  })
})
