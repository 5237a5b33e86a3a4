import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { createToken } from '../../src/tools/team/tokens.ts'
import { codeOf, type DoorKeys, PlatformApp } from '../support/platform-app.ts'
import { onEachDatabase } from '../support/test-app.ts'

const EVENT = { name: 'order', timestamp: '2026-06-01T22:30:00Z', properties: { items: 3 } }
const context = (properties: object) => ({ type: 'system', name: 'context', properties })

/** Events that are refused, and why; each in a batch with a good one. */
const REFUSED: readonly (readonly [what: string, event: unknown, why: string])[] = [
  ['no object', 'order', 'must be an object'],
  ['no name', { timestamp: EVENT.timestamp }, "'name' is required"],
  ['an unknown type', { ...EVENT, type: 'other' }, "'type' must be"],
  ['an unknown system event', { type: 'system', name: 'boot' }, 'A system event is one of'],
  ['a session without its id', { type: 'system', name: 'sessionStart' }, "'sessionID' is required"],
  ['a time in words', { ...EVENT, timestamp: 'noon' }, "'timestamp' must be"],
  ['properties that are a list', { ...EVENT, properties: [] }, "'properties' must be an object"],
  ['properties in properties', { ...EVENT, properties: { a: {} } }, "Each of 'properties'"],
  ['half a position', context({ latitude: 1 }), "'latitude' and 'longitude' must be"],
  ['a position off the earth', context({ latitude: 91, longitude: 0 }), 'must be degrees'],
  ['two ways', context({ latitude: 1, longitude: 1, country: 'AT' }), 'not both'],
]

const BAD_QUERIES = ['by=week', 'from=then', 'from=2026-06-02&to=2026-06-01', 'from=2020-01-01']

