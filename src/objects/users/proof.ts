import { passwordProof } from '../../engine/caller.ts'
import type { EngineContext } from '../../engine/context.ts'
import { draftOf } from '../../engine/draft.ts'
import { load, retrying, save } from '../../engine/steps.ts'
import { hashPassword } from '../../lib/password.ts'
import { assertConfirmed } from './account.ts'
import { managementCall } from './manage.ts'
import { guarded, verified } from './sessions.ts'
import { users } from './users.ts'

type Given = { readonly login: string; readonly password: string }

/** Who logged in, and what holds only as long as their password is the same. */
export type ProvenUser = { readonly userId: string; readonly proof: string }

/**
 * Checks a user's name and password, as a log-in does, for those who keep no session.
 *
 * @throws {ApiError} `login_failed`, `not_confirmed`, `rate_limited`, `asset_unknown`
 */
export async function proveUser(
  context: EngineContext,
  backendId: string,
  { login, password }: Given,
): Promise<ProvenUser> {
  const call = await managementCall(context, backendId, {})
  const { record, rehash } = await guarded(call, login, () => verified(call, login, password))
  assertConfirmed(call, record)
  if (!rehash) return { userId: record.id, proof: passwordProof(record) ?? '' }
  const hash = await hashPassword(password)
  const renewed = await retrying(call, users, record.id, async () => {
    const draft = draftOf(await load(call, users, record.id))
    draft.hidden.password = hash
    return save(call, users, draft)
  })
  return { userId: record.id, proof: passwordProof(renewed) ?? '' }
}

/** The proof of now; `null` when there is no such user, or they have no password. */
export async function proofOf(
  { store }: EngineContext,
  backendId: string,
  userId: string,
): Promise<string | null> {
  const record = await store.get({ backendId, type: users.name, id: userId })
  return record && passwordProof(record)
}
