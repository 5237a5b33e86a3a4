import {
  type Body,
  bodyOf,
  flagMember,
  refuseBad,
  requiredTextMember,
  textMember,
  textsMember,
} from '../../assets/body.ts'
import { parseTimeBound } from '../../list/times.ts'
import { quoted } from '../../problems.ts'
import { SCOPES, type Scope } from '../access.ts'
import type { MemberChanges } from '../change-member.ts'
import { ROLES, type Role } from '../roles.ts'

// Whether a login or a password will do, the team decides; this is what is read of it.
const TEXT = { charactersMax: 2000 }
const NAME = { charactersMax: 100 }

type NewMember = {
  readonly login: string
  /** `null`: one is to be made up. */
  readonly password: string | null
  readonly roles: readonly Role[]
}

/** @throws {ApiError} `param_invalid`, as for all of these */
export function readNewMember(json: unknown): NewMember {
  const body = bodyOf(json)
  const login = requiredTextMember(body, 'login', TEXT)
  const password = textMember(body, 'password', TEXT)
  const roles = rolesMember(body)
  if (roles === null && !hasMember(body, 'roles')) body.problems.push("'roles' is required.")
  refuseBad(body)
  return { login, password, roles: roles ?? [] }
}

/** What is left out stays. */
export function readMemberChanges(json: unknown): MemberChanges {
  const body = bodyOf(json)
  const roles = rolesMember(body)
  const disabled = flagMember(body, 'disabled')
  const password = textMember(body, 'password', TEXT)
  refuseBad(body)
  return {
    ...(roles !== null && { roles }),
    ...(disabled !== null && { disabled }),
    ...(password !== null && { password }),
  }
}

export function readPasswords(json: unknown) {
  const body = bodyOf(json)
  const oldPassword = requiredTextMember(body, 'oldPassword', TEXT)
  const newPassword = requiredTextMember(body, 'newPassword', TEXT)
  refuseBad(body)
  return { oldPassword, newPassword }
}

type NewToken = {
  readonly name: string
  readonly role: Role | null
  readonly scopes: readonly Scope[]
  /** Absent: as long as most. */
  readonly ttlMs?: number
}

export function readNewToken(json: unknown, nowMs: number): NewToken {
  const body = bodyOf(json)
  const name = requiredTextMember(body, 'name', NAME)
  const role = roleMember(body)
  const scopes = scopesMember(body)
  const ttlMs = ttlMember(body, nowMs)
  refuseBad(body)
  return { name, role, scopes, ...(ttlMs !== null && { ttlMs }) }
}

function rolesMember(body: Body): Role[] | null {
  const names = textsMember(body, 'roles', NAME)
  if (names === null) return null
  const roles = ROLES.filter((role) => names.includes(role))
  const unknown = names.filter((name) => !ROLES.some((role) => role === name))
  for (const name of unknown) {
    body.problems.push(`${quoted(name)} is not a role; use ${ROLES.join(', ')}.`)
  }
  return roles
}

function roleMember(body: Body): Role | null {
  const name = textMember(body, 'role', NAME)
  const role = ROLES.find((one) => one === name) ?? null
  if (name !== null && role === null) {
    body.problems.push(`${quoted(name)} is not a role; use ${ROLES.join(', ')}.`)
  }
  return role
}

function scopesMember(body: Body): Scope[] {
  const names = textsMember(body, 'scopes', NAME)
  if (names === null && !hasMember(body, 'scopes')) body.problems.push("'scopes' is required.")
  const unknown = (names ?? []).filter((name) => !SCOPES.some((scope) => scope === name))
  for (const name of unknown) {
    body.problems.push(`${quoted(name)} is not a scope; use ${SCOPES.join(', ')}.`)
  }
  return SCOPES.filter((scope) => names?.includes(scope))
}

/** Either an instant, or seconds from now. */
function ttlMember(body: Body, nowMs: number): number | null {
  const { ttl = null } = body.members
  const until = textMember(body, 'expiresOn', NAME)
  const bound = until === null ? null : parseTimeBound(until, nowMs)
  if (until !== null && ttl !== null) body.problems.push("Send 'expiresOn' or 'ttl', not both.")
  if (until !== null && (bound === null || bound.relative)) {
    body.problems.push("'expiresOn' must be an ISO 8601 date.")
  }
  if (ttl !== null && !(Number.isSafeInteger(ttl) && Number(ttl) > 0)) {
    body.problems.push("'ttl' must be a whole number of seconds.")
  }
  if (bound !== null) return bound.ms - nowMs
  return ttl === null ? null : Number(ttl) * 1000
}

function hasMember({ members }: Body, name: string): boolean {
  return Object.hasOwn(members, name) && members[name] !== null
}
