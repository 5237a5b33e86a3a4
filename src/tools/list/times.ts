const INT64_MAX = 2n ** 63n - 1n

const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000 } as const

// A raw `+` of an offset arrives as a blank, since that is what it means in a query.
const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?(Z|[+\- ]\d\d(?::?\d\d)?)?)?$/i

/** `relative`: it was told from now, so the same text means another instant later. */
export type TimeBound = { readonly ms: number; readonly relative: boolean }

/**
 * The instant that `fromTime` or `toTime` names: milliseconds since 1970 (never seconds), ISO 8601
 * (UTC unless it says otherwise; a day alone is its beginning), or `-30s`, `-15m`, `-2h` from now.
 *
 * @returns `null` for anything else, impossible dates and numbers beyond 64 bits
 */
export function parseTimeBound(text: string, nowMs: number): TimeBound | null {
  const ms = parseInt64(text) ?? isoInstant(text)
  if (ms !== null) return { ms, relative: false }
  const ago = parseAgo(text)
  // Nothing is older than 1970, and a negative number could not be written into a link.
  return ago === null ? null : { ms: Math.max(0, nowMs - ago), relative: true }
}

/** A whole number from 0 to 2^63 - 1 in digits only, as a double, or `null`. */
export function parseInt64(text: string): number | null {
  return /^\d+$/.test(text) && BigInt(text) <= INT64_MAX ? Number(text) : null
}

function parseAgo(text: string): number | null {
  const match = /^-(\d+)([smh])$/.exec(text)
  const amount = parseInt64(match?.[1] ?? '')
  return amount === null ? null : amount * UNIT_MS[match?.[2] as keyof typeof UNIT_MS]
}

function isoInstant(text: string): number | null {
  const match = ISO.exec(text)
  if (!match) return null
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] =
    match
  const milliseconds = fraction.slice(0, 3).padEnd(3, '0')
  const wall = `${year}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}Z`
  const ms = Date.parse(wall)
  // Date.parse reads the 30th of February as the 2nd of March, and 24:00 as the next day.
  if (Number.isNaN(ms) || new Date(ms).toISOString() !== wall) return null
  const offset = zoneMs(zone)
  return offset === null ? null : ms - offset
}

function zoneMs(zone: string): number | null {
  if (zone.toUpperCase() === 'Z') return 0
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(3).replace(':', '') || '0')
  if (hours > 23 || minutes > 59) return null
  return (hours * 60 + minutes) * (zone.startsWith('-') ? -60_000 : 60_000)
}
