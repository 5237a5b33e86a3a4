import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fanOut } from '../../src/objects/push/fan-out.ts'
import { sendSlice } from '../../src/objects/push/send.ts'
import { newVapidKeys, readFcm, readWebPush } from '../../src/push/credentials.ts'
import {
  APNS,
  androidPayloads,
  configure,
  FCM,
  pushServices,
  reached,
} from '../support/push-app.ts'
import { iosToken, SERVICE_ACCOUNT } from '../support/push-stand-in.ts'
import { onEachDatabase, type TestUser } from '../support/test-app.ts'

const P = 'push_notification'
const { services, env } = await pushServices()
const never = new AbortController().signal

const fcmError = (status: number, errorCode: string, retryAfter?: string) => ({
  status,
  headers: retryAfter ? { 'retry-after': retryAfter } : {},
  body: { error: { status: errorCode, details: [{ errorCode }] } },
})
const tokenIn = (body: string): string => JSON.parse(body).message.token

onEachDatabase(
  'the delivery of pushes',
  (app) => {
    let backends = 0
    const scene = async (credentials: Parameters<typeof configure>[1] = [APNS, FCM]) => {
      backends += 1
      const backend = await app().newBackend(`delivery-${backends}`)
      await configure(app(), credentials, backend)
      const admin = await app().admin('admin', backend)
      const call = (
        verb: 'GET' | 'POST' | 'PUT',
        path: string,
        values: Record<string, unknown>,
        as: TestUser | null = admin,
      ) => app().call(verb, path, values, as, backend)
      const subscribe = (device_token: string, type = 'android', as: TestUser | null = null) =>
        call(
          'POST',
          `${P}/subscribe${as ? '' : '_token'}`,
          { channel: 'x', device_token, type },
          as,
        )
      /** @returns the id of the log */
      const push = async (payload: unknown, more: Record<string, unknown> = {}) => {
        const values = { channel: 'x', payload, to_ids: 'everyone', ...more }
        const { status, body } = await call('POST', `${P}/notify`, values)
        assert.equal(status, 200, body.meta.message)
        await app().settle()
        return String(body.response.push_notification.id)
      }
      const details = async (push_id: string) => {
        const { body } = await call('GET', 'logs/querypushlogdetails', { where: { push_id } })
        assert.equal(body.meta.method_name, 'queryPushLogDetails')
        return body.response.push_log_details
      }
      const devices = async (): Promise<string[]> => {
        const { body } = await call('GET', `${P}/query`, { limit: 1000 })
        const tokens = body.response.subscriptions.map(
          (one: { device_token: string }) => one.device_token,
        )
        return tokens.sort()
      }
      return { backend, admin, call, subscribe, push, details, devices }
    }

    it('goes to each kind of device in its own form', async () => {
      const web = readWebPush({ subject: 'mailto:a@example.org', ...newVapidKeys() })
      const { subscribe, push, details } = await scene([APNS, FCM, web])
      const ios = iosToken(`form${backends}`)
      await subscribe(ios, 'ios')
      await subscribe('droid')
      const browser = JSON.stringify({
        endpoint: `${services.origin}/web/1`,
        keys: {
          p256dh: newVapidKeys().publicKey,
          auth: Buffer.alloc(16, 7).toString('base64url'),
        },
      })
      await subscribe(browser, 'web')
      const id = await push({ alert: 'Gale', sound: 'horn', berth: 7 })
      const [apple] = services.to(`/3/device/${ios}`)
      assert.deepEqual(JSON.parse(apple?.body ?? ''), {
        aps: { alert: 'Gale', sound: 'horn' },
        berth: 7,
      })
      assert.equal(apple?.headers['apns-topic'], 'org.example.port')
      assert.deepEqual(androidPayloads(services).droid, [
        { android: { alert: 'Gale', sound: 'horn' }, berth: 7 },
      ])
      assert.equal(services.to('/web/1').length, 1)
      const [detail, ...others] = await details(id)
      assert.deepEqual(others, [])
      assert.equal(detail.push_id, id)
      assert.deepEqual([detail.send_status, detail.error_message], [1, null])
      assert.deepEqual([detail.device_count, detail.sent_count], [3, 3])
      assert.deepEqual(detail.types, [{ ios: 1, android: 1, web: 1 }])
      assert.deepEqual(detail.android_types, [{ GCM: 1 }])
    })

    it('comes in slices to many devices, once to each', async () => {
      const { subscribe, push, details } = await scene([FCM])
      const tokens = Array.from({ length: 430 }, (_, i) => `d${String(i).padStart(3, '0')}`)
      for (let i = 0; i < tokens.length; i += 43) {
        await Promise.all(tokens.slice(i, i + 43).map((one) => subscribe(one)))
      }
      const id = await push('Gale')
      assert.deepEqual(reached(services), tokens)
      const all = await details(id)
      const counts = all.map((one: { sent_count: number }) => one.sent_count)
      assert.deepEqual(counts.sort(), [200, 200, 30])
    })

    it('removes devices that are gone, and only those', async () => {
      const { subscribe, push, details, devices } = await scene()
      const [dead, fresh, bad] = ['dead', 'fresh', 'bad'].map((one) => iosToken(one + backends))
      for (const one of [dead, fresh, bad]) await subscribe(String(one), 'ios')
      for (const one of ['gone', 'fine']) await subscribe(one)
      services.respond = ({ path, body }) => {
        const unregistered = { reason: 'Unregistered', timestamp: Date.now() + 60_000 }
        if (path.endsWith(String(dead))) return { status: 410, body: unregistered }
        // The device has subscribed again since Apple saw it last.
        const old = { reason: 'Unregistered', timestamp: 1_500_000_000_000 }
        if (path.endsWith(String(fresh))) return { status: 410, body: old }
        if (path.endsWith(String(bad))) return { status: 400, body: { reason: 'BadDeviceToken' } }
        const isGone = path.startsWith('/v1/projects') && tokenIn(body) === 'gone'
        return isGone ? fcmError(404, 'UNREGISTERED') : undefined
      }
      const id = await push('Gale')
      assert.deepEqual(await devices(), ['fine', String(fresh)].sort())
      const [detail] = await details(id)
      assert.deepEqual([detail.sent_count, detail.unsubscribed_count], [1, 4])
      assert.equal(detail.send_status, 1)
      const codes = detail.failures.map((one: { error_code: number | null }) => one.error_code)
      assert.deepEqual(codes.filter(Boolean), [3009])
    })

    it('is tried again for those alone whom the service put off', async () => {
      const { backend, subscribe, push, details } = await scene([FCM])
      for (const one of ['fine', 'slow']) await subscribe(one)
      services.respond = ({ path, body }) =>
        path.startsWith('/v1/projects') && tokenIn(body) === 'slow'
          ? fcmError(500, 'INTERNAL')
          : undefined
      const id = await push('Gale')
      assert.deepEqual(reached(services), ['fine', 'slow'])
      const [first] = await details(id)
      assert.deepEqual([first.send_status, first.sent_count], [0, 1])

      services.forget()
      const again = { id: first._id, attempt: 2 }
      await sendSlice(app().context, backend.id, again, never)
      assert.deepEqual(reached(services), ['slow'])
      const [second] = await details(id)
      assert.deepEqual([second.send_status, second.sent_count, second.failed_count], [1, 2, 0])
      assert.deepEqual(second.failures, [])
    })

    it('waits as long as the service asks, and leaves the others alone meanwhile', async () => {
      // A project of its own: the pause is for all that is sent by the same account.
      const account = readFcm({ ...SERVICE_ACCOUNT, project_id: 'port-busy' })
      const { backend, subscribe, push } = await scene([account])
      for (let i = 0; i < 120; i += 1) await subscribe(`busy${i}`)
      services.respond = ({ path }) =>
        path.startsWith('/v1/projects') ? fcmError(429, 'QUOTA_EXCEEDED', '600') : undefined
      const from = Date.now()
      await push('Gale')
      // The first group met it; the rest of the slice was not even tried.
      const tried = services.to('/v1/projects').length
      assert.ok(tried >= 1 && tried <= 50, String(tried))
      const jobs = await app().context.store.takeJobs(from + 599_000, 100, 1)
      assert.deepEqual(
        jobs.filter((job) => job.backendId === backend.id),
        [],
      )
      const [due] = (await app().context.store.takeJobs(from + 700_000, 100, 1)).filter(
        (job) => job.backendId === backend.id,
      )
      assert.equal(due?.kind, 'push.send')
    })

    it('does nothing twice when a job runs again', async () => {
      const { backend, subscribe, push, details } = await scene([FCM])
      for (const one of ['a', 'b']) await subscribe(one)
      const id = await push({ alert: 'Gale', badge: '+1' })
      assert.deepEqual(reached(services), ['a', 'b'])
      services.forget()
      const { context } = app()
      await fanOut(context, backend.id, { id }, never)
      const [detail, ...others] = await details(id)
      assert.deepEqual(others, [])
      await sendSlice(context, backend.id, { id: detail._id, attempt: 1 }, never)
      await app().settle()
      assert.deepEqual(reached(services), [])
      assert.equal((await details(id))[0].sent_count, 2)
    })

    it('keeps a badge for each device, and sends each its own', async () => {
      const { call, subscribe, push, admin } = await scene([FCM])
      for (const one of ['a', 'b']) await subscribe(one)
      await call('PUT', `${P}/set_badge`, { device_token: 'b', badge_number: 5 })
      await push({ alert: 'one', badge: '+2' })
      await push({ alert: 'two', badge: -3 })
      await push({ alert: 'three', badge: 9 })
      const badges = (name: string) =>
        androidPayloads(services)[name]?.map((one) => Object(one).android.badge)
      assert.deepEqual(
        [badges('a'), badges('b')],
        [
          [2, 0, 9],
          [7, 4, 9],
        ],
      )
      const { body } = await call('GET', `${P}/query`, {}, admin)
      const kept = body.response.subscriptions.map(
        (one: { badge_number: number }) => one.badge_number,
      )
      assert.deepEqual(kept, [9, 9])
    })

    it('tells the code of what cannot be sent, for each device', async () => {
      const { subscribe, push, details, devices } = await scene([APNS])
      const ios = iosToken(`codes${backends}`)
      await subscribe(ios, 'ios')
      await subscribe('droid')
      const id = await push('x'.repeat(3000))
      const [detail] = await details(id)
      assert.deepEqual([detail.send_status, detail.failed_count, detail.sent_count], [2, 2, 0])
      const codes = detail.failures.map((one: { error_code: number }) => one.error_code).sort()
      assert.deepEqual(codes, [2006, 3102])
      assert.match(detail.error_message, /2006 PayloadTooLarge \(1 device\)/)
      assert.deepEqual(reached(services), [])
      assert.equal((await devices()).length, 2)
    })

    it('ends when the notification does', async () => {
      const { backend, subscribe, push, details } = await scene([FCM])
      await subscribe('late')
      services.respond = ({ path }) =>
        path.startsWith('/v1/projects') ? fcmError(503, 'UNAVAILABLE') : undefined
      const id = await push('Gale', { options: { expire_after_seconds: 2 } })
      const [detail] = await details(id)
      // The next attempt would come too late.
      assert.deepEqual([detail.send_status, detail.failed_count], [3, 1])
      assert.match(detail.error_message, /UNAVAILABLE/)
      const jobs = await app().context.store.takeJobs(Date.now() + 3_600_000, 100, 1)
      assert.deepEqual(
        jobs.filter((job) => job.backendId === backend.id),
        [],
      )
    })

    it('says to the service when it ends', async () => {
      const { subscribe, push } = await scene()
      const ios = iosToken(`ttl${backends}`)
      await subscribe(ios, 'ios')
      await subscribe('droid')
      await push('Gale', { options: '{"expire_after_seconds":"3600"}' })
      const [apple] = services.to('/3/device/')
      const left = Number(apple?.headers['apns-expiration']) - Date.now() / 1000
      assert.ok(left > 3500 && left <= 3600, String(left))
      const [google] = services.to('/v1/projects/')
      assert.match(JSON.parse(google?.body ?? '').message.android.ttl, /^3[56]\d\ds$/)
    })

    it('leaves out who has unsubscribed, or has given the device away, in the meantime', async () => {
      const { backend, subscribe, push, details, call } = await scene([FCM])
      const [ann, bob] = [await app().user('ann', backend), await app().user('bob', backend)]
      await subscribe('passed-on', 'android', ann)
      services.respond = ({ path }) =>
        path.startsWith('/v1/projects') ? fcmError(500, 'INTERNAL') : undefined
      const id = await push('for Ann', { to_ids: ann.id })
      services.forget()
      await subscribe('passed-on', 'android', bob)
      const [detail] = await details(id)
      await sendSlice(app().context, backend.id, { id: detail._id, attempt: 2 }, never)
      assert.deepEqual(reached(services), [])
      assert.equal((await details(id))[0].send_status, 1)
      assert.equal((await call('GET', `${P}/query`, {}, bob)).body.response.subscriptions.length, 1)
    })

    describe('logs', () => {
      it('show administrators what was sent, nulls included, and say if there is more', async () => {
        const { call, push, admin, backend } = await scene([FCM])
        for (const one of ['first', 'second', 'third']) await push(one)
        const { body } = await call('GET', 'logs/querypushlogs', { limit: 2 })
        assert.deepEqual([body.meta.method_name, body.meta.more], ['queryPushLogs', true])
        const [log, ...others] = body.response.push_logs
        assert.equal(others.length, 1)
        assert.match(log._id, /^[0-9a-f]{24}$/)
        assert.match(log.created_at, /^\d{4}-.*\.\d{3}Z$/)
        const { payload, channel, app_id, user_id, to_ids, geo_condition, scheduled_at } = log
        assert.deepEqual([payload, channel, app_id], ['third', 'x', backend.id])
        assert.deepEqual([user_id, to_ids], [admin.id, 'everyone'])
        assert.deepEqual([geo_condition, scheduled_at, log.push_schedule_id], [null, null, null])
        assert.equal('id' in log, false)
        const rest = await call('GET', 'logs/querypushlogs', { skip: 2, count: true })
        assert.deepEqual([rest.body.meta.more, rest.body.meta.count], [false, 3])
        const where = { _id: log._id }
        const found = await call('GET', 'logs/querypushlogs', { where })
        assert.equal(found.body.response.push_logs.length, 1)
      })

      it('are not for users, nor for other apps', async () => {
        const { push, backend, subscribe } = await scene([FCM])
        await subscribe('x')
        const push_id = await push('Gale')
        const user = await app().user('u', backend)
        const { call: callElsewhere } = await scene([FCM])
        for (const [path, values] of [
          ['logs/querypushlogs', {}],
          ['logs/querypushlogdetails', { where: { push_id } }],
        ] as const) {
          assert.equal((await app().call('GET', path, values, user, backend)).status, 403)
          assert.equal((await app().call('GET', path, values, null, backend)).status, 401)
          const { body } = await callElsewhere('GET', path, values)
          assert.deepEqual(Object.values(body.response), [[]])
        }
      })

      it('of details need a where', async () => {
        const { call } = await scene([FCM])
        const { status, body } = await call('GET', 'logs/querypushlogdetails', {})
        assert.deepEqual([status, body.meta.message], [400, 'Required field: where'])
      })
    })
  },
  env,
)
