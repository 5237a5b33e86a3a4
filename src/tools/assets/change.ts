import { setTimeout as sleep } from 'node:timers/promises'
import { INSTANCE } from '../../engine/backend.ts'
import { ApiError } from '../../errors.ts'
import {
  type NewRecord,
  type StoredRecord,
  WriteConflict,
  type WriteOperation,
} from '../../storage/port.ts'
import { assetChanges } from '../audit/changes.ts'
import { type AuditTarget, auditInsert, type By, batchBy, type Trace } from '../audit/entry.ts'
import type { ToolsContext } from '../context.ts'
import { type IfMatch, requireMatch } from '../http/if-match.ts'
import { type Happening, historyRecords } from './history.ts'
import { readAsset } from './read.ts'
import { referenceKeys } from './references.ts'
import { assetTypeOf } from './types.ts'

export type ChangeOptions = {
  readonly ifMatch?: IfMatch
  /** The team member's name. */
  readonly actor: string
  readonly trace?: Trace
}

/** What becomes of a record; members that are not named stay. */
export type Change = {
  readonly data?: Readonly<Record<string, unknown>>
  readonly hidden?: Readonly<Record<string, unknown>>
  readonly happenings: readonly Happening[]
  /** Into the trash and out of it is no modification: lists tell the two by their times. */
  readonly keepsModified?: boolean
}

export type Decision = Change & {
  /** Others that change with it, or not at all. */
  readonly also?: readonly (Change & { readonly before: StoredRecord })[]
  /** What else is written with it: records that are no assets. */
  readonly writes?: readonly WriteOperation[]
  /** What the decision rests on. */
  readonly checks?: readonly WriteOperation[]
}

const TRIES = 30

/**
 * Changes an asset: reads it, checks the tag, decides, and writes what was decided only if the asset
 * is still as it was read, with its history, all in one batch. A lost race begins anew; then a tag
 * that was good before is not any more.
 *
 * @returns the record as it is now
 * @throws {ApiError} `asset_unknown`, `etag_stale`, `asset_exists`, and whatever `decide` throws
 */
export function changeAsset(
  tools: ToolsContext,
  id: string,
  { ifMatch = null, actor, trace = {} }: ChangeOptions,
  decide: (before: StoredRecord) => Decision | Promise<Decision>,
): Promise<StoredRecord> {
  return tools.turns.run(id.toLowerCase(), () =>
    retrying(async () => {
      const before = await readAsset(tools, id)
      requireMatch(ifMatch, String(before.version))
      const decision = await decide(before)
      const by = { actor, at: tools.now(), trace }
      const { also = [], writes = [], checks = [] } = decision
      const changes = [{ ...decision, before }, ...also]
      const operations = changes.flatMap((change) => changeOperations(change, by))
      await tools.store.write(batchBy(by, [...operations, ...writes, ...checks]))
      return recordAfter({ ...decision, before }, by)
    }),
  )
}

/** The write of one change, with its history and its entry in the audit log. */
export function changeOperations(
  change: Change & { readonly before: StoredRecord },
  by: By,
): WriteOperation[] {
  const { before, happenings } = change
  const after = recordAfter(change, by)
  const { version: _, ...record } = after
  return [
    { op: 'replace', record, ifVersion: before.version },
    ...historyInserts(after, happenings, by),
    // An asset that only counts what became of another has nothing to tell of itself.
    ...(happenings.length > 0 ? [auditOf({ before, after, happenings }, by)] : []),
  ]
}

/** The write of an asset that comes to be, with the beginning of its history. */
export function creationOperations(
  record: NewRecord,
  happening: Happening,
  by: By,
): WriteOperation[] {
  const after = { ...record, version: 1 }
  const happenings = [happening]
  return [
    { op: 'insert', record },
    ...historyInserts(after, happenings, by),
    auditOf({ before: null, after, happenings }, by),
  ]
}

function historyInserts(
  after: StoredRecord,
  happenings: readonly Happening[],
  by: By,
): WriteOperation[] {
  return historyRecords(after, happenings, by).map((record) => ({ op: 'insert', record }))
}

type Written = {
  readonly before: StoredRecord | null
  readonly after: StoredRecord
  readonly happenings: readonly Happening[]
}

function auditOf({ before, after, happenings }: Written, by: By): WriteOperation {
  const actions = happenings.map(({ action }) => action)
  const comment = happenings.find((one) => one.comment)?.comment ?? null
  const changes = assetChanges(before, after)
  return auditInsert({ actions, target: auditTarget(after), changes, comment }, by)
}

/** How the audit log names an asset. */
export function auditTarget(record: StoredRecord): AuditTarget {
  const type = assetTypeOf(record)
  const { id, name, version } = type.read(record)
  return { type: type.name, id, name, version }
}

export function recordAfter(
  { before, data, hidden, keepsModified = false }: Change & { readonly before: StoredRecord },
  { actor, at }: By,
): StoredRecord {
  const members = {
    ...(JSON.parse(before.data) as Record<string, unknown>),
    ...(keepsModified ? {} : { modifiedOn: new Date(at).toISOString(), modifiedBy: actor }),
    ...data,
  }
  const type = assetTypeOf(before)
  const record = {
    ...before,
    updatedAt: at,
    version: before.version + 1,
    data: JSON.stringify(members),
    hidden: hidden
      ? JSON.stringify({ ...(JSON.parse(before.hidden ?? '{}') as object), ...hidden })
      : before.hidden,
  }
  const asset = type.read(record)
  return { ...record, claims: type.claims(asset), keys: referenceKeys(type.references(asset)) }
}

/**
 * Does work anew that lost a race.
 *
 * @throws {ApiError} `asset_exists` when a name was taken, `conflict` when it loses too often
 */
export async function retrying<T>(attempt: () => Promise<T>): Promise<T> {
  for (let left = TRIES; ; left -= 1) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof WriteConflict)) throw error
      if (error.reason === 'claimed')
        throw new ApiError('asset_exists', undefined, { cause: error })
      if (left <= 1) throw new ApiError('conflict', undefined, { cause: error })
      await sleep(Math.random() * 20)
    }
  }
}

/** Holds only while an asset is as it was read. */
export function unchanged({ type, id, version }: StoredRecord): WriteOperation {
  return { op: 'check', address: { backendId: INSTANCE, type, id }, is: version }
}
