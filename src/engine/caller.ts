import { ApiError } from '../errors.ts'
import { tokenDigest } from '../lib/ids.ts'
import type { Claim, StoredRecord } from '../storage/port.ts'
import type { Backend } from './backend.ts'
import type { EngineContext } from './context.ts'
import type { MethodDefinition } from './definition.ts'
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

/** What access rests on of what there is to know of a user. */
export type UserFacts = {
  /** An application administrator. */
  readonly admin: boolean
  /** As the record has them: they count only where the backend guards them. */
  readonly roles: readonly string[]
  /** Those that the user logs in with, folded. */
  readonly logins: readonly string[]
  /** Another one after a change of the password; `null` without a password. */
  readonly proof: string | null
  /** What people call the user: the username, or else the address or the id. */
  readonly name: string
}

/** `null` when there is no such user. At once when they are known. */
export function userFacts(
  { cache }: Pick<EngineContext, 'cache'>,
  backendId: string,
  id: string,
): UserFacts | null | Promise<UserFacts | null> {
  return cache.get({ backendId, type: USER_TYPE, id }, factsOf)
}

function factsOf(record: StoredRecord): UserFacts {
  const { admin, role, username } = JSON.parse(record.data) as Readonly<Record<string, unknown>>
  const hidden = JSON.parse(record.hidden ?? '{}') as { readonly email?: string }
  return {
    admin: admin === 'true',
    roles: typeof role === 'string' ? membersOf(role) : [],
    logins: record.claims.filter(isLogin).map(({ value }) => value),
    proof: passwordProof(record),
    name: typeof username === 'string' ? username : (hidden.email ?? record.id),
  }
}

/** The claims of the names that a user logs in with. */
export const USERNAME_SCOPE = 'user.username'
export const EMAIL_SCOPE = 'user.email'

function isLogin({ scope }: Claim): boolean {
  return scope === USERNAME_SCOPE || scope === EMAIL_SCOPE
}

function membersOf(list: string): string[] {
  const members = list.split(',').map((one) => one.trim())
  return [...new Set(members.filter((one) => one !== ''))]
}

/** Tells whether a user still has the password of before, and nothing else of it. */
export function passwordProof(record: StoredRecord): string | null {
  const { password } = JSON.parse(record.hidden ?? '{}') as { readonly password?: string }
  return password === undefined ? null : tokenDigest(password).slice(0, 32)
}

/** Whether a user may use anything of a backend: where it asks for a role, they need one of those. */
export function isAdmitted({ roleAccess }: Backend, { admin, roles }: UserFacts): boolean {
  return !roleAccess.enabled || admin || roles.some((role) => roleAccess.roles.includes(role))
}

/**
 * Who calls. A session that is not known counts as none where no login is needed; where one is, it
 * is 404 and no session at all is 401, as the original service had it.
 *
 * @throws {ApiError} `session_required`, `session_unknown`, `admin_required`,
 *   `backend_role_required`
 */
export async function callerOf(
  context: EngineContext,
  backend: Backend,
  token: string | null,
  { auth, needsNoRole = false }: Pick<MethodDefinition, 'auth' | 'needsNoRole'>,
): Promise<Caller> {
  const caller = token === null ? null : await knownCaller(context, backend, token)
  if (caller) {
    if (!caller.isAdmitted && !needsNoRole) throw new ApiError('backend_role_required')
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
): Promise<(Caller & { readonly isAdmitted: boolean }) | null> {
  const session = await findSession(context, backend, token)
  if (!session) return null
  const user = await userFacts(context, backend.id, session.userId)
  if (!user) return null
  touchSession(context, backend, session)
  const isIn = isAdmitted(backend, user)
  return { session, userId: session.userId, admin: user.admin, isAdmitted: isIn }
}
