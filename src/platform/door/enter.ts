import type { IncomingHttpHeaders } from 'node:http'
import {
  BACKEND_TYPE,
  type Backend,
  backendOf,
  basicAuthClaim,
  guardsRoles,
  INSTANCE,
} from '../../engine/backend.ts'
import { isAdmitted, type UserFacts, userFacts } from '../../engine/caller.ts'
import { backendWith, effectiveBackend } from '../../engine/effective-backend.ts'
import { ApiError } from '../../errors.ts'
import { runtimeCallerOf } from '../../tools/team/runtime-caller.ts'
import type { PlatformContext } from '../context.ts'
import { socialHeaders, socialUser } from './social.ts'
import { provenUser } from './users.ts'

/** A user of a backend: a record of the data API. */
export type VisitUser = {
  readonly id: string
  /** What people call the user; another one may have it some day, the id never. */
  readonly username: string
  /**
   * Those that count. Where users may set their own role (see `guardsRoles`), none does, since
   * everyone could be everything.
   */
  readonly roles: readonly string[]
}

export type Visit = {
  readonly backend: Backend
  /** `null`: an anonymous caller. */
  readonly user: VisitUser | null
}

/**
 * Finds out which backend a call is for, and who calls.
 *
 * @throws {ApiError} `credentials_invalid` for all that opens nothing, whatever the reason;
 *   `param_invalid` for Basic without the header of the backend, `backend_inactive`,
 *   `backend_role_required`, `not_confirmed`, `rate_limited`
 */
export function enter(context: PlatformContext, headers: IncomingHttpHeaders): Promise<Visit> {
  const [, scheme = '', given = ''] = /^(\S+) +(\S+) *$/.exec(headers.authorization ?? '') ?? []
  if (scheme.toLowerCase() === 'basic') return byBasic(context, headers, given)
  if (scheme.toLowerCase() === 'bearer') return byToken(context, headers.authorization)
  const text =
    'Send the header Authorization: a user, the anonymous key, or a token of the backend.'
  throw new ApiError('credentials_invalid', text)
}

async function byBasic(
  context: PlatformContext,
  headers: IncomingHttpHeaders,
  given: string,
): Promise<Visit> {
  const named = open(await namedBackend(context, headers['oracle-mobile-backend-id']), 'basicAuth')
  const backend = await effectiveBackend(context, named)
  if (!named.anonymousKey?.equals(given)) {
    const user = await provenUser(context, backend.id, credentialsIn(given))
    return visitBy(backend, user)
  }
  const social = socialHeaders(headers)
  if (!social) return { backend, user: null }
  const id = await socialUser(context, backend, social)
  const facts = await userFacts(context, backend.id, id)
  if (!facts) throw new ApiError('credentials_invalid')
  // Whom others vouch for is no user of the kind that roles are for.
  return { backend, user: visitor(backend, id, facts) }
}

/** The header is that of the keys, so after a refresh the old one names nothing. */
export async function namedBackend(
  { cache }: PlatformContext,
  header: string | string[] | undefined,
): Promise<Backend | null> {
  const id = String(header ?? '').trim()
  if (id === '') {
    const text = 'With Basic, send the header Oracle-Mobile-Backend-ID: it says which backend.'
    throw new ApiError('param_invalid', text)
  }
  if (!/^[0-9a-f-]{36}$/i.test(id)) return null
  return cache.getByClaim(INSTANCE, basicAuthClaim(id.toLowerCase()), (record) =>
    record.type === BACKEND_TYPE ? backendOf(record) : null,
  )
}

async function byToken(
  context: PlatformContext,
  authorization: string | undefined,
): Promise<Visit> {
  const caller = await runtimeCallerOf(context.tools, authorization)
  if (!caller) throw new ApiError('credentials_invalid')
  const named = open(await backendWith(context, caller.backendId), 'oauth')
  const backend = await effectiveBackend(context, named)
  if (caller.userId === null) return { backend, user: null }
  const facts = await userFacts(context, backend.id, caller.userId)
  if (!facts) throw new ApiError('credentials_invalid')
  return visitBy(backend, { id: caller.userId, facts })
}

/** @throws {ApiError} `credentials_invalid`, `backend_inactive` */
function open(backend: Backend | null, door: 'basicAuth' | 'oauth'): Backend {
  if (!backend || backend.inTrash || !backend[door]) throw new ApiError('credentials_invalid')
  if (backend.inactive) throw new ApiError('backend_inactive')
  return backend
}

/** @throws {ApiError} `backend_role_required` */
function visitBy(
  backend: Backend,
  { id, facts }: { readonly id: string; readonly facts: UserFacts },
): Visit {
  if (!isAdmitted(backend, facts)) throw new ApiError('backend_role_required')
  return { backend, user: visitor(backend, id, facts) }
}

function visitor(backend: Backend, id: string, facts: UserFacts): VisitUser {
  return { id, username: facts.name, roles: guardsRoles(backend) ? facts.roles : [] }
}

/** RFC 7617: the user ends at the first colon, and the password may hold more of them. */
function credentialsIn(given: string): { readonly login: string; readonly password: string } {
  const text = Buffer.from(given, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon < 1) throw new ApiError('credentials_invalid')
  return { login: text.slice(0, colon), password: text.slice(colon + 1) }
}
