import { ApiError } from '../../errors.ts'
import { coversRole, type Role, requireRole } from './roles.ts'

/** What a personal token may be limited to. Each stands by itself: `write` does not read. */
export const SCOPES = ['read', 'write', 'admin'] as const

export type Scope = (typeof SCOPES)[number]

/** What an address asks of whoever calls it. */
export type Access = { readonly role: Role; readonly scope: Scope }

/** For changes that administrators alone may make. */
export const ADMINISTRATION: Access = { role: 'Administrator', scope: 'admin' }

/** For what everyone on the team may do, mostly to themselves. */
export const ANYONE: Pick<Access, 'role'> = { role: 'Analyst' }

/** What a verb asks where its address says nothing else. */
export function accessFor(method: string, own: Partial<Access> = {}): Access {
  const scope = method === 'GET' || method === 'HEAD' ? 'read' : 'write'
  return { role: 'Developer', scope, ...own }
}

/** What someone may do. */
type Allowed = { readonly roles: readonly Role[]; readonly scopes: readonly Scope[] | null }

/** For what is done in part by those who may not do all of it. */
export function isAllowed(caller: Allowed, { role, scope }: Access): boolean {
  return coversRole(caller.roles, role) && hasScope(caller, scope)
}

/** Whoever signed in with a password may do all that their roles allow. */
function hasScope({ scopes }: Allowed, scope: Scope): boolean {
  return scopes === null || scopes.includes(scope)
}

/** @throws {ApiError} `role_required` or `scope_required`, naming what is missing */
export function requireAccess(caller: Allowed, { role, scope }: Access): void {
  requireRole(caller.roles, role)
  if (hasScope(caller, scope)) return
  const has = (caller.scopes ?? []).map((one) => `'${one}'`).join(', ')
  throw new ApiError(
    'scope_required',
    `This needs a token with the scope '${scope}'; it has ${has}.`,
  )
}
