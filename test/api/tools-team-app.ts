import type { LightMyRequestResponse } from 'fastify'
import type { Acting } from '../../src/tools/audit/entry.ts'
import type { Scope } from '../../src/tools/team/access.ts'
import { createMember, findMember } from '../../src/tools/team/members.ts'
import type { Role } from '../../src/tools/team/roles.ts'
import { ensureTeamClient } from '../../src/tools/team/team-client.ts'
import { createPersonalToken } from '../../src/tools/team/tokens.ts'
import type { OpenedStore, ToolsApp } from './tools-app.ts'
import { NOW, openToolsApp } from './tools-app.ts'

export const PASSWORD = 'correct horse'

type Opener = { readonly name: string; readonly open: () => Promise<OpenedStore> }

type Options = { readonly payload?: object; readonly headers?: Readonly<Record<string, string>> }

/** An app of the tools with a team that logs in. */
export type TeamApp = ToolsApp & {
  /** @returns the bearer token of a member */
  signIn(login: string, password?: string): Promise<string>
  member(login: string, ...roles: Role[]): Promise<string>
  /** Of a member, limited to scopes. */
  token(login: string, scopes: readonly Scope[] | null, role?: Role): Promise<string>
  /** A call with a token. */
  as(
    token: string,
    method: string,
    path: string,
    options?: Options,
  ): Promise<LightMyRequestResponse>
  /** A form to the token endpoint or its neighbour, by the client of the team. */
  post(
    path: 'token' | 'revoke',
    form: Readonly<Record<string, string>>,
  ): Promise<LightMyRequestResponse>
}

export async function openTeamApp(
  stores: Opener,
  options: { readonly listLimitMax?: number } = {},
): Promise<TeamApp> {
  const tools = await openToolsApp(stores, options)
  const client = await ensureTeamClient(tools.tools.store, NOW)
  const keys = `${client.id}:${client.secret.reveal()}`
  const post: TeamApp['post'] = (path, form) =>
    tools.app.inject({
      method: 'POST',
      url: `/oauth2/v1/${path}`,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        authorization: `Basic ${Buffer.from(keys).toString('base64')}`,
      },
      payload: new URLSearchParams(form).toString(),
    })
  return {
    ...tools,
    post,
    async signIn(username, password = PASSWORD) {
      const reply = await post('token', { grant_type: 'password', username, password })
      return reply.json().access_token
    },
    async member(login, ...roles) {
      const member = { login, password: PASSWORD, roles }
      return (await createMember(tools.tools, member, 'test')).id
    },
    async token(login, scopes, role) {
      const memberId = (await findMember(tools.tools, login))?.id ?? ''
      const wanted = { name: 'made', memberId, role: role ?? null, scopes }
      const acting: Acting = { actor: login }
      return (await createPersonalToken(tools.tools, wanted, acting)).token
    },
    as: (token, method, path, { payload, headers = {} } = {}) =>
      tools.call(method, path, {
        headers: { ...headers, authorization: `Bearer ${token}` },
        ...(payload && { payload }),
      }),
  }
}
