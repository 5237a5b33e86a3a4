import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { androidPayloads, configure, FCM, pushServices, reached } from '../support/push-app.ts'
import { iosToken } from '../support/push-stand-in.ts'
import { onEachDatabase, type TestBackend, type TestUser } from '../support/test-app.ts'

const P = 'push_notification'
const HOUR_MS = 3_600_000
const { services, env } = await pushServices()

onEachDatabase(
  'push_notification/notify',
  (app) => {
    let backends = 0
    /** A backend with credentials, an administrator and users; each of them has one device. */
    const scene = async (credentials?: Parameters<typeof configure>[1]) => {
      backends += 1
      const backend = await app().newBackend(`notify-${backends}`)
      await configure(app(), credentials, backend)
      const admin = await app().admin('admin', backend)
      const user = (name: string) => app().user(name, backend)
      const [ann, bob, cat] = [await user('ann'), await user('bob'), await user('cat')]
      const post = (path: string, values: Record<string, unknown>, as: TestUser | null) =>
        app().call('POST', path, values, as, backend)
      for (const [as, device_token] of [
        [ann, 'ann'],
        [bob, 'bob'],
        [cat, 'cat'],
      ] as const) {
        const values = { channel: 'news', device_token, type: 'android' }
        await post(`${P}/subscribe`, values, as)
      }
      const notify = (values: Record<string, unknown>, as: TestUser | null = admin) =>
        post(`${P}/notify`, { channel: 'news', payload: 'Gale', ...values }, as)
      return { backend, admin, ann, bob, cat, post, notify }
    }
    const sent = async () => {
      await app().settle()
      return reached(services)
    }
    const logs = async (backend: TestBackend, as: TestUser) =>
      (await app().call('GET', 'logs/querypushlogs', {}, as, backend)).body.response.push_logs

    describe('reaches', () => {
      it('the named users on the channel, and answers with what was sent', async () => {
        const { notify, ann, bob, cat, post } = await scene()
        const other = { channel: 'other', device_token: 'else', type: 'android' }
        await post(`${P}/subscribe`, other, bob)
        const { status, body } = await notify({ to_ids: `${bob.id},${cat.id}` }, ann)
        assert.deepEqual([status, body.meta.method_name], [200, 'Notify'])
        const { id, ...rest } = body.response.push_notification
        assert.match(id, /^[0-9a-f]{24}$/)
        assert.deepEqual(rest, { payload: 'Gale', channel: 'news' })
        assert.deepEqual(await sent(), ['bob', 'cat'])
        assert.deepEqual(androidPayloads(services).bob, [{ android: { alert: 'Gale' } }])
      })

      it('everyone, when an administrator says so', async () => {
        const { notify, post } = await scene()
        const token = iosToken(`free${backends}`)
        const values = { channel: 'news', device_token: token }
        await post(`${P}/subscribe_token`, values, null)
        assert.equal((await notify({ to_ids: 'everyone' })).status, 200)
        assert.deepEqual(await sent(), ['ann', 'bob', 'cat', token].sort())
      })

      it('each device once, also on several channels', async () => {
        const { notify, ann, post } = await scene()
        const values = { channel: 'storm', device_token: 'ann', type: 'android' }
        await post(`${P}/subscribe`, values, ann)
        await notify({ to_ids: 'everyone', channel: 'news,storm' })
        assert.deepEqual(await sent(), ['ann', 'bob', 'cat'])
        services.forget()
        await notify({ to_ids: 'everyone', channel: '["storm"]' })
        assert.deepEqual(await sent(), ['ann'])
      })

      it("the caller's friends", async () => {
        const { notify, backend, ann, bob, cat } = await scene()
        const befriend = async (from: TestUser, to: TestUser) => {
          await app().call('POST', 'friends/add', { user_ids: to.id }, from, backend)
          await app().call('PUT', 'friends/approve', { user_ids: from.id }, to, backend)
        }
        await befriend(ann, bob)
        await app().call('POST', 'friends/add', { user_ids: cat.id }, ann, backend)
        assert.equal((await notify({ friends: '' }, ann)).status, 200)
        assert.deepEqual(await sent(), ['bob'])
      })

      it('the users that a query finds', async () => {
        const { notify, bob } = await scene()
        assert.equal((await notify({ where: { user: { username: 'bob' } } }, bob)).status, 200)
        assert.deepEqual(await sent(), ['bob'])
      })

      it('the devices near a place, in metres and in radians', async () => {
        const { notify, backend, ann, bob } = await scene()
        for (const [as, device_token, loc] of [
          [ann, 'ann', [-4.48, 54.15]],
          [bob, 'bob', [10, 50]],
        ] as const) {
          const path = `${P}/subscription/update`
          await app().call('PUT', path, { device_token, loc }, as, backend)
        }
        const $geometry = { type: 'Point', coordinates: [-4.48, 54.15] }
        for (const loc of [
          { $nearSphere: { $geometry, $maxDistance: 2000 } },
          { $nearSphere: [-4.48, 54.15], $maxDistance: 0.001 },
          { $geoWithin: { $centerSphere: [[-4.48, 54.15], 0.001] } },
        ]) {
          services.forget()
          assert.equal((await notify({ where: { loc } })).status, 200)
          assert.deepEqual(await sent(), ['ann'])
        }
      })

      it('only devices of its own backend', async () => {
        const one = await scene()
        const two = await scene()
        await two.post(
          `${P}/subscribe`,
          { channel: 'news', device_token: 'two', type: 'android' },
          two.ann,
        )
        await one.notify({ to_ids: 'everyone' })
        assert.deepEqual(await sent(), ['ann', 'bob', 'cat'])
      })
    })

    describe('is refused', () => {
      const refusals = [
        ['nobody is named', {}, 400, 'Required field: to_ids'],
        ['the channel is missing', { channel: '', to_ids: 'everyone' }, 400, /channel/],
        ['the payload is missing', { payload: '', to_ids: 'everyone' }, 400, /payload/],
        ['an id is malformed', { to_ids: 'x,y' }, 400, 'Illegal to_ids format'],
        [
          'there are too many ids',
          { to_ids: Array(1001).fill('a'.repeat(24)).join() },
          400,
          /1000/,
        ],
        ['a badge is no number', { payload: '{"badge":"x"}', to_ids: 'everyone' }, 400, /badge/],
        ['the payload is huge', { payload: 'x'.repeat(16_385), to_ids: 'everyone' }, 400, /16384/],
        ['the options are no hash', { options: '[]', to_ids: 'everyone' }, 400, /options/],
        [
          'the expiry is no number',
          { options: '{"expire_after_seconds":"soon"}', to_ids: 'everyone' },
          400,
          /expire_after_seconds/,
        ],
        ['where names neither users nor places', { where: '{"x":1}' }, 400, /user or loc/],
        ['the place is none', { where: '{"loc":{"$gt":1}}' }, 400, /where/],
        [
          'a place comes with ids',
          { where: '{"loc":{"$nearSphere":[1,2]}}', to_ids: 'a'.repeat(24) },
          400,
          /cannot be combined/,
        ],
      ] as const
      for (const [why, values, status, message] of refusals) {
        it(`when ${why}`, async () => {
          const { notify, backend, admin } = await scene()
          const answer = await notify(values)
          assert.equal(answer.status, status)
          if (typeof message === 'string') assert.equal(answer.body.meta.message, message)
          else assert.match(answer.body.meta.message ?? '', message)
          assert.deepEqual(await sent(), [])
          assert.deepEqual(await logs(backend, admin), [])
        })
      }

      it('to whoever is not logged in, and for everyone and places to users', async () => {
        const { notify, ann } = await scene()
        assert.equal((await notify({ to_ids: ann.id }, null)).status, 401)
        assert.equal((await notify({ to_ids: 'everyone' }, ann)).status, 403)
        const where = { loc: { $nearSphere: [1, 2] } }
        assert.equal((await notify({ where }, ann)).status, 400)
        assert.deepEqual(await sent(), [])
      })

      it('without credentials, with the text that clients know', async () => {
        const { notify, backend, admin } = await scene([])
        const { status, body } = await notify({ to_ids: 'everyone' })
        assert.equal(status, 400)
        assert.equal(body.meta.message, 'App is not configured for Push Notification')
        assert.deepEqual(await logs(backend, admin), [])
      })

      it('when the payload is a file', async () => {
        const { backend, admin } = await scene([FCM])
        const values = { channel: 'news', to_ids: 'everyone', payload: new Blob(['x']) }
        const answer = await app().upload('POST', `${P}/notify`, values, admin, backend)
        assert.equal(answer.status, 400)
        assert.deepEqual(await sent(), [])
      })
    })

    /** Goes on to the beginning of another hour, in which nothing is sent, but written down. */
    const inAnotherHour = async (work: () => Promise<void>) => {
      const ahead = HOUR_MS - (app().context.now() % HOUR_MS)
      app().advance(ahead)
      await work().finally(() => app().advance(-ahead))
    }

    it('is taken from clients only so often in an hour, by users or tokens', async () => {
      const { post, notify, ann, bob, backend, admin } = await scene()
      await app().set({ pushesPerHour: 3 }, backend)
      const toBob = { channel: 'news', payload: 'x', to_tokens: 'bob' }
      const byUser = async () => (await notify({ to_ids: bob.id }, ann)).status
      const byToken = async (more = {}) =>
        (await post(`${P}/notify_tokens`, { ...toBob, ...more }, null)).status
      await inAnotherHour(async () => {
        const wrong = { payload: '' }
        const taken = [await byUser(), await byToken(), await byToken(wrong), await byUser()]
        assert.deepEqual(taken, [200, 200, 400, 200])
        assert.deepEqual([await byUser(), await byToken()], [429, 429])
        const { body, headers } = await notify({ to_ids: bob.id }, ann)
        assert.equal(body.meta.reason, 'rate_limited')
        const text = 'This app may send 3 push notifications an hour; try again in 60 minutes.'
        assert.equal(body.meta.message, text)
        assert.match(String(headers['retry-after']), /^3[56]\d\d$/)
        assert.equal((await notify({ to_ids: bob.id }, admin)).status, 200)
        assert.equal((await logs(backend, admin)).length, 4)
      })
      assert.equal(await byUser(), 200)
      assert.deepEqual(await sent(), ['bob'])
    })

    it('counts calls at the same time, each once', async () => {
      const { notify, ann, bob, backend } = await scene()
      await app().set({ pushesPerHour: 20 }, backend)
      const some = (count: number) =>
        Promise.all(Array.from({ length: count }, () => notify({ to_ids: bob.id }, ann)))
      await inAnotherHour(async () => {
        const taken = [...(await some(10)), ...(await some(10))]
        assert.ok(taken.every(({ status }) => status === 200))
        assert.ok((await some(3)).every(({ status }) => status === 429))
      })
    })

    describe('push_notification/notify_tokens', () => {
      it('reaches the named devices on the channel, without a login', async () => {
        const { post } = await scene()
        const values = { channel: 'news', payload: '{"alert":"Hi","berth":7}' }
        const named = { ...values, to_tokens: 'ann,cat,stranger' }
        const { status, body } = await post(`${P}/notify_tokens`, named, null)
        assert.deepEqual([status, body.meta.method_name], [200, 'NotifyTokens'])
        assert.deepEqual(await sent(), ['ann', 'cat'])
        assert.deepEqual(androidPayloads(services).cat, [{ android: { alert: 'Hi' }, berth: 7 }])
      })

      it('reaches everyone for administrators, and nobody on another channel', async () => {
        const { post, admin, ann } = await scene()
        const values = { channel: 'news', payload: 'x', to_tokens: 'everyone' }
        for (const as of [null, ann]) {
          assert.equal((await post(`${P}/notify_tokens`, values, as)).status, 403)
        }
        assert.deepEqual(await sent(), [])
        assert.equal((await post(`${P}/notify_tokens`, values, admin)).status, 200)
        assert.deepEqual(await sent(), ['ann', 'bob', 'cat'])
        services.forget()
        await post(`${P}/notify_tokens`, { ...values, channel: 'other' }, admin)
        assert.deepEqual(await sent(), [])
      })

      it('can be kept for administrators', async () => {
        const { post, admin, backend, ann } = await scene()
        await app().set({ notifyTokensAdminOnly: true }, backend)
        const values = { channel: 'news', payload: 'x', to_tokens: 'ann' }
        for (const as of [null, ann]) {
          assert.equal((await post(`${P}/notify_tokens`, values, as)).status, 403)
        }
        assert.equal((await post(`${P}/notify_tokens`, values, admin)).status, 200)
        assert.deepEqual(await sent(), ['ann'])
      })

      for (const [why, values, message] of [
        ['nobody is named', {}, 'Required field: to_tokens'],
        ['there are too many', { to_tokens: Array(1001).fill('t').join() }, /1000/],
        [
          'a place comes with tokens',
          { to_tokens: 'ann', where: '{"loc":{"$nearSphere":[1,2]}}' },
          /cannot be combined/,
        ],
      ] as const) {
        it(`is refused when ${why}`, async () => {
          const { post, admin } = await scene()
          const all = { channel: 'news', payload: 'x', ...values }
          const { status, body } = await post(`${P}/notify_tokens`, all, admin)
          assert.equal(status, 400)
          if (typeof message === 'string') assert.equal(body.meta.message, message)
          else assert.match(body.meta.message ?? '', message)
          assert.deepEqual(await sent(), [])
        })
      }
    })
  },
  env,
)
