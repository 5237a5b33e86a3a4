import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Job, NewJob } from '../storage/port.ts'
import { backoffMs } from './backoff.ts'
import { JobFailed, type JobHandler, type JobPayload } from './handler.ts'
import { JobRunner, type JobRunnerOptions, type JobStore } from './runner.ts'

type Kept = Omit<Job, 'runAt' | 'attempts'> & {
  runAt: number | null
  attempts: number
  leaseUntil: number
}

/** The queue of a store, in memory. */
class Queue implements JobStore {
  readonly jobs = new Map<string, Kept>()
  readonly extended: string[] = []
  failNextTake = false
  failExtend = false

  add(job: Partial<NewJob> & { id: string }): void {
    const defaults = { backendId: 't1', kind: 'work', payload: '{}', runAt: 0 }
    this.jobs.set(job.id, { ...defaults, ...job, attempts: 0, lastError: null, leaseUntil: 0 })
  }

  async takeJobs(now: number, limit: number, leaseMs: number): Promise<Job[]> {
    if (this.failNextTake) {
      this.failNextTake = false
      throw new Error('the database is away')
    }
    const due = [...this.jobs.values()].filter(
      (job) => job.runAt !== null && job.runAt <= now && job.leaseUntil <= now,
    )
    return due.slice(0, limit).map((job) => {
      job.leaseUntil = now + leaseMs
      job.attempts++
      return { ...job, runAt: job.runAt ?? 0 }
    })
  }

  async extendJob({ id }: Pick<Job, 'id'>, leaseUntil: number): Promise<void> {
    if (this.failExtend) throw new Error('the database is away')
    this.extended.push(id)
    const job = this.jobs.get(id)
    if (job) job.leaseUntil = leaseUntil
  }

  async finishJob({ id }: Pick<Job, 'id'>): Promise<void> {
    this.jobs.delete(id)
  }

  async releaseJob({ id }: Pick<Job, 'id'>, error: string, runAt: number | null): Promise<void> {
    const job = this.jobs.get(id)
    if (job) Object.assign(job, { lastError: error, runAt, leaseUntil: 0 })
  }
}

