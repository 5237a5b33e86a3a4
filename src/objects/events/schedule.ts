import { createRequire } from 'node:module'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { formatDate } from '../../lib/dates.ts'

/** More times than an event may take place. */
export const OCCURRENCES_MAX = 1000

/** So many are worked out before others get their turn: some milliseconds. */
const SLICE = 50

/** Between these, every date can be written with four digits of a year, the end of it too. */
const EARLIEST_MS = Date.UTC(1000, 0, 1)
const LATEST_MS = Date.UTC(9990, 0, 1)

export const RECURRING = ['daily', 'weekly', 'monthly', 'yearly'] as const

/** When an event takes place. Times are milliseconds since 1970, in whole seconds. */
export type Schedule = {
  readonly start: number
  /** 0 for a moment. */
  readonly durationS: number
  /** With it, a count or an end is there, or both. */
  readonly recurring: (typeof RECURRING)[number] | null
  readonly count: number | null
  readonly until: number | null
}

export function isPossible({ start }: Schedule): boolean {
  return start >= EARLIEST_MS && start < LATEST_MS
}

/** The times at which it begins, oldest first: the first {@link OCCURRENCES_MAX}. */
export async function occurrencesOf(schedule: Schedule): Promise<number[]> {
  const { start, recurring } = schedule
  if (recurring === null) return [start]
  const countMax = Math.min(schedule.count ?? OCCURRENCES_MAX, OCCURRENCES_MAX)
  const last = Math.min(schedule.until ?? LATEST_MS, LATEST_MS)
  const times = start <= last ? [start] : []
  const { RRule } = rruleLibrary()
  const freq = RRule[recurring.toUpperCase() as 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY']
  while (times.length > 0 && times.length < countMax) {
    const from = times.at(-1) ?? start
    // From any of its times on, a plain rule gives the same ones: so it can be taken in slices.
    const count = Math.min(SLICE, countMax - times.length) + 1
    const rule = new RRule({ freq, dtstart: new Date(from), count })
    const next = rule
      .all()
      .map((date) => date.getTime())
      .filter((time) => time > from && time <= last)
    times.push(...next)
    if (next.length < count - 1) break
    await nextTurn()
  }
  return times
}

const require = createRequire(import.meta.url)

/**
 * Loaded with the first event that comes again. NOTE: required, not imported, because loaders
 * disagree on which of its two builds an import gets, and so on the names that it has.
 */
function rruleLibrary(): typeof import('rrule') {
  return require('rrule')
}

/** The schedule as iCalendar (RFC 5545) writes it, in the lines that clients know. */
export function icalOf({ start, durationS, recurring, count, until }: Schedule): string {
  const end = count === null && until !== null ? `UNTIL=${icalDate(until)}` : `COUNT=${count}`
  return [
    `DTSTART:${icalDate(start)}`,
    ...(durationS > 0 ? [`DURATION:${icalDuration(durationS)}`] : []),
    ...(recurring === null ? [] : [`RRULE:FREQ=${recurring.toUpperCase()};${end}`]),
  ].join('\n')
}

function icalDate(ms: number): string {
  return `${formatDate(ms).slice(0, 19).replace(/[-:]/g, '')}Z`
}

/** `PT1H30M`. Hours may be many: a day is not always 24 of them. */
function icalDuration(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 3600), 'H'],
    [Math.floor(seconds / 60) % 60, 'M'],
    [seconds % 60, 'S'],
  ] as const
  const shown = parts.filter(([amount]) => amount > 0)
  return `PT${shown.map(([amount, unit]) => `${amount}${unit}`).join('')}`
}
