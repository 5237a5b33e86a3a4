/** Bytes from `start` to `end`, both of them in it. */
export type Range = { readonly start: number; readonly end: number }

/**
 * The part of an object that a `Range` header asks for (RFC 9110 §14.2). `null` is the whole: also
 * for several parts, and for forms that nobody knows, as allowed. `'beyond'` when there is no such.
 */
export function rangeIn(header: string | undefined, sizeBytes: number): Range | null | 'beyond' {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '')
  const [, from = '', to = ''] = match ?? []
  if (!match || (from === '' && to === '')) return null
  const last = sizeBytes - 1
  // The last so many bytes.
  if (from === '') return Number(to) === 0 || last < 0 ? 'beyond' : suffix(Number(to), last)
  const start = Number(from)
  const end = to === '' ? last : Number(to)
  if (to !== '' && end < start) return null
  return start > last ? 'beyond' : { start, end: Math.min(end, last) }
}

function suffix(count: number, last: number): Range {
  return { start: Math.max(0, last + 1 - count), end: last }
}
