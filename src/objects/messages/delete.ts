import { type Call, defineMethod } from '../../engine/definition.ts'
import { draftOf } from '../../engine/draft.ts'
import { actingUser } from '../../engine/fill.ts'
import { SU_ID } from '../../engine/method-params.ts'
import { id, required } from '../../engine/params.ts'
import { recordOf, retryLoop, write } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import type { Condition, StoredRecord, WriteOperation } from '../../storage/port.ts'
import { inThread, ownBy, ownCopy, withStatus } from './box.ts'
import { messages } from './messages.ts'

export const deleteMessage = defineMethod({
  name: 'deleteMessage',
  group: 'Message',
  verb: 'DELETE',
  path: 'messages/delete',
  auth: 'user',
  summary: "Deletes the caller's copy of a message for good; the others keep theirs.",
  params: { message_id: required(id()), ...SU_ID },
  returns: {},
  async run(call) {
    const userId = await actingUser(call)
    await retryLoop(async () => {
      const record = await ownCopy(call, userId, call.params.message_id)
      await write(call, [deletion(record), ...(await nextHead(call, record))])
    })
    return {}
  },
})

function deletion({ backendId, type, id: messageId, version }: StoredRecord): WriteOperation {
  return { op: 'delete', address: { backendId, type, id: messageId }, ifVersion: version }
}

/** Another copy stands for the thread when the one that did so goes. */
async function nextHead(call: Call, record: StoredRecord): Promise<WriteOperation[]> {
  const { hidden, data, ownerId } = draftOf(record)
  if (hidden.head !== true) return []
  const own: Condition[] = [
    ownBy(ownerId),
    inThread(String(data.thread_id)),
    { op: 'not', not: { op: 'eq', field: 'id', value: record.id } },
  ]
  const received = withStatus('unread', 'read', 'replied')
  const next = (await newest(call, [...own, received])) ?? (await newest(call, own))
  if (!next) return []
  const draft = draftOf(next)
  draft.hidden.head = true
  const changed = { ...recordOf(call, messages, draft), updatedAt: next.updatedAt }
  return [{ op: 'replace', record: changed, ifVersion: next.version }]
}

async function newest(call: Call, all: readonly Condition[]): Promise<StoredRecord | undefined> {
  const scope = { backendId: call.backend.id, type: messages.name }
  const { records } = await call.context.store.find({
    ...scope,
    where: { op: 'and', all },
    limit: 1,
  })
  return records[0]
}

const SLICE = 500

export const deleteMessageThread = defineMethod({
  name: 'deleteMessageThread',
  group: 'Message',
  verb: 'DELETE',
  path: 'messages/delete/thread',
  auth: 'user',
  summary: "Deletes the caller's copies of all messages of a thread.",
  params: { thread_id: required(id()), ...SU_ID },
  returns: {},
  async run(call) {
    const userId = await actingUser(call)
    const own: Condition[] = [ownBy(userId), inThread(call.params.thread_id)]
    for (let deleted = 0; ; deleted += SLICE) {
      const count = await retryLoop(() => deleteSlice(call, own))
      if (deleted + count === 0) throw new ApiError('object_unknown', 'Invalid thread id')
      if (count < SLICE) return {}
    }
  },
})

/** The oldest go first: what is left when this is interrupted still has its head. */
async function deleteSlice(call: Call, all: readonly Condition[]): Promise<number> {
  const { records } = await call.context.store.find({
    backendId: call.backend.id,
    type: messages.name,
    where: { op: 'and', all },
    orderBy: [{ field: 'id', direction: 'asc' }],
    limit: SLICE,
  })
  if (records.length > 0) await write(call, records.map(deletion))
  return records.length
}
