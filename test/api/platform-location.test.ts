import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { createToken } from '../../src/tools/team/tokens.ts'
import { basic, codeOf, type DoorKeys, PlatformApp } from '../support/platform-app.ts'
import { onEachDatabase } from '../support/test-app.ts'

type Kind = 'places' | 'assets' | 'devices'
type Item = { readonly id: string; readonly name: string }

const point = (latitude: number, longitude: number) => ({ gpsPoint: { latitude, longitude } })
const beacon = (minor: number) => ({
  iBeacon: { uuid: 'b9407f30-f5f8-466e-aff9-25556b57fe6d', major: 1, minor },
})
const UNKNOWN = '0123456789abcdef01234567'

/** Things that are refused, and why. */
const REFUSED: readonly (readonly [what: string, kind: Kind, item: object, why: string])[] = [
  ['no name', 'places', { label: 'x' }, "'name' is required"],
  ['a long label', 'assets', { name: 'a', label: 'a'.repeat(256) }, "'label' must have"],
  ['hashes as attributes', 'places', { name: 'a', attributes: { b: {} } }, "'attributes' must"],
  ['two addresses', 'places', { name: 'a', address: {} }, "'address' must have one"],
  ['a point off the earth', 'places', { name: 'a', address: point(91, 0) }, "'latitude' and"],
  ['a line as an area', 'places', { name: 'a', address: { gpsPolygon: { points: [{}] } } }, '3 to'],
  ['an unknown parent', 'places', { name: 'a', parentPlace: UNKNOWN }, 'nothing under the id'],
  ['an unknown protocol', 'devices', { name: 'a', beacon: { wifi: {} } }, "'beacon' must have one"],
  ['a bad number', 'devices', { name: 'a', beacon: { iBeacon: { major: 'x' } } }, "'major' of"],
  [
    'two places',
    'devices',
    { name: 'a', associatedPlaceId: UNKNOWN, associatedAssetId: UNKNOWN },
    'Only one',
  ],
]

const BAD_QUERIES: readonly object[] = [
  ...[{ limit: 0 }, { limit: 'x' }, { offset: -1 }, { orderBy: 'colour' }, { format: 'tall' }],
  ...[{ search: 7 }, { associatedDeviceId: UNKNOWN, associatedAssetId: UNKNOWN }],
  ...[{ nearestTo: {} }, { inGeoFence: { gpsCircle: { latitude: 1, longitude: 1 } } }],
]

