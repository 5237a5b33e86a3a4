import { type Call, defineMethod } from '../../engine/definition.ts'
import { pageMeta, queryBy, scopeOf } from '../../engine/methods/query.ts'
import { assertIds, described, hash, id, list, text } from '../../engine/params.ts'
import { present } from '../../engine/present.ts'
import {
  orderOf,
  PAGE_PARAMS,
  pageWindow,
  QUERY_PARAMS,
  REACH,
  VIEW_PARAMS,
  whereOf,
} from '../../engine/query-params.ts'
import { load } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import { keyOf } from '../../storage/keys.ts'
import type { Condition, Order, StoredRecord } from '../../storage/port.ts'
import { chats } from './chats.ts'
import { assertParticipant, chatGroups, findGroup } from './groups.ts'

const RETURNS = { key: 'chat_groups', schema: 'ChatGroup' }

const PARTICIPATE_IDS = described(list(), 'Ids of users, comma-separated.')

const NEWEST_ACTIVITY: readonly Order[] = [{ field: 'activity', direction: 'desc' }]

export const queryChatMessages = defineMethod({
  name: 'queryChatMessages',
  group: 'Chat',
  verb: 'GET',
  path: 'chats/query',
  auth: 'user',
  summary: 'Finds the messages of a chat group, for those who are in it.',
  params: { participate_ids: PARTICIPATE_IDS, chat_group_id: id(), ...QUERY_PARAMS },
  returns: { key: 'chats', schema: 'Chat' },
  async run(call) {
    const { participate_ids: userIds, chat_group_id: groupId } = call.params
    const asked = whereOf(call.params)
    const group = await groupAsked(call, groupId, userIds)
    const own: Condition = group
      ? { op: 'eq', field: 'chat_group_id', value: keyOf(group.id) }
      : { op: 'in', field: 'id', values: [] }
    return queryBy(call, chats, asked ? { op: 'and', all: [own, asked] } : own)
  },
})

/**
 * The group that a call names. Who asks is in it, named or not.
 * @returns `null` when these users have not chatted yet
 */
async function groupAsked(
  call: Call,
  groupId: string | undefined,
  userIds: readonly string[] | undefined,
): Promise<StoredRecord | null> {
  const { admin, userId } = call.caller
  if (groupId) {
    const group = await load(call, chatGroups, groupId)
    if (!admin) assertParticipant(group, userId)
    return group
  }
  if (!userIds?.length) {
    throw new ApiError('param_invalid', 'Required: participate_ids or chat_group_id')
  }
  assertIds(userIds, 'Illegal participate_ids format')
  const own = await findGroup(call, [...userIds, userId ?? ''])
  return own ?? (admin ? findGroup(call, userIds) : null)
}

export const getChatGroups = defineMethod({
  name: 'getChatGroups',
  group: 'Chat',
  verb: 'GET',
  path: 'chats/get_chat_groups',
  auth: 'user',
  summary: "Lists the caller's chat groups, those with the newest message first.",
  params: {
    where: described(hash(), 'The conditions, as JSON.'),
    order: described(text(), 'Members, comma-separated, a leading - for descending.'),
    ...PAGE_PARAMS,
    ...VIEW_PARAMS,
  },
  returns: RETURNS,
  async run(call) {
    const window = pageWindow(call.backend, call.params)
    const asked = whereOf(call.params)
    const own = withUser(call.caller.userId ?? '')
    const where: Condition = asked ? { op: 'and', all: [own, asked] } : own
    const scope = scopeOf(call, chatGroups, where)
    const { records } = await call.context.store.find({
      ...scope,
      orderBy: orderOf(call.params.order) ?? NEWEST_ACTIVITY,
      limit: Math.max(0, Math.min(window.limit, REACH - window.offset)),
      offset: window.offset,
    })
    const { count } = await call.context.store.count({ ...scope, upTo: REACH })
    const texts = await present(call, chatGroups, records)
    return { meta: pageMeta(window, count), items: { key: chatGroups.collection, texts } }
  },
})

export const queryChatGroups = defineMethod({
  name: 'queryChatGroups',
  group: 'Chat',
  verb: 'GET',
  path: 'chats/query_chat_groups',
  auth: 'admin',
  summary: 'Finds the chat groups of all users, or those in which all that are named chat.',
  params: { participate_ids: PARTICIPATE_IDS, ...QUERY_PARAMS },
  returns: RETURNS,
  async run(call) {
    const { participate_ids: userIds = [], ...params } = call.params
    assertIds(userIds, 'Illegal participate_ids format')
    const asked = whereOf(params)
    const all: Condition[] = [...userIds.map(withUser), ...(asked ? [asked] : [])]
    const order = params.order || '-activity'
    return queryBy({ ...call, params: { ...params, order } }, chatGroups, { op: 'and', all })
  },
})

function withUser(userId: string): Condition {
  return { op: 'eq', field: 'participate_ids', value: keyOf(userId) }
}
