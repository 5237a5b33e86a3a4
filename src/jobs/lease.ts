import type { Log } from '../lib/log.ts'
import type { Job, Store } from '../storage/port.ts'

type LeaseOptions = {
  readonly store: Pick<Store, 'extendJob'>
  readonly clock: () => number
  readonly log: Log
  readonly leaseMs: number
  /** When the lease that came with the job ends. */
  readonly leaseUntil: number
}

/** The right to work on a job, renewed three times in its length until it is let go. */
export class Lease {
  readonly #job: Job
  readonly #options: LeaseOptions
  readonly #lose: () => void
  readonly #timer: NodeJS.Timeout
  #until: number
  #renewal: Promise<void> = Promise.resolve()

  /** @param lose called once if the lease ends unrenewed: someone else may have the job now */
  constructor(job: Job, options: LeaseOptions, lose: () => void) {
    this.#job = job
    this.#options = options
    this.#lose = lose
    this.#until = options.leaseUntil
    this.#timer = setInterval(() => {
      this.#renewal = this.#renew()
    }, options.leaseMs / 3)
  }

  /** Resolves when no renewal is under way, which might undo what is then written of the job. */
  async letGo(): Promise<void> {
    clearInterval(this.#timer)
    await this.#renewal
  }

  async #renew(): Promise<void> {
    const { store, clock, log, leaseMs } = this.#options
    const until = clock() + leaseMs
    try {
      await store.extendJob(this.#job, until)
      this.#until = until
    } catch (error) {
      const { backendId, id, kind } = this.#job
      log.warn({ err: error, backendId, jobId: id, kind }, 'the lease of a job was not renewed')
      if (clock() < this.#until) return
      clearInterval(this.#timer)
      this.#lose()
    }
  }
}
