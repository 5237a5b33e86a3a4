import { defineMethod } from '../../engine/definition.ts'
import { pageMeta, scopeOf } from '../../engine/methods/query.ts'
import { PAGE_PARAMS, pageWindow, VIEW_PARAMS } from '../../engine/query-params.ts'
import { load, replyWith } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import { keyOf } from '../../storage/keys.ts'
import { externalAccounts, users } from '../users/users.ts'
import { keyOfAccount, tokensOf } from './accounts.ts'
import { facebookFriends } from './facebook.ts'

const FACEBOOK = 'facebook'

export const searchFacebookFriends = defineMethod({
  name: 'searchFacebookFriends',
  group: 'SocialIntegration',
  verb: 'GET',
  path: 'social/facebook/search_friends',
  // Where the published arrowdb SDK looks for it.
  aliases: ['users/facebook/search_friends'],
  auth: 'user',
  summary: "The users whose linked Facebook account is a friend of the caller's.",
  params: { ...PAGE_PARAMS, ...VIEW_PARAMS },
  returns: { key: 'users', schema: 'User' },
  async run(call) {
    const me = await load(call, users, call.caller.userId ?? '')
    const accounts = externalAccounts(JSON.parse(me.data))
    const linked = accounts.find((one) => one.external_type === FACEBOOK)
    const tokens = tokensOf(JSON.parse(me.hidden ?? '{}'))
    const token = linked && tokens[keyOfAccount(FACEBOOK, linked.external_id)]
    if (!token) throw new ApiError('param_invalid', 'Current user has no linked Facebook account')
    const friends = await facebookFriends(call, token)
    const values = friends.map((id) => keyOf(keyOfAccount(FACEBOOK, id)))
    const window = pageWindow(call.backend, call.params)
    const scope = scopeOf(call, users, { op: 'in', field: 'external_ids', values })
    const { records } = await call.context.store.find({
      ...scope,
      limit: window.limit,
      offset: window.offset,
    })
    const { count } = await call.context.store.count(scope)
    return { ...(await replyWith(call, users, records)), meta: pageMeta(window, count) }
  },
})
