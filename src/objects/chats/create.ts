import { type Call, defineMethod } from '../../engine/definition.ts'
import { type Draft, draftOf, newDraft } from '../../engine/draft.ts'
import { actingUser, fill } from '../../engine/fill.ts'
import { writeParams } from '../../engine/method-params.ts'
import { described, id, list, missing } from '../../engine/params.ts'
import { load, recordOf, replyWith, retryLoop, save } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import { objectId } from '../../lib/ids.ts'
import type { WriteOperation } from '../../storage/port.ts'
import { newNotification } from '../push/notification.ts'
import { payload } from '../push/notify.ts'
import { CHANNEL_PARAM, checkChannels } from '../push/subscriptions.ts'
import { checkRecipients } from '../recipients.ts'
import { chats } from './chats.ts'
import { assertParticipant, chatGroups, findGroup, groupClaim, participantsOf } from './groups.ts'

export const createChatMessage = defineMethod({
  name: 'createChatMessage',
  group: 'Chat',
  verb: 'POST',
  path: 'chats/create',
  auth: 'user',
  summary: 'Sends a message to users, whose chat group is made if need be, or to a chat group.',
  params: {
    to_ids: described(list(), 'Ids of users, besides the caller.'),
    chat_group_id: described(id(), 'In place of to_ids.'),
    ...writeParams(chats),
    channel: described(CHANNEL_PARAM, 'Pushes the payload to the recipients in this channel.'),
    payload,
  },
  returns: { key: 'chats', schema: 'Chat' },
  async run(call) {
    const from = await actingUser(call)
    const participants = await participantsNamed(call, from)
    const ids = { chat: objectId(call.context.now()), group: objectId(call.context.now()) }
    const { scope, value } = groupClaim(participants)
    const record = await call.context.turns.run(`${call.backend.id}:${scope}:${value}`, () =>
      retryLoop(async () => {
        const draft = newDraft(ids.chat, from)
        draft.hidden.participants = participants
        await fill(call, chats, draft, 'create')
        draft.data.from_id = from
        const group = await groupDraft(call, participants, ids.group)
        draft.data.chat_group_id = group.id
        draft.operations.push(groupWrite(call, group, draft))
        pushToRecipients(call, draft, participants)
        return save(call, chats, draft)
      }),
    )
    return replyWith(call, chats, [record])
  },
})

/** Everyone in the chat, the sender included. @throws {ApiError} when the call names nobody */
async function participantsNamed(
  call: Call<{ to_ids: readonly string[] | undefined; chat_group_id: string | undefined }>,
  from: string,
): Promise<readonly string[]> {
  const { to_ids: toIds, chat_group_id: groupId } = call.params
  const plainCall = call as unknown as Call
  if (groupId) {
    const group = await load(plainCall, chatGroups, groupId)
    assertParticipant(group, from)
    return participantsOf(group)
  }
  if (!toIds?.length) throw missing('to_ids or chat_group_id')
  const others = await checkRecipients(plainCall, toIds)
  return [...new Set([from, ...others])].sort()
}

async function groupDraft(
  call: Call,
  participants: readonly string[],
  newId: string,
): Promise<Draft> {
  const present = await findGroup(call, participants)
  const draft = present ? draftOf(present) : newDraft(newId, null)
  draft.data.participate_ids = participants
  return draft
}

/** Each message moves its group to the head of the list. */
function groupWrite(call: Call, group: Draft, chat: Draft): WriteOperation {
  group.data.message = chat.data.message
  group.hidden.last = chat.id
  group.hidden.activity = call.context.now()
  const record = recordOf(call, chatGroups, group)
  return group.before
    ? { op: 'replace', record, ifVersion: group.before.version }
    : { op: 'insert', record }
}

/**
 * The push that `channel` asks for. Without credentials for it the chat is sent all the same, and
 * the log of pushes tells what is missing.
 */
function pushToRecipients(call: Call, chat: Draft, participants: readonly string[]): void {
  const { channel, payload: text } = call.params as {
    channel?: readonly string[]
    payload?: string
  }
  if (!channel?.length) return
  if (text === undefined) throw new ApiError('param_invalid', 'Required field: payload')
  const channels = checkChannels(channel)
  const userIds = participants.filter((one) => one !== chat.ownerId)
  const { operations } = newNotification(call.context, call.backend.id, {
    channels,
    payload: text,
    userId: chat.ownerId,
    audience: { channels, userIds },
    expireAfterS: null,
    toIds: userIds.join(','),
    geoCondition: null,
  })
  chat.operations.push(...operations)
  chat.hasJobs = true
}
