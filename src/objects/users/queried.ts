import type { Call } from '../../engine/definition.ts'
import { ApiError } from '../../errors.ts'

/**
 * Whose things a query is about: the caller's, or for an administrator those of the user that
 * `su_id` names (`user_id` before 1.1.9), or everyone's.
 *
 * @returns `null` for everyone's
 * @throws {ApiError} `admin_required` when the caller asks for somebody else's
 */
export function queriedUser(call: Call): string | null {
  const asked = call.params.su_id || call.params.user_id
  if (call.caller.admin) return typeof asked === 'string' ? asked : null
  if (asked && asked !== call.caller.userId) throw new ApiError('admin_required')
  return call.caller.userId
}
