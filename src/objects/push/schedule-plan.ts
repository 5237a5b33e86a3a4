import { isHash, numberOf } from '../../engine/params.ts'
import { ApiError } from '../../errors.ts'
import { formatDate, parseDate } from '../../lib/dates.ts'
import type { StoredRecord } from '../../storage/port.ts'
import type { Audience } from './audience.ts'
import { placeOf } from './audience.ts'
import { checkPayload, checkUserIds, expiryOf } from './notify.ts'
import { type Interval, nextTick, type Rhythm } from './recurrence.ts'
import { checkChannels } from './subscriptions.ts'

/** A schedule as it was checked: what is sent, to whom, and when. */
export type Plan = {
  readonly name: string | null
  readonly rhythm: Rhythm
  /** `null`: devices of any channel. */
  readonly channels: readonly string[] | null
  readonly payload: unknown
  /** `null`: everyone. */
  readonly userIds: readonly string[] | null
  readonly expireAfterS: number | null
  /** The query of places, as it was sent. */
  readonly loc: unknown
}

type Hash = Readonly<Record<string, unknown>>

const YEAR_MIN = 525_600

export function planOf(record: StoredRecord): Plan {
  return (JSON.parse(record.hidden ?? '{}') as { plan: Plan }).plan
}

/**
 * @param before the plan that is changed: what is not named stays, and so does the start
 * @throws {ApiError} `param_invalid`
 */
export function readPlan(
  schedule: Hash,
  where: Hash | undefined,
  now: number,
  before?: Plan,
): Plan {
  const rhythm = readRhythm(schedule, now, before?.rhythm)
  const content = schedule.push_notification
  if (content !== undefined && !isHash(content)) throw wrong('push_notification must be a hash')
  if (!before && !content) throw wrong('push_notification with a payload is required')
  placeOf(where)
  return {
    name: schedule.name === undefined ? (before?.name ?? null) : readName(schedule.name),
    rhythm,
    ...(content ? readContent(content) : contentOf(before)),
    loc: where ? (where.loc ?? null) : (before?.loc ?? null),
  }
}

type Content = Pick<Plan, 'channels' | 'payload' | 'userIds' | 'expireAfterS'>

function contentOf(before: Plan | undefined): Content {
  if (!before) throw wrong('push_notification with a payload is required')
  const { channels, payload, userIds, expireAfterS } = before
  return { channels, payload, userIds, expireAfterS }
}

function readName(name: unknown): string | null {
  if (name === null || name === '') return null
  if (typeof name !== 'string' || name.length > 255)
    throw wrong('name must be a text of at most 255')
  return name
}

function readContent(content: Hash): Content {
  const { channel, payload, to_ids: toIds, options } = content
  if (payload === undefined || payload === null || payload === '') {
    throw wrong('push_notification needs a payload')
  }
  checkPayload(payloadText(payload))
  if (options !== undefined && !isHash(options)) throw wrong('options must be a hash')
  const ids = names(toIds, 'to_ids')
  const isEveryone = ids.length === 0 || (ids.length === 1 && ids[0] === 'everyone')
  const channels = names(channel, 'channel')
  return {
    channels: channels.length === 0 ? null : checkChannels(channels),
    payload,
    userIds: isEveryone ? null : checkUserIds(ids),
    expireAfterS: expiryOf(options),
  }
}

/** A payload as the sender reads it: text, or JSON. */
export function payloadText(payload: unknown): string {
  return typeof payload === 'string' ? payload : JSON.stringify(payload)
}

/** A comma list or a list. */
function names(value: unknown, name: string): string[] {
  if (value === undefined || value === null) return []
  const parts: readonly unknown[] = Array.isArray(value) ? value : String(value).split(',')
  if (!parts.every((one) => typeof one === 'string')) throw wrong(`${name} must be a list of names`)
  return parts.map((one) => String(one).trim()).filter((one) => one !== '')
}

function readRhythm(schedule: Hash, now: number, before: Rhythm | undefined): Rhythm {
  const start = before?.start ?? readTime(schedule.start_time, 'start_time')
  const { recurrence } = schedule
  const interval = before && recurrence === undefined ? before.interval : readInterval(recurrence)
  const end = before && recurrence === undefined ? before.end : readEnd(recurrence)
  if (before && recurrence !== undefined) checkNewEnd(before, end, now)
  if (end !== null && end < start) throw wrong('end_time must be after start_time')
  const rhythm = { start, interval, end }
  if (!before && nextTick(rhythm, now) === null) throw wrong('no time of it is in the future')
  return rhythm
}

/** What is over cannot be begun again, and nothing can be made to have ended. */
function checkNewEnd(before: Rhythm, end: number | null, now: number): void {
  if (before.end === end) return
  if (before.end !== null && before.end <= now) throw wrong('its end_time has passed already')
  if (end !== null && end <= now) throw wrong('end_time must be in the future')
}

function readTime(value: unknown, name: string): number {
  const time = typeof value === 'string' ? parseDate(value) : null
  if (time === null) throw wrong(`${name} must be a date such as 2019-04-02T10:00`)
  return time
}

function readEnd(recurrence: unknown): number | null {
  const { end_time: end } = isHash(recurrence) ? recurrence : {}
  return end === undefined || end === null || end === '' ? null : readTime(end, 'end_time')
}

function readInterval(recurrence: unknown): Interval | null {
  if (recurrence === undefined || recurrence === null || recurrence === '') return null
  const { interval } = isHash(recurrence) ? recurrence : {}
  if (interval === 'daily' || interval === 'weekly' || interval === 'monthly') return interval
  const minutes = numberOf(interval)
  if (Number.isInteger(minutes) && minutes >= 1 && minutes <= YEAR_MIN) return minutes
  throw wrong('interval must be daily, weekly, monthly or a number of minutes')
}

/** What of a plan goes out, as it was sent. */
export function shownPlan(plan: Plan): Record<string, unknown> {
  const { name, rhythm, channels, payload, userIds, expireAfterS, loc } = plan
  return {
    ...(name === null ? {} : { name }),
    start_time: formatDate(rhythm.start),
    push_notification: {
      ...(channels ? { channel: channels.join(',') } : {}),
      payload,
      ...(userIds ? { to_ids: userIds } : {}),
      ...(expireAfterS === null ? {} : { options: { expire_after_seconds: expireAfterS } }),
      ...(loc === null ? {} : { geo_condition: JSON.stringify(loc) }),
    },
    ...(rhythm.interval === null ? {} : { recurrence: shownRecurrence(rhythm) }),
  }
}

function shownRecurrence({ interval, end }: Rhythm): Record<string, unknown> {
  return { interval, ...(end === null ? {} : { end_time: formatDate(end) }) }
}

/** Whom a plan is for when its time comes. */
export function audienceOf({ channels, userIds, loc }: Plan): Audience {
  const place = loc === null ? null : placeOf({ loc })
  return {
    ...(channels ? { channels } : {}),
    ...(userIds ? { userIds } : {}),
    ...(place ? { place } : {}),
  }
}

function wrong(what: string): ApiError {
  return new ApiError('param_invalid', `Invalid schedule parameter; ${what}.`)
}
