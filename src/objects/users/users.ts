import { defineObject } from '../../engine/definition.ts'
import { text } from '../../engine/params.ts'
import { photoAttachment } from '../photos/attachment.ts'
import { userDeletion } from './deletion.ts'

/** Names and addresses are the same in any case. */
export function folded(name: string): string {
  return name.normalize('NFC').toLowerCase()
}

/** A person with an account in the app. What is secret, and the e-mail address, is out of sight. */
export const users = defineObject({
  name: 'user',
  title: 'User',
  collection: 'users',
  idParam: 'user_id',
  idsParam: 'user_ids',
  description: 'A person with an account in the app.',
  methods: {
    show: 'showUsers',
    query: 'queryUsers',
    search: 'searchUsers',
    count: 'usersCount',
    batchDelete: 'batchDelete',
  },
  fields: {
    username: text({ max: 255 }),
    first_name: text({ max: 255 }),
    last_name: text({ max: 255 }),
    role: text({ max: 255 }),
  },
  computed: {
    email: { type: 'string', description: 'Only for the user himself and administrators.' },
    admin: { type: 'string', enum: ['true', 'false'] },
    external_accounts: {
      type: 'array',
      items: { type: 'object', additionalProperties: true },
    },
    confirmed_at: { type: 'string' },
    friend_counts: { type: 'object', additionalProperties: { type: 'integer' } },
    stats: { type: 'object', additionalProperties: true },
  },
  customFields: true,
  tags: true,
  acl: true,
  attachments: [photoAttachment],
  counters: true,
  words: ['first_name', 'last_name', 'username', 'email'],
  hiddenKeys: ({ hidden }) => ({ email: hidden.email }),
  searchRetired: true,
  ownerless: true,
  claims({ data, hidden }) {
    const { username } = data
    const { email, reset, confirmation } = hidden as Partial<Record<string, string>>
    return [
      ...nameClaims('user.username', username as string | undefined, 'Username is already taken'),
      ...nameClaims('user.email', email, 'Email is already taken'),
      ...tokenClaims('user.reset', reset),
      ...tokenClaims('user.confirmation', confirmation),
    ]
  },
  checkWrite: (_call, { data, hidden }) => (isNamed(data, hidden) ? [] : [UNNAMED]),
  alsoDeletes: userDeletion,
  view({ data, hidden, record, call, nested }) {
    const { photos_count, storage_used, ...members } = data
    const { email } = hidden()
    const seesEmail = call.caller.admin || (!nested && call.caller.userId === record.id)
    const user = {
      external_accounts: [],
      ...members,
      ...(seesEmail && email !== undefined ? { email } : {}),
    }
    if (nested) return user
    const stats = {
      photos: { total_count: photos_count ?? 0 },
      storage: { used: storage_used ?? 0 },
    }
    return { ...user, stats, friend_counts: friendCounts(call.backend.settings.friendsTwoWay) }
  },
})

const UNNAMED = 'Username, or email with first_name and last_name, is required'

function isNamed(
  data: Readonly<Record<string, unknown>>,
  hidden: Record<string, unknown>,
): boolean {
  if (data.username !== undefined) return true
  const { first_name, last_name } = data
  return hidden.email !== undefined && first_name !== undefined && last_name !== undefined
}

function nameClaims(scope: string, name: string | undefined, taken: string) {
  return name === undefined ? [] : [{ scope, value: folded(name), taken }]
}

function tokenClaims(scope: string, digest: string | undefined) {
  return digest === undefined ? [] : [{ scope, value: digest, taken: 'Try again.' }]
}

function friendCounts(twoWay: boolean): Record<string, number> {
  return twoWay ? { requests: 0, friends: 0 } : { requests: 0, following: 0, followers: 0 }
}
