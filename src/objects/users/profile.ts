import type { EngineContext } from '../../engine/context.ts'
import { draftOf } from '../../engine/draft.ts'
import { fill } from '../../engine/fill.ts'
import { load, retrying, save } from '../../engine/steps.ts'
import type { StoredRecord } from '../../storage/port.ts'
import { setEmail } from './account.ts'
import { managementCall } from './manage.ts'
import { users } from './users.ts'

/** What users say of themselves; empty text removes, absence leaves. */
export type ProfileChanges = {
  readonly first_name?: string
  readonly last_name?: string
  readonly email?: string
}

/**
 * Changes a user's own profile, for those who keep no session.
 *
 * @throws {ApiError} `param_invalid`, `object_unknown`
 */
export async function updateProfile(
  context: EngineContext,
  { backendId, userId }: { readonly backendId: string; readonly userId: string },
  changes: ProfileChanges,
): Promise<StoredRecord> {
  const server = await managementCall(context, backendId, changes)
  const call = { ...server, caller: { session: null, userId, admin: false } }
  return retrying(call, users, userId, async () => {
    const draft = draftOf(await load(call, users, userId))
    setEmail(draft, changes.email, 'update user')
    await fill(call, users, draft, 'update')
    return save(call, users, draft)
  })
}
