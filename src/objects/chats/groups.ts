import { createHash } from 'node:crypto'
import { USER_TYPE } from '../../engine/caller.ts'
import { type Call, defineObject } from '../../engine/definition.ts'
import { ApiError } from '../../errors.ts'
import type { Claim, StoredRecord } from '../../storage/port.ts'

/** Users who chat with each other: an exact set, made by the first message to it. */
export const chatGroups = defineObject({
  name: 'chat_group',
  title: 'ChatGroup',
  collection: 'chat_groups',
  idParam: 'chat_group_id',
  description: 'Users who chat with each other. Its `updated_at` is the time of the last message.',
  methods: {},
  fields: {},
  computed: { message: { type: 'string', description: 'The last one.' } },
  references: {
    participate_users: {
      type: USER_TYPE,
      invalid: 'Illegal participate_ids format',
      readOnly: true,
      idsAs: 'participate_ids',
    },
  },
  ownerless: true,
  // To the millisecond, and not only to the second as `updated_at`.
  hiddenKeys: ({ hidden }) => ({ activity: hidden.activity }),
  seenOnlyBy: participantsOf,
  claims: ({ data }) => [
    { ...groupClaim(data.participate_ids as readonly string[]), taken: 'Try again.' },
  ],
})

export function participantsOf(group: StoredRecord): readonly string[] {
  return (JSON.parse(group.data) as { participate_ids: string[] }).participate_ids
}

/** By which a set of users finds its group. A digest, since a set may be large. */
export function groupClaim(userIds: readonly string[]): Claim {
  const set = [...new Set(userIds)].sort().join()
  return { scope: 'chat_group', value: createHash('sha256').update(set).digest('hex') }
}

export function findGroup(call: Call, userIds: readonly string[]): Promise<StoredRecord | null> {
  return call.context.store.getByClaim(call.backend.id, groupClaim(userIds))
}

/** @throws {ApiError} `access_denied` for those who do not chat in it */
export function assertParticipant(group: StoredRecord, userId: string | null): void {
  if (!participantsOf(group).includes(userId ?? '')) throw new ApiError('access_denied')
}
