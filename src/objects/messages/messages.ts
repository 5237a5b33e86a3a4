import { USER_TYPE } from '../../engine/caller.ts'
import { defineObject } from '../../engine/definition.ts'
import { text } from '../../engine/params.ts'
import type { Claim } from '../../storage/port.ts'

export type Status = 'sent' | 'unread' | 'read' | 'replied'

/** What the sender writes; its body may not be blank. */
export const CONTENT = { subject: text({ max: 1000 }), body: text({ max: 65_000 }) }

/** Users inside of messages show less than elsewhere (seen in a log of the original). */
const WITHOUT = ['admin', 'confirmed_at']

/** Private mail. Each recipient has a copy of his own, and so has the sender. */
export const messages = defineObject({
  name: 'message',
  title: 'Message',
  collection: 'messages',
  idParam: 'message_id',
  description: "One user's copy of a private message, sent or received.",
  methods: { count: 'messagesCount' },
  fields: CONTENT,
  computed: {
    thread_id: { type: 'string', description: 'The same for a message and all replies to it.' },
    status: { type: 'string', enum: ['sent', 'unread', 'read', 'replied'] },
  },
  references: {
    from: { type: USER_TYPE, invalid: 'Invalid user id', readOnly: true, without: WITHOUT },
    to: {
      type: USER_TYPE,
      invalid: 'Illegal to_ids format',
      readOnly: true,
      idsAs: 'to_ids',
      without: WITHOUT,
    },
  },
  customFields: true,
  words: ['subject', 'body'],
  ownerless: true,
  hiddenKeys: ({ hidden }) => ({ head: hidden.head === true ? true : undefined }),
  seenOnlyBy: ({ ownerId }) => [ownerId ?? ''],
  claims: ({ ownerId, data, hidden }) =>
    hidden.head === true
      ? [{ ...headClaim(ownerId ?? '', String(data.thread_id)), taken: 'Try again.' }]
      : [],
})

/**
 * The copy that stands for its thread in the holder's list of threads: the newest that he got, or
 * if he got none the newest that he sent.
 */
export function headClaim(holderId: string, threadId: string): Claim {
  return { scope: 'message.head', value: `${holderId}:${threadId}` }
}
