import { BACKEND_TYPE, backendOf, INSTANCE } from '../../engine/backend.ts'
import { sessionToken } from '../../lib/ids.ts'
import { dateKey } from '../../storage/keys.ts'
import { type Store, WriteConflict, type WriteOperation } from '../../storage/port.ts'
import type { ToolsContext } from '../context.ts'
import {
  isLiveToken,
  newTokenRecord,
  TOKEN_TYPE,
  type TokenData,
  type TokenGrant,
  tokenAddress,
  tokenData,
} from './token-record.ts'

const SWEEP = 50

// What `sessionToken` makes: anything else in a header is not looked up.
const TOKEN = /^[A-Za-z0-9_-]{27}$/

type Stores = Pick<ToolsContext, 'store' | 'now'>
type Finders = Stores & Partial<Pick<ToolsContext, 'users'>>

/** A token to be handed out, and its record to be written with what else the call changes. */
export type NewToken = {
  readonly token: string
  readonly id: string
  readonly expiresAt: number | null
  readonly operation: WriteOperation
}

/** Makes a token; the store will have its digest, and the token itself exists only here. */
export function newToken(grant: TokenGrant, ttlMs: number | null, at: number): NewToken {
  const token = sessionToken()
  const expiresAt = ttlMs === null ? null : at + ttlMs
  const record = newTokenRecord(token, { ...grant, expiresAt }, at)
  return { token, id: record.id, expiresAt, operation: { op: 'insert', record } }
}

/** Makes a token and stores its digest. */
export async function issueToken(
  { store, now }: Stores,
  grant: TokenGrant,
  { ttlMs, actor }: { readonly ttlMs: number | null; readonly actor: string },
): Promise<string> {
  const at = now()
  const { token, operation } = newToken(grant, ttlMs, at)
  await store.write({ operations: [operation], actor, at })
  return token
}

/** What a token stands for, or `null` when it is unknown, has expired or has been outlived. */
export async function findToken(
  { store, now, users }: Finders,
  token: string,
): Promise<TokenData | null> {
  const record = TOKEN.test(token) ? await store.get(tokenAddress(token)) : null
  if (!record || !isLiveToken(record, token, now())) return null
  const data = tokenData(record)
  if (data.kind !== 'backend' && data.kind !== 'user') return data
  if (!(await hasStillItsKey(store, data))) return null
  if (data.kind === 'backend') return data
  const proof = await users?.proofOf(data.backendId, data.userId)
  return proof === data.proof ? data : null
}

/**
 * New keys end the tokens that the old ones got, and so does the purge of the backend. While its
 * OAuth door is shut, or it lies in the trash, they open nothing.
 */
async function hasStillItsKey(
  store: Store,
  { backendId: id, clientId }: Extract<TokenData, { kind: 'backend' | 'user' }>,
): Promise<boolean> {
  const record = await store.get({ backendId: INSTANCE, type: BACKEND_TYPE, id })
  const backend = record && backendOf(record)
  return backend?.clientId === clientId && backend.oauth && !backend.inTrash
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
