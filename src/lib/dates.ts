/** Dates as the data API writes and reads them. Times are milliseconds since 1970, UTC. */

const OUTPUT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000$/
// `011` for a month is taken, since published clients send it; so is a colon or blank for the T.
const FULL =
  /^(\d{4})-(\d{2,3})-(\d{1,2})[T :](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s*(Z|[+-]\d{2}:?\d{2})$/i
const LOOSE =
  /^(\d{4})-(\d{1,3})-(\d{1,2})(?:[T :](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i

// Every object shows two dates, and the same ones come again and again.
const formatted = new Map<number, string>()
const FORMATTED_MAX = 10_000

/** `2013-10-28T21:50:05+0000`: UTC, whole seconds. */
export function formatDate(ms: number): string {
  const second = Math.floor(ms / 1000)
  const known = formatted.get(second)
  if (known) return known
  const text = `${new Date(ms).toISOString().slice(0, 19)}+0000`
  if (formatted.size >= FORMATTED_MAX) formatted.clear()
  formatted.set(second, text)
  return text
}

/** True for text that {@link formatDate} may have written: such text is a date, not a string. */
export function isFormattedDate(text: string): boolean {
  return OUTPUT.test(text)
}

/**
 * The instant of a full date with a zone, or `null` if the text is not shaped like one. Custom
 * fields use it: whatever has this shape is kept as a date.
 */
export function parseZonedDate(text: string): number | null {
  return instantOf(FULL.exec(text))
}

/**
 * The instant of any date that a parameter may hold: a day alone, minutes without seconds, and no
 * zone (read as UTC) are accepted too, and so are double quotes around it, which one SDK sends.
 */
export function parseDate(text: string): number | null {
  return instantOf(LOOSE.exec(text.trim().replace(/^"(.*)"$/, '$1')))
}

/** The years 0 to 9999 of UTC: others have no output form. */
const FIRST_MS = Date.parse('0000-01-01T00:00:00Z')
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z')

function instantOf(match: RegExpExecArray | null): number | null {
  if (!match) return null
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] =
    match
  const parts = [year, month, day, hour, minute, second].map(Number)
  const [y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0] = parts
  if (mo < 1 || mo > 12 || h > 23 || mi > 59 || s > 59) return null
  const ms = Number(fraction.padEnd(3, '0').slice(0, 3))
  const local = new Date(Date.UTC(2000, mo - 1, 1, h, mi, s, ms))
  local.setUTCFullYear(y, mo - 1, d)
  if (local.getUTCDate() !== d) return null
  const instant = local.getTime() - zoneMs(zone)
  return instant >= FIRST_MS && instant <= LAST_MS ? instant : null
}

function zoneMs(zone: string): number {
  if (zone.toUpperCase() === 'Z') return 0
  const digits = zone.replace(':', '').slice(1)
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000
}
