import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import type { Job, NewJob, Store } from '../port.ts'
import { aBatch } from './stores.ts'

/** Each case has a time of its own, long before those of the others, so that it sees its own jobs. */
let clock = 1_000_000_000

type Setting = {
  readonly backendId: string
  readonly now: number
  enqueue(id: string, at: number): Promise<void>
}

export function jobRules(store: () => Store): void {
  describe('jobs', () => {
    leaseRules(store)
    retryRules(store)
  })
}

function setting(store: Store): Setting {
  const backendId = randomBytes(12).toString('hex')
  clock -= 1_000_000
  const job = (id: string, runAt: number): NewJob => ({
    backendId,
    id,
    kind: 'mail',
    payload: '{"to":"ada"}',
    runAt,
  })
  return {
    backendId,
    now: clock,
    enqueue: (id, at) => store.write(aBatch({ op: 'enqueue', job: job(id, at) })),
  }
}

const names = (jobs: readonly Job[]): string[] => jobs.map(({ id }) => id)

function leaseRules(store: () => Store): void {
  it('come when they are due, the longest due first', async () => {
    const { backendId, now, enqueue } = setting(store())
    await enqueue('later', now + 1)
    await enqueue('second', now)
    await enqueue('first', now - 5)
    assert.equal(await store().oldestDueJob(now), now - 5)
    const jobs = await store().takeJobs(now, 10, 100)
    assert.deepEqual(names(jobs), ['first', 'second'])
    assert.deepEqual(jobs[0], {
      backendId,
      id: 'first',
      kind: 'mail',
      payload: '{"to":"ada"}',
      runAt: now - 5,
      attempts: 1,
      lastError: null,
    })
    await finishAll(store(), backendId, ['first', 'second', 'later'])
  })

  it('are taken once, until the lease ends', async () => {
    const { backendId, now, enqueue } = setting(store())
    await enqueue('one', now)
    assert.deepEqual(names(await store().takeJobs(now, 10, 100)), ['one'])
    assert.deepEqual(names(await store().takeJobs(now + 99, 10, 100)), [])
    assert.equal(await store().oldestDueJob(now + 99), null)
    await store().extendJob({ backendId, id: 'one' }, now + 200)
    assert.deepEqual(names(await store().takeJobs(now + 199, 10, 100)), [])
    const [again] = await store().takeJobs(now + 200, 10, 100)
    assert.equal(again?.attempts, 2)
    await finishAll(store(), backendId, ['one'])
    assert.deepEqual(names(await store().takeJobs(now + 1000, 10, 100)), [])
  })

  it('go to one taker each', async () => {
    const { backendId, now, enqueue } = setting(store())
    const ids = Array.from({ length: 12 }, (_, at) => `job-${at}`)
    await Promise.all(ids.map((id) => enqueue(id, now)))
    const taken = await Promise.all(ids.map(() => store().takeJobs(now, 3, 100)))
    const rest = await store().takeJobs(now, 20, 100)
    assert.deepEqual(names([...taken.flat(), ...rest]).sort(), ids.sort())
    await finishAll(store(), backendId, ids)
  })
}

function retryRules(store: () => Store): void {
  it('come again when they are given back', async () => {
    const { backendId, now, enqueue } = setting(store())
    await enqueue('one', now)
    await store().takeJobs(now, 1, 100)
    await store().releaseJob({ backendId, id: 'one' }, 'no connection', now + 50)
    assert.deepEqual(names(await store().takeJobs(now + 49, 1, 100)), [])
    const [again] = await store().takeJobs(now + 50, 1, 100)
    assert.deepEqual(
      [again?.attempts, again?.lastError, again?.runAt],
      [2, 'no connection', now + 50],
    )
    await finishAll(store(), backendId, ['one'])
  })

  it('are refused twice under one name, until done or given up', async () => {
    const { backendId, now, enqueue } = setting(store())
    await enqueue('one', now)
    const twice = { name: 'WriteConflict', reason: 'exists', index: 0 }
    await assert.rejects(enqueue('one', now), twice)
    await store().takeJobs(now, 1, 100)
    await assert.rejects(enqueue('one', now), twice)
    await store().releaseJob({ backendId, id: 'one' }, 'gave up', null)
    assert.deepEqual(names(await store().takeJobs(now + 10_000, 1, 100)), [])
    await enqueue('one', now)
    const [fresh] = await store().takeJobs(now, 1, 100)
    assert.deepEqual([fresh?.attempts, fresh?.lastError], [1, null])
    await finishAll(store(), backendId, ['one'])
  })

  it('are not enqueued by a batch that fails', async () => {
    const { backendId, now } = setting(store())
    const job: NewJob = { backendId, id: 'one', kind: 'mail', payload: '{}', runAt: now }
    const missing = { backendId, type: 'thing', id: 'x' }
    await assert.rejects(
      store().write(aBatch({ op: 'enqueue', job }, { op: 'delete', address: missing })),
    )
    assert.deepEqual(names(await store().takeJobs(now, 1, 100)), [])
  })
}

async function finishAll(store: Store, backendId: string, ids: readonly string[]): Promise<void> {
  for (const id of ids) await store.finishJob({ backendId, id })
}
