import { textMember } from '../assets/body.ts'
import type { Member } from '../assets/members.ts'
import type { NamedFields, NamedKind } from '../named/named.ts'

type AnalyticsAppMembers = {
  /** By it, days begin and end: a name such as Europe/Vienna. */
  readonly timeZone: string
}

export type AnalyticsAppFields = NamedFields<AnalyticsAppMembers>

const TEXT = { charactersMax: 255, pattern: /\S/, form: 'more than blanks' }

const timeZone: Member<string> = {
  read: (body, name) => {
    const zone = textMember(body, name, TEXT)
    if (zone === null || isTimeZone(zone)) return zone
    body.problems.push("'timeZone' must be a name such as Europe/Vienna.")
    return null
  },
  absent: 'UTC',
  schema: { type: 'string', maxLength: TEXT.charactersMax },
}

/** Analytics apps: each collects the events of some backends. */
export const ANALYTICS_APPS: NamedKind<AnalyticsAppMembers> = {
  what: 'an analytics app',
  auditType: 'AnalyticsApp',
  recordType: 'analyticsApp',
  path: ['analytics', 'apps'],
  nameRule: TEXT,
  members: { timeZone },
  unknown: 'analytics_app_unknown',
}

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

/** The day, e.g. `2026-06-01`, that it is somewhere at a time. */
export function dayIn(zone: string, at: number): string {
  // Of all locales, this one's form is that of ISO 8601.
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(at)
}
