import { defineMethod } from '../../engine/definition.ts'
import { draftOf } from '../../engine/draft.ts'
import { described, required } from '../../engine/params.ts'
import { VIEW_PARAMS } from '../../engine/query-params.ts'
import { load, replyWith, retrying, save } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import { externalAccounts, users } from '../users/users.ts'
import { ACCOUNT_ID, ACCOUNT_TOKEN, ACCOUNT_TYPE, addAccount, removeAccount } from './accounts.ts'
import { verified } from './verify.ts'

const RETURNS = { key: 'users', schema: 'User' }

export const linkExternalAccount = defineMethod({
  name: 'linkExternalAccount',
  group: 'SocialIntegration',
  verb: 'POST',
  path: 'users/external_account_link',
  auth: 'user',
  summary: 'Adds an account elsewhere to the user who is logged in.',
  params: {
    type: ACCOUNT_TYPE,
    id: described(ACCOUNT_ID, "The account's id there; for facebook the token tells it."),
    token: ACCOUNT_TOKEN,
    ...VIEW_PARAMS,
  },
  returns: RETURNS,
  async run(call) {
    const account = await verified(call, call.params)
    const userId = call.caller.userId ?? ''
    const record = await retrying(call, users, userId, async () => {
      const draft = draftOf(await load(call, users, userId))
      addAccount(draft, account)
      return save(call, users, draft)
    })
    return replyWith(call, users, [record])
  },
})

export const unlinkExternalAccount = defineMethod({
  name: 'unlinkExternalAccount',
  group: 'SocialIntegration',
  verb: 'DELETE',
  path: 'users/external_account_unlink',
  auth: 'user',
  summary:
    'Takes an account elsewhere from the user who is logged in, unless it is his only way in.',
  params: { type: ACCOUNT_TYPE, id: required(ACCOUNT_ID), ...VIEW_PARAMS },
  returns: RETURNS,
  async run(call) {
    const { type, id } = call.params
    const userId = call.caller.userId ?? ''
    const record = await retrying(call, users, userId, async () => {
      const draft = draftOf(await load(call, users, userId))
      if (!removeAccount(draft, type, id)) {
        throw new ApiError('object_unknown', 'Invalid external account')
      }
      const isLast = externalAccounts(draft.data).length === 0
      const { password, email } = draft.hidden
      const canLogIn = password !== undefined && (draft.data.username ?? email) !== undefined
      if (isLast && !canLogIn) {
        const text = 'This is the only way to log in: set a username and a password first.'
        throw new ApiError('param_invalid', text)
      }
      return save(call, users, draft)
    })
    return replyWith(call, users, [record])
  },
})
