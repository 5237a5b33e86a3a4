import { INSTANCE } from '../../engine/backend.ts'
import { ApiError } from '../../errors.ts'
import type { StoredRecord } from '../../storage/port.ts'
import type { ToolsContext } from '../context.ts'
import type { Scope } from './access.ts'
import { MEMBER_TYPE, memberHidden, memberOfRecord } from './member.ts'
import { coversRole, type Role } from './roles.ts'
import { type Holder, type PersonalGrant, type TokenGrant, tokenAddress } from './token-record.ts'
import { findToken } from './token-store.ts'

/** Who does something to assets: a member, or a script by the name of its token. */
export type TeamCaller = { readonly login: string; readonly roles: readonly Role[] }

/** Who calls the tools API, and by what right. */
export type Caller = TeamCaller & {
  /** `null` for a script, whose token belongs to nobody. */
  readonly memberId: string | null
  /** What the token is limited to; `null` when it is not. */
  readonly scopes: readonly Scope[] | null
  /** `name`: of a personal token, and of a script's. */
  readonly token: { readonly id: string; readonly name: string | null }
  /** Came in with a password, and not with a token that was made for something. */
  readonly signedIn: boolean
}

type Stores = Pick<ToolsContext, 'store' | 'now'>

/**
 * The caller behind an `Authorization` header. Tokens of backends, and HTTP Basic, open the data
 * API only.
 *
 * @throws {ApiError} `token_required`
 */
export async function memberOf(stores: Stores, authorization: string | undefined): Promise<Caller> {
  const token = bearerIn(authorization)
  const grant = token === null ? null : await findToken(stores, token)
  const holder = grant && (await holderOf(stores, grant))
  if (token === null || !holder) throw new ApiError('token_required')
  const name = grant?.kind === 'personal' ? grant.name : null
  return { ...holder, token: { id: tokenAddress(token).id, name } }
}

/** What stands behind `Bearer`, if the header has that form. */
export function bearerIn(authorization: string | undefined): string | null {
  return /^Bearer +([^ ]+) *$/i.exec(authorization ?? '')?.[1] ?? null
}

async function holderOf(stores: Stores, grant: TokenGrant): Promise<Omit<Caller, 'token'> | null> {
  if (grant.kind === 'personal') return personalHolderOf(stores, grant)
  if (grant.kind !== 'member') return null
  const record = await memberBehind(stores, grant)
  if (!record) return null
  // The roles of now, not those of when the token was issued.
  const { id: memberId, login, roles } = memberOfRecord(record)
  return { login, roles, memberId, scopes: null, signedIn: true }
}

async function personalHolderOf(
  stores: Stores,
  { name, role, scopes = null, owner }: PersonalGrant,
): Promise<Omit<Caller, 'token'> | null> {
  if (!owner) {
    const roles = role === null ? [] : [role]
    return { login: name, roles, memberId: null, scopes, signedIn: false }
  }
  const record = await memberBehind(stores, owner)
  if (!record) return null
  const { id: memberId, login, roles } = memberOfRecord(record)
  return { login, roles: narrowed(roles, role), memberId, scopes, signedIn: false }
}

/** The role of a token as far as its member still has it. */
function narrowed(roles: readonly Role[], role: Role | null): readonly Role[] {
  if (role === null) return roles
  return coversRole(roles, role) ? [role] : []
}

/** The member of a token, unless they left, were shut out or have a new password since. */
export async function memberBehind(
  { store }: Pick<Stores, 'store'>,
  { memberId, generation }: Holder,
): Promise<StoredRecord | null> {
  const record = await store.get({ backendId: INSTANCE, type: MEMBER_TYPE, id: memberId })
  if (!record || memberOfRecord(record).disabled) return null
  return memberHidden(record).generation === generation ? record : null
}
