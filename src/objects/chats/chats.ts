import { USER_TYPE } from '../../engine/caller.ts'
import type { EngineContext } from '../../engine/context.ts'
import { defineObject } from '../../engine/definition.ts'
import { required, text } from '../../engine/params.ts'
import { keyOf } from '../../storage/keys.ts'
import type { StoredRecord, WriteOperation } from '../../storage/port.ts'
import { photoAttachment } from '../photos/attachment.ts'
import { chatGroups } from './groups.ts'

/** A message among the users of a chat group. */
export const chats = defineObject({
  name: 'chat',
  title: 'Chat',
  collection: 'chats',
  idParam: 'chat_id',
  description: 'A message among the users of a chat group.',
  methods: { delete: 'deleteChat', count: 'chatsCount' },
  fields: { message: required(text({ max: 65_000 })) },
  references: {
    from: { type: USER_TYPE, invalid: 'Invalid user id', readOnly: true },
    chat_group: { type: chatGroups.name, invalid: 'Invalid chat_group id', readOnly: true },
  },
  customFields: true,
  attachments: [photoAttachment],
  words: ['message'],
  ownerless: true,
  seenOnlyBy: ({ hidden }) =>
    (JSON.parse(hidden ?? '{}') as { participants?: string[] }).participants ?? [],
  alsoDeletes: chatDeletion,
})

/** A group whose last message goes shows the one before. Its place in the list stays. */
async function chatDeletion(
  context: EngineContext,
  record: StoredRecord,
): Promise<WriteOperation[]> {
  const { backendId } = record
  const { chat_group_id: groupId } = JSON.parse(record.data) as { chat_group_id: string }
  const group = await context.store.get({ backendId, type: chatGroups.name, id: groupId })
  const hidden = JSON.parse(group?.hidden ?? '{}') as { last?: string }
  if (!group || hidden.last !== record.id) return []
  const { records } = await context.store.find({
    backendId,
    type: chats.name,
    where: { op: 'eq', field: 'chat_group_id', value: keyOf(groupId) },
    limit: 2,
  })
  const before = records.find(({ id }) => id !== record.id)
  const data = JSON.parse(group.data) as Record<string, unknown>
  delete data.message
  if (before) data.message = (JSON.parse(before.data) as { message: string }).message
  const changed = {
    ...group,
    data: JSON.stringify(data),
    hidden: JSON.stringify({ ...hidden, last: before?.id }),
  }
  return [{ op: 'replace', record: changed, ifVersion: group.version }]
}
