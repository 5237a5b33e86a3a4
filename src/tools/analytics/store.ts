import { INSTANCE } from '../../engine/backend.ts'
import { ApiError } from '../../errors.ts'
import {
  type NewRecord,
  type StoredRecord,
  WriteConflict,
  type WriteOperation,
} from '../../storage/port.ts'
import { type ChangeOptions, retrying } from '../assets/change.ts'
import { changesBetween } from '../audit/changes.ts'
import { type Acting, type Actor, auditInsert, batchBy, byOf } from '../audit/entry.ts'
import type { ToolsContext } from '../context.ts'
import { requireMatch } from '../http/if-match.ts'
import { valueFor } from '../policies/policy.ts'
import {
  ANALYTICS_APP_TYPE,
  type AnalyticsAppFields,
  analyticsAppOf,
  changedAnalyticsApp,
  isTimeZone,
  newAnalyticsApp,
} from './app.ts'

type Stores = Pick<ToolsContext, 'store' | 'now'>

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** `null` when there is none. */
export async function findAnalyticsApp(
  { store }: Pick<Stores, 'store'>,
  id: string,
): Promise<StoredRecord | null> {
  const wanted = id.toLowerCase()
  if (!UUID.test(wanted)) return null
  return store.get({ backendId: INSTANCE, type: ANALYTICS_APP_TYPE, id: wanted })
}

/** @throws {ApiError} `analytics_app_unknown` */
export async function readAnalyticsAppRecord(tools: Stores, id: string): Promise<StoredRecord> {
  const record = await findAnalyticsApp(tools, id)
  if (!record) throw new ApiError('analytics_app_unknown')
  return record
}

/** The app that collects the events of a backend: that which a policy names, or else its own. */
export async function analyticsAppFor(
  tools: Pick<Stores, 'store'>,
  backend: {
    readonly name: string
    readonly version: string
    readonly analyticsAppGuid: string | null
  },
): Promise<StoredRecord | null> {
  const named = await valueFor(tools, 'Analytics_ApplicationGuid', { backend })
  const guid = named ?? backend.analyticsAppGuid
  return guid === null ? null : findAnalyticsApp(tools, guid)
}

/** A part of all of them by name, and how many there are. */
export async function listAnalyticsApps(
  { store }: Stores,
  { limit, offset }: { readonly limit: number; readonly offset: number },
) {
  const of = { backendId: INSTANCE, type: ANALYTICS_APP_TYPE }
  const [{ count }, { records }] = await Promise.all([
    store.count(of),
    store.find({ ...of, orderBy: [{ field: 'name', direction: 'asc' }], limit, offset }),
  ])
  return { records, total: count }
}

/** @throws {ApiError} `asset_exists` */
export async function createAnalyticsApp(
  tools: Stores,
  fields: AnalyticsAppFields,
  actor: Actor,
): Promise<StoredRecord> {
  const by = byOf(actor, tools.now())
  const record = newAnalyticsApp(fields, by)
  await write(tools, { before: null, after: record }, by)
  return { ...record, version: 1 }
}

/**
 * Makes one for a backend that is being made, which has none when that is not possible: there is
 * one of this name, or no such time zone.
 */
export async function analyticsAppForNew(
  tools: Stores,
  { name, timeZone }: AnalyticsAppFields,
  actor: Actor,
): Promise<string | null> {
  if (!isTimeZone(timeZone)) return null
  try {
    return (await createAnalyticsApp(tools, { name, timeZone }, actor)).id
  } catch (error) {
    if (error instanceof ApiError && error.code === 'asset_exists') return null
    throw error
  }
}

/** @throws {ApiError} `analytics_app_unknown`, `etag_stale`, `asset_exists` */
export function updateAnalyticsApp(
  tools: Stores,
  options: ChangeOptions & { readonly id: string; readonly fields: AnalyticsAppFields },
): Promise<StoredRecord> {
  const { id, fields, ifMatch = null, ...acting } = options
  return retrying(async () => {
    const before = await readAnalyticsAppRecord(tools, id)
    requireMatch(ifMatch, String(before.version))
    const by = byOf(acting, tools.now())
    const after = changedAnalyticsApp(before, fields, by)
    await write(tools, { before, after }, by)
    return { ...after, version: before.version + 1 }
  })
}

/**
 * The events that were collected stay with their backends; new ones are dropped.
 *
 * @throws {ApiError} `analytics_app_unknown`, `etag_stale`
 */
export function deleteAnalyticsApp(
  tools: Stores,
  { id, ifMatch = null, ...acting }: ChangeOptions & { readonly id: string },
): Promise<void> {
  return retrying(async () => {
    const before = await readAnalyticsAppRecord(tools, id)
    requireMatch(ifMatch, String(before.version))
    await write(tools, { before, after: null }, acting)
  })
}

type AppChange = { readonly before: StoredRecord | null; readonly after: NewRecord | null }

/** Writes a change, and its entry in the audit log. */
async function write({ store, now }: Stores, change: AppChange, acting: Acting): Promise<void> {
  const by = byOf(acting, now())
  const { before, after } = change
  const members = (one: NewRecord | null) => (one ? analyticsAppOf(one) : {})
  const target = before ?? after
  const entry = auditInsert(
    {
      actions: [before ? (after ? 'UPDATED' : 'DELETED') : 'CREATED'],
      target: {
        ...{ type: 'AnalyticsApp', id: target?.id ?? null },
        name: target && analyticsAppOf(target).name,
      },
      changes: changesBetween(members(before), members(after)),
    },
    by,
  )
  try {
    await store.write(batchBy(by, [...operationsOf(change), entry]))
  } catch (error) {
    if (!(error instanceof WriteConflict && error.reason === 'claimed')) throw error
    const text = 'There is an analytics app of this name already.'
    throw new ApiError('asset_exists', text, { cause: error })
  }
}

function operationsOf({ before, after }: AppChange): WriteOperation[] {
  if (!before) return after ? [{ op: 'insert', record: after }] : []
  const { version: ifVersion } = before
  return after
    ? [{ op: 'replace', record: after, ifVersion }]
    : [{ op: 'delete', address: before, ifVersion }]
}
