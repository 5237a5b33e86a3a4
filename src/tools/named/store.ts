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
import { type Actor, type AuditEvent, auditInsert, type By, batchBy, byOf } from '../audit/entry.ts'
import type { ToolsContext } from '../context.ts'
import { requireMatch } from '../http/if-match.ts'
import {
  changedNamedRecord,
  type NamedFields,
  type NamedKind,
  namedFieldsOf,
  newNamedRecord,
} from './named.ts'

type Stores = Pick<ToolsContext, 'store' | 'now'>

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** `null` when there is none. */
export async function findNamed<Own extends object>(
  { store }: Pick<Stores, 'store'>,
  { recordType: type }: NamedKind<Own>,
  id: string,
): Promise<StoredRecord | null> {
  const wanted = id.toLowerCase()
  return UUID.test(wanted) ? store.get({ backendId: INSTANCE, type, id: wanted }) : null
}

/** @throws {ApiError} that of the kind */
export async function readNamed<Own extends object>(
  stores: Pick<Stores, 'store'>,
  kind: NamedKind<Own>,
  id: string,
): Promise<StoredRecord> {
  const record = await findNamed(stores, kind, id)
  if (!record) throw new ApiError(kind.unknown)
  return record
}

/** A part of all of them by name, and how many there are. */
export async function listNamed<Own extends object>(
  { store }: Pick<Stores, 'store'>,
  { recordType: type }: NamedKind<Own>,
  page: { readonly limit: number; readonly offset: number },
) {
  const of = { backendId: INSTANCE, type }
  const [{ count }, { records }] = await Promise.all([
    store.count(of),
    store.find({ ...of, orderBy: [{ field: 'name', direction: 'asc' }], ...page }),
  ])
  return { records, total: count }
}

/** @throws {ApiError} `asset_exists` */
export async function createNamed<Own extends object>(
  tools: Stores,
  kind: NamedKind<Own>,
  { fields, actor }: { readonly fields: NamedFields<Own>; readonly actor: Actor },
): Promise<StoredRecord> {
  const record = newNamedRecord(kind, fields, byOf(actor, tools.now()))
  await write(tools, kind, { before: null, after: record, actor })
  return { ...record, version: 1 }
}

/** The writes of one that is being made, for a batch that makes something else as well. */
export function namedCreation<Own extends object>(
  kind: NamedKind<Own>,
  fields: NamedFields<Own>,
  by: By,
): { readonly id: string; readonly operations: readonly WriteOperation[] } {
  const record = newNamedRecord(kind, fields, by)
  return { id: record.id, operations: operationsOf(kind, { before: null, after: record }, by) }
}

type NamedChange = ChangeOptions & {
  readonly id: string
  /** @throws {ApiError} when one of this name must stay as it is */
  readonly requireFree?: (name: string) => Promise<void>
}

/** @throws {ApiError} that of the kind, `etag_stale`, `asset_exists`, and of `requireFree` */
export function updateNamed<Own extends object>(
  tools: Stores,
  kind: NamedKind<Own>,
  options: NamedChange & { readonly fields: NamedFields<Own> },
): Promise<StoredRecord> {
  const { id, fields, ifMatch = null, requireFree, ...actor } = options
  return retrying(async () => {
    const before = await readNamed(tools, kind, id)
    requireMatch(ifMatch, String(before.version))
    const { name } = namedFieldsOf(kind, before)
    if (name !== fields.name) await requireFree?.(name)
    const change = { actor: actor.actor, at: tools.now(), fields }
    const after = changedNamedRecord(kind, before, change)
    await write(tools, kind, { before, after, actor })
    return { ...after, version: before.version + 1 }
  })
}

/** @throws {ApiError} that of the kind, `etag_stale`, and of `requireFree` */
export function deleteNamed<Own extends object>(
  tools: Stores,
  kind: NamedKind<Own>,
  { id, ifMatch = null, requireFree, ...actor }: NamedChange,
): Promise<void> {
  return retrying(async () => {
    const before = await readNamed(tools, kind, id)
    requireMatch(ifMatch, String(before.version))
    await requireFree?.(namedFieldsOf(kind, before).name)
    await write(tools, kind, { before, after: null, actor })
  })
}

type Written =
  | { readonly before: null; readonly after: NewRecord }
  | { readonly before: StoredRecord; readonly after: NewRecord | null }

/** Writes a change, and its entry in the audit log. */
async function write<Own extends object>(
  { store, now }: Stores,
  kind: NamedKind<Own>,
  { actor, ...written }: Written & { readonly actor: Actor },
): Promise<void> {
  const by = byOf(actor, now())
  try {
    await store.write(batchBy(by, operationsOf(kind, written, by)))
  } catch (error) {
    if (!(error instanceof WriteConflict && error.reason === 'claimed')) throw error
    const text = `There is ${kind.what} of this name already.`
    throw new ApiError('asset_exists', text, { cause: error })
  }
}

function operationsOf<Own extends object>(
  kind: NamedKind<Own>,
  written: Written,
  by: By,
): WriteOperation[] {
  return [operationOf(written), auditInsert(eventOf(kind, written), by)]
}

function operationOf({ before, after }: Written): WriteOperation {
  if (!before) return { op: 'insert', record: after }
  const { version: ifVersion } = before
  return after
    ? { op: 'replace', record: after, ifVersion }
    : { op: 'delete', address: before, ifVersion }
}

function eventOf<Own extends object>(kind: NamedKind<Own>, written: Written): AuditEvent {
  const { before, after } = written
  const target = before ?? written.after
  return {
    actions: [before ? (after ? 'UPDATED' : 'DELETED') : 'CREATED'],
    target: { type: kind.auditType, id: target.id, name: namedFieldsOf(kind, target).name },
    changes: changesBetween(
      before ? namedFieldsOf(kind, before) : {},
      after ? namedFieldsOf(kind, after) : {},
    ),
  }
}
