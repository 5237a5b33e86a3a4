import { defineMethod } from '../../engine/definition.ts'
import { actingUser } from '../../engine/fill.ts'
import { queryBy } from '../../engine/methods/query.ts'
import { id, type Params, required } from '../../engine/params.ts'
import { viewOptions } from '../../engine/present.ts'
import { PAGE_PARAMS, QUERY_PARAMS, VIEW_PARAMS, whereOf } from '../../engine/query-params.ts'
import { replyWith, retryLoop } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import { keyOf } from '../../storage/keys.ts'
import type { Condition } from '../../storage/port.ts'
import { inThread, markRead, ownBy, ownCopy, pageOf, replyWithPage, withStatus } from './box.ts'
import { messages } from './messages.ts'

const RETURNS = { key: 'messages', schema: 'Message' }

const LIST_PARAMS = { ...PAGE_PARAMS, ...VIEW_PARAMS } satisfies Params

export const showMessage = defineMethod({
  name: 'showMessage',
  group: 'Message',
  verb: 'GET',
  path: 'messages/show',
  auth: 'user',
  summary: 'Shows a message of the caller, who thereby has read it.',
  params: { message_id: required(id()), ...VIEW_PARAMS },
  returns: RETURNS,
  async run(call) {
    viewOptions(call)
    const userId = await actingUser(call)
    const seen = await retryLoop(async () =>
      markRead(call, [await ownCopy(call, userId, call.params.message_id)]),
    )
    return replyWith(call, messages, seen)
  },
})

const LISTS = {
  inbox: {
    name: 'showMessagesInbox',
    summary: 'Lists what the caller received, newest first.',
    where: withStatus('unread', 'read', 'replied'),
  },
  sent: {
    name: 'showMessagesSent',
    summary: 'Lists what the caller sent, newest first.',
    where: withStatus('sent'),
  },
  threads: {
    name: 'showThreads',
    summary: "Lists the caller's threads, each by the newest message that he received.",
    where: { op: 'eq', field: 'head', value: keyOf(true) },
  },
} satisfies Record<string, { name: string; summary: string; where: Condition }>

export const messageLists = Object.entries(LISTS).map(([path, { name, summary, where }]) =>
  defineMethod({
    name,
    group: 'Message',
    verb: 'GET',
    path: `messages/show/${path}`,
    auth: 'user',
    summary,
    params: LIST_PARAMS,
    returns: RETURNS,
    run: async (call) => replyWithPage(call, await pageOf(call, [where])),
  }),
)

export const showThreadMessages = defineMethod({
  name: 'showThreadMessages',
  group: 'Message',
  verb: 'GET',
  path: 'messages/show/thread',
  auth: 'user',
  summary: 'Shows the messages of a thread, newest first, which the caller thereby has read.',
  params: { thread_id: required(id()), ...LIST_PARAMS },
  returns: RETURNS,
  async run(call) {
    viewOptions(call)
    const page = await retryLoop(async () => {
      const found = await pageOf(call, [inThread(call.params.thread_id)])
      if (found.meta.total_results === 0) throw new ApiError('object_unknown', 'Invalid thread id')
      return { ...found, records: await markRead(call, found.records) }
    })
    return replyWithPage(call, page)
  },
})

export const queryMessages = defineMethod({
  name: 'queryMessages',
  group: 'Message',
  verb: 'GET',
  path: 'messages/query',
  auth: 'user',
  summary: "Finds among the caller's messages, sent and received.",
  params: QUERY_PARAMS,
  returns: RETURNS,
  async run(call) {
    const own = ownBy(call.caller.userId)
    const asked = whereOf(call.params)
    return queryBy(call, messages, asked ? { op: 'and', all: [own, asked] } : own)
  },
})
