import { randomUUID } from 'node:crypto'
import { INSTANCE } from '../../engine/backend.ts'
import { ApiError } from '../../errors.ts'
import { hashPassword } from '../../lib/password.ts'
import { textKey } from '../../storage/keys.ts'
import { type NewRecord, type StoredRecord, WriteConflict } from '../../storage/port.ts'
import type { ToolsContext } from '../context.ts'
import { type Problems, quoted, refuseIfAny } from '../problems.ts'
import {
  loginClaim,
  MEMBER_TYPE,
  type Member,
  memberHidden,
  memberOfRecord,
  newMemberRecord,
} from './member.ts'
import { ROLES, type Role } from './roles.ts'

// A colon would end the name in HTTP Basic.
const LOGIN = /^[^\s\p{C}:]{1,100}$/u
const PASSWORD_MIN = 8
/** More would be work for the hash and no gain. */
const PASSWORD_MAX = 1024
const PAGE = 500

type NewMember = {
  readonly login: string
  readonly password: string
  readonly roles: readonly Role[]
}

/**
 * Adds someone to the team.
 *
 * @param actor who does it, for the change log
 * @throws {ApiError} `param_invalid` or `member_exists`
 */
export async function createMember(
  tools: ToolsContext,
  member: NewMember,
  actor: string,
): Promise<Member> {
  const record = await memberRecord(member, tools.now())
  try {
    const operations = [{ op: 'insert', record }] as const
    await tools.store.write({ operations, actor, at: record.createdAt })
  } catch (error) {
    if (!isLoginTaken(error)) throw error
    throw new ApiError('member_exists', undefined, { cause: error })
  }
  return memberOfRecord({ ...record, version: 1 })
}

/** The checked record of a new member. @throws {ApiError} `param_invalid` */
export async function memberRecord(member: NewMember, nowMs: number): Promise<NewRecord> {
  const { login, password, roles } = member
  refuseIfAny([...loginProblems(login), ...passwordProblems(password), ...roleProblems(roles)])
  const hidden = { password: await hashPassword(password), generation: 1 }
  return newMemberRecord({ id: randomUUID(), login, roles, createdAt: nowMs }, hidden)
}

export function isLoginTaken(error: unknown): boolean {
  return error instanceof WriteConflict && error.scope === loginClaim('').scope
}

/**
 * Gives a member a new password and ends all their tokens.
 *
 * @throws {ApiError} `param_invalid`, `member_unknown`, or `conflict` when someone else changed them
 */
export async function resetMemberPassword(
  tools: ToolsContext,
  { login, password }: Pick<NewMember, 'login' | 'password'>,
  actor: string,
): Promise<void> {
  refuseIfAny(passwordProblems(password))
  const record = await findMember(tools, login)
  if (!record) throw new ApiError('member_unknown')
  const { generation } = memberHidden(record)
  const hidden = { password: await hashPassword(password), generation: generation + 1 }
  await replaceHidden(tools, record, { hidden, actor })
}

/** Writes what is hidden of a member, provided nobody else did meanwhile. */
export async function replaceHidden(
  tools: ToolsContext,
  before: StoredRecord,
  { hidden, actor }: { readonly hidden: ReturnType<typeof memberHidden>; readonly actor: string },
): Promise<void> {
  const at = tools.now()
  const record = { ...before, updatedAt: at, hidden: JSON.stringify(hidden) }
  const operations = [{ op: 'replace', record, ifVersion: before.version }] as const
  await tools.store.write({ operations, actor, at })
}

/** The record of a member by login; a text that can be no login finds nobody. */
export async function findMember(
  { store }: Pick<ToolsContext, 'store'>,
  login: string,
): Promise<StoredRecord | null> {
  return LOGIN.test(login) ? store.getByClaim(INSTANCE, loginClaim(login)) : null
}

/** The whole team, the oldest members first. */
export async function listMembers({ store }: Pick<ToolsContext, 'store'>): Promise<Member[]> {
  const members: Member[] = []
  for (;;) {
    const { records } = await store.find({
      backendId: INSTANCE,
      type: MEMBER_TYPE,
      orderBy: [{ field: 'id', direction: 'asc' }],
      limit: PAGE,
      offset: members.length,
    })
    members.push(...records.map(memberOfRecord))
    if (records.length < PAGE) return members.sort((a, b) => a.createdAt - b.createdAt)
  }
}

export async function hasAdministrator({ store }: Pick<ToolsContext, 'store'>): Promise<boolean> {
  const { count } = await store.count({
    backendId: INSTANCE,
    type: MEMBER_TYPE,
    where: { op: 'eq', field: 'roles', value: textKey('Administrator') },
    upTo: 1,
  })
  return count > 0
}

function loginProblems(login: string): Problems {
  return LOGIN.test(login)
    ? []
    : ["'login' must have 1 to 100 characters, without blanks and colons."]
}

function passwordProblems(password: string): Problems {
  return password.length >= PASSWORD_MIN && password.length <= PASSWORD_MAX
    ? []
    : [`'password' must have ${PASSWORD_MIN} to ${PASSWORD_MAX} characters.`]
}

function roleProblems(roles: readonly string[]): Problems {
  const unknown = roles.filter((role) => !ROLES.some((known) => known === role))
  return unknown.map((role) => `${quoted(role)} is not a role; use ${ROLES.join(', ')}.`)
}
