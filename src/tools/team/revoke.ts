import { INSTANCE } from '../../engine/backend.ts'
import { ApiError } from '../../errors.ts'
import { textKey } from '../../storage/keys.ts'
import { WriteConflict, type WriteOperation } from '../../storage/port.ts'
import { retrying } from '../assets/change.ts'
import { auditInsert, batchBy, byOf } from '../audit/entry.ts'
import type { ToolsContext } from '../context.ts'
import { memberBehind } from './bearer.ts'
import type { TokenRequest } from './grant.ts'
import { memberOfRecord } from './member.ts'
import { memberTarget } from './members.ts'
import { authenticateClient, type OAuthClient, requiredField } from './oauth-client.ts'
import { OAuthRefusal } from './oauth-refusal.ts'
import {
  type PersonalGrant,
  type SignedInGrant,
  TOKEN_TYPE,
  type TokenData,
  tokenAddress,
} from './token-record.ts'
import { findToken } from './token-store.ts'
import { revokeToken } from './tokens.ts'

/** More than one sign-in has at a time. */
const FAMILY_MAX = 1000

/**
 * Ends a token for whoever has it (RFC 7009). One that is unknown or over is ended already. With a
 * refresh token goes the whole sign-in; `token_type_hint` is read past, since a token is found
 * without it.
 *
 * @throws {OAuthRefusal} `invalid_client`, `invalid_request`, and `unauthorized_client` for a token
 *   that another client got
 */
export async function revokeByHolder(
  tools: ToolsContext,
  { authorization, form, trace }: TokenRequest,
): Promise<void> {
  const client = await authenticateClient(tools.store, authorization, form)
  const token = requiredField(form, 'token')
  const data = await findToken(tools, token)
  if (!data) return
  requireOwn(client, data)
  const ending = { id: tokenAddress(token).id, trace }
  if (data.kind === 'personal') await revokePersonal(tools, data, ending)
  else if (data.kind === 'member' || data.kind === 'refresh') await signOut(tools, data, ending)
  else await forget(tools, ending)
}

type Ending = Pick<TokenRequest, 'trace'> & { readonly id: string }

/** Of a backend, or of one of its users: no concern of the team's. */
async function forget({ store, now }: ToolsContext, { id }: Ending): Promise<void> {
  try {
    await store.write({ operations: [deletionOf(id)], actor: 'anonymous', at: now() })
  } catch (error) {
    // Someone else ended it just now.
    if (!(error instanceof WriteConflict)) throw error
  }
}

async function revokePersonal(
  tools: ToolsContext,
  { name, owner }: PersonalGrant,
  { id, trace }: Ending,
): Promise<void> {
  const record = owner ? await memberBehind(tools, owner) : null
  const actor = record ? memberOfRecord(record).login : name
  try {
    await revokeToken(tools, id, { actor, trace })
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'access_token_unknown') throw error
  }
}

/**
 * Ends an access token alone, and with a refresh token all of its sign-in: also what a renewal that
 * is under way makes of it meanwhile.
 */
function signOut(tools: ToolsContext, data: SignedInGrant, { id, trace }: Ending): Promise<void> {
  return retrying(async () => {
    const ids = await idsOf(tools, data, id)
    if (ids.length === 0) return
    const record = await memberBehind(tools, data)
    const member = record && memberOfRecord(record)
    const by = byOf({ actor: member?.login ?? 'system', trace }, tools.now())
    // Who was shut out already had nothing to leave.
    const entries = member
      ? [auditInsert({ actions: ['SIGNED_OUT'], target: memberTarget(member) }, by)]
      : []
    await tools.store.write(batchBy(by, [...ids.map(deletionOf), ...entries]))
  })
}

/** Those that are to end and are there. */
async function idsOf(
  { store }: ToolsContext,
  { kind, family }: SignedInGrant,
  id: string,
): Promise<string[]> {
  const ofType = { backendId: INSTANCE, type: TOKEN_TYPE }
  if (kind === 'member' || family === undefined) {
    return (await store.get({ ...ofType, id })) ? [id] : []
  }
  const where = { op: 'eq', field: 'family', value: textKey(family) } as const
  const { records } = await store.find({ ...ofType, where, limit: FAMILY_MAX })
  return records.map((record) => record.id)
}

function deletionOf(id: string): WriteOperation {
  return { op: 'delete', address: { backendId: INSTANCE, type: TOKEN_TYPE, id } }
}

function requireOwn(client: OAuthClient, data: TokenData): void {
  const isBackends = data.kind === 'backend' || data.kind === 'user'
  const own =
    client.kind === 'team' ? !isBackends : isBackends && data.backendId === client.backendId
  if (!own) throw new OAuthRefusal('unauthorized_client', 'Another client got this token.')
}
