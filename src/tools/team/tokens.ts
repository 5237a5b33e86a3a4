import { INSTANCE } from '../../engine/backend.ts'
import { ApiError } from '../../errors.ts'
import { dateKey, textKey } from '../../storage/keys.ts'
import type { Condition, StoredRecord } from '../../storage/port.ts'
import { retrying, unchanged } from '../assets/change.ts'
import { changesBetween, type MemberChange } from '../audit/changes.ts'
import { type Acting, type Actor, auditInsert, batchBy, byOf } from '../audit/entry.ts'
import type { ToolsContext } from '../context.ts'
import { type Problems, refuseIfAny } from '../problems.ts'
import type { Scope } from './access.ts'
import { MEMBER_TYPE, memberHidden, memberOfRecord } from './member.ts'
import { coversRole, type Role } from './roles.ts'
import { memberIdOf, type PersonalGrant, TOKEN_TYPE, tokenData } from './token-record.ts'
import { type NewToken, newToken } from './token-store.ts'

const DAY_MS = 86_400_000
const DEFAULT_TTL_MS = 90 * DAY_MS
const TTL_MAX_MS = 100 * 365 * DAY_MS
const LIST_MAX = 1000

type Stores = Pick<ToolsContext, 'store' | 'now'>

type Wanted = {
  readonly name: string
  /** Milliseconds, 90 days by default; `null` for a token that lasts until it is revoked. */
  readonly ttlMs?: number | null
  readonly scopes?: readonly Scope[] | null
}

/**
 * Makes a token for a script: it has one role and belongs to nobody. In `createdBy` and its kin it
 * acts by its name.
 *
 * @throws {ApiError} `param_invalid` for a name or a lifetime that makes no sense
 */
export async function createToken(
  tools: Stores,
  { role, name = 'token', ...wanted }: Omit<Wanted, 'name'> & { name?: string; role: Role },
  actor: Actor = name,
): Promise<string> {
  return (await makeScriptToken(tools, { role, name, ...wanted }, actor)).token
}

/** The same, with what is told of it besides. */
export async function makeScriptToken(
  tools: Stores,
  { role, ...wanted }: Wanted & { readonly role: Role },
  actor: Actor,
): Promise<MadeToken> {
  const { name, scopes = null } = wanted
  const by = byOf(actor, tools.now())
  const made = newToken({ kind: 'personal', name, role, scopes }, ttlOf(wanted), by.at)
  const operations = [made.operation, auditInsert(creationOf(made, { name, role, scopes }), by)]
  await tools.store.write(batchBy(by, operations))
  return { ...shownOnce(made), name, role, scopes, member: null, createdAt: by.at }
}

/** A token that was just made: the only time that it can be told. */
export type MadeToken = ListedToken & { readonly token: string }

/**
 * Makes a token for a member. It may do what the member may, within its role and its scopes, and
 * ends with the member.
 *
 * @throws {ApiError} `param_invalid`, `member_unknown`, and `role_required` for a role that the
 *   member has not
 */
export async function createPersonalToken(
  tools: Stores,
  { memberId, role, ...wanted }: Wanted & { readonly memberId: string; readonly role: Role | null },
  acting: Acting,
): Promise<MadeToken> {
  const ttlMs = ttlOf(wanted)
  const { name, scopes = null } = wanted
  return retrying(async () => {
    const record = await tools.store.get({ backendId: INSTANCE, type: MEMBER_TYPE, id: memberId })
    if (!record || memberOfRecord(record).disabled) throw new ApiError('member_unknown')
    const { login, roles } = memberOfRecord(record)
    if (role !== null && !coversRole(roles, role)) {
      throw new ApiError('role_required', `${login} has not the role ${role}, nor can the token.`)
    }
    const owner = { memberId, generation: memberHidden(record).generation }
    const by = byOf(acting, tools.now())
    const made = newToken({ kind: 'personal', name, role, scopes, owner }, ttlMs, by.at)
    const entry = auditInsert(creationOf(made, { name, role, scopes, member: login }), by)
    // A member who is being shut out just now must not be left with a token.
    await tools.store.write(batchBy(by, [made.operation, entry, unchanged(record)]))
    const member = { id: memberId, login }
    return { ...shownOnce(made), name, role, scopes, member, createdAt: by.at }
  })
}

function shownOnce({ token, id, expiresAt }: NewToken) {
  return { token, id, expiresAt }
}

/** @throws {ApiError} `param_invalid` */
function ttlOf({ name, ttlMs = DEFAULT_TTL_MS, scopes }: Wanted): number | null {
  const problems: Problems = []
  if (!/^[^\p{C}]{1,100}$/u.test(name)) problems.push("'name' must have 1 to 100 characters.")
  if (ttlMs !== null && !(ttlMs > 0 && ttlMs <= TTL_MAX_MS)) {
    problems.push('It must end between now and a hundred years.')
  }
  if (scopes?.length === 0) problems.push("'scopes' must name at least one.")
  refuseIfAny(problems)
  return ttlMs
}

