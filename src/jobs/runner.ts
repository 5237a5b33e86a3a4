import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../lib/log.ts'
import type { Job, Store } from '../storage/port.ts'
import { backoffMs } from './backoff.ts'
import { JobFailed, type JobHandler, type JobPayload } from './handler.ts'
import { Lease } from './lease.ts'
import { Periodic } from './periodic.ts'

export type JobStore = Pick<Store, 'takeJobs' | 'extendJob' | 'finishJob' | 'releaseJob'>

export type JobRunnerOptions = {
  readonly store: JobStore
  /** By the kind of job. A job whose kind is not here is kept for inspection. */
  readonly handlers: ReadonlyMap<string, JobHandler>
  /** Milliseconds since 1970. */
  readonly clock: () => number
  readonly log: Log
  /** How many jobs run at once. */
  readonly concurrency: number
  /** How often the queue is looked at when nobody calls `wake`: for retries and other servers. */
  readonly pollMs: number
  /** How long a job is out of reach of others after this process was killed. Default 60 s. */
  readonly leaseMs?: number
  /** @param attempts failed so far, at least 1 */
  readonly backoff?: (attempts: number) => number
}

const ATTEMPTS_MAX = 8
const TIMEOUT_MS = 5 * 60 * 1000
const LEASE_MS = 60_000
const ERROR_LENGTH_MAX = 500
/** How long aborted jobs get to give up when the server stops. */
const ABORT_MS = 1_000

type Running = {
  readonly job: Job
  readonly abort: AbortController
  readonly lease: Lease
  /** Resolves when the job's fate is written down; never rejects. */
  ended: Promise<void>
}

/** Why a run was cut short; it says whether the job may still be given back. */
class Interrupted extends Error {
  override readonly name = 'Interrupted'
}

const STOPPING = new Interrupted('the server was stopped')
const LEASE_LOST = new Interrupted('the lease was lost')

/**
 * Takes due jobs from the store and runs them, each at least once. Several servers may share a
 * queue. Failures are tried again with growing pauses; what keeps failing stays in the store, with
 * its error and without a time to run.
 */
export class JobRunner {
  readonly #options: Required<JobRunnerOptions>
  readonly #running = new Set<Running>()
  readonly #periodic: Periodic
  #timer: NodeJS.Timeout | undefined
  #state: 'new' | 'started' | 'stopped' = 'new'
  #taking: Promise<number> | undefined
  #wakeAgain = false

  constructor(options: JobRunnerOptions) {
    this.#options = { leaseMs: LEASE_MS, backoff: backoffMs, ...options }
    this.#periodic = new Periodic(options.log)
  }

