import { randomUUID } from 'node:crypto'
import { ApiError } from '../../errors.ts'
import type { StoredRecord } from '../../storage/port.ts'
import { retrying } from '../assets/change.ts'
import { type Acting, auditInsert, batchBy, byOf, type Trace } from '../audit/entry.ts'
import type { ToolsContext } from '../context.ts'
import { memberBehind } from './bearer.ts'
import { logIn, signedInEvent } from './log-in.ts'
import { memberHidden, memberOfRecord } from './member.ts'
import { authenticateClient, type Form, type OAuthClient, requiredField } from './oauth-client.ts'
import { OAuthRefusal } from './oauth-refusal.ts'
import { type TokenGrant, tokenAddress } from './token-record.ts'
import { findToken, issueToken, newToken, sweepTokens } from './token-store.ts'

const HOUR_MS = 3_600_000
const ACCESS_TTL_MS = HOUR_MS
const REFRESH_TTL_MS = 30 * 24 * HOUR_MS

/** RFC 6749 §5.1. */
export type TokenReply = {
  readonly access_token: string
  readonly token_type: 'Bearer'
  /** Seconds. */
  readonly expires_in: number
  readonly refresh_token?: string
}

/** What a client sent, and in which request. */
export type TokenRequest = {
  readonly authorization: string | undefined
  readonly form: Form
  readonly trace: Trace
}

type Asked = Pick<TokenRequest, 'form' | 'trace'> & { readonly client: OAuthClient }

type Grant = (tools: ToolsContext, asked: Asked) => Promise<TokenReply>

const GRANTS: ReadonlyMap<string, Grant> = new Map([
  ['password', grantPassword],
  ['client_credentials', grantClientCredentials],
  ['refresh_token', grantRefresh],
])

/**
 * Answers a request for a token. `scope` is accepted and ignored: a token opens what its holder's
 * roles open.
 *
 * @throws {OAuthRefusal}
 */
export async function grantToken(
  tools: ToolsContext,
  { authorization, form, trace }: TokenRequest,
): Promise<TokenReply> {
  const client = await authenticateClient(tools.store, authorization, form)
  const grant = GRANTS.get(requiredField(form, 'grant_type'))
  if (!grant) {
    const known = [...GRANTS.keys()].join(', ')
    throw new OAuthRefusal('unsupported_grant_type', `Use one of the grant types ${known}.`)
  }
  await sweepTokens(tools)
  return grant(tools, { client, form, trace })
}

async function grantPassword(
  tools: ToolsContext,
  { client, form, trace }: Asked,
): Promise<TokenReply> {
  const login = requiredField(form, 'username')
  const password = requiredField(form, 'password')
  if (client.kind === 'backend') return grantUser(tools, client, { login, password })
  const loggedIn = await refusing(() => logIn(tools, { login, password, trace }))
  const { login: actor } = memberOfRecord(loggedIn.record)
  const by = byOf({ actor, trace }, tools.now())
  const signIn = signInOf(loggedIn.record, randomUUID(), by.at)
  const entry = auditInsert(signedInEvent(loggedIn), by)
  await tools.store.write(batchBy(by, [...signIn.operations, entry]))
  return signIn.reply
}

/** A user of a backend, through the backend's own client. */
async function grantUser(
  tools: ToolsContext,
  client: Extract<OAuthClient, { kind: 'backend' }>,
  { login, password }: { readonly login: string; readonly password: string },
): Promise<TokenReply> {
  const { users } = tools
  if (!users) {
    const text = 'Team members log in with the client of the team, not with that of a backend.'
    throw new OAuthRefusal('unauthorized_client', text)
  }
  const { backendId, clientId } = client
  const user = await refusing(() => users.logIn(backendId, { login, password }))
  const { userId, proof } = user
  const grant: TokenGrant = { kind: 'user', backendId, clientId, userId, proof }
  return replyWith(await issueToken(tools, grant, { ttlMs: ACCESS_TTL_MS, actor: userId }))
}

/** A failed log-in, in the words of RFC 6749. */
async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ApiError) || error.status >= 500) throw error
    const { message, status, retryAfterS } = error
    const options = { cause: error, ...(status === 429 && { status }) }
    throw new OAuthRefusal('invalid_grant', message, {
      ...options,
      ...(retryAfterS !== null && { retryAfterS }),
    })
  }
}

/**
 * A backend gets a token for anyone who uses it. The team's client gets none: it is nobody, so it
 * has no role, and what it did would have no author.
 */
async function grantClientCredentials(tools: ToolsContext, { client }: Asked): Promise<TokenReply> {
  if (client.kind === 'team') {
    throw new OAuthRefusal(
      'unauthorized_client',
      'Use the grant type password, or make a token for a script with "homeport token create".',
    )
  }
  const options = { ttlMs: ACCESS_TTL_MS, actor: 'anonymous' }
  return replyWith(await issueToken(tools, client, options))
}

/** Good for one time: whoever comes second with a stolen refresh token gets nothing. */
async function grantRefresh(tools: ToolsContext, { client, form }: Asked): Promise<TokenReply> {
  if (client.kind !== 'team') {
    throw new OAuthRefusal('unauthorized_client', 'Only tokens of team members can be refreshed.')
  }
  const token = requiredField(form, 'refresh_token')
  return retrying(async () => {
    const grant = await findToken(tools, token)
    const record = grant?.kind === 'refresh' ? await memberBehind(tools, grant) : null
    if (grant?.kind !== 'refresh' || !record) {
      throw new OAuthRefusal('invalid_grant', 'The refresh token is unknown, used or expired.')
    }
    const at = tools.now()
    const { reply, operations } = signInOf(record, grant.family ?? randomUUID(), at)
    const used = { op: 'delete', address: tokenAddress(token) } as const
    const acting: Acting = { actor: memberOfRecord(record).login }
    // In one batch, so that a sign-out meets either the old tokens or the new ones.
    await tools.store.write(batchBy({ ...acting, at }, [used, ...operations]))
    return reply
  })
}

/** An hour, and the right to another. */
function signInOf(record: StoredRecord, family: string, at: number) {
  const { generation } = memberHidden(record)
  const holder = { memberId: record.id, generation, family }
  const access = newToken({ kind: 'member', ...holder }, ACCESS_TTL_MS, at)
  const refresh = newToken({ kind: 'refresh', ...holder }, REFRESH_TTL_MS, at)
  const reply: TokenReply = { ...replyWith(access.token), refresh_token: refresh.token }
  return { reply, operations: [access.operation, refresh.operation] }
}

function replyWith(token: string): TokenReply {
  return { access_token: token, token_type: 'Bearer', expires_in: ACCESS_TTL_MS / 1000 }
}
