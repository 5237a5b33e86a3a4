import { BACKEND_TYPE, backendOf, INSTANCE } from '../../engine/backend.ts'
import { ApiError } from '../../errors.ts'
import { sessionToken } from '../../lib/ids.ts'
import { dateKey, textKey } from '../../storage/keys.ts'
import { type Store, WriteConflict } from '../../storage/port.ts'
import type { ToolsContext } from '../context.ts'
import { type Problems, refuseIfAny } from '../problems.ts'
import type { Role } from './roles.ts'
import {
  isLiveToken,
  newTokenRecord,
  TOKEN_TYPE,
  type TokenData,
  type TokenGrant,
  tokenAddress,
  tokenData,
} from './token-record.ts'

const DAY_MS = 86_400_000
const PERSONAL_TTL_MS = 90 * DAY_MS
const SWEEP = 50
const LIST_MAX = 1000

// What `sessionToken` makes: anything else in a header is not looked up.
const TOKEN = /^[A-Za-z0-9_-]{27}$/

type Stores = Pick<ToolsContext, 'store' | 'now'>

/** Makes a token and stores its digest; the token itself exists only in the answer. */
export async function issueToken(
  { store, now }: Stores,
  grant: TokenGrant,
  { ttlMs, actor }: { readonly ttlMs: number | null; readonly actor: string },
): Promise<string> {
  const at = now()
  const token = sessionToken()
  const record = newTokenRecord(
    token,
    { ...grant, expiresAt: ttlMs === null ? null : at + ttlMs },
    at,
  )
  await store.write({ operations: [{ op: 'insert', record }], actor, at })
  return token
}

/** What a token stands for, or `null` when it is unknown or has expired. */
export async function findToken({ store, now }: Stores, token: string): Promise<TokenData | null> {
  const record = TOKEN.test(token) ? await store.get(tokenAddress(token)) : null
  if (!record || !isLiveToken(record, token, now())) return null
  const data = tokenData(record)
  return data.kind !== 'backend' || (await hasStillItsKey(store, data)) ? data : null
}

/** New keys end the tokens that the old ones got; so does the purge of the backend. */
async function hasStillItsKey(
  store: Store,
  { backendId: id, clientId }: Extract<TokenData, { kind: 'backend' }>,
): Promise<boolean> {
  const backend = await store.get({ backendId: INSTANCE, type: BACKEND_TYPE, id })
  return backend !== null && backendOf(backend).clientId === clientId
}

/** Uses up a token that is good for one time. @returns false when someone else did before */
export async function consumeToken({ store, now }: Stores, token: string): Promise<boolean> {
  try {
    const operations = [{ op: 'delete', address: tokenAddress(token) }] as const
    await store.write({ operations, actor: 'system', at: now() })
    return true
  } catch (error) {
    if (error instanceof WriteConflict) return false
    throw error
  }
}

type PersonalToken = {
  readonly role: Role
  /** Who it acts as, in `createdBy` and its kin. */
  readonly name?: string
  /** Milliseconds, 90 days by default; `null` for a token that lasts until it is revoked. */
  readonly ttlMs?: number | null
}

/**
 * Makes a token for a script: it has one role and belongs to nobody.
 *
 * @throws {ApiError} `param_invalid` for a name or a lifetime that makes no sense
 */
export async function createToken(
  tools: Stores,
  { role, name = 'token', ttlMs = PERSONAL_TTL_MS }: PersonalToken,
): Promise<string> {
  const problems: Problems = []
  if (!/^[^\p{C}]{1,100}$/u.test(name)) problems.push("'name' must have 1 to 100 characters.")
  if (ttlMs !== null && !(ttlMs > 0 && ttlMs <= 100 * 365 * DAY_MS)) {
    problems.push("'ttl' must be between now and a hundred years.")
  }
  refuseIfAny(problems)
  return issueToken(tools, { kind: 'personal', name, role }, { ttlMs, actor: name })
}

/** A token as lists show it; the token itself cannot be told again. */
export type ListedToken = {
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly createdAt: number
  readonly expiresAt: number | null
}

/** The tokens of scripts, the newest first. */
export async function listTokens({ store }: Pick<Stores, 'store'>): Promise<ListedToken[]> {
  const { records } = await store.find({
    backendId: INSTANCE,
    type: TOKEN_TYPE,
    where: { op: 'eq', field: 'kind', value: textKey('personal') },
    orderBy: [{ field: 'createdAt', direction: 'desc' }],
    limit: LIST_MAX,
  })
  return records.flatMap((record) => {
    const data = tokenData(record)
    if (data.kind !== 'personal') return []
    const { name, role, expiresAt } = data
    return [{ id: record.id, name, role, createdAt: record.createdAt, expiresAt }]
  })
}

/** @throws {ApiError} `access_token_unknown` */
export async function revokeToken(
  { store, now }: Stores,
  id: string,
  actor: string,
): Promise<void> {
  const address = { backendId: INSTANCE, type: TOKEN_TYPE, id }
  try {
    if (!/^[0-9a-f]{24}$/.test(id)) throw new WriteConflict(0, 'missing')
    await store.write({ operations: [{ op: 'delete', address }], actor, at: now() })
  } catch (error) {
    if (!(error instanceof WriteConflict)) throw error
    throw new ApiError('access_token_unknown', undefined, { cause: error })
  }
}

/**
 * Deletes some tokens that have expired. Each log-in calls it, so their number stays bounded by
 * that of log-ins within a token's lifetime, and no timer is needed.
 */
export async function sweepTokens({ store, now }: Stores): Promise<void> {
  const at = now()
  const { records } = await store.find({
    backendId: INSTANCE,
    type: TOKEN_TYPE,
    where: { op: 'lt', field: 'expiresAt', value: dateKey(at) },
    limit: SWEEP,
  })
  if (records.length === 0) return
  const operations = records.map((address) => ({ op: 'delete', address }) as const)
  try {
    await store.write({ operations, actor: 'system', at })
  } catch (error) {
    // Someone else sweeps the same ones.
    if (!(error instanceof WriteConflict)) throw error
  }
}
