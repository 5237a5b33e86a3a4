import assert from 'node:assert/strict'
import type { LightMyRequestResponse } from 'fastify'
import { formWith } from './api-files.ts'
import { basic, type DoorKeys, PlatformApp, type Sent } from './platform-app.ts'
import type { TestApp } from './test-app.ts'

export type MadeApi = {
  readonly id: string
  readonly name: string
  readonly defaultImplementationId: string
}

/** Custom APIs on a server under test: those who make them, and the apps that call them. */
export class CustomApp {
  readonly platform: PlatformApp
  #names = 0

  private constructor(platform: PlatformApp) {
    this.platform = platform
  }

  static async open(test: TestApp): Promise<CustomApp> {
    return new CustomApp(await PlatformApp.open(test))
  }

  newName(): string {
    this.#names += 1
    return `custom${this.#names}`
  }

  /** An API on a backend, which is a new one unless it is given. */
  async api(
    members: object = {},
    on?: DoorKeys,
  ): Promise<{ readonly api: MadeApi; readonly backend: DoorKeys }> {
    const backend = on ?? (await this.platform.backend())
    const reply = await this.platform.done('POST', '/apis', { name: this.newName(), ...members })
    const api: MadeApi = reply.json()
    await this.platform.done('PUT', `/mobilebackends/${backend.id}/apis/${api.id}`)
    return { api, backend }
  }

  /** An uploaded implementation that is the default. */
  async upload(
    { id }: Pick<MadeApi, 'id'>,
    archive: Buffer,
  ): Promise<{ readonly implementationId: string; readonly name: string }> {
    const { payload, headers } = await formWith(archive)
    const url = `/apis/${id}/implementations`
    const reply = await this.platform.team('POST', url, payload, headers)
    assert.equal(reply.statusCode, 201, reply.body)
    const { implementationId } = reply.json()
    await this.platform.done('PUT', `${url}/default/${implementationId}`)
    const { name } = (
      await this.platform.done('GET', `/implementations/${implementationId}`)
    ).json()
    return { implementationId, name }
  }

  /** A call by an app, to a path after `/mobile/custom/`. */
  call(
    backend: Pick<DoorKeys, 'header' | 'anonymousKey'>,
    verb: string,
    path: string,
    { as = null, authorization, headers = {}, payload }: Sent = {},
  ): Promise<LightMyRequestResponse> {
    const all = {
      authorization: authorization ?? (as === null ? `Basic ${backend.anonymousKey}` : basic(as)),
      'oracle-mobile-backend-id': backend.header,
      ...headers,
    }
    const sent = Object.entries(all).filter(([, value]) => value !== undefined)
    return this.platform.test.app.inject({
      method: verb as 'GET',
      url: `/mobile/custom/${path}`,
      headers: Object.fromEntries(sent),
      ...(payload !== undefined && { payload }),
    })
  }
}