onEachDatabase('analytics', (app) => {
  let platform: PlatformApp
  let apps = 0
  before(async () => {
    platform = await PlatformApp.open(app())
  })
  const named = () => {
    apps += 1
    return `Usage ${apps}`
  }
  const scene = (timeZone?: string) =>
    platform.backend({ analyticsAppName: named(), analyticsAppTimeZone: timeZone })
  const tell = (backend: DoorKeys, payload: object, headers: Record<string, string> = {}) =>
    platform.call(backend, 'POST', '/analytics/events', { payload, headers })
  const JUNE = 'from=2026-06-01&to=2026-06-03'
  const counts = async ({ id }: DoorKeys, query = JUNE) =>
    (await platform.done('GET', `/mobilebackends/${id}/analytics?${query}`)).json()
  const guidOf = async ({ id }: DoorKeys) =>
    (await platform.done('GET', `/mobilebackends/${id}`)).json().analyticsAppGuid

  describe('apps', () => {
    it('are made with a backend that names one', async () => {
      const name = named()
      const fields = { analyticsAppName: name, analyticsAppTimeZone: 'Europe/Vienna' }
      const backend = await platform.backend(fields)
      const guid = await guidOf(backend)
      const shown = (await platform.done('GET', `/analytics/apps/${guid}`)).json()
      assert.deepEqual([shown.name, shown.timeZone], [name, 'Europe/Vienna'])
      const again = await platform.backend(fields)
      assert.equal(await guidOf(again), null)
      const { etag } = (await platform.done('GET', `/mobilebackends/${backend.id}`)).json()
      assert.equal(etag, '1')
    })

    it('are not made without a name, in no time zone, or for a backend that is not', async () => {
      const total = async () => (await platform.done('GET', '/analytics/apps')).json().totalResults
      const before_ = await total()
      assert.equal(await guidOf(await platform.backend({ analyticsAppTimeZone: 'UTC' })), null)
      const nowhere = { analyticsAppName: named(), analyticsAppTimeZone: 'Moon/Base' }
      const backend = await platform.backend(nowhere)
      assert.equal(await guidOf(backend), null)
      const taken = { name: backend.name, analyticsAppName: named() }
      assert.equal((await platform.team('POST', '/mobilebackends', taken)).statusCode, 409)
      assert.equal(await total(), before_)
    })

    it('can be made, listed, changed and removed', async () => {
      const name = named()
      const made = await platform.done('POST', '/analytics/apps', { name })
      const { id, timeZone, etag } = made.json()
      assert.deepEqual([timeZone, etag, made.headers.etag], ['UTC', '1', '"1"'])
      assert.equal(made.headers.location, `/mobile/tools/1.0/analytics/apps/${id}`)
      const path = `/analytics/apps/${id}`
      const stale = { 'if-match': '"7"' }
      assert.equal((await platform.team('PUT', path, { name }, stale)).statusCode, 412)
      await platform.done('PUT', path, { name, timeZone: 'Asia/Tokyo' })
      const { items } = (await platform.done('GET', '/analytics/apps')).json()
      const mine = items.find((one: { id: string }) => one.id === id)
      assert.deepEqual([mine.timeZone, mine.etag], ['Asia/Tokyo', '2'])
      const taken = await platform.team('POST', '/analytics/apps', { name })
      assert.deepEqual(codeOf(taken), [409, 'MOBILE-10104'])
      const bad = await platform.team('POST', '/analytics/apps', { timeZone: 'Moon/Base' })
      assert.deepEqual(codeOf(bad), [400, 'MOBILE-10011'])
      await platform.done('DELETE', path)
      assert.deepEqual(codeOf(await platform.team('GET', path)), [404, 'MOBILE-10225'])
    })

    it('can be read by analysts, who change nothing', async () => {
      const backend = await scene()
      const analyst = { role: 'Analyst', name: 'leo', ttlMs: null } as const
      const token = await createToken(app().context.tools, analyst)
      const headers = { authorization: `Bearer ${token}` }
      const path = `/analytics/apps/${await guidOf(backend)}`
      for (const [verb, url, status] of [
        ['GET', '/analytics/apps', 200],
        ['GET', path, 200],
        ['GET', `/mobilebackends/${backend.id}/analytics`, 200],
        ['DELETE', path, 403],
        ['GET', `/mobilebackends/${backend.id}`, 403],
      ] as const) {
        const reply = await platform.team(verb, url, undefined, headers)
        assert.equal(reply.statusCode, status, url)
      }
    })
  })

  describe('events', () => {
    it('are counted by name and by the days of the app', async () => {
      const backend = await scene('Europe/Vienna')
      const other = { ...EVENT, name: 'visit', timestamp: '2026-06-01T10:00:00Z' }
      const reply = await tell(backend, [EVENT, EVENT, other])
      assert.equal(reply.statusCode, 202)
      const guid = await guidOf(backend)
      assert.deepEqual(await counts(backend, `${JUNE}&by=day&name=order`), {
        ...{ analyticsAppGuid: guid, timeZone: 'Europe/Vienna', name: 'order' },
        ...{ from: '2026-06-01T00:00:00.000Z', to: '2026-06-03T00:00:00.000Z', count: 2 },
        items: [
          { day: '2026-06-01', count: 0 },
          { day: '2026-06-02', count: 2 },
          { day: '2026-06-03', count: 0 },
        ],
      })
      assert.equal((await counts(backend)).count, 3)
      assert.equal((await counts(backend, 'from=2026-06-02&to=2026-06-03')).count, 0)
      assert.equal((await counts(await scene())).count, 0)
    })

    it('have the session of the header where they name none', async () => {
      const backend = await scene()
      const start = { type: 'system', name: 'sessionStart' }
      const headers = { 'Oracle-Mobile-Analytics-Session-ID': 's1' }
      assert.equal((await tell(backend, [start], headers)).statusCode, 202)
      assert.equal((await tell(backend, [{ ...start, sessionID: 's2' }])).statusCode, 202)
      const position = context({ latitude: 48.2, longitude: 16.4, model: 'X' })
      assert.equal((await tell(backend, [position])).statusCode, 202)
      assert.equal((await counts(backend, 'name=sessionStart')).count, 2)
    })

    for (const [what, event, why] of REFUSED) {
      it(`are refused, all of them, with one that has ${what}`, async () => {
        const backend = await scene()
        const reply = await tell(backend, [EVENT, event])
        assert.deepEqual(codeOf(reply), [400, 'MOBILE-10011'])
        assert.ok(reply.json().detail.includes(why), reply.json().detail)
        assert.match(reply.json().detail, /^Event 1: /)
        assert.equal((await counts(backend)).count, 0)
      })
    }

    for (const payload of [{}, [], Array.from({ length: 1001 }, () => EVENT)]) {
      it(`are refused as ${JSON.stringify(payload).slice(0, 20)}`, async () => {
        assert.equal((await tell(await scene(), payload)).statusCode, 400)
      })
    }

    it('are taken and dropped where there is no analytics app', async () => {
      const backend = await platform.backend()
      assert.equal((await tell(backend, [EVENT])).statusCode, 202)
      assert.equal((await tell(backend, [{}])).statusCode, 400)
      const none = await platform.team('GET', `/mobilebackends/${backend.id}/analytics`)
      assert.deepEqual(codeOf(none), [404, 'MOBILE-10225'])
      const { id } = (await platform.done('POST', '/analytics/apps', { name: named() })).json()
      await platform.policy(`${backend.name}(1.0).*.Analytics_ApplicationGuid`, id)
      assert.equal((await counts(backend)).count, 0)
      await tell(backend, [EVENT])
      const { count, analyticsAppGuid } = await counts(backend)
      assert.deepEqual([count, analyticsAppGuid], [1, id])
    })

    for (const query of BAD_QUERIES) {
      it(`are not counted by ${query}`, async () => {
        const { id } = await scene()
        const reply = await platform.team('GET', `/mobilebackends/${id}/analytics?${query}`)
        assert.deepEqual(codeOf(reply), [400, 'MOBILE-10011'])
      })
    }
  })
})
