import assert from 'node:assert/strict'
import type { LightMyRequestResponse } from 'fastify'
import { createToken } from '../../src/tools/team/tokens.ts'
import type { TestApp, TestBackend } from './test-app.ts'

/** A backend with the keys of both of its doors. */
export type DoorKeys = TestBackend & {
  readonly name: string
  /** What `Oracle-Mobile-Backend-ID` says. */
  readonly header: string
  readonly anonymousKey: string
}

export type Sent = {
  /** `ann` is Basic with the password that all test users have; `null` is the anonymous key. */
  readonly as?: string | null
  /** Other credentials than those of `as`. */
  readonly authorization?: string
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly payload?: string | Buffer | object
}

export const PASSWORD = 'secret'

export function basic(login: string, password = PASSWORD): string {
  return `Basic ${Buffer.from(`${login}:${password}`).toString('base64')}`
}

/** The runtime of the Hub on a server under test, and the team that says what it does. */
export class PlatformApp {
  readonly test: TestApp
  /** `Authorization` of a team member. */
  readonly member: string
  #backends = 0

  private constructor(test: TestApp, token: string) {
    this.test = test
    this.member = `Bearer ${token}`
  }

  static async open(test: TestApp): Promise<PlatformApp> {
    const tools = test.context.tools
    const member = { role: 'Administrator', name: 'root', ttlMs: null } as const
    return new PlatformApp(test, await createToken(tools, member))
  }

  /** A call by the team, to a path after `/mobile/tools/1.0`. */
  team(
    method: string,
    path: string,
    payload?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<LightMyRequestResponse> {
    return this.test.app.inject({
      method: method as 'GET',
      url: `/mobile/tools/1.0${path}`,
      headers: { authorization: this.member, ...headers },
      ...(payload && { payload }),
    })
  }

  /** The same, and it has to succeed. */
  async done(method: string, path: string, payload?: object): Promise<LightMyRequestResponse> {
    const reply = await this.team(method, path, payload)
    assert.ok(reply.statusCode < 300, `${method} ${path}: ${reply.statusCode} ${reply.body}`)
    return reply
  }

  /** A draft backend; further fields as the tools API takes them. */
  async backend(fields: object = {}): Promise<DoorKeys> {
    this.#backends += 1
    const name = `Backend${this.#backends}`
    const reply = await this.done('POST', '/mobilebackends', { name, ...fields })
    return this.keys(reply.json().id)
  }

  /** The keys that a backend has now. */
  async keys(id: string): Promise<DoorKeys> {
    const shown = (await this.done('GET', `/mobilebackends/${id}`)).json()
    const keys = (await this.done('GET', `/mobilebackends/${id}/security/basic/keys`)).json()
    return {
      ...{ id, name: shown.name, key: shown.clientId, secret: shown.clientSecret },
      ...{ header: keys.basicAuthBackendId, anonymousKey: keys.anonymousKey },
    }
  }

  /** Changes a backend by PUT. */
  change({ id, name }: DoorKeys, changes: object): Promise<LightMyRequestResponse> {
    return this.done('PUT', `/mobilebackends/${id}`, { name, ...changes })
  }

  async publish({ id }: Pick<DoorKeys, 'id'>): Promise<void> {
    const agreed = (await this.done('GET', `/mobilebackends/${id}/publication`)).json()
    const assets = Object.values(agreed.dependencies as Record<string, { id?: string }[]>).flat()
    const dependencies = assets.filter((one) => one.id).map((one) => ({ id: one.id }))
    await this.done('POST', `/mobilebackends/${id}/publication`, { dependencies })
  }

  async policy(name: string, value: string): Promise<void> {
    await this.done('PUT', '/policies', { name, value })
  }

  /** A call by an app, to a path after `/mobile/platform`. */
  call(
    backend: Pick<DoorKeys, 'header' | 'anonymousKey'>,
    verb: string,
    path: string,
    { as = null, authorization, headers = {}, payload }: Sent = {},
  ): Promise<LightMyRequestResponse> {
    const own = as === null ? `Basic ${backend.anonymousKey}` : basic(as)
    const all = {
      authorization: authorization ?? own,
      'Oracle-Mobile-Backend-Id': backend.header,
      ...headers,
    }
    const sent = Object.entries(all).filter(([, value]) => value !== undefined)
    return this.test.app.inject({
      method: verb as 'GET',
      url: `/mobile/platform${path}`,
      headers: Object.fromEntries(sent),
      ...(payload !== undefined && { payload }),
    })
  }

  /** A token got from the token endpoint: of a user, or with `null` of nobody in particular. */
  async token(backend: DoorKeys, as: string | null): Promise<string> {
    const grant =
      as === null
        ? { grant_type: 'client_credentials' }
        : { grant_type: 'password', username: as, password: PASSWORD }
    const reply = await this.test.app.inject({
      method: 'POST',
      url: '/oauth2/v1/token',
      headers: {
        authorization: basic(backend.key, backend.secret),
        'content-type': 'application/x-www-form-urlencoded',
      },
      payload: new URLSearchParams(grant).toString(),
    })
    assert.equal(reply.statusCode, 200, reply.body)
    return `Bearer ${reply.json().access_token}`
  }
}

export function codeOf(reply: LightMyRequestResponse): readonly [number, string] {
  return [reply.statusCode, reply.json()['o:errorCode']]
}
