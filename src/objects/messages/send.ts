import { defineMethod } from '../../engine/definition.ts'
import { actingUser } from '../../engine/fill.ts'
import { CUSTOM_FIELDS, SU_ID } from '../../engine/method-params.ts'
import { described, id, list, missing, required } from '../../engine/params.ts'
import { VIEW_PARAMS } from '../../engine/query-params.ts'
import { replyWith, retryLoop } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import { objectId } from '../../lib/ids.ts'
import type { StoredRecord } from '../../storage/port.ts'
import { checkRecipients, presentUsers } from '../recipients.ts'
import { ownCopy } from './box.ts'
import { deliver } from './deliver.ts'
import { CONTENT, messages } from './messages.ts'

const RETURNS = { key: 'messages', schema: 'Message' }

export const createMessage = defineMethod({
  name: 'createMessage',
  group: 'Message',
  verb: 'POST',
  path: 'messages/create',
  auth: 'user',
  summary: "Sends a private message; shows the sender's copy.",
  params: {
    to_ids: described(list(), 'Ids of users, comma-separated.'),
    ...CONTENT,
    ...CUSTOM_FIELDS,
    ...SU_ID,
    ...VIEW_PARAMS,
  },
  returns: RETURNS,
  async run(call) {
    const from = await actingUser(call)
    if (!call.params.to_ids?.length) throw missing('to_ids')
    const to = await checkRecipients(call, call.params.to_ids)
    const sentId = objectId(call.context.now())
    const record = await retryLoop(() => deliver(call, { sentId, from, to }))
    return replyWith(call, messages, [record])
  },
})

export const replyMessage = defineMethod({
  name: 'replyMessage',
  group: 'Message',
  verb: 'POST',
  path: 'messages/reply',
  auth: 'user',
  summary: 'Answers to the sender and all other recipients; the message becomes `replied`.',
  params: { message_id: required(id()), body: CONTENT.body, ...VIEW_PARAMS },
  returns: RETURNS,
  async run(call) {
    const from = await actingUser(call)
    const first = await ownCopy(call, from, call.params.message_id)
    const { thread_id: threadId } = contentOf(first)
    const sentId = objectId(call.context.now())
    const turn = `${call.backend.id}:${messages.name}:${threadId}`
    const record = await call.context.turns.run(turn, () =>
      retryLoop(async () => {
        const answers = await ownCopy(call, from, first.id)
        const content = contentOf(answers)
        const to = await presentUsers(call, othersIn(content, from))
        if (to.length === 0) throw new ApiError('object_unknown', 'Invalid user id(s)')
        return deliver(call, { sentId, from, to, threadId, subject: content.subject, answers })
      }),
    )
    return replyWith(call, messages, [record])
  },
})

type Content = {
  readonly thread_id: string
  readonly from_id: string
  readonly to_ids: readonly string[]
  readonly subject?: string
}

function contentOf(record: StoredRecord): Content {
  return JSON.parse(record.data) as Content
}

/** All but the one who answers; he himself where there is nobody else. */
function othersIn({ from_id, to_ids }: Content, from: string): string[] {
  const others = [...new Set([from_id, ...to_ids])].filter((one) => one !== from)
  return others.length > 0 ? others : [from]
}
