import type { EngineContext } from '../../engine/context.ts'
import { type Call, defineMethod } from '../../engine/definition.ts'
import { type Draft, draftOf, newDraft } from '../../engine/draft.ts'
import { fill } from '../../engine/fill.ts'
import { ACL_PARAMS } from '../../engine/method-params.ts'
import { described } from '../../engine/params.ts'
import { VIEW_PARAMS } from '../../engine/query-params.ts'
import { retryLoop, save } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import { objectId } from '../../lib/ids.ts'
import { WriteConflict } from '../../storage/port.ts'
import { beginUser, sessionFor } from '../users/account.ts'
import { managementCall } from '../users/manage.ts'
import { loggedIn } from '../users/sessions.ts'
import { users } from '../users/users.ts'
import { ACCOUNT_ID, ACCOUNT_TOKEN, ACCOUNT_TYPE, addAccount, holderOf } from './accounts.ts'
import { type VerifiedAccount, verified } from './verify.ts'

export const externalAccountLogin = defineMethod({
  name: 'externalAccountLogin',
  group: 'SocialIntegration',
  verb: 'POST',
  path: 'users/external_account_login',
  auth: 'none',
  needsNoRole: true,
  summary: 'Logs in with an account elsewhere; the first time it makes a user.',
  params: {
    type: described(ACCOUNT_TYPE, 'facebook, or a type that the owner of the backend trusts.'),
    id: described(ACCOUNT_ID, "The account's id there; for facebook the token tells it."),
    token: ACCOUNT_TOKEN,
    ...ACL_PARAMS,
    ...VIEW_PARAMS,
  },
  returns: { key: 'users', schema: 'User', meta: { session_id: { type: 'string' } } },
  async run(call) {
    const account = await verified(call, call.params)
    const userId = objectId(call.context.now())
    const { record, token } = await retryLoop(async () => {
      const holder = await holderOf(call, account)
      const draft = holder ? draftOf(holder) : await newUser(call, userId, account)
      addAccount(draft, account)
      const session = await sessionFor(call, draft.id)
      draft.operations.push(session.operation)
      return { record: await saveOrRetry(call, draft), token: session.token }
    })
    return loggedIn(call, record, token)
  },
})

/**
 * The user of an account elsewhere, for those who keep no session; the first time it makes one.
 *
 * @throws {ApiError} `login_failed`, `param_invalid`, `admin_required`, `unavailable`
 */
export async function userOfAccount(
  context: EngineContext,
  backendId: string,
  given: { readonly type: string; readonly token: string },
): Promise<string> {
  const call = await managementCall(context, backendId, {})
  const account = await verified(call, given)
  const userId = objectId(context.now())
  return retryLoop(async () => {
    const holder = await holderOf(call, account)
    if (holder) return holder.id
    return (await saveOrRetry(call, await newUser(call, userId, account))).id
  })
}

/** Confirmed at once: there is no address to confirm. */
async function newUser(call: Call, userId: string, account: VerifiedAccount): Promise<Draft> {
  if (!call.backend.settings.allowUserCreation && !call.caller.admin) {
    throw new ApiError('admin_required')
  }
  const draft = newDraft(userId, userId)
  beginUser(draft, call.context.now(), true)
  if (account.firstName !== undefined) draft.data.first_name = account.firstName
  if (account.lastName !== undefined) draft.data.last_name = account.lastName
  addAccount(draft, account)
  await fill(call, users, draft, 'create')
  return draft
}

/** Who logs in twice at once is one user: the second login finds what the first has made. */
async function saveOrRetry(call: Call, draft: Draft) {
  try {
    return await save(call, users, draft)
  } catch (error) {
    throw error instanceof ApiError && error.cause instanceof WriteConflict ? error.cause : error
  }
}
