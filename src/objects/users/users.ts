import { guardsRoles } from '../../engine/backend.ts'
import { EMAIL_SCOPE, USERNAME_SCOPE } from '../../engine/caller.ts'
import { type Call, defineObject } from '../../engine/definition.ts'
import type { Draft } from '../../engine/draft.ts'
import { text } from '../../engine/params.ts'
import { ApiError } from '../../errors.ts'
import { photoAttachment } from '../photos/attachment.ts'
import { userDeletion } from './deletion.ts'

/** Names and addresses are the same in any case, and with blanks around them. */
export function folded(name: string): string {
  return name.trim().normalize('NFC').toLowerCase()
}

const NAME_TAKEN = 'Username is already taken'
const EMAIL_TAKEN = 'Email is already taken'

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
  hiddenKeys: ({ data, hidden }) => ({ email: hidden.email, external_ids: externalIds(data) }),
  searchRetired: true,
  ownerless: true,
  claims({ data, hidden }) {
    const { username } = data
    const { email, reset, confirmation } = hidden as Partial<Record<string, string>>
    return [
      ...nameClaims(USERNAME_SCOPE, username as string | undefined, NAME_TAKEN),
      ...nameClaims(EMAIL_SCOPE, email, EMAIL_TAKEN),
      ...externalAccounts(data).map(({ external_type, external_id }) => ({
        ...accountClaim(external_type, external_id),
        taken: 'This external account belongs to another user',
      })),
      ...tokenClaims('user.reset', reset),
      ...tokenClaims('user.confirmation', confirmation),
    ]
  },
  async checkWrite(call, draft) {
    assertMayHaveRole(call, draft)
    await assertNobodyElses(call, draft)
    return isNamed(draft.data, draft.hidden) ? [] : [UNNAMED]
  },
  alsoDeletes: userDeletion,
  view({ data, hidden, record, call, nested }) {
    const { photos_count, storage_used, ...rest } = data
    const { friend_requests_count, following_count, followers_count, ...members } = rest
    const { email } = hidden()
    const seesEmail = call.caller.admin || (!nested && call.caller.userId === record.id)
    const user = {
      external_accounts: [],
      ...members,
      ...(seesEmail && email !== undefined ? { email } : {}),
      ...(seesEmail ? { external_accounts: withTokens(data, hidden()) } : {}),
    }
    if (nested) return user
    const stats = {
      photos: { total_count: photos_count ?? 0 },
      storage: { used: storage_used ?? 0 },
    }
    const requests = friend_requests_count ?? 0
    const following = following_count ?? 0
    const counts = call.backend.settings.friendsTwoWay
      ? { requests, friends: following }
      : { requests, following, followers: followers_count ?? 0 }
    return { ...user, stats, friend_counts: counts }
  },
})

/** An account of the user's elsewhere, as it goes out; the token is kept out of sight. */
export type ExternalAccount = { readonly external_id: string; readonly external_type: string }

export function externalAccounts(data: Readonly<Record<string, unknown>>): ExternalAccount[] {
  return (data.external_accounts as ExternalAccount[] | undefined) ?? []
}

/** The claim by which the user of an external account is found. */
export function accountClaim(type: string, id: string): { scope: string; value: string } {
  return { scope: 'user.external', value: `${type}:${id}` }
}

/** A token lets whoever has it act for the user elsewhere, so he alone gets it back. */
function withTokens(
  data: Readonly<Record<string, unknown>>,
  hidden: Readonly<Record<string, unknown>>,
): object[] {
  const tokens = (hidden.external_tokens ?? {}) as Readonly<Record<string, string>>
  return externalAccounts(data).map((account) => {
    const { value } = accountClaim(account.external_type, account.external_id)
    return { ...account, token: tokens[value] }
  })
}

function externalIds(data: Readonly<Record<string, unknown>>): string[] | undefined {
  const accounts = externalAccounts(data)
  if (accounts.length === 0) return undefined
  return accounts.map((one) => accountClaim(one.external_type, one.external_id).value)
}

const UNNAMED = 'Username, or email with first_name and last_name, is required'

function isNamed(
  data: Readonly<Record<string, unknown>>,
  hidden: Record<string, unknown>,
): boolean {
  if (typeof data.username === 'string' && data.username.trim() !== '') return true
  if (externalAccounts(data).length > 0) return true
  const { first_name, last_name } = data
  return hidden.email !== undefined && first_name !== undefined && last_name !== undefined
}

/**
 * Where roles open something, whoever could set their own could open everything.
 * @throws {ApiError} `admin_required`
 */
function assertMayHaveRole({ backend, caller }: Call, { before, data }: Draft): void {
  if (caller.admin || !guardsRoles(backend)) return
  const { role } = JSON.parse(before?.data ?? '{}') as { role?: unknown }
  if (role === data.role) return
  throw new ApiError('admin_required', 'Only an application administrator may set a role.')
}

/**
 * A login is a username or an address: a name that is another's address, or the other way round,
 * would shut that user out. @throws {ApiError} `param_invalid`
 */
async function assertNobodyElses(call: Call, { id, data, hidden }: Draft): Promise<void> {
  for (const [name, scope, taken] of [
    [data.username, EMAIL_SCOPE, NAME_TAKEN],
    [hidden.email, USERNAME_SCOPE, EMAIL_TAKEN],
  ] as const) {
    if (typeof name !== 'string') continue
    const claim = { scope, value: folded(name) }
    const holder = await call.context.store.getByClaim(call.backend.id, claim)
    if (holder && holder.id !== id) throw new ApiError('param_invalid', taken)
  }
}

function nameClaims(scope: string, name: string | undefined, taken: string) {
  const value = name === undefined ? '' : folded(name)
  return value === '' ? [] : [{ scope, value, taken }]
}

function tokenClaims(scope: string, digest: string | undefined) {
  return digest === undefined ? [] : [{ scope, value: digest, taken: 'Try again.' }]
}