type Told = Pick<PersonalGrant, 'name' | 'role'> & {
  readonly scopes: readonly Scope[] | null
  readonly member?: string
}

function creationOf({ id, expiresAt }: NewToken, { name, ...told }: Told) {
  const expiresOn = expiresAt === null ? null : new Date(expiresAt).toISOString()
  const changes: MemberChange[] = changesBetween({}, { ...told, expiresOn })
  return { actions: ['CREATED'], target: { type: 'Token', id, name }, changes }
}

/** A token as lists show it; the token itself cannot be told again. */
export type ListedToken = {
  readonly id: string
  readonly name: string
  readonly role: Role | null
  /** `null`: not limited. */
  readonly scopes: readonly Scope[] | null
  /** `null`: a script. */
  readonly member: { readonly id: string; readonly login: string } | null
  readonly createdAt: number
  readonly expiresAt: number | null
}

type TokenPage = {
  /** Only those of this member. */
  readonly memberId?: string
  readonly limit?: number
  readonly offset?: number
}

/** Tokens that were made for something, the newest first. */
export async function listTokens(
  { store, now }: Stores,
  { memberId, limit = LIST_MAX, offset = 0 }: TokenPage = {},
): Promise<ListedToken[]> {
  const { records } = await store.find({
    ...liveTokens(now(), memberId),
    orderBy: [{ field: 'createdAt', direction: 'desc' }],
    ...{ limit, offset },
  })
  return listed(store, records)
}

export async function countTokens({ store, now }: Stores, memberId?: string): Promise<number> {
  return (await store.count(liveTokens(now(), memberId))).count
}

function liveTokens(nowMs: number, memberId: string | undefined) {
  const endless: Condition = { op: 'not', not: { op: 'exists', field: 'expiresAt' } }
  const later: Condition = { op: 'gt', field: 'expiresAt', value: dateKey(nowMs) }
  const all: Condition[] = [
    { op: 'eq', field: 'kind', value: textKey('personal') },
    { op: 'or', any: [endless, later] },
  ]
  if (memberId !== undefined) all.push({ op: 'eq', field: 'member', value: textKey(memberId) })
  return { backendId: INSTANCE, type: TOKEN_TYPE, where: { op: 'and' as const, all } }
}

async function listed(
  store: Stores['store'],
  records: readonly StoredRecord[],
): Promise<ListedToken[]> {
  const ids = records.map((record) => memberIdOf(tokenData(record))).filter((id) => id !== null)
  const members = await store.getMany(INSTANCE, MEMBER_TYPE, [...new Set(ids)])
  const logins = new Map(members.map((one) => [one.id, memberOfRecord(one).login]))
  return records.flatMap(({ id, createdAt, ...record }) => {
    const data = tokenData({ id, createdAt, ...record })
    if (data.kind !== 'personal') return []
    const { name, role, scopes = null, expiresAt, owner } = data
    const login = owner && logins.get(owner.memberId)
    const member = owner ? { id: owner.memberId, login: login ?? '' } : null
    return [{ id, name, role, scopes, member, createdAt, expiresAt }]
  })
}

const ID = /^[0-9a-f]{24}$/

/**
 * One token that was made for something.
 *
 * @param memberId whose it has to be, unless anybody's will do
 * @throws {ApiError} `access_token_unknown`
 */
export async function readToken(
  { store }: Pick<Stores, 'store'>,
  id: string,
  memberId: string | null = null,
): Promise<ListedToken> {
  const record = ID.test(id) ? await store.get({ backendId: INSTANCE, type: TOKEN_TYPE, id }) : null
  const [token] = record ? await listed(store, [record]) : []
  if (!token || (memberId !== null && token.member?.id !== memberId)) {
    throw new ApiError('access_token_unknown')
  }
  return token
}

/**
 * Ends a token that was made for something.
 *
 * @throws {ApiError} `access_token_unknown`
 */
export async function revokeToken(
  tools: Stores,
  id: string,
  actor: Actor,
  memberId: string | null = null,
): Promise<ListedToken> {
  return retrying(async () => {
    const token = await readToken(tools, id, memberId)
    const by = byOf(actor, tools.now())
    const target = { type: 'Token', id, name: token.name }
    const address = { backendId: INSTANCE, type: TOKEN_TYPE, id }
    const entry = auditInsert({ actions: ['REVOKED'], target }, by)
    await tools.store.write(batchBy(by, [{ op: 'delete', address }, entry]))
    return token
  })
}
