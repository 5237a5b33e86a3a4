/** When a scheduled push comes again; times are milliseconds since 1970, UTC. */

export type Interval = 'daily' | 'weekly' | 'monthly' | number

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

const FIXED_MS: Readonly<Record<string, number>> = { daily: DAY_MS, weekly: 7 * DAY_MS }

export type Rhythm = {
  readonly start: number
  /** `null`: once. A number is minutes. */
  readonly interval: Interval | null
  /** The last moment at which it may come; `null`: without end. */
  readonly end: number | null
}

/** The first time that is later than `after`, or `null` when there is none. */
export function nextTick({ start, interval, end }: Rhythm, after: number): number | null {
  const tick = start > after ? start : interval === null ? null : following(start, interval, after)
  return tick === null || (end !== null && tick > end) ? null : tick
}

function following(start: number, interval: Interval, after: number): number {
  if (interval === 'monthly') return monthAfter(start, after)
  const step = typeof interval === 'number' ? interval * MINUTE_MS : (FIXED_MS[interval] ?? DAY_MS)
  return start + (Math.floor((after - start) / step) + 1) * step
}

/** On the same day of the month; in shorter months on their last one. */
function monthAfter(start: number, after: number): number {
  const [from, to] = [new Date(start), new Date(after)]
  const years = to.getUTCFullYear() - from.getUTCFullYear()
  const passed = years * 12 + to.getUTCMonth() - from.getUTCMonth()
  const tick = monthsLater(from, passed)
  return tick > after ? tick : monthsLater(from, passed + 1)
}

function monthsLater(from: Date, months: number): number {
  const [year, month] = [from.getUTCFullYear(), from.getUTCMonth() + months]
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  const day = Math.min(from.getUTCDate(), lastDay)
  return Date.UTC(year, month, day) + (from.getTime() % DAY_MS)
}
