import type { LightMyRequestResponse } from 'fastify'
import type { DoorKeys, PlatformApp, Sent } from './platform-app.ts'

/** A collection that the apps of a backend reach. */
export class TestCollection {
  readonly platform: PlatformApp
  readonly backend: DoorKeys
  readonly name: string
  readonly id: string

  private constructor(
    platform: PlatformApp,
    backend: DoorKeys,
    made: { name: string; id: string },
  ) {
    this.platform = platform
    this.backend = backend
    this.name = made.name
    this.id = made.id
  }

  /** @param fields as the tools API takes them */
  static async make(
    platform: PlatformApp,
    backend: DoorKeys,
    fields: { readonly name: string; readonly [member: string]: unknown },
  ): Promise<TestCollection> {
    // Names are of the whole installation, and each test has its own collection.
    const name = `${fields.name}${backend.name}`
    const { id } = (await platform.done('POST', '/collections', { ...fields, name })).json()
    const made = new TestCollection(platform, backend, { name, id })
    await made.associateWith(backend)
    return made
  }

  async associateWith({ id }: Pick<DoorKeys, 'id'>): Promise<void> {
    await this.platform.done('PUT', `/mobilebackends/${id}/collections/${this.id}`)
  }

  /** A call to a path below the collection. */
  call(verb: string, path: string, sent: Sent = {}, backend?: DoorKeys) {
    const url = `/storage/collections/${this.name}${path}`
    return this.platform.call(backend ?? this.backend, verb, url, sent)
  }

  get(path: string, as: string | null, headers: Sent['headers'] = {}) {
    return this.call('GET', path, { as, headers })
  }

  put(
    path: string,
    as: string | null,
    payload: string | Buffer,
    headers: Sent['headers'] = {},
  ): Promise<LightMyRequestResponse> {
    const all = { 'content-type': 'text/plain', ...headers }
    return this.call('PUT', path, { as, payload, headers: all })
  }

  /** The ids of the objects in a list. */
  async ids(query: string, as: string | null): Promise<string[]> {
    const { items } = (await this.get(`/objects${query}`, as)).json()
    return items.map(({ id }: { id: string }) => id)
  }
}
