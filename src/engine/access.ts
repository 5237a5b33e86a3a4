import { ApiError } from '../errors.ts'
import { EVERYONE, type StoredRecord } from '../storage/port.ts'
import type { Call, ObjectDefinition } from './definition.ts'
import { has } from './release.ts'

/** The record type of access lists. */
export const ACL_TYPE = 'acl'

type AclFacts = {
  readonly ownerId: string | null
  readonly readers: ReadonlySet<string>
  readonly writers: ReadonlySet<string>
}

/** The same rule as the store's `visibleTo`, for a record that was read by its id. */
export async function mayRead(call: Call, record: StoredRecord): Promise<boolean> {
  const { caller } = call
  if (record.aclId === null || caller.admin) return true
  if (caller.userId !== null && record.ownerId === caller.userId) return true
  const acl = await aclOf(call, record.aclId)
  if (!acl) return true
  return acl.readers.has(EVERYONE) || (caller.userId !== null && acl.readers.has(caller.userId))
}

/** @throws {ApiError} `access_denied` */
export async function allowRead(call: Call, record: StoredRecord): Promise<void> {
  if (!(await mayRead(call, record))) throw denied(call)
}

/**
 * The owner, an administrator, and whom the object's ACL lets write.
 *
 * @param actingFor whom the caller acts for: himself, or with `su_id` another user
 * @throws {ApiError} 401 when an ACL denies, 400 "Current user cannot update this place" without
 */
export async function allowWrite(
  call: Call,
  def: ObjectDefinition,
  record: StoredRecord,
  actingFor: string,
  verb: 'update' | 'delete',
): Promise<void> {
  if (record.ownerId === actingFor) return
  const actsAsSelf = actingFor === call.caller.userId
  if (call.caller.admin && actsAsSelf) return
  const acl = record.aclId === null ? null : await aclOf(call, record.aclId)
  if (!acl) {
    const kind = def.open ? def.collection : def.name
    throw new ApiError('param_invalid', `Current user cannot ${verb} this ${kind}`)
  }
  if (acl.writers.has(EVERYONE) || acl.writers.has(actingFor)) return
  throw denied(call)
}

function denied(call: Call): ApiError {
  const status = has(call.backend, 'aclDenies401') ? 401 : 403
  return new ApiError('access_denied', undefined, { status })
}

/** `null` when the list is gone: its objects then count as without one. */
function aclOf(call: Call, id: string): AclFacts | null | Promise<AclFacts | null> {
  const address = { backendId: call.backend.id, type: ACL_TYPE, id }
  return call.context.cache.get<AclFacts>(address, (record) => {
    const hidden = JSON.parse(record.hidden ?? '{}') as { readers?: string[]; writers?: string[] }
    return {
      ownerId: record.ownerId,
      readers: new Set(hidden.readers),
      writers: new Set(hidden.writers),
    }
  })
}
