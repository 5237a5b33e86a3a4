import { INSTANCE } from '../../engine/backend.ts'
import { ApiError } from '../../errors.ts'
import type { StoredRecord } from '../../storage/port.ts'
import type { ToolsContext } from '../context.ts'
import { MEMBER_TYPE, memberHidden, memberOfRecord } from './member.ts'
import type { Role } from './roles.ts'
import type { TokenGrant } from './token-record.ts'
import { findToken } from './tokens.ts'

/** Who calls the tools API: a member, or a script by the name of its token. */
export type TeamCaller = { readonly login: string; readonly roles: readonly Role[] }

type Stores = Pick<ToolsContext, 'store' | 'now'>

/**
 * The caller behind an `Authorization` header. Tokens of backends, and HTTP Basic, open the data
 * API only.
 *
 * @throws {ApiError} `token_required`
 */
export async function memberOf(
  stores: Stores,
  authorization: string | undefined,
): Promise<TeamCaller> {
  const [, token] = /^Bearer +([^ ]+) *$/i.exec(authorization ?? '') ?? []
  const grant = token === undefined ? null : await findToken(stores, token)
  const caller = grant && (await callerOf(stores, grant))
  if (!caller) throw new ApiError('token_required')
  return caller
}

async function callerOf(stores: Stores, grant: TokenGrant): Promise<TeamCaller | null> {
  if (grant.kind === 'personal') return { login: grant.name, roles: [grant.role] }
  if (grant.kind !== 'member') return null
  const record = await memberBehind(stores, grant)
  // The roles of now, not those of when the token was issued.
  return record && memberOfRecord(record)
}

/** The member of a token, unless they left or have a new password since. */
export async function memberBehind(
  { store }: Pick<Stores, 'store'>,
  grant: { readonly memberId: string; readonly generation: number },
): Promise<StoredRecord | null> {
  const record = await store.get({ backendId: INSTANCE, type: MEMBER_TYPE, id: grant.memberId })
  return record && memberHidden(record).generation === grant.generation ? record : null
}
