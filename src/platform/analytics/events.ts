import { objectId } from '../../lib/ids.ts'
import { dateKey, textKey } from '../../storage/keys.ts'
import type { NewRecord } from '../../storage/port.ts'
import { dayIn } from '../../tools/analytics/app.ts'
import { EVENT_TYPE } from '../../tools/analytics/counts.ts'
import { type Body, objectMember, textMember } from '../../tools/assets/body.ts'
import { parseTimeBound } from '../../tools/list/times.ts'
import { type Problems, refuseIfAny } from '../../tools/problems.ts'

const EVENTS_MAX = 1000
const PROPERTIES_MAX = 100
const VALUE_MAX = 1000
const NAME = { charactersMax: 255, pattern: /\S/, form: 'more than blanks' }

const SYSTEM_NAMES = ['context', 'sessionStart', 'sessionEnd']

/** Where a device says that it is, in one of two ways. */
const PLACES = ['locality', 'region', 'postalCode', 'country']

export type AnalyticsEvent = {
  readonly name: string
  readonly type: 'custom' | 'system'
  /** Milliseconds since 1970. */
  readonly at: number
  readonly sessionId: string | null
  readonly component: string | null
  readonly properties: Readonly<Record<string, unknown>>
}

type Defaults = { readonly now: number; readonly sessionId: string | null }

/** All of a batch. @throws {ApiError} `param_invalid`, naming each event that is wrong */
export function readEvents(json: unknown, defaults: Defaults): AnalyticsEvent[] {
  const list: readonly unknown[] = Array.isArray(json) ? json : []
  if (list.length === 0 || list.length > EVENTS_MAX) {
    refuseIfAny([`Send a JSON list of 1 to ${EVENTS_MAX} events.`])
  }
  const problems: Problems = []
  const events = list.map((one, at) => {
    const own: Problems = []
    const event = isHash(one) ? readEvent({ members: one, problems: own }, defaults) : null
    if (!event) own.push('It must be an object.')
    problems.push(...own.slice(0, 5).map((problem) => `Event ${at}: ${problem}`))
    return event
  })
  refuseIfAny(problems.slice(0, 20))
  return events.filter((event) => event !== null)
}

function readEvent(body: Body, { now, sessionId }: Defaults): AnalyticsEvent {
  const { problems } = body
  const type = textMember(body, 'type', NAME)?.toLowerCase() ?? 'custom'
  const name = textMember(body, 'name', NAME) ?? ''
  const own = textMember(body, 'sessionID', NAME) ?? textMember(body, 'sessionId', NAME)
  const session = own ?? sessionId
  if (name === '') problems.push("'name' is required.")
  if (type !== 'custom' && type !== 'system') problems.push("'type' must be custom or system.")
  if (type === 'system' && name !== '' && !SYSTEM_NAMES.includes(name)) {
    problems.push(`A system event is one of ${SYSTEM_NAMES.join(', ')}.`)
  }
  if (type === 'system' && name.startsWith('session') && session === null) {
    problems.push("'sessionID' is required, in the event or as a header.")
  }
  const properties = readProperties(body)
  if (type === 'system' && name === 'context') checkPosition(properties, problems)
  return {
    ...{ name, type: type === 'system' ? 'system' : 'custom', properties },
    at: readTime(body, now),
    sessionId: session,
    component: textMember(body, 'component', NAME),
  }
}

function readTime({ members, problems }: Body, now: number): number {
  const given = members.timestamp ?? null
  if (given === null) return now
  const isTime = typeof given === 'string' || typeof given === 'number'
  const time = isTime ? parseTimeBound(String(given), now) : null
  if (time && !time.relative) return time.ms
  problems.push("'timestamp' must be an ISO 8601 date and time.")
  return now
}

function readProperties(body: Body): Readonly<Record<string, unknown>> {
  const { members } = objectMember(body, 'properties') ?? { members: {} }
  const entries = Object.entries(members)
  if (entries.length > PROPERTIES_MAX) {
    body.problems.push(`An event has at most ${PROPERTIES_MAX} properties.`)
  }
  const isRight = (value: unknown) =>
    value === null ||
    typeof value === 'boolean' ||
    typeof value === 'number' ||
    (typeof value === 'string' && value.length <= VALUE_MAX && isStorable(value))
  if (!entries.every(([name, value]) => isStorable(name) && isRight(value))) {
    const form = `text of at most ${VALUE_MAX} characters, a number, true, false or null`
    body.problems.push(`Each of 'properties' must be ${form}.`)
  }
  return members
}

function isStorable(text: string): boolean {
  return !/[\0\p{Surrogate}]/u.test(text)
}

/** Coordinates or names of places, and not both. */
function checkPosition(properties: Readonly<Record<string, unknown>>, problems: Problems): void {
  const has = (name: string) => (properties[name] ?? null) !== null
  const hasPoint = has('latitude') || has('longitude')
  if (hasPoint && PLACES.some(has)) {
    problems.push(`Send latitude and longitude or ${PLACES.join(', ')}, not both.`)
  }
  if (!hasPoint) return
  const within = (name: string, most: number) => {
    const value = properties[name] ?? ''
    return value !== '' && Math.abs(Number(value)) <= most
  }
  if (!within('latitude', 90) || !within('longitude', 180)) {
    problems.push("'latitude' and 'longitude' must be degrees, both of them.")
  }
}

type Source = {
  readonly backendId: string
  readonly userId: string | null
  readonly app: { readonly id: string; readonly timeZone: string }
  readonly now: number
}

/** An event as it is kept: found by its app, name, time, session, and the day where its app is. */
export function eventRecord(event: AnalyticsEvent, source: Source): NewRecord {
  const { name, type, at, sessionId, component, properties } = event
  const { backendId, userId, app, now } = source
  const timestamp = new Date(at).toISOString()
  return {
    ...{ backendId, type: EVENT_TYPE, id: objectId(now), ownerId: userId, aclId: null },
    ...{ createdAt: now, updatedAt: now, hidden: null, claims: [] },
    data: JSON.stringify({ name, type, timestamp, sessionId, component, properties }),
    keys: {
      ...{ app: textKey(app.id), name: textKey(name), eventType: textKey(type) },
      ...{ at: dateKey(at), day: textKey(dayIn(app.timeZone, at)) },
      ...(sessionId !== null && { session: textKey(sessionId) }),
    },
  }
}

function isHash(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
