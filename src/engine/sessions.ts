import { sessionToken, tokenDigest } from '../lib/ids.ts'
import { dateKey, keyOf } from '../storage/keys.ts'
import type { NewRecord, StoredRecord, WriteOperation } from '../storage/port.ts'
import type { Backend } from './backend.ts'
import type { EngineContext } from './context.ts'

/** The record type of sessions. The id is a digest of the token: the store holds no usable one. */
export const SESSION_TYPE = '$session'

const DAY_MS = 86_400_000

/** How exactly "unused for three months" is kept: a session writes at most once in this time. */
const TOUCH_AFTER_MS = DAY_MS

export type Session = {
  readonly id: string
  readonly userId: string
  /** Milliseconds since 1970, not more than {@link TOUCH_AFTER_MS} ago while it is in use. */
  readonly usedAt: number
  readonly createdAt: number
  readonly version: number
}

/** `null` when there is none, or it has been unused for longer than the backend allows. */
export function findSession(
  context: EngineContext,
  backend: Backend,
  token: string,
): Session | null | Promise<Session | null> {
  const address = { backendId: backend.id, type: SESSION_TYPE, id: digestOf(token) }
  const found = context.cache.get(address, sessionOf)
  const oldest = context.now() - backend.settings.sessionIdleDays * DAY_MS
  return found instanceof Promise ? found.then((one) => live(one, oldest)) : live(found, oldest)
}

function live(session: Session | null, oldest: number): Session | null {
  return session && session.usedAt >= oldest ? session : null
}

/** Notes that a session is in use, now and then and without making the call wait. */
export function touchSession(context: EngineContext, backend: Backend, session: Session): void {
  const now = context.now()
  if (now - session.usedAt < TOUCH_AFTER_MS) return
  const record = sessionRecord(backend.id, session.id, session.userId, session.createdAt, now)
  context.store
    .write({
      operations: [{ op: 'replace', record, ifVersion: session.version }],
      actor: session.userId,
      at: now,
    })
    .catch((error: unknown) => {
      // Losing the race is fine: somebody else touched it or logged out.
      context.log.warn({ err: error }, 'a session could not be marked as used')
    })
}

export type NewSession = { readonly token: string; readonly operation: WriteOperation }

/** A session for a user, to be written together with what else the call changes. */
export function newSession(context: EngineContext, backend: Backend, userId: string): NewSession {
  const token = sessionToken()
  const now = context.now()
  const record = sessionRecord(backend.id, digestOf(token), userId, now, now)
  return { token, operation: { op: 'insert', record } }
}

/**
 * Gives a live session to another user, under the same token: published clients go on sending the
 * old cookie after a second login. Only a session that this backend knows is ever handed on, so a
 * stranger cannot plant a token of his choice.
 */
export function handedOver(
  context: EngineContext,
  backend: Backend,
  session: Session,
  token: string,
  userId: string,
): NewSession {
  const now = context.now()
  const record = sessionRecord(backend.id, session.id, userId, session.createdAt, now)
  return { token, operation: { op: 'replace', record, ifVersion: session.version } }
}

export function endSession(backend: Backend, session: Session): WriteOperation {
  return { op: 'delete', address: { backendId: backend.id, type: SESSION_TYPE, id: session.id } }
}

/** Ends every session of a user but one, as a changed password does. */
export async function otherSessions(
  context: EngineContext,
  backend: Backend,
  userId: string,
  keep: Session | null,
): Promise<WriteOperation[]> {
  const { records } = await context.store.find({
    backendId: backend.id,
    type: SESSION_TYPE,
    where: { op: 'eq', field: 'user_id', value: keyOf(userId) },
    limit: 1000,
  })
  return records
    .filter((record) => record.id !== keep?.id)
    .map(({ backendId, type, id }) => ({ op: 'delete', address: { backendId, type, id } }))
}

// Digests of the tokens in use, so that a call does not hash its token each time.
const digests = new Map<string, string>()
const DIGESTS_MAX = 10_000

function digestOf(token: string): string {
  const known = digests.get(token)
  if (known) return known
  const digest = tokenDigest(token)
  if (digests.size >= DIGESTS_MAX) digests.clear()
  digests.set(token, digest)
  return digest
}

function sessionOf(record: StoredRecord): Session {
  return {
    id: record.id,
    userId: record.ownerId ?? '',
    usedAt: record.updatedAt,
    createdAt: record.createdAt,
    version: record.version,
  }
}

function sessionRecord(
  backendId: string,
  id: string,
  userId: string,
  createdAt: number,
  usedAt: number,
): NewRecord {
  return {
    backendId,
    type: SESSION_TYPE,
    id,
    ownerId: userId,
    aclId: null,
    createdAt,
    updatedAt: usedAt,
    data: '{}',
    hidden: null,
    keys: { user_id: keyOf(userId), used_at: dateKey(usedAt) },
    claims: [],
  }
}
