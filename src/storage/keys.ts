import { isFormattedDate, parseZonedDate } from '../lib/dates.ts'

/**
 * Values as text that sorts. The first character is the type, so that a comparison never crosses
 * types and `1`, `"1"` and `true` differ; the rest sorts by bytes within the type. Both databases
 * then compare plain text, and agree by construction.
 */
const TAG = { null: '0', number: '1', text: '2', opaque: '3', boolean: '4', date: '5' } as const

/** A present value that cannot be compared: a hash, or text of more than {@link TEXT_BYTES_MAX}. */
export const OPAQUE_KEY: string = TAG.opaque

/** Longer text is kept but not found, as in the original service (index entries of 1024 bytes). */
export const TEXT_BYTES_MAX = 1024

const scratch = new DataView(new ArrayBuffer(8))

/**
 * A double as 16 hex digits that sort like the number: flip all bits of a negative one and the sign
 * bit of the others (IEEE 754 total order).
 */
export function numberKey(value: number): string {
  scratch.setFloat64(0, value === 0 ? 0 : value)
  const high = scratch.getUint32(0)
  const low = scratch.getUint32(4)
  const negative = high >>> 31 === 1
  const sortableHigh = (negative ? ~high : high ^ 0x8000_0000) >>> 0
  const sortableLow = (negative ? ~low : low) >>> 0
  return TAG.number + hex8(sortableHigh) + hex8(sortableLow)
}

export function textKey(value: string): string {
  return Buffer.byteLength(value) > TEXT_BYTES_MAX ? OPAQUE_KEY : TAG.text + value
}

/** @param ms milliseconds since 1970; the years 0 to 9999 sort right */
export function dateKey(ms: number): string {
  return `${TAG.date}${new Date(ms).toISOString()}`
}

/** The key of any JSON value that is not a list. Text in the date form is a date. */
export function keyOf(value: unknown): string {
  if (value === null) return TAG.null
  if (typeof value === 'number') return numberKey(value)
  if (typeof value === 'boolean') return TAG.boolean + (value ? '1' : '0')
  if (typeof value !== 'string') return OPAQUE_KEY
  const date = isFormattedDate(value) ? parseZonedDate(value) : null
  return date === null ? textKey(value) : dateKey(date)
}

/** The key or keys of a member: a list gives those of its elements, sorted, without repeats. */
export function keysOf(value: unknown): string | readonly string[] {
  if (!Array.isArray(value)) return keyOf(value)
  return [...new Set(value.map(keyOf))].sort(compareText)
}

/** The lowest and the first too high key of a key's type: the bounds of an open comparison. */
export function typeBounds(key: string): { from: string; to: string } {
  const tag = key.slice(0, 1)
  return { from: tag, to: String.fromCharCode(tag.charCodeAt(0) + 1) }
}

/** Order by code point, as both databases sort text (UTF-16 order differs beyond U+FFFF). */
export function compareText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/** A key that is a plain text value, without its tag; `null` for other types. */
export function textOfKey(key: string): string | null {
  return key.startsWith(TAG.text) ? key.slice(1) : null
}

const CELLS = 2 ** 32

/**
 * A position as the interleaved bits of longitude and latitude (a Z-order curve), 16 hex digits:
 * near points mostly share a prefix, so a circle is a handful of ranges. Good to a centimetre.
 */
export function pointKey(longitude: number, latitude: number): string {
  const x = Math.min(CELLS - 1, Math.floor(((longitude + 180) / 360) * CELLS))
  const y = Math.min(CELLS - 1, Math.floor(((latitude + 90) / 180) * CELLS))
  return mortonOf(x, y)
}

/** The middle of the cell that a key names. */
export function pointOfKey(key: string): { longitude: number; latitude: number } {
  let x = 0
  let y = 0
  for (const digit of key) {
    const bits = Number.parseInt(digit, 16)
    x = x * 4 + ((bits >> 2) & 2) + ((bits >> 1) & 1)
    y = y * 4 + ((bits >> 1) & 2) + (bits & 1)
  }
  return { longitude: ((x + 0.5) / CELLS) * 360 - 180, latitude: ((y + 0.5) / CELLS) * 180 - 90 }
}

function mortonOf(x: number, y: number): string {
  let key = ''
  for (let shift = 30; shift >= 0; shift -= 2) {
    const xBits = Math.floor(x / 2 ** shift) & 3
    const yBits = Math.floor(y / 2 ** shift) & 3
    const bits = ((xBits & 2) << 2) | ((yBits & 2) << 1) | ((xBits & 1) << 1) | (yBits & 1)
    key += bits.toString(16)
  }
  return key
}

function hex8(value: number): string {
  return value.toString(16).padStart(8, '0')
}
