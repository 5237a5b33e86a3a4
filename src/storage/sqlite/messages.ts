import type { ConflictReason, CountQuery, FindQuery, WriteBatch } from '../port.ts'

/** What the threads say to each other. */

/** The calls of the writer thread besides `write`, run one by one in the order they came in. */
export type WriterCall =
  | { readonly call: 'write'; readonly batch: WriteBatch }
  | {
      readonly call: 'takeJobs'
      readonly now: number
      readonly limit: number
      readonly leaseMs: number
    }
  | {
      readonly call: 'extendJob'
      readonly backendId: string
      readonly id: string
      readonly leaseUntil: number
    }
  | { readonly call: 'finishJob'; readonly backendId: string; readonly id: string }
  | {
      readonly call: 'releaseJob'
      readonly backendId: string
      readonly id: string
      readonly error: string
      readonly runAt: number | null
    }
  | { readonly call: 'trimChanges'; readonly before: number; readonly limit: number }
  | { readonly call: 'purgeTenant'; readonly backendId: string; readonly slice: number }
  | { readonly call: 'check'; readonly at: number }

export type ReaderCall =
  | { readonly call: 'find'; readonly query: FindQuery }
  | { readonly call: 'count'; readonly query: CountQuery }

export type Request<Call> = { readonly id: number; readonly call: Call }

export type Failure = {
  readonly message: string
  readonly conflict?: {
    readonly index: number
    readonly reason: ConflictReason
    readonly scope?: string
  }
}

export type Answer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly failure: Failure }
