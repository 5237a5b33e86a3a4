import { ApiError } from '../errors.ts'
import { sessionToken } from '../lib/ids.ts'
import { SCOPES, type Scope } from '../tools/team/access.ts'
import {
  changeMember,
  type MemberChanges,
  removeMember,
  resetMemberPassword,
} from '../tools/team/change-member.ts'
import { type Member, memberOfRecord } from '../tools/team/member.ts'
import { createMember, listMembers, readMember } from '../tools/team/members.ts'
import { ROLES, type Role, roleNamed } from '../tools/team/roles.ts'
import {
  createPersonalToken,
  revokeToken as endToken,
  listTokens as findTokens,
  type ListedToken,
  makeScriptToken,
} from '../tools/team/tokens.ts'
import { COMMAND_ACTOR } from './backends.ts'
import { operation } from './operation.ts'

const FIELDS = { login: 'text', password: 'text?' } as const

/** Without a password one is made up, and told this once. */
function passwordFor(given: string | undefined) {
  const made = given === undefined ? { password: sessionToken() } : {}
  return { made, password: given ?? made.password ?? '' }
}

export const createAdmin = operation(FIELDS, async ({ tools }, { login, password: given }) => {
  const { made, password } = passwordFor(given)
  const member = { login, password, roles: ['Administrator'] as const }
  const { id } = await createMember(tools, member, COMMAND_ACTOR)
  return { id, login, role: 'Administrator', ...made }
})

export const resetPassword = operation(FIELDS, async ({ tools }, { login, password: given }) => {
  const { made, password } = passwordFor(given)
  await resetMemberPassword(tools, { login, password }, COMMAND_ACTOR)
  return { login, ...made }
})

export const listTeam = operation({}, async ({ tools }) => ({
  members: (await listMembers(tools)).map(shownMember),
}))

export const addMember = operation(
  { ...FIELDS, roles: 'text' },
  async ({ tools }, { login, roles, password: given }) => {
    const { made, password } = passwordFor(given)
    const member = { login, password, roles: rolesIn(roles) }
    return { ...shownMember(await createMember(tools, member, COMMAND_ACTOR)), ...made }
  },
)

export const setRoles = operation(
  { login: 'text', roles: 'text' },
  async ({ tools }, { login, roles }) => changed(tools, login, { roles: rolesIn(roles) }),
)

export const disableMember = switching(true)
export const enableMember = switching(false)

function switching(disabled: boolean) {
  return operation({ login: 'text' }, async ({ tools }, { login }) =>
    changed(tools, login, { disabled }),
  )
}

async function changed(
  tools: Parameters<typeof changeMember>[0],
  login: string,
  changes: MemberChanges,
) {
  return shownMember(await changeMember(tools, login, { actor: COMMAND_ACTOR, changes }))
}

export const dismissMember = operation({ login: 'text' }, async ({ tools }, { login }) => {
  const { id, login: name } = await removeMember(tools, login, { actor: COMMAND_ACTOR })
  return { id, login: name, removed: true }
})

/** Of a script, or, with a login, of a member. */
export const createToken = operation(
  { role: 'text?', name: 'text?', scopes: 'text?', ttl: 'text?', login: 'text?' },
  async ({ tools }, input) => {
    const { name = 'token', login } = input
    const role = input.role === undefined ? null : roleOf(input.role)
    const ttlMs = input.ttl === undefined ? {} : { ttlMs: lifetimeOf(input.ttl) }
    const wanted = { name, scopes: scopesIn(input.scopes), ...ttlMs }
    if (login === undefined) {
      if (!role) throw new ApiError('param_invalid', 'The token of a script needs a role.')
      const { token, ...made } = await makeScriptToken(tools, { ...wanted, role }, COMMAND_ACTOR)
      return { token, ...shownToken(made) }
    }
    const { id: memberId } = memberOfRecord(await readMember(tools, login))
    const owned = { ...wanted, role, memberId }
    const { token, ...made } = await createPersonalToken(tools, owned, { actor: COMMAND_ACTOR })
    return { token, ...shownToken(made) }
  },
)

export const listTokens = operation({}, async ({ tools }) => ({
  tokens: (await findTokens(tools)).map(shownToken),
}))

export const revokeToken = operation({ id: 'text' }, async ({ tools }, { id }) => ({
  ...shownToken(await endToken(tools, id, COMMAND_ACTOR)),
  revoked: true,
}))

export type ShownMember = ReturnType<typeof shownMember>

function shownMember({ id, login, roles, disabled, createdAt }: Member) {
  return { id, login, roles, disabled, createdOn: new Date(createdAt).toISOString() }
}

export type ShownToken = ReturnType<typeof shownToken>

function shownToken({ id, name, role, scopes, member, createdAt, expiresAt }: ListedToken) {
  const createdOn = new Date(createdAt).toISOString()
  const expiresOn = expiresAt === null ? null : new Date(expiresAt).toISOString()
  return { id, name, role, scopes, member: member?.login ?? null, createdOn, expiresOn }
}

function rolesIn(text: string): Role[] {
  return [...new Set(text.split(',').map((one) => roleOf(one.trim())))]
}

/** @throws {ApiError} `param_invalid` */
function roleOf(text: string): Role {
  const role = roleNamed(text)
  if (role) return role
  throw new ApiError('param_invalid', `"${text}" is not a role; use ${ROLES.join(', ')}.`)
}

/** @throws {ApiError} `param_invalid` */
function scopesIn(text: string | undefined): Scope[] | null {
  if (text === undefined) return null
  return text.split(',').map((one) => {
    const scope = SCOPES.find((known) => known === one.trim().toLowerCase())
    if (scope) return scope
    throw new ApiError('param_invalid', `"${one}" is not a scope; use ${SCOPES.join(', ')}.`)
  })
}

const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000 }

/** `12h` or `90d`; `never` for one that lasts until it is revoked. @throws {ApiError} */
function lifetimeOf(text: string): number | null {
  if (text === 'never') return null
  const [, amount, unit = ''] = /^(\d{1,6})([hd])$/.exec(text) ?? []
  const unitMs = UNIT_MS[unit]
  if (amount !== undefined && unitMs !== undefined) return Number(amount) * unitMs
  throw new ApiError('param_invalid', `"${text}" is not a lifetime; use 12h, 90d or never.`)
}
