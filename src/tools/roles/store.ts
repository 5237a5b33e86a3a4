import { INSTANCE } from '../../engine/backend.ts'
import { ApiError } from '../../errors.ts'
import {
  type NewRecord,
  type StoredRecord,
  WriteConflict,
  type WriteOperation,
} from '../../storage/port.ts'
import { type ChangeOptions, retrying } from '../assets/change.ts'
import { ASSET_TYPES } from '../assets/types.ts'
import { changesBetween } from '../audit/changes.ts'
import { type Acting, type AuditEvent, auditInsert, batchBy, byOf } from '../audit/entry.ts'
import type { ToolsContext } from '../context.ts'
import { requireMatch } from '../http/if-match.ts'
import { changedRoleRecord, newRoleRecord, ROLE_TYPE, type RoleFields, roleOf } from './role.ts'

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** @throws {ApiError} `role_unknown` */
export async function readRole({ store }: ToolsContext, id: string): Promise<StoredRecord> {
  const wanted = id.toLowerCase()
  const address = { backendId: INSTANCE, type: ROLE_TYPE, id: wanted }
  const record = UUID.test(wanted) ? await store.get(address) : null
  if (!record) throw new ApiError('role_unknown')
  return record
}

/** A part of all roles by name, and how many there are. */
export async function listRoles(
  { store }: ToolsContext,
  { limit, offset }: { readonly limit: number; readonly offset: number },
) {
  const of = { backendId: INSTANCE, type: ROLE_TYPE }
  const [{ count }, { records }] = await Promise.all([
    store.count(of),
    store.find({ ...of, orderBy: [{ field: 'name', direction: 'asc' }], limit, offset }),
  ])
  return { records, total: count }
}

/** @throws {ApiError} `asset_exists` */
export async function createRole(
  tools: ToolsContext,
  fields: RoleFields,
  acting: Acting,
): Promise<StoredRecord> {
  const record = newRoleRecord(fields, { actor: acting.actor, at: tools.now() })
  await write(tools, { before: null, after: record }, acting)
  return { ...record, version: 1 }
}

/**
 * Users and assets know a role by its name: so one that is named somewhere keeps it.
 *
 * @throws {ApiError} `role_unknown`, `etag_stale`, `asset_exists`, `asset_blocked`
 */
export function updateRole(
  tools: ToolsContext,
  { id, fields, ifMatch = null, ...acting }: ChangeOptions & { id: string; fields: RoleFields },
): Promise<StoredRecord> {
  return retrying(async () => {
    const before = await readRole(tools, id)
    requireMatch(ifMatch, String(before.version))
    if (roleOf(before).name !== fields.name) await requireUnused(tools, before)
    const record = changedRoleRecord(before, fields, { actor: acting.actor, at: tools.now() })
    await write(tools, { before, after: record }, acting)
    return { ...record, version: before.version + 1 }
  })
}

/** @throws {ApiError} `role_unknown`, `etag_stale`, `asset_blocked` */
export function deleteRole(
  tools: ToolsContext,
  { id, ifMatch = null, ...acting }: ChangeOptions & { readonly id: string },
): Promise<void> {
  return retrying(async () => {
    const before = await readRole(tools, id)
    requireMatch(ifMatch, String(before.version))
    await requireUnused(tools, before)
    await write(tools, { before, after: null }, acting)
  })
}

type RoleChange = { readonly before: StoredRecord | null; readonly after: NewRecord | null }

/** Writes a change of a role, and its entry in the audit log. */
async function write(tools: ToolsContext, change: RoleChange, acting: Acting): Promise<void> {
  const by = byOf(acting, tools.now())
  try {
    await tools.store.write(batchBy(by, [operationOf(change), auditInsert(eventOf(change), by)]))
  } catch (error) {
    if (!(error instanceof WriteConflict && error.reason === 'claimed')) throw error
    throw new ApiError('asset_exists', 'There is a role of this name already.', { cause: error })
  }
}

function operationOf({ before, after }: RoleChange): WriteOperation {
  if (!before) return { op: 'insert', record: after as NewRecord }
  const { version: ifVersion } = before
  return after
    ? { op: 'replace', record: after, ifVersion }
    : { op: 'delete', address: before, ifVersion }
}

function eventOf({ before, after }: RoleChange): AuditEvent {
  const members = (record: Pick<StoredRecord, 'data'> | null) => (record ? roleOf(record) : {})
  const { id, data } = (after ?? before) as NewRecord
  return {
    actions: [before ? (after ? 'UPDATED' : 'DELETED') : 'CREATED'],
    target: { type: 'Role', id, name: roleOf({ data }).name },
    changes: changesBetween(members(before), members(after)),
  }
}

async function requireUnused(tools: ToolsContext, record: StoredRecord): Promise<void> {
  const { name } = roleOf(record)
  for (const type of ASSET_TYPES) {
    const { entries } = await tools.lists.of(type).current()
    const user = entries.find(({ asset }) => type.references(asset).roles?.includes(name))
    if (!user) continue
    const { asset } = user
    throw new ApiError(
      'asset_blocked',
      `The ${type.what} ${asset.name} ${asset.version} names the role ${name}; change that first.`,
    )
  }
}
