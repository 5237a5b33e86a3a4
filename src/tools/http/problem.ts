import { STATUS_CODES } from 'node:http'
import { ApiError, type ErrorCode, errorEntry } from '../../errors.ts'
import { WriteConflict } from '../../storage/port.ts'

/** The body of every failing call of the tools API. */
export type Problem = {
  readonly type: string
  readonly status: number
  readonly title: string
  readonly detail: string
  readonly 'o:errorCode': string
  readonly 'o:ecid': string
  readonly 'o:errorPath': string
  readonly 'o:errorDetails'?: object
}

/** Sections of RFC 2616, to which the original points, and of later RFCs for what it lacks. */
const SECTIONS: Readonly<Record<number, string>> = {
  400: 'sec10.4.1',
  401: 'sec10.4.2',
  403: 'sec10.4.4',
  404: 'sec10.4.5',
  405: 'sec10.4.6',
  406: 'sec10.4.7',
  408: 'sec10.4.9',
  409: 'sec10.4.10',
  410: 'sec10.4.11',
  412: 'sec10.4.13',
  413: 'sec10.4.14',
  415: 'sec10.4.16',
  500: 'sec10.5.1',
  501: 'sec10.5.2',
  502: 'sec10.5.3',
  503: 'sec10.5.4',
  504: 'sec10.5.5',
}

/** @param path of the request, without its query */
export function problemOf(error: ApiError, requestId: string, path: string): Problem {
  return {
    type: typeOf(error.status),
    status: error.status,
    title: STATUS_CODES[error.status] ?? 'Error',
    detail: error.message,
    'o:errorCode': `MOBILE-${errorEntry(error.code).hub}`,
    'o:ecid': requestId,
    'o:errorPath': path,
    ...(error.details !== null && {
      'o:errorDetails': { type: typeOf(error.status), ...error.details },
    }),
  }
}

function typeOf(status: number): string {
  const section = SECTIONS[status]
  if (section) return `http://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html#${section}`
  if (status === 422) return 'https://www.rfc-editor.org/rfc/rfc4918#section-11.2'
  if (status === 429) return 'https://www.rfc-editor.org/rfc/rfc6585#section-4'
  return 'about:blank'
}

/** Failures of the HTTP framework itself, which carry a status of their own. */
const BY_STATUS: Readonly<Record<number, readonly [ErrorCode, string?]>> = {
  413: ['too_large'],
  415: ['media_type_unsupported', 'Send application/json.'],
  503: ['unavailable'],
}

/** Any failure as one that may be shown. What is not expected becomes `internal`, with no detail. */
export function expectedError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  if (error instanceof WriteConflict) return new ApiError('conflict', undefined, { cause: error })
  const status = statusOf(error)
  const [code, message] = BY_STATUS[status] ?? []
  if (code) return new ApiError(code, message, { cause: error })
  if (status >= 400 && status < 500) {
    return new ApiError('param_invalid', undefined, { cause: error, status })
  }
  return new ApiError('internal', undefined, { cause: error })
}

function statusOf(error: unknown): number {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined
  return typeof status === 'number' ? status : 500
}
