import { ApiError, ERROR_CODES, type ErrorCode } from '../errors.ts'
import type { ServerFile } from './data-dir/server-file.ts'
import { Refused } from './refused.ts'

/** Here and not in `mount.ts`, so that a command need not load the server's side. */
export const MANAGE_PATH = '/_homeport/manage'
const TIMEOUT_MS = 60_000

/** `null` when whatever answers at the address, if anything, is not the server of the file. */
export async function callServer(
  server: Pick<ServerFile, 'url' | 'token'>,
  operation: string,
  input: object,
): Promise<object | null> {
  let response: Response
  try {
    response = await fetch(`${server.url}${MANAGE_PATH}/${operation}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(input),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
  } catch (error) {
    if (isUnreachable(error)) return null
    throw new Error(`The server at ${server.url} did not answer.`, { cause: error })
  }
  const body = await jsonOf(response)
  if (response.ok && body) return body
  const failure = (body as { error?: { code?: unknown; message?: unknown } } | null)?.error
  if (
    typeof failure?.code !== 'string' ||
    (response.status === 404 && failure.code === 'not_found')
  )
    return null
  throw errorOf(failure.code, String(failure.message), response.status)
}

function isUnreachable(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  const { code } = (cause ?? {}) as NodeJS.ErrnoException
  return (
    code === 'ECONNREFUSED' ||
    code === 'EHOSTUNREACH' ||
    code === 'ENETUNREACH' ||
    code === 'EADDRNOTAVAIL'
  )
}

async function jsonOf(response: Response): Promise<object | null> {
  try {
    const body: unknown = await response.json()
    return typeof body === 'object' ? body : null
  } catch {
    return null
  }
}

/** The error as it would have been thrown here, so that it is told in the same way. */
function errorOf(code: string, message: string, status: number): Error {
  const known = ERROR_CODES.find((one): one is ErrorCode => one === code)
  if (known) return new ApiError(known, message, { status })
  return new Refused(code, message)
}
