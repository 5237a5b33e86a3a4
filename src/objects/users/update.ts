import { type Call, defineMethod } from '../../engine/definition.ts'
import { draftOf } from '../../engine/draft.ts'
import { actingUser, fill } from '../../engine/fill.ts'
import { SU_ID, writeParams } from '../../engine/method-params.ts'
import { deletion } from '../../engine/methods/delete.ts'
import { described, list } from '../../engine/params.ts'
import { otherSessions } from '../../engine/sessions.ts'
import { load, replyWith, retrying, retryLoop, save, write } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import { newPasswordHash, setEmail } from './account.ts'
import { ACCOUNT_PARAMS } from './create.ts'
import { users } from './users.ts'

export const updateUser = defineMethod({
  name: 'updateUser',
  group: 'User',
  verb: 'PUT',
  path: 'users/update',
  auth: 'user',
  summary: "Changes the caller's own account. A new password ends his other sessions.",
  params: { ...writeParams(users), ...ACCOUNT_PARAMS },
  returns: { key: 'users', schema: 'User', meta: { session_id: { type: 'string' } } },
  async run(call) {
    const userId = await actingUser(call)
    const passwordHash = await newPasswordHash('update user', call.params)
    const record = await retrying(call, users, userId, async () => {
      const draft = draftOf(await load(call, users, userId))
      if (passwordHash !== undefined) {
        draft.hidden.password = passwordHash
        delete draft.hidden.reset
        draft.operations.push(...(await sessionsToEnd(call, userId)))
      }
      setEmail(draft, call.params.email, 'update user')
      await fill(call, users, draft, 'update')
      return save(call, users, draft)
    })
    const reply = await replyWith(call, users, [record])
    return { ...reply, meta: { session_id: call.request.sessionToken } }
  },
})

function sessionsToEnd(call: Call, userId: string) {
  const keep = call.caller.userId === userId ? call.caller.session : null
  return otherSessions(call.context, call.backend, userId, keep)
}

export const deleteUser = defineMethod({
  name: 'deleteUser',
  group: 'User',
  verb: 'DELETE',
  path: 'users/delete',
  auth: 'user',
  summary: "Deletes the caller's own account, or for administrators those of others.",
  params: { user_ids: described(list(), 'For administrators.'), ...SU_ID },
  returns: {},
  async run(call) {
    const actor = await actingUser(call)
    const ids = call.params.user_ids?.length ? [...new Set(call.params.user_ids)] : [actor]
    if (!call.caller.admin && ids.some((id) => id !== actor)) throw new ApiError('admin_required')
    await retryLoop(async () => {
      const records = await Promise.all(ids.map((id) => load(call, users, id)))
      const operations = await Promise.all(records.map((one) => deletion(call, users, one)))
      await write(call, operations.flat())
    })
    call.context.wakeJobs()
    return ids.includes(call.caller.userId ?? '') ? { sessionCookie: null } : {}
  },
})
