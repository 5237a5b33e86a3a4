import type { Job } from '../storage/port.ts'

export type JobPayload = Readonly<Record<string, unknown>>

/** What a handler may use besides the job's payload. */
export type JobRun = {
  /**
   * Fires when the run must end: the server stops, the time is up, or the lease is lost and
   * another server may have taken the job. A handler passes it on to whatever it waits for.
   */
  readonly signal: AbortSignal
  readonly job: Job
  /** Milliseconds since 1970. */
  now(): number
}

/**
 * How jobs of one kind are done. A job runs at least once: after a crash it runs again, so a
 * handler must do no harm when its work was done before.
 */
export type JobHandler = {
  /** Resolves when the job is done; whatever it throws is tried again, but see {@link JobFailed}. */
  run(payload: JobPayload, run: JobRun): Promise<void>
  /** Called when the job is kept for inspection: for those who wait for it. May be called twice. */
  gaveUp?(payload: JobPayload, job: Job): Promise<void>
  /** After so many runs a job that fails is kept for inspection. Default 8, over about an hour. */
  readonly attemptsMax?: number
  /** A run that takes longer has failed. Default 5 minutes. */
  readonly timeoutMs?: number
}

/** Thrown by a handler when trying again would be of no use: the job is kept for inspection. */
export class JobFailed extends Error {
  override readonly name = 'JobFailed'
}
