import type { StoredRecord } from '../../storage/port.ts'
import type { ToolsContext } from '../context.ts'
import { memberBehind } from './bearer.ts'
import { logIn } from './log-in.ts'
import { memberHidden, memberOfRecord } from './member.ts'
import { authenticateClient, type Form, type OAuthClient } from './oauth-client.ts'
import { OAuthRefusal } from './oauth-refusal.ts'
import { consumeToken, findToken, issueToken, sweepTokens } from './tokens.ts'

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

type Grant = (tools: ToolsContext, client: OAuthClient, form: Form) => Promise<TokenReply>

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
  authorization: string | undefined,
  form: Form,
): Promise<TokenReply> {
  const client = await authenticateClient(tools.store, authorization, form)
  const grant = GRANTS.get(required(form, 'grant_type'))
  if (!grant) {
    const known = [...GRANTS.keys()].join(', ')
    throw new OAuthRefusal('unsupported_grant_type', `Use one of the grant types ${known}.`)
  }
  await sweepTokens(tools)
  return grant(tools, client, form)
}

async function grantPassword(
  tools: ToolsContext,
  client: OAuthClient,
  form: Form,
): Promise<TokenReply> {
  requireTeam(
    client,
    'Team members log in with the client of the team, not with that of a backend.',
  )
  const login = required(form, 'username')
  const password = required(form, 'password')
  return memberReply(tools, await logIn(tools, { login, password }))
}

/**
 * A backend gets a token for anyone who uses it. The team's client gets none: it is nobody, so it
 * has no role, and what it did would have no author.
 */
async function grantClientCredentials(
  tools: ToolsContext,
  client: OAuthClient,
): Promise<TokenReply> {
  if (client.kind === 'team') {
    throw new OAuthRefusal(
      'unauthorized_client',
      'Use the grant type password, or make a token for a script with "homeport token create".',
    )
  }
  const options = { ttlMs: ACCESS_TTL_MS, actor: 'anonymous' }
  return replyWith(await issueToken(tools, client, options))
}

async function grantRefresh(
  tools: ToolsContext,
  client: OAuthClient,
  form: Form,
): Promise<TokenReply> {
  requireTeam(client, 'Only tokens of team members can be refreshed.')
  const token = required(form, 'refresh_token')
  const grant = await findToken(tools, token)
  const member = grant?.kind === 'refresh' ? await memberBehind(tools, grant) : null
  // Good for one time: whoever comes second with a stolen one gets nothing.
  if (!member || !(await consumeToken(tools, token))) {
    throw new OAuthRefusal('invalid_grant', 'The refresh token is unknown, used or expired.')
  }
  return memberReply(tools, member)
}

async function memberReply(tools: ToolsContext, record: StoredRecord): Promise<TokenReply> {
  const { id: memberId, login: actor } = memberOfRecord(record)
  const holder = { memberId, generation: memberHidden(record).generation }
  const access = await issueToken(
    tools,
    { kind: 'member', ...holder },
    { ttlMs: ACCESS_TTL_MS, actor },
  )
  const refresh = await issueToken(
    tools,
    { kind: 'refresh', ...holder },
    { ttlMs: REFRESH_TTL_MS, actor },
  )
  return { ...replyWith(access), refresh_token: refresh }
}

function replyWith(token: string): TokenReply {
  return { access_token: token, token_type: 'Bearer', expires_in: ACCESS_TTL_MS / 1000 }
}

function requireTeam(client: OAuthClient, message: string): void {
  if (client.kind !== 'team') throw new OAuthRefusal('unauthorized_client', message)
}

function required(form: Form, name: string): string {
  const value = form.get(name)
  if (!value) throw new OAuthRefusal('invalid_request', `'${name}' is required.`)
  return value
}