  start(): void {
    if (this.#state !== 'new') return
    this.#state = 'started'
    this.#periodic.start()
    this.wake()
  }

  /** Looks for due jobs now. To be called after a batch has put one on the queue. */
  wake(): void {
    if (this.#state === 'started') void this.#take()
  }

  /**
   * Calls `run` every `ms` milliseconds (counted from its last end) between start and stop, on
   * every server: for sweeps that do no harm twice. Failures are logged.
   */
  every(name: string, ms: number, run: (signal: AbortSignal) => Promise<void>): void {
    this.#periodic.add({ name, ms, run })
  }

  /** For tests: resolves when no job is due and none runs. */
  async idle(): Promise<void> {
    for (;;) {
      const taken = await this.#take()
      if (taken === 0 && this.#running.size === 0 && !this.#taking) return
      await Promise.all([...this.#running].map((run) => run.ended))
    }
  }

  /**
   * Takes no more jobs and waits for those that run. After `graceMs` they are aborted and given
   * back, to be run again at once after the next start; what does not even heed that is left to
   * the end of its lease.
   */
  async stop({ graceMs }: { readonly graceMs: number }): Promise<void> {
    this.#state = 'stopped'
    clearTimeout(this.#timer)
    await this.#taking
    const ended = Promise.all([this.#periodic.stop(), ...[...this.#running].map((r) => r.ended)])
    if (await settledWithin(ended, graceMs)) return
    this.#periodic.abort()
    for (const run of this.#running) run.abort.abort(STOPPING)
    if (await settledWithin(ended, ABORT_MS)) return
    await Promise.all([...this.#running].map((run) => run.lease.letGo()))
  }

  /** @returns how many jobs were taken; calls that come meanwhile share one further look */
  #take(): Promise<number> {
    if (this.#taking) {
      this.#wakeAgain = true
      return this.#taking
    }
    this.#taking = this.#takeAll().finally(() => {
      this.#taking = undefined
      // Someone called between the last look and this moment.
      if (this.#wakeAgain) this.wake()
    })
    return this.#taking
  }

  async #takeAll(): Promise<number> {
    clearTimeout(this.#timer)
    let taken = 0
    let more = true
    while (more && this.#state !== 'stopped') {
      this.#wakeAgain = false
      const free = this.#options.concurrency - this.#running.size
      const found = free > 0 ? await this.#takeSome(free) : 0
      taken += found
      more = free > 0 && (found === free || this.#wakeAgain)
    }
    if (this.#state === 'started') this.#timer = setTimeout(() => this.wake(), this.#options.pollMs)
    return taken
  }

  async #takeSome(limit: number): Promise<number> {
    const { store, clock, leaseMs, log } = this.#options
    const now = clock()
    try {
      const jobs = await store.takeJobs(now, limit, leaseMs)
      for (const job of jobs) this.#begin(job, now + leaseMs)
      return jobs.length
    } catch (error) {
      log.error({ err: error }, 'the job queue could not be read')
      return 0
    }
  }

  #begin(job: Job, leaseUntil: number): void {
    // Taken once more because this process stood still for longer than the lease: it runs on.
    if ([...this.#running].some((run) => isSame(run.job, job))) return
    const abort = new AbortController()
    const lease = new Lease(job, { ...this.#options, leaseUntil }, () => abort.abort(LEASE_LOST))
    const run: Running = { job, abort, lease, ended: Promise.resolve() }
    this.#running.add(run)
    run.ended = this.#run(run)
      .catch((error) => {
        // The lease ends, and then the job is taken again.
        this.#options.log.error({ err: error, ...named(job) }, 'the end of a job was not recorded')
      })
      .finally(() => {
        this.#running.delete(run)
        this.wake()
      })
  }

  async #run(run: Running): Promise<void> {
    const failure = await this.#handle(run).then(
      () => null,
      (error: unknown) => ({ error }),
    )
    await run.lease.letGo()
    if (!failure) return this.#options.store.finishJob(run.job)
    if (failure.error !== LEASE_LOST) return this.#failed(run.job, failure.error)
  }

  async #handle({ job, abort }: Running): Promise<void> {
    const { signal } = abort
    const handler = this.#handlerFor(job)
    const payload = payloadOf(job)
    const timeoutMs = handler.timeoutMs ?? TIMEOUT_MS
    const tooLong = new Error(`the job took longer than ${timeoutMs} ms`)
    // A handler that never ends must not keep a stopped process alive.
    const timer = setTimeout(() => abort.abort(tooLong), timeoutMs).unref()
    const run = { signal, job, now: this.#options.clock }
    try {
      await Promise.race([(async () => handler.run(payload, run))(), cutShort(signal)])
    } catch (error) {
      // A handler that heeds the signal may throw an error of its own making.
      throw signal.aborted ? signal.reason : error
    } finally {
      clearTimeout(timer)
    }
  }

  /** @throws {JobFailed} when the job is not to be run */
  #handlerFor(job: Job): JobHandler {
    const handler = this.#options.handlers.get(job.kind)
    if (!handler) throw new JobFailed(`there is no handler for jobs of the kind "${job.kind}"`)
    // Only a job that never came to its end gets here: it may be what kills the process.
    if (job.attempts <= attemptsMax(handler)) return handler
    throw new JobFailed(job.lastError ?? 'the server ended each time while this job ran')
  }

  async #failed(job: Job, error: unknown): Promise<void> {
    const { store, clock, log, backoff, handlers } = this.#options
    const text = textOf(error)
    if (error === STOPPING) return store.releaseJob(job, text, clock())

    const final = error instanceof JobFailed || job.attempts >= attemptsMax(handlers.get(job.kind))
    if (final) {
      log.error({ err: error, ...named(job) }, 'a job failed for good and is kept')
      await this.#giveUp(job)
      return store.releaseJob(job, text, null)
    }
    const runAt = clock() + backoff(job.attempts)
    log.warn({ err: error, ...named(job), runAt }, 'a job failed and will be tried again')
    return store.releaseJob(job, text, runAt)
  }

  /** Whatever comes of it, the job is kept. */
  async #giveUp(job: Job): Promise<void> {
    const { handlers, log } = this.#options
    try {
      await handlers.get(job.kind)?.gaveUp?.(payloadOf(job), job)
    } catch (error) {
      log.error({ err: error, ...named(job) }, 'nobody was told that a job failed for good')
    }
  }
}

/**
 * Rejects when a run is over although its handler goes on. Not when the server stops: the job may
 * be given back only when its handler has really ended.
 */
function cutShort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const listener = () => signal.reason !== STOPPING && reject(signal.reason)
    signal.addEventListener('abort', listener, { once: true })
  })
}

function attemptsMax(handler: JobHandler | undefined): number {
  return handler?.attemptsMax ?? ATTEMPTS_MAX
}

function isSame(one: Job, other: Job): boolean {
  return one.backendId === other.backendId && one.id === other.id
}

/** What a log says of a job: not its payload, which may hold what nobody else should read. */
function named({ backendId, id, kind, attempts }: Job) {
  return { backendId, jobId: id, kind, attempts }
}

function payloadOf(job: Job): JobPayload {
  try {
    return JSON.parse(job.payload) as JobPayload
  } catch {
    throw new JobFailed('the payload is not JSON')
  }
}

function textOf(error: unknown): string {
  return String(error).slice(0, ERROR_LENGTH_MAX)
}

async function settledWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const timer = new AbortController()
  const late = sleep(ms, false, { signal: timer.signal }).catch(() => false)
  const settled = await Promise.race([promise.then(() => true), late])
  timer.abort()
  return settled
}
