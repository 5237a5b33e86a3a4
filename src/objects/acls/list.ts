import type { Call } from '../../engine/definition.ts'
import type { Draft } from '../../engine/draft.ts'
import { aclNameClaim, actingUser } from '../../engine/fill.ts'
import { assertIds, list, missing, type Param } from '../../engine/params.ts'
import { find } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import { EVERYONE, type StoredRecord } from '../../storage/port.ts'
import { acls } from './acls.ts'

/**
 * Users to put on a list; nobody asks whether they exist. Empty text is an empty list: on update it
 * leaves just the owner.
 */
export const userIds: Param<readonly string[] | undefined> = {
  ...list(),
  read(raw, name) {
    const ids = raw === '' ? [] : list().read(raw, name)
    assertIds(ids ?? [], 'Invalid user id(s)')
    return ids
  },
}

/** Whom a list names, whether or not everyone may as well. */
export type Lists = { readonly readers: readonly string[]; readonly writers: readonly string[] }

export type AclState = Lists & { readonly publicRead: boolean; readonly publicWrite: boolean }

export function stateOf(draft: Draft): AclState {
  const listed = (name: string) => (draft.hidden[name] as string[] | undefined) ?? []
  const named = (name: string) => listed(name).filter((one) => one !== EVERYONE)
  return {
    readers: named('readers'),
    writers: named('writers'),
    publicRead: listed('readers').includes(EVERYONE),
    publicWrite: listed('writers').includes(EVERYONE),
  }
}

/**
 * Puts a state into a draft: what goes out, and what access is decided by. The owner is always on
 * both lists; a list that everyone is on is not shown.
 */
export function setState(draft: Draft, state: AclState): void {
  const withOwner = (list: readonly string[]) => [
    ...new Set([...(draft.ownerId === null ? [] : [draft.ownerId]), ...list]),
  ]
  const readers = withOwner(state.readers)
  const writers = withOwner(state.writers)
  draft.data.public_read = state.publicRead
  draft.data.public_write = state.publicWrite
  delete draft.data.readers
  delete draft.data.writers
  if (!state.publicRead) draft.data.readers = readers
  if (!state.publicWrite) draft.data.writers = writers
  draft.hidden.readers = state.publicRead ? [EVERYONE, ...readers] : readers
  draft.hidden.writers = state.publicWrite ? [EVERYONE, ...writers] : writers
}

/**
 * The list that `id` or `name` names; a name is looked up among the lists of the caller, or of the
 * user for whom he acts.
 *
 * @throws {ApiError} `object_unknown`: "No Acl was found!"
 */
export async function loadAcl(call: Call): Promise<StoredRecord> {
  const { id, name } = call.params
  if (typeof id === 'string' && id !== '') {
    const record = await find(call, acls, id)
    if (!record) throw new ApiError('object_unknown', 'No Acl was found!')
    return record
  }
  if (typeof name !== 'string' || name === '') throw missing('id or name')
  const claim = aclNameClaim(await actingUser(call), name)
  const record = await call.context.store.getByClaim(call.backend.id, claim)
  if (!record) throw new ApiError('object_unknown', 'No Acl was found!')
  return record
}

/**
 * Only its owner and administrators see and change a list: who is on it changes nothing here. With
 * `su_id` the user who is acted for has to be its owner.
 *
 * @throws {ApiError} `access_denied`; `param_invalid` for writes, as for any object without an ACL
 */
export async function allowAcl(
  call: Call,
  record: StoredRecord,
  verb: 'show' | 'update' | 'delete',
): Promise<void> {
  const actor = await actingUser(call)
  if (record.ownerId === actor) return
  if (call.caller.admin && actor === call.caller.userId) return
  if (verb === 'show') throw new ApiError('access_denied')
  throw new ApiError('param_invalid', `Current user cannot ${verb} this acl`)
}
