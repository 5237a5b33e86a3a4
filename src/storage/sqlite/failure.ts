import { WriteConflict } from '../port.ts'
import type { Failure } from './messages.ts'

/** An error as it can be sent to another thread. */
export function failureOf(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error)
  if (!(error instanceof WriteConflict)) return { message }
  const { index, reason, scope } = error
  return { message, conflict: scope === undefined ? { index, reason } : { index, reason, scope } }
}
