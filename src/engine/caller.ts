import { ApiError } from '../errors.ts'
import type { Backend } from './backend.ts'
import type { EngineContext } from './context.ts'
import type { Auth } from './definition.ts'
import { findSession, type Session, touchSession } from './sessions.ts'

/** The record type of the users of an app. */
export const USER_TYPE = 'user'

export type Caller = {
  readonly session: Session | null
  /** `null`: nobody is logged in. */
  readonly userId: string | null
  /** An application administrator. */
  readonly admin: boolean
}

export const NOBODY: Caller = { session: null, userId: null, admin: false }

type UserFacts = { readonly admin: boolean }

/**
 * Who calls. A session that is not known counts as none where no login is needed; where one is, it
 * is 404 and no session at all is 401, as the original service had it.
 *
 * @throws {ApiError} `session_required`, `session_unknown`, `admin_required`
 */
export async function callerOf(
  context: EngineContext,
  backend: Backend,
  token: string | null,
  auth: Auth,
): Promise<Caller> {
  const caller = token === null ? null : await knownCaller(context, backend, token)
  if (caller) {
    if (auth === 'admin' && !caller.admin) throw new ApiError('admin_required')
    return caller
  }
  if (auth === 'none') return NOBODY
  throw new ApiError(token === null ? 'session_required' : 'session_unknown')
}

async function knownCaller(
  context: EngineContext,
  backend: Backend,
  token: string,
): Promise<Caller | null> {
  const session = await findSession(context, backend, token)
  if (!session) return null
  const address = { backendId: backend.id, type: USER_TYPE, id: session.userId }
  const user = await context.cache.get<UserFacts>(address, (record) => ({
    admin: (JSON.parse(record.data) as { admin?: unknown }).admin === 'true',
  }))
  if (!user) return null
  touchSession(context, backend, session)
  return { session, userId: session.userId, admin: user.admin }
}
