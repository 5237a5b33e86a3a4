import { ConfigError } from '../config.ts'
import { ApiError } from '../errors.ts'
import { Refused } from '../manage/refused.ts'
import { UsageError } from './command.ts'
import type { Output } from './output.ts'

/** Tells what went wrong. @returns the exit code */
export function report(error: unknown, output: Output): number {
  const { code, message, exitCode } = outcomeOf(error)
  output.failure(code, message)
  return exitCode
}

type Outcome = { readonly code: string; readonly message: string; readonly exitCode: 1 | 2 | 3 }

function outcomeOf(error: unknown): Outcome {
  if (error instanceof UsageError) return { code: 'usage', message: error.message, exitCode: 2 }
  if (error instanceof ConfigError) return { code: 'config', message: error.message, exitCode: 2 }
  if (error instanceof Refused) return { code: error.code, message: error.message, exitCode: 3 }
  if (isNewerSchema(error)) return { code: 'schema_newer', message: error.message, exitCode: 3 }
  if (error instanceof ApiError)
    return { ...error, message: error.message, exitCode: exitCodeOf(error) }
  return { code: 'failed', message: explained(error), exitCode: 1 }
}

/** A name that is taken or a state that forbids it is a refusal; what is malformed is usage. */
function exitCodeOf(error: ApiError): 1 | 2 | 3 {
  if (error.code === 'param_invalid') return 2
  return error.status === 403 || error.status === 409 ? 3 : 1
}

const SYSTEM: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  ENOSPC: 'the disk is full',
  EROFS: 'the disk is read-only',
  ECONNREFUSED: 'nothing answers there',
}

function explained(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // Connection failures to several addresses come as one error with an empty message.
  const first = error instanceof AggregateError ? (error.errors[0] as Error | undefined) : undefined
  const message = error.message || first?.message || error.name
  const known = SYSTEM[(error as NodeJS.ErrnoException).code ?? '']
  return known ? `${message} (${known})` : message
}

/** By name, since the class stands in a module that is slow to load. */
function isNewerSchema(error: unknown): error is Error {
  return error instanceof Error && error.name === 'NewerSchemaError'
}
