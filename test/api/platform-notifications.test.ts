import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { beginNotification } from '../../src/platform/notifications/job.ts'
import { createToken } from '../../src/tools/team/tokens.ts'
import { basic, codeOf, type DoorKeys, PlatformApp } from '../support/platform-app.ts'
import {
  APNS,
  androidPayloads,
  configure,
  FCM,
  pushServices,
  reached,
} from '../support/push-app.ts'
import { iosToken } from '../support/push-stand-in.ts'
import { onEachDatabase } from '../support/test-app.ts'

const { services, env } = await pushServices()

const SECOND_MS = 1000
const many = (length: number) => Array.from({ length }, (_, at) => `t${at}`)

/** Bodies that are refused, and why. */
const REFUSED: readonly (readonly [what: string, body: object, code: number, why: string])[] = [
  ['nothing to say', { tag: 'x' }, 10011, "One of 'payload'"],
  ['a message that is a number', { message: 7 }, 10011, "'message' must be text"],
  ['another template', { template: { name: 'x', parameters: { body: 'b' } } }, 10011, '#default'],
  ['a template without a body', { template: { name: '#default' } }, 10011, "'body' is required"],
  ['an unknown service', { payload: { services: { fax: {} } } }, 10011, "no service 'fax'"],
  ['no service', { payload: { services: {} } }, 10011, 'nothing for any device'],
  ['a bad badge', { payload: { alert: 'a', badge: 'x' } }, 10011, "'badge' must be"],
  ['too many bytes', { payload: { alert: 'ä'.repeat(2050) } }, 10011, 'at most 4096 bytes'],
  ['no token of a list', { message: 'a', notificationTokens: [] }, 10011, '1 to 1000'],
  ['1001 tokens', { message: 'a', notificationTokens: many(1001) }, 10011, '1 to 1000'],
  [
    'tokens and users',
    { message: 'a', notificationTokens: ['t'], users: ['u'] },
    10011,
    'combined',
  ],
  ['roles that mean nothing', { message: 'a', roles: ['Tech'] }, 10011, 'rolesAdminOnly'],
  ['an unknown platform', { message: 'a', platform: 'TV' }, 10011, 'no platform'],
  ['WNS', { message: 'a', provider: 'WNS' }, 10221, 'WNS'],
  [
    'Apple for Android',
    { message: 'a', platform: 'ANDROID', provider: 'APNS' },
    10011,
    'No device',
  ],
  ['a time in words', { message: 'a', sendOn: 'tomorrow' }, 10011, "'sendOn' must be"],
  ['a time in ten years', { message: 'a', sendOn: '2099-01-01' }, 10011, "'sendOn' must be"],
  ['a long tag', { message: 'a', tag: 'a'.repeat(256) }, 10011, "'tag' must have"],
]

const BAD_QUERIES = ['status=lost', 'orderBy=colour', 'createdOnOrAfter=then', 'limit=0', 'q=a&q=b']

