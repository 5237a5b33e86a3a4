import { randomUUID } from 'node:crypto'
import { INSTANCE } from '../../engine/backend.ts'
import { ApiError } from '../../errors.ts'
import { hashPassword } from '../../lib/password.ts'
import { textKey } from '../../storage/keys.ts'
import { type NewRecord, type StoredRecord, WriteConflict } from '../../storage/port.ts'
import { changesBetween } from '../audit/changes.ts'
import { type Actor, auditInsert, batchBy, byOf } from '../audit/entry.ts'
import type { ToolsContext } from '../context.ts'
import { type Problems, quoted, refuseIfAny } from '../problems.ts'
import {
  loginClaim,
  MEMBER_TYPE,
  type Member,
  type memberHidden,
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

export type NewMember = {
  readonly login: string
  readonly password: string
  readonly roles: readonly Role[]
}

/**
 * Adds someone to the team.
 *
 * @throws {ApiError} `param_invalid` or `member_exists`
 */
export async function createMember(
  tools: ToolsContext,
  member: NewMember,
  actor: Actor,
): Promise<Member> {
  const record = await memberRecord(member, tools.now())
  const by = byOf(actor, record.createdAt)
  try {
    await tools.store.write(batchBy(by, [{ op: 'insert', record }, memberCreated(record, by)]))
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

/** What the audit log says of a new member. */
export function memberCreated(record: NewRecord, by: Parameters<typeof auditInsert>[1]) {
  const { id, login, roles } = memberOfRecord({ ...record, version: 1 })
  const changes = changesBetween({}, { login, roles, password: 'set' })
  return auditInsert({ actions: ['CREATED'], target: memberTarget({ id, login }), changes }, by)
}

export function memberTarget({ id, login }: Pick<Member, 'id' | 'login'>) {
  return { type: 'Member', id, name: login }
}

export function isLoginTaken(error: unknown): boolean {
  return error instanceof WriteConflict && error.scope === loginClaim('').scope
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

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/**
 * The record of a member by id or by login.
 *
 * @throws {ApiError} `member_unknown`
 */
export async function readMember(
  tools: Pick<ToolsContext, 'store'>,
  wanted: string,
): Promise<StoredRecord> {
  const id = UUID.test(wanted) ? wanted.toLowerCase() : null
  const byId = id && (await tools.store.get({ backendId: INSTANCE, type: MEMBER_TYPE, id }))
  const record = byId || (await findMember(tools, wanted))
  if (!record) throw new ApiError('member_unknown')
  return record
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

const ADMINISTRATORS = {
  ...{ backendId: INSTANCE, type: MEMBER_TYPE },
  where: { op: 'eq', field: 'roles', value: textKey('Administrator') },
} as const

export async function hasAdministrator({ store }: Pick<ToolsContext, 'store'>): Promise<boolean> {
  return (await store.count({ ...ADMINISTRATORS, upTo: 1 })).count > 0
}

/** Someone else who can administer now, or `null`. */
export async function otherAdministrator(
  { store }: Pick<ToolsContext, 'store'>,
  id: string,
): Promise<StoredRecord | null> {
  const { records } = await store.find({ ...ADMINISTRATORS, limit: 2 })
  return records.find((one) => one.id !== id) ?? null
}

function loginProblems(login: string): Problems {
  return LOGIN.test(login)
    ? []
    : ["'login' must have 1 to 100 characters, without blanks and colons."]
}

export function passwordProblems(password: string): Problems {
  return password.length >= PASSWORD_MIN && password.length <= PASSWORD_MAX
    ? []
    : [`'password' must have ${PASSWORD_MIN} to ${PASSWORD_MAX} characters.`]
}

export function roleProblems(roles: readonly string[]): Problems {
  if (roles.length === 0) return [`'roles' must name at least one of ${ROLES.join(', ')}.`]
  const unknown = roles.filter((role) => !ROLES.some((known) => known === role))
  return unknown.map((role) => `${quoted(role)} is not a role; use ${ROLES.join(', ')}.`)
}
