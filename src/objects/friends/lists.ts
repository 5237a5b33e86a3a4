import { mayRead } from '../../engine/access.ts'
import { USER_TYPE } from '../../engine/caller.ts'
import { type Call, defineMethod } from '../../engine/definition.ts'
import { SU_ID } from '../../engine/method-params.ts'
import { pageMeta, queryBy } from '../../engine/methods/query.ts'
import { searchBy } from '../../engine/methods/search.ts'
import { described, flag, id, text } from '../../engine/params.ts'
import { expand, present, startExpansion, viewOptions } from '../../engine/present.ts'
import {
  PAGE_PARAMS,
  pageWindow,
  QUERY_PARAMS,
  REACH,
  VIEW_PARAMS,
  whereOf,
} from '../../engine/query-params.ts'
import { keyOf } from '../../storage/keys.ts'
import type { Condition, StoredRecord } from '../../storage/port.ts'
import { queriedUser } from '../users/queried.ts'
import { users } from '../users/users.ts'
import { askedUser, relations } from './relations.ts'

const FOLLOWERS = described(flag(), 'Of one-way apps: who follows, not who is followed.')

/** Without a page asked for, all: the original knew no pages here. */
const REQUESTS_MAX = 1000

export const friendRequests = defineMethod({
  name: 'friendRequests',
  group: 'FriendRequest',
  verb: 'GET',
  path: 'friends/requests',
  auth: 'user',
  summary: 'Shows who asks the caller for friendship, or whom the caller has asked.',
  params: {
    requests_to: described(flag(), 'true: those that the caller has sent.'),
    ...PAGE_PARAMS,
    ...VIEW_PARAMS,
  },
  returns: { key: 'friend_requests', schema: 'FriendRequest' },
  async run(call) {
    const { page, per_page: perPage, requests_to: sent } = call.params
    const pages = page !== undefined || perPage !== undefined
    const window = pages ? pageWindow(call.backend, call.params) : null
    const side = sent ? 'user_id' : 'to_user_id'
    const scope = {
      backendId: call.backend.id,
      type: relations.name,
      where: between(side, call.caller.userId, 'requested'),
    }
    const { records } = await call.context.store.find({
      ...scope,
      limit: window?.limit ?? REQUESTS_MAX,
      offset: window?.offset ?? 0,
    })
    const texts = await presentRequests(call, records)
    const items = { key: relations.collection, texts }
    if (!window) return { items }
    const { count } = await call.context.store.count({ ...scope, upTo: REACH })
    return { items, meta: pageMeta(window, count) }
  },
})

/** Unlike other objects, a request has its user's id and the user, at every depth. */
async function presentRequests(
  call: Call,
  records: readonly StoredRecord[],
): Promise<readonly string[]> {
  const options = viewOptions(call)
  const expansion = startExpansion(call, options)
  const ids = [...new Set(records.map(({ ownerId }) => ownerId ?? ''))]
  const askers = await call.context.store.getMany(call.backend.id, USER_TYPE, ids)
  const byId = new Map(askers.map((user) => [user.id, user]))
  const extra = records.map(async ({ ownerId }) => {
    const asker = byId.get(ownerId ?? '')
    if (!asker || !(await mayRead(call, asker))) return { user_id: ownerId }
    const depth = Math.max(1, options.depth - 1)
    return { user_id: ownerId, user: await expand(expansion, users, asker, depth, true) }
  })
  return present(call, relations, records, options, await Promise.all(extra))
}

export const queryFriends = defineMethod({
  name: 'queryFriends',
  group: 'FriendRequest',
  verb: 'GET',
  path: 'friends/query',
  auth: 'user',
  summary: "Finds the caller's friends, those he follows, or his followers, by conditions.",
  params: {
    user_id: described(id(), 'For administrators: whose friends.'),
    followers: FOLLOWERS,
    ...SU_ID,
    ...QUERY_PARAMS,
  },
  returns: { key: 'users', schema: 'User', optional: true },
  async run(call) {
    const asked = whereOf(call.params)
    viewOptions(call)
    const userId = queriedUser(call) ?? call.caller.userId
    const friends = await friendsOf(call, userId, call.params.followers === true)
    // Whoever has no friends gets no list either, as from the original.
    if (friends.length === 0) {
      return { response: {}, meta: call.params.count ? { count: 0 } : {} }
    }
    const among: Condition = { op: 'in', field: 'id', values: friends }
    return queryBy(call, users, asked ? { op: 'and', all: [among, asked] } : among)
  },
})

export const searchFriends = defineMethod({
  name: 'searchFriends',
  group: 'FriendRequest',
  verb: 'GET',
  path: 'friends/search',
  auth: 'user',
  summary: "Finds a user's friends by words of their names.",
  params: {
    user_id: described(id(), 'Default: the caller.'),
    followers: FOLLOWERS,
    q: described(text({ max: 1000 }), 'Words, in any case.'),
    ...PAGE_PARAMS,
    ...VIEW_PARAMS,
  },
  returns: { key: 'users', schema: 'User' },
  async run(call) {
    const { user_id: asked, followers, ...params } = call.params
    const friends = await friendsOf(call, asked || call.caller.userId, followers === true)
    return searchBy({ ...call, params }, users, [{ op: 'in', field: 'id', values: friends }])
  },
})

/** Ids of the newest friends, as many as a query looks at. */
async function friendsOf(
  call: Call,
  userId: string | null,
  followers: boolean,
): Promise<readonly string[]> {
  const { records } = await call.context.store.find({
    backendId: call.backend.id,
    type: relations.name,
    where: between(followers ? 'to_user_id' : 'user_id', userId, 'accepted'),
    limit: REACH,
  })
  return records.map((one) => (followers ? (one.ownerId ?? '') : askedUser(one)))
}

function between(side: 'user_id' | 'to_user_id', userId: string | null, state: string): Condition {
  return {
    op: 'and',
    all: [
      { op: 'eq', field: side, value: keyOf(userId) },
      { op: 'eq', field: 'state', value: keyOf(state) },
    ],
  }
}
