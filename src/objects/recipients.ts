import { USER_TYPE } from '../engine/caller.ts'
import type { Call } from '../engine/definition.ts'
import { assertIds } from '../engine/params.ts'
import { ApiError } from '../errors.ts'

const RECIPIENTS_MAX = 1000

/**
 * The users that a message is for, each once.
 * @throws {ApiError} "Illegal to_ids format", "Invalid user id(s)" unless all of them exist
 */
export async function checkRecipients(call: Call, ids: readonly string[]): Promise<string[]> {
  const unique = [...new Set(ids)]
  assertIds(unique, 'Illegal to_ids format')
  if (unique.length > RECIPIENTS_MAX) {
    throw new ApiError('param_invalid', `At most ${RECIPIENTS_MAX} users can be named at once.`)
  }
  const present = await presentUsers(call, unique)
  if (present.length < unique.length) throw new ApiError('object_unknown', 'Invalid user id(s)')
  return unique
}

/** Those of the users who are still there. */
export async function presentUsers(call: Call, ids: readonly string[]): Promise<string[]> {
  const users = await call.context.store.getMany(call.backend.id, USER_TYPE, ids)
  return users.map(({ id }) => id)
}