onEachDatabase(
  'notifications',
  (app) => {
    let platform: PlatformApp
    before(async () => {
      platform = await PlatformApp.open(app())
    })

    const at = ({ id }: DoorKeys, rest = '') =>
      `/notifications/mobilebackends/${id}/notifications${rest}`
    /** A backend in which ann has an Android device, bob an iPhone and nobody another Android. */
    const scene = async (credentials?: Parameters<typeof configure>[1]) => {
      const backend = await platform.backend()
      await configure(app(), credentials, backend)
      const bobs = iosToken(`bob${backend.name}`)
      for (const [as, platformName, provider, token] of [
        ['ann', 'ANDROID', 'FCM', 'anns'],
        ['bob', 'IOS', 'APNS', bobs],
        [null, 'ANDROID', 'FCM', 'free'],
      ] as const) {
        if (as) await app().user(as, backend)
        const payload = {
          mobileClient: { id: 'app', platform: platformName },
          ...{ notificationProvider: provider, notificationToken: token },
        }
        await platform.call(backend, 'POST', '/devices/register', { as, payload })
      }
      services.forget()
      return { backend, bobs }
    }
    const send = async (backend: DoorKeys, body: object) => {
      const reply = await platform.done('POST', at(backend), body)
      assert.equal(reply.statusCode, 201)
      return reply.json()
    }
    const read = async (backend: DoorKeys, id: string) =>
      (await platform.done('GET', at(backend, `/${id}`))).json()
    const outcome = async (backend: DoorKeys, body: object) => {
      const { id } = await send(backend, body)
      await app().settle()
      return { got: reached(services), shown: await read(backend, id) }
    }
    const list = async (backend: DoorKeys, query = '') =>
      (await platform.done('GET', at(backend, `?${query}`))).json()
    const tags = async (backend: DoorKeys, query: string) =>
      (await list(backend, query)).items.map((one: { tag: string }) => one.tag)

    describe('that are sent', () => {
      it('reach every device that is registered, and tell how it went', async () => {
        const { backend, bobs } = await scene()
        const values = { channel: 'news', device_token: 'old', type: 'android' }
        await app().call('POST', 'push_notification/subscribe_token', values, null, backend)
        const made = await platform.done('POST', at(backend), { message: 'Gale', tag: 'Storm' })
        const { status, deviceCount, id } = made.json()
        assert.deepEqual([status, deviceCount], ['New', 0])
        assert.equal(made.headers.location, `/mobile/tools/1.0${at(backend, `/${id}`)}`)
        await app().settle()
        assert.deepEqual(reached(services), ['anns', 'free', 'old', bobs].sort())
        assert.deepEqual(androidPayloads(services).anns, [{ android: { alert: 'Gale' } }])
        const shown = await read(backend, id)
        assert.deepEqual(
          [shown.status, shown.deviceCount, shown.sentCount, shown.failures, shown.createdBy],
          ['Sent', 4, 4, [], 'root'],
        )
        assert.ok(shown.processedOn >= shown.createdOn)
        assert.deepEqual([shown.message, shown.tag, shown.sendOn], ['Gale', 'Storm', null])
      })

      it('reach nobody of another backend', async () => {
        const [{ backend, bobs }, { bobs: others }] = [await scene(), await scene()]
        const { got } = await outcome(backend, { message: 'Gale' })
        assert.deepEqual(got, ['anns', 'free', bobs].sort())
        assert.equal(got.includes(others), false)
      })

      it('are for those who are named, by token, user, platform and provider', async () => {
        const { backend, bobs } = await scene()
        for (const [target, expected] of [
          [{ notificationTokens: ['anns', 'unknown'] }, ['anns']],
          [{ users: ['bob'] }, [bobs]],
          [{ users: ['nobody'] }, []],
          [{ platform: 'android' }, ['anns', 'free']],
          [{ provider: 'GCM' }, ['anns', 'free']],
          [{ provider: 'APNS' }, [bobs]],
          [{ platform: 'ANDROID', users: ['ann', 'bob'] }, ['anns']],
        ] as const) {
          services.forget()
          const { got, shown } = await outcome(backend, { message: 'a', ...target })
          assert.deepEqual(got, expected, JSON.stringify(target))
          assert.deepEqual([shown.status, shown.deviceCount], ['Sent', expected.length])
          assert.equal(JSON.stringify(shown).includes('anns'), false)
        }
      })

      it('are for the users with a role, where users cannot give themselves one', async () => {
        const { backend, bobs } = await scene()
        const admin = await app().admin('root', backend)
        await app().set({ rolesAdminOnly: true }, backend)
        const bob = (await app().call('GET', 'users/query', {}, admin, backend)).body.response.users
        const { id } = bob.find((one: { username: string }) => one.username === 'bob')
        await app().call('PUT', 'users/update', { su_id: id, role: 'Chief,Tech' }, admin, backend)
        assert.deepEqual((await outcome(backend, { message: 'a', roles: ['Tech'] })).got, [bobs])
        services.forget()
        const both = { message: 'a', roles: ['Tech'], users: ['ann'] }
        assert.deepEqual((await outcome(backend, both)).got, ['anns', bobs].sort())
        services.forget()
        assert.deepEqual((await outcome(backend, { message: 'a', roles: ['Te'] })).got, [])
      })

      it('say the payload before the template before the message', async () => {
        const { backend, bobs } = await scene()
        const template = {
          name: '#default',
          parameters: { title: 'Storm', body: 'Gale', sound: 'horn', custom: { id: 7 } },
        }
        await outcome(backend, { message: 'no', template })
        assert.deepEqual(androidPayloads(services).anns, [
          { android: { title: 'Storm', alert: 'Gale', sound: 'horn' }, id: 7 },
        ])
        const [apple] = services.to(`/3/device/${bobs}`)
        assert.deepEqual(JSON.parse(String(apple?.body)), {
          aps: { alert: { title: 'Storm', body: 'Gale' }, sound: 'horn' },
          id: 7,
        })
        services.forget()
        const { shown } = await outcome(backend, { payload: { alert: 'yes' }, template })
        assert.deepEqual(androidPayloads(services).anns, [{ android: { alert: 'yes' } }])
        assert.deepEqual([shown.payload, shown.template], [{ alert: 'yes' }, undefined])
      })

      it('can be another one for each service', async () => {
        const { backend, bobs } = await scene()
        const aps = { alert: 'Apple', 'thread-id': 't' }
        const services_ = { apns: { aps, id: 1 }, gcm: { data: { alert: 'Google' } } }
        const { shown } = await outcome(backend, { payload: { services: services_ } })
        assert.deepEqual([shown.status, shown.deviceCount], ['Sent', 3])
        assert.deepEqual(androidPayloads(services).free, [{ android: { alert: 'Google' } }])
        const [apple] = services.to(`/3/device/${bobs}`)
        assert.deepEqual(JSON.parse(String(apple?.body)), { aps, id: 1 })
        services.forget()
        const { got } = await outcome(backend, { payload: { services: { apns: { aps } } } })
        assert.deepEqual(got, [bobs])
      })

      it('warn of devices that could not be told, and fail when none could', async () => {
        const { backend, bobs } = await scene([FCM])
        const { shown } = await outcome(backend, { message: 'a' })
        const { status, deviceCount, sentCount, failedCount, failures } = shown
        assert.deepEqual([status, deviceCount, sentCount, failedCount], ['Warning', 3, 2, 1])
        assert.deepEqual([failures.length, failures[0].code], [1, 2003])
        assert.match(failures[0].deviceId, /^[0-9a-f]{24}$/)
        assert.equal(reached(services).includes(bobs), false)
        const failed = await outcome(backend, { message: 'a', provider: 'APNS' })
        assert.deepEqual([failed.shown.status, failed.shown.failedCount], ['Error', 1])
      })

      for (const [what, body, code, why] of REFUSED) {
        it(`are refused with ${what}`, async () => {
          const backend = await platform.backend()
          const reply = await platform.team('POST', at(backend), body)
          assert.deepEqual(codeOf(reply), [400, `MOBILE-${code}`])
          assert.ok(reply.json().detail.includes(why), reply.json().detail)
          assert.equal((await list(backend)).totalResults, 0)
        })
      }

      it('are refused in the trash, and of what is not there', async () => {
        const { backend } = await scene()
        const unknown = { ...backend, id: '57165555-aa10-4838-938a-354c2b3a287a' }
        const lost = await platform.team('POST', at(unknown), { message: 'a' })
        assert.deepEqual(codeOf(lost), [404, 'MOBILE-10103'])
        const dependencies = [{ asset: { id: backend.id } }]
        await platform.done('POST', '/assets/trashing', { dependencies })
        const reply = await platform.team('POST', at(backend), { message: 'a' })
        assert.deepEqual(codeOf(reply), [409, 'MOBILE-10105'])
        await app().settle()
        assert.deepEqual(reached(services), [])
      })
    })

    describe('that are scheduled', () => {
      const inMs = (ms: number) => new Date(Date.now() + ms).toISOString()

      it('wait for their time, and are sent once', async () => {
        const { backend } = await scene()
        const sendOn = inMs(SECOND_MS)
        const { id, status } = await send(backend, { message: 'a', provider: 'FCM', sendOn })
        await app().settle()
        assert.deepEqual([status, reached(services)], ['Scheduled', []])
        await new Promise((resolve) => setTimeout(resolve, SECOND_MS + 100))
        await Promise.all([app().settle(), app().settle()])
        assert.deepEqual(reached(services), ['anns', 'free'])
        const shown = await read(backend, id)
        assert.deepEqual([shown.status, shown.sendOn, shown.sentCount], ['Sent', sendOn, 2])
        const late = await platform.team('DELETE', at(backend, `/${id}`))
        assert.deepEqual(codeOf(late), [400, 'MOBILE-10223'])
      })

      it('are sent once, however often their job runs', async () => {
        const { backend } = await scene()
        const sendOn = inMs(3_600_000)
        const { id } = await send(backend, { message: 'a', provider: 'FCM', sendOn })
        const { context } = app()
        const run = () => beginNotification(context, backend.id, { id })
        await Promise.all([run(), run(), run()])
        await app().settle()
        await run()
        await app().settle()
        assert.deepEqual(reached(services), ['anns', 'free'])
        assert.equal((await read(backend, id)).deviceCount, 2)
      })

      it('can be taken back, and then nothing is sent', async () => {
        const { backend } = await scene()
        const { id } = await send(backend, { message: 'a', sendOn: inMs(SECOND_MS) })
        for (const _ of [1, 2]) {
          assert.equal((await platform.done('DELETE', at(backend, `/${id}`))).statusCode, 204)
        }
        const gone = await platform.team('GET', at(backend, `/${id}`))
        assert.deepEqual(codeOf(gone), [404, 'MOBILE-10222'])
        await new Promise((resolve) => setTimeout(resolve, SECOND_MS + 100))
        await app().settle()
        assert.deepEqual(reached(services), [])
      })

      it('are sent at once when their time is over', async () => {
        const { backend } = await scene()
        const { shown } = await outcome(backend, { message: 'a', sendOn: '2020-01-01T00:00:00Z' })
        assert.deepEqual([shown.status, shown.sendOn], ['Sent', null])
      })
    })

    describe('in a list', () => {
      it('are found by tag, status and time, sorted and paged', async () => {
        const { backend } = await scene()
        for (const tag of ['Storm A', 'storm b', 'calm.*'])
          await send(backend, { message: 'a', tag })
        await app().settle()
        const sendOn = new Date(Date.now() + 3_600_000).toISOString()
        await send(backend, { message: 'a', tag: 'later', sendOn })
        assert.deepEqual(await tags(backend, ''), ['later', 'calm.*', 'storm b', 'Storm A'])
        assert.deepEqual(await tags(backend, 'q=STORM'), ['storm b', 'Storm A'])
        assert.deepEqual(await tags(backend, 'q=.*'), ['calm.*'])
        assert.deepEqual(await tags(backend, 'status=scheduled'), ['later'])
        assert.deepEqual(await tags(backend, `sendOnOrAfter=${sendOn}`), ['later'])
        assert.deepEqual(await tags(backend, `sendOnBefore=${sendOn}`), [])
        assert.deepEqual(await tags(backend, 'processedOnOrAfter=-1h&orderBy=tag:desc'), [
          ...['storm b', 'calm.*', 'Storm A'],
        ])
        const page = await list(backend, 'orderBy=tag:asc&limit=2')
        assert.deepEqual([page.count, page.totalResults, page.hasMore], [2, 4, true])
        const next = page.links.find((one: { rel: string }) => one.rel === 'next').href
        const { items } = (await platform.done('GET', next.replace('/mobile/tools/1.0', ''))).json()
        assert.deepEqual(
          items.map((one: { tag: string }) => one.tag),
          ['later', 'storm b'],
        )
      })

      for (const query of BAD_QUERIES) {
        it(`refuse ${query}`, async () => {
          const backend = await platform.backend()
          const reply = await platform.team('GET', at(backend, `?${query}`))
          assert.deepEqual(codeOf(reply), [400, 'MOBILE-10011'])
        })
      }
    })

    describe('by /mobile/system', () => {
      const URL = '/mobile/system/notifications/notifications/'
      const call = (
        method: 'GET' | 'POST' | 'DELETE',
        headers: Record<string, string>,
        payload?: object,
        url = URL,
      ) => app().app.inject({ method, url, headers, ...(payload && { payload }) })

      it('are sent and read by the team, and by application administrators', async () => {
        const { backend } = await scene()
        await app().admin('root', backend)
        const header = { 'Oracle-Mobile-Backend-ID': backend.header }
        for (const authorization of [platform.member, basic('root')]) {
          services.forget()
          const headers = { ...header, authorization }
          const made = await call('POST', headers, { message: 'a', users: ['ann'] })
          assert.equal(made.statusCode, 201, made.body)
          await app().settle()
          assert.deepEqual(reached(services), ['anns'])
          const shown = await call('GET', headers, undefined, String(made.headers.location))
          assert.deepEqual([shown.statusCode, shown.json().status], [200, 'Sent'])
          assert.equal(
            (await call('GET', headers, undefined, `${URL}${made.json().id}`)).statusCode,
            200,
          )
        }
        assert.equal((await list(backend)).totalResults, 2)
      })

      it('are refused to all others', async () => {
        const { backend } = await scene()
        const analyst = { role: 'Analyst', name: 'leo', ttlMs: null } as const
        const token = await createToken(app().context.tools, analyst)
        const header = { 'Oracle-Mobile-Backend-ID': backend.header }
        for (const [headers, status] of [
          [{ ...header }, 401],
          [{ ...header, authorization: `Basic ${backend.anonymousKey}` }, 403],
          [{ ...header, authorization: basic('ann') }, 403],
          [{ ...header, authorization: basic('ann', 'wrong') }, 401],
          [{ ...header, authorization: `Bearer ${token}` }, 403],
          [{ authorization: await platform.token(backend, 'ann') }, 403],
          [{ authorization: platform.member }, 400],
          [{ authorization: platform.member, 'Oracle-Mobile-Backend-ID': 'x' }, 404],
        ] as const) {
          const reply = await call('POST', headers, { message: 'a' })
          assert.equal(reply.statusCode, status, JSON.stringify(headers))
        }
        await app().settle()
        assert.deepEqual(reached(services), [])
        assert.equal((await list(backend)).totalResults, 0)
      })
    })

    describe('prove themselves with profiles that', () => {
      it('are listed, shown and removed, without what is secret in them', async () => {
        const { backend } = await scene([APNS, FCM])
        const mine = (await platform.done('GET', '/clients/profiles'))
          .json()
          .items.filter(
            (one: { mobileBackend: { id: string } }) => one.mobileBackend.id === backend.id,
          )
        assert.deepEqual(
          mine.map((one: { id: string }) => one.id),
          [`${backend.id}-apns`, `${backend.id}-fcm`],
        )
        assert.equal(/PRIVATE KEY/.test(JSON.stringify(mine)), false)
        const path = `/clients/profiles/${backend.id}-apns`
        assert.deepEqual((await platform.done('GET', path)).json(), mine[0])
        assert.equal((await platform.done('DELETE', path)).statusCode, 204)
        for (const verb of ['GET', 'DELETE']) {
          assert.deepEqual(codeOf(await platform.team(verb, path)), [404, 'MOBILE-10224'])
        }
        const { shown } = await outcome(backend, { message: 'a', provider: 'APNS' })
        assert.equal(shown.status, 'Error')
        const entries = (await platform.done('GET', '/audit')).json().items
        assert.deepEqual(entries[1].actions, ['KEYS_REVOKED'])
      })

      for (const id of ['x', '57165555-aa10-4838-938a-354c2b3a287a-fcm', 'history']) {
        it(`are not there: ${id}`, async () => {
          const reply = await platform.team('GET', `/clients/profiles/${id}`)
          assert.deepEqual(codeOf(reply), [404, 'MOBILE-10224'])
        })
      }
    })
  },
  env,
)
