import { randomUUID } from 'node:crypto'
import { INSTANCE } from '../../engine/backend.ts'
import { textKey } from '../../storage/keys.ts'
import type { NewRecord, StoredRecord } from '../../storage/port.ts'
import { bodyOf, refuseBad, requiredTextMember, textMember } from '../assets/body.ts'
import { toolsPath } from '../http/paths.ts'

/** The records of analytics apps, each of which collects the events of some backends. */
export const ANALYTICS_APP_TYPE = 'analyticsApp'

export type AnalyticsAppFields = {
  readonly name: string
  /** By it, days begin and end: a name such as Europe/Vienna. */
  readonly timeZone: string
}

const TEXT = { charactersMax: 255, pattern: /\S/, form: 'more than blanks' }

/** @throws {ApiError} `param_invalid`, naming every member that is wrong */
export function readAnalyticsApp(json: unknown): AnalyticsAppFields {
  const body = bodyOf(json)
  const name = requiredTextMember(body, 'name', TEXT)
  const timeZone = textMember(body, 'timeZone', TEXT) ?? 'UTC'
  if (!isTimeZone(timeZone)) body.problems.push("'timeZone' must be a name such as Europe/Vienna.")
  refuseBad(body)
  return { name, timeZone }
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
export function dayIn(timeZone: string, at: number): string {
  // Of all locales, this one's form is that of ISO 8601.
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(at)
}

export function analyticsAppOf({ data }: Pick<StoredRecord, 'data'>): AnalyticsAppFields {
  const { name, timeZone } = JSON.parse(data) as AnalyticsAppFields
  return { name, timeZone }
}

type Made = { readonly actor: string; readonly at: number }

export function newAnalyticsApp(fields: AnalyticsAppFields, { actor, at }: Made): NewRecord {
  return {
    ...{ backendId: INSTANCE, type: ANALYTICS_APP_TYPE, id: randomUUID() },
    ...{ ownerId: null, aclId: null, hidden: null, createdAt: at },
    ...contentOf(fields, { actor, at, createdBy: actor }),
  }
}

export function changedAnalyticsApp(
  { version: _, ...before }: StoredRecord,
  fields: AnalyticsAppFields,
  made: Made,
): NewRecord {
  const { createdBy } = JSON.parse(before.data) as { readonly createdBy: string }
  return { ...before, ...contentOf(fields, { ...made, createdBy }) }
}

function contentOf(fields: AnalyticsAppFields, made: Made & { readonly createdBy: string }) {
  const { name, timeZone } = fields
  const data = { name, timeZone, createdBy: made.createdBy, modifiedBy: made.actor }
  return {
    ...{ updatedAt: made.at, data: JSON.stringify(data), keys: { name: textKey(name) } },
    claims: [{ scope: `${ANALYTICS_APP_TYPE}.name`, value: name }],
  }
}

export function presentAnalyticsApp(record: StoredRecord) {
  const by = JSON.parse(record.data) as Record<'createdBy' | 'modifiedBy', string>
  return {
    ...{ id: record.id, ...analyticsAppOf(record), etag: String(record.version) },
    createdOn: new Date(record.createdAt).toISOString(),
    createdBy: by.createdBy,
    modifiedOn: new Date(record.updatedAt).toISOString(),
    modifiedBy: by.modifiedBy,
    links: [{ rel: 'canonical', href: toolsPath('analytics', 'apps', record.id) }],
  }
}
