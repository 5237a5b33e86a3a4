import type { PushOutcome } from './port.ts'

/** Seconds or a date (RFC 9110 §10.2.3), as milliseconds from now; `null` without one. */
export function retryAfterMs(header: string | string[] | undefined, now: number): number | null {
  const value = Array.isArray(header) ? header[0] : header
  if (value === undefined) return null
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000
  const date = Date.parse(value)
  return Number.isNaN(date) ? null : Math.max(0, date - now)
}

/** The service did not answer, or the connection to it failed. */
export function unreachable(code: number | null, error: unknown): PushOutcome {
  const reason = error instanceof Error ? error.message : String(error)
  return { kind: 'later', scope: 'service', code, reason, afterMs: null }
}

/** The members of a JSON answer; none when it is not JSON. */
export function jsonOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