onEachDatabase('location', (app) => {
  let platform: PlatformApp
  before(async () => {
    platform = await PlatformApp.open(app())
  })
  const manage = (
    { header }: DoorKeys,
    verb: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    payload?: object,
    authorization = platform.member,
  ) =>
    app().app.inject({
      ...{ method: verb, url: `/mobile/system/locationManagement/${path}` },
      headers: { authorization, 'Oracle-Mobile-Backend-ID': header },
      ...(payload && { payload }),
    })
  const add = async (backend: DoorKeys, kind: Kind, ...items: object[]): Promise<Item[]> => {
    const reply = await manage(backend, 'POST', kind, { items })
    assert.equal(reply.statusCode, 201, reply.body)
    return reply.json().items
  }
  const query = async (backend: DoorKeys, kind: Kind, payload: object) => {
    const path = `/location/${kind}/query`
    const reply = await platform.call(backend, 'POST', path, { payload })
    assert.equal(reply.statusCode, 200, reply.body)
    return reply.json()
  }
  const found = async (backend: DoorKeys, kind: Kind, payload: object) =>
    (await query(backend, kind, payload)).items.map((one: Item) => one.name)

  /** Three places, two of them near to each other; an asset; a device at each of two. */
  const scene = async () => {
    const backend = await platform.backend()
    const [north, middle, south] = await add(
      backend,
      'places',
      { name: 'North', label: 'gate 1', address: point(48.21, 16.37), attributes: { floor: 2 } },
      { name: 'Middle', description: 'The hall.', address: point(48.2, 16.37) },
      { name: 'South', label: 'gate 2', address: point(47.07, 15.44), attributes: { floor: 1 } },
    )
    const [crane] = await add(backend, 'assets', { name: 'Crane' })
    const [first, second] = await add(
      backend,
      'devices',
      { name: 'one', beacon: beacon(1), associatedPlaceId: north?.id },
      { name: 'two', beacon: beacon(2), associatedAssetId: crane?.id },
    )
    return { backend, north, middle, south, crane, first, second }
  }

  describe('queries', () => {
    it('find by text, attributes and beacons', async () => {
      const { backend } = await scene()
      const order = { orderBy: 'name:asc' }
      for (const [kind, asked, expected] of [
        ['places', {}, ['Middle', 'North', 'South']],
        ['places', { search: 'GATE' }, ['North', 'South']],
        ['places', { search: 'hall.' }, ['Middle']],
        ['places', { name: 'or' }, ['North']],
        ['places', { label: 'gate', name: 'south' }, ['South']],
        ['places', { attributes: { floor: 2 } }, ['North']],
        ['places', { attributes: { floor: '2' } }, []],
        ['devices', { minor: 2 }, ['two']],
        ['devices', { major: 1 }, ['one', 'two']],
        ['assets', { search: 'x' }, []],
      ] as const) {
        const names = await found(backend, kind, { ...order, ...asked })
        assert.deepEqual(names, expected, JSON.stringify(asked))
      }
    })

    it('find what is near, and what is in a circle', async () => {
      const { backend } = await scene()
      const near = { nearestTo: point(48.19, 16.37) }
      assert.deepEqual(await found(backend, 'places', near), ['Middle', 'North', 'South'])
      const circle = (radius: number) => ({
        inGeoFence: { gpsCircle: { latitude: 48.2, longitude: 16.37, radius } },
        orderBy: 'name:desc',
      })
      assert.deepEqual(await found(backend, 'places', circle(500)), ['Middle'])
      assert.deepEqual(await found(backend, 'places', circle(5000)), ['North', 'Middle'])
    })

    it('find what a device is at, and the devices of an asset', async () => {
      const { backend, first, second, crane } = await scene()
      const at = (one: Item | undefined) => ({ associatedDeviceId: one?.id })
      assert.deepEqual(await found(backend, 'places', at(first)), ['North'])
      assert.deepEqual(await found(backend, 'places', at(second)), [])
      assert.deepEqual(await found(backend, 'assets', at(second)), ['Crane'])
      const of = { associatedAssetId: crane?.id }
      assert.deepEqual(await found(backend, 'devices', of), ['two'])
    })

    it('come in pages, short or long', async () => {
      const { backend } = await scene()
      const asked = { orderBy: 'name:asc', limit: 2 }
      const page = await query(backend, 'places', asked)
      const { count, hasMore, limit, offset } = page
      assert.deepEqual([count, hasMore, limit, offset], [2, true, 2, 0])
      assert.equal('address' in page.items[0], false)
      const rest = await query(backend, 'places', { ...asked, offset: 2, format: 'long' })
      assert.deepEqual([rest.count, rest.hasMore], [1, false])
      assert.deepEqual(rest.items[0].address, point(47.07, 15.44))
      assert.equal((await query(backend, 'places', {})).limit, 40)
      assert.equal((await query(backend, 'places', { limit: 500 })).limit, 100)
    })

    for (const asked of BAD_QUERIES) {
      it(`refuse ${JSON.stringify(asked)}`, async () => {
        const backend = await platform.backend()
        const path = '/location/places/query'
        const reply = await platform.call(backend, 'POST', path, { payload: asked })
        assert.deepEqual(codeOf(reply), [400, 'MOBILE-10011'])
      })
    }

    it('show one, and nothing of another backend', async () => {
      const [{ backend, north }, { backend: other }] = [await scene(), await scene()]
      const path = `/location/places/${north?.id}`
      const shown = await platform.call(backend, 'GET', path)
      const { name, label, links } = shown.json()
      assert.deepEqual([shown.statusCode, name, label], [200, 'North', 'gate 1'])
      assert.equal(links[0].href, `/mobile/platform${path}`)
      for (const reply of [
        await platform.call(other, 'GET', path),
        await platform.call(backend, 'GET', `/location/assets/${north?.id}`),
        await platform.call(backend, 'GET', '/location/places/x'),
      ]) {
        assert.deepEqual(codeOf(reply), [404, 'MOBILE-10226'])
      }
      const unknown = await platform.call(backend, 'GET', `/location/people/${north?.id}`)
      assert.equal(unknown.statusCode, 404)
    })
  })

  describe('management', () => {
    it('changes and removes, and lists in pages', async () => {
      const { backend, north } = await scene()
      const path = `places/${north?.id}`
      const changed = await manage(backend, 'PUT', path, { name: 'Nord', parentPlace: null })
      assert.deepEqual([changed.statusCode, changed.json().name], [200, 'Nord'])
      assert.deepEqual(await found(backend, 'places', { search: 'gate' }), ['South'])
      const list = (await manage(backend, 'GET', 'places?orderBy=name:asc&limit=1')).json()
      assert.deepEqual([list.items[0].name, list.hasMore], ['Middle', true])
      assert.equal((await manage(backend, 'DELETE', path)).statusCode, 204)
      for (const verb of ['GET', 'DELETE'] as const) {
        assert.deepEqual(codeOf(await manage(backend, verb, path)), [404, 'MOBILE-10226'])
      }
    })

    it('lets each name, and each beacon, be of one thing only', async () => {
      const { backend } = await scene()
      const taken = [
        ['places', { name: 'North' }],
        ['devices', { name: 'three', beacon: beacon(1) }],
      ] as const
      for (const [kind, item] of taken) {
        const reply = await manage(backend, 'POST', kind, { items: [{ name: 'new' }, item] })
        assert.deepEqual(codeOf(reply), [409, 'MOBILE-10227'])
        assert.deepEqual(await found(backend, kind, { name: 'new' }), [])
      }
      await add(backend, 'assets', { name: 'North' })
      await add(await platform.backend(), 'places', { name: 'North' })
    })

    for (const [what, kind, item, why] of REFUSED) {
      it(`refuses ${what}`, async () => {
        const backend = await platform.backend()
        const reply = await manage(backend, 'POST', kind, { items: [{ name: 'good' }, item] })
        assert.deepEqual(codeOf(reply), [400, 'MOBILE-10011'])
        assert.ok(reply.json().detail.includes(why), reply.json().detail)
        assert.deepEqual(await found(backend, kind, {}), [])
      })
    }

    it('is for developers of the team alone', async () => {
      const { backend, north } = await scene()
      await app().admin('root', backend)
      const analyst = { role: 'Analyst', name: 'leo', ttlMs: null } as const
      const token = await createToken(app().context.tools, analyst)
      for (const [authorization, status] of [
        [`Bearer ${token}`, 403],
        [basic('root'), 401],
        [`Basic ${backend.anonymousKey}`, 401],
      ] as const) {
        const path = `places/${north?.id}`
        const reply = await manage(backend, 'DELETE', path, undefined, authorization)
        assert.equal(reply.statusCode, status)
      }
      assert.equal((await found(backend, 'places', {})).length, 3)
    })
  })
})