describe('JobRunner', () => {
  const started: JobRunner[] = []
  afterEach(() => Promise.all(started.splice(0).map((runner) => runner.stop({ graceMs: 0 }))))

  function setUp(run: JobHandler['run'], more: Partial<JobHandler & JobRunnerOptions> = {}) {
    const queue = new Queue()
    const logged: string[] = []
    const note = (fields: object, message: string) => {
      logged.push(`${message} ${JSON.stringify(fields)}`)
    }
    const { attemptsMax = 3, timeoutMs = 1000, gaveUp, ...options } = more
    const handler = { run, attemptsMax, timeoutMs, ...(gaveUp ? { gaveUp } : {}) }
    const runner = new JobRunner({
      store: queue,
      handlers: new Map([['work', handler]]),
      clock: Date.now,
      log: { info: note, warn: note, error: note },
      concurrency: 2,
      pollMs: 5,
      backoff: () => 0,
      ...options,
    })
    started.push(runner)
    return { queue, runner, logged }
  }

  async function until(condition: () => boolean): Promise<void> {
    const end = Date.now() + 2000
    while (!condition()) {
      assert.ok(Date.now() < end, 'waited in vain')
      await sleep(2)
    }
  }

  it('runs a job once, with its payload, and removes it', async () => {
    const seen: unknown[] = []
    const { queue, runner } = setUp(async (payload, { job, now, signal }) => {
      seen.push(payload, job.id, job.attempts, now() > 0, signal.aborted)
    })
    queue.add({ id: 'a', payload: '{"to":"ada"}' })
    await runner.idle()
    assert.deepEqual(seen, [{ to: 'ada' }, 'a', 1, true, false])
    assert.equal(queue.jobs.size, 0)
  })

  it('leaves jobs alone that are not due yet', async () => {
    const { queue, runner } = setUp(() => assert.fail('was run'))
    queue.add({ id: 'a', runAt: Date.now() + 60_000 })
    await runner.idle()
    assert.equal(queue.jobs.get('a')?.attempts, 0)
  })

  it('runs many jobs, but no more at once than it may', async () => {
    let running = 0
    let most = 0
    const { queue, runner } = setUp(async () => {
      most = Math.max(most, ++running)
      await sleep(1)
      running--
    })
    for (let i = 0; i < 25; i++) queue.add({ id: `j${i}` })
    runner.start()
    await until(() => queue.jobs.size === 0)
    assert.equal(most, 2)
  })

  it('looks at the queue at once when it is woken', async () => {
    const { queue, runner } = setUp(async () => {}, { pollMs: 100_000 })
    runner.start()
    await runner.idle()
    queue.add({ id: 'a' })
    await sleep(10)
    assert.equal(queue.jobs.size, 1)
    runner.wake()
    await until(() => queue.jobs.size === 0)
  })

  it('finds what was put on the queue without a call, and goes on when the store failed', async () => {
    const { queue, runner, logged } = setUp(async () => {})
    queue.failNextTake = true
    runner.start()
    queue.add({ id: 'a' })
    await until(() => queue.jobs.size === 0)
    assert.match(logged[0] ?? '', /queue could not be read/)
  })

  it('tries a failed job again after a pause that grows', async () => {
    const pauses: number[] = []
    let runs = 0
    const run = async () => {
      if (++runs < 3) throw new Error('busy')
    }
    const backoff = (attempts: number) => {
      pauses.push(attempts)
      return 3
    }
    const { queue, runner } = setUp(run, { backoff })
    queue.add({ id: 'a' })
    runner.start()
    await until(() => queue.jobs.size === 0)
    assert.deepEqual(pauses, [1, 2])
  })

  it('keeps a job that fails too often, with its error, and logs no payload', async () => {
    const { queue, runner, logged } = setUp(() => Promise.reject(new Error('no such host')))
    queue.add({ id: 'a', payload: '{"password":"opensesame"}' })
    await runner.idle()
    const job = queue.jobs.get('a')
    assert.deepEqual([job?.runAt, job?.attempts, job?.lastError], [null, 3, 'Error: no such host'])
    assert.equal(logged.length, 3)
    assert.match(logged[2] ?? '', /failed for good.*"backendId":"t1","jobId":"a","kind":"work"/)
    assert.doesNotMatch(logged.join(), /opensesame/)
  })

  it('keeps a job at once when its handler says that trying again is of no use', async () => {
    const { queue, runner } = setUp(() => Promise.reject(new JobFailed('no such mailbox')))
    queue.add({ id: 'a' })
    await runner.idle()
    assert.equal(queue.jobs.get('a')?.runAt, null)
    assert.equal(queue.jobs.get('a')?.attempts, 1)
  })

  it('tells the handler once when it gives a job up, and keeps the job whatever that does', async () => {
    const told: unknown[] = []
    const gaveUp = async ({ to }: JobPayload, { attempts }: Job) => {
      told.push(to, attempts)
      throw new Error('not even this')
    }
    const { queue, runner, logged } = setUp(() => Promise.reject(new Error('no')), { gaveUp })
    queue.add({ id: 'a', payload: '{"to":"ada"}' })
    await runner.idle()
    assert.deepEqual(told, ['ada', 3])
    assert.deepEqual([queue.jobs.get('a')?.runAt, queue.jobs.get('a')?.attempts], [null, 3])
    assert.match(logged.at(-1) ?? '', /nobody was told/)
  })

  it('keeps jobs of an unknown kind and with a broken payload', async () => {
    const { queue, runner } = setUp(() => assert.fail('was run'))
    queue.add({ id: 'a', kind: 'other' })
    queue.add({ id: 'b', payload: '{' })
    await runner.idle()
    assert.deepEqual(
      [...queue.jobs.values()].map((job) => [job.runAt, job.lastError]),
      [
        [null, 'JobFailed: there is no handler for jobs of the kind "other"'],
        [null, 'JobFailed: the payload is not JSON'],
      ],
    )
  })

  it('treats a handler that throws before it returns a promise as any other', async () => {
    const { queue, runner } = setUp(() => {
      throw new Error('at once')
    })
    queue.add({ id: 'a' })
    await runner.idle()
    assert.equal(queue.jobs.get('a')?.lastError, 'Error: at once')
  })

  it('does not run a job again that ended the process as often as it may run', async () => {
    const { queue, runner } = setUp(() => assert.fail('was run'))
    queue.add({ id: 'a' })
    const job = queue.jobs.get('a')
    assert.ok(job)
    job.attempts = 3
    await runner.idle()
    assert.equal(job.runAt, null)
    assert.match(job.lastError ?? '', /the server ended/)
  })

  it('takes the job of a killed process when its lease ends', async () => {
    const { queue, runner } = setUp(async () => {})
    queue.add({ id: 'a' })
    await queue.takeJobs(Date.now(), 1, 30)
    await runner.idle()
    assert.equal(queue.jobs.size, 1)
    runner.start()
    await until(() => queue.jobs.size === 0)
  })

  it('renews the lease while a job runs, so nobody else takes it, and then stops', async () => {
    let runs = 0
    const run = async () => {
      runs++
      await until(() => queue.extended.length >= 3)
    }
    const { queue, runner } = setUp(run, { leaseMs: 60 })
    queue.add({ id: 'a' })
    runner.start()
    await until(() => queue.jobs.size === 0)
    assert.equal(runs, 1)
    const renewals = queue.extended.length
    await sleep(50)
    assert.equal(queue.extended.length, renewals)
  })

  it('does not run a job twice at once when it takes it again after a standstill', async () => {
    let runs = 0
    const run = async () => {
      runs++
      const job = queue.jobs.get('a')
      if (job) job.leaseUntil = 0
      await until(() => job?.attempts === 2)
    }
    const { queue, runner } = setUp(run)
    queue.add({ id: 'a' })
    runner.start()
    await until(() => queue.jobs.size === 0)
    assert.equal(runs, 1)
  })

  it('aborts a run whose lease was lost and leaves the job to others', async () => {
    let aborted = false
    const run: JobHandler['run'] = (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          aborted = true
          reject(new Error('given up'))
        })
      })
    const { queue, runner } = setUp(run, { leaseMs: 30, pollMs: 100_000 })
    queue.failExtend = true
    queue.add({ id: 'a' })
    runner.start()
    await until(() => aborted)
    await runner.stop({ graceMs: 100 })
    assert.equal(queue.jobs.get('a')?.lastError, null)
  })

  it('counts a run that takes too long as failed, even if it does not heed the signal', async () => {
    const { queue, runner } = setUp(() => new Promise(() => {}), { timeoutMs: 5, attemptsMax: 1 })
    queue.add({ id: 'a' })
    await runner.idle()
    assert.equal(queue.jobs.get('a')?.lastError, 'Error: the job took longer than 5 ms')
  })

  it('waits at the stop for what runs, and takes nothing more', async () => {
    const done: string[] = []
    const { queue, runner } = setUp(
      async (_, { job }) => {
        await sleep(30)
        done.push(job.id)
      },
      { concurrency: 1 },
    )
    queue.add({ id: 'a' })
    queue.add({ id: 'b' })
    runner.start()
    await until(() => queue.jobs.get('a')?.attempts === 1)
    await runner.stop({ graceMs: 1000 })
    assert.deepEqual(done, ['a'])
    runner.wake()
    await sleep(10)
    assert.deepEqual([...queue.jobs.keys()], ['b'])
    assert.equal(queue.jobs.get('b')?.attempts, 0)
  })

  it('aborts at the stop what takes too long and gives it back, also after its last try', async () => {
    const { queue, runner } = setUp((_, { signal }) => sleep(60_000, undefined, { signal }), {
      attemptsMax: 1,
      timeoutMs: 100_000,
    })
    queue.add({ id: 'a' })
    runner.start()
    await until(() => queue.jobs.get('a')?.attempts === 1)
    await runner.stop({ graceMs: 10 })
    const job = queue.jobs.get('a')
    assert.ok(job?.runAt && job.runAt <= Date.now())
    assert.match(job.lastError ?? '', /server was stopped/)
  })

  it('leaves to its lease what does not even heed the abort', async () => {
    const { queue, runner } = setUp(() => new Promise(() => {}), {
      leaseMs: 60,
      timeoutMs: 100_000,
    })
    queue.add({ id: 'a' })
    runner.start()
    await until(() => queue.jobs.get('a')?.attempts === 1)
    await runner.stop({ graceMs: 0 })
    assert.equal(queue.jobs.get('a')?.lastError, null)
    const renewals = queue.extended.length
    await sleep(60)
    assert.equal(queue.extended.length, renewals)
  })

  it('repeats periodic tasks from start to stop, also after a failure', async () => {
    const { runner, logged } = setUp(async () => {})
    let runs = 0
    runner.every('sweep', 2, async () => {
      if (++runs === 1) throw new Error('once')
    })
    await sleep(10)
    assert.equal(runs, 0)
    runner.start()
    await until(() => runs > 2)
    assert.match(logged[0] ?? '', /periodic task failed.*"task":"sweep"/)
    await runner.stop({ graceMs: 100 })
    const last = runs
    await sleep(10)
    assert.equal(runs, last)
  })
})

describe('backoffMs', () => {
  it('grows from seconds to hours and no further', () => {
    const none = () => 0
    const pauses = [1, 2, 3, 7, 50].map((attempts) => backoffMs(attempts, none))
    assert.deepEqual(pauses, [5_000, 15_000, 45_000, 3_645_000, 21_600_000])
  })

  it('spreads by up to a third', () => {
    assert.equal(
      backoffMs(1, () => 1),
      Math.round((5_000 * 2) / 3),
    )
  })
})
