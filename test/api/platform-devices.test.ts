import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { codeOf, type DoorKeys, PlatformApp } from '../support/platform-app.ts'
import { androidPayloads, configure, pushServices, reached } from '../support/push-app.ts'
import { iosToken } from '../support/push-stand-in.ts'
import { onEachDatabase } from '../support/test-app.ts'

const { services, env } = await pushServices()

const CLIENT = { id: 'com.example.field', version: '1.2', platform: 'ANDROID' }
const DEVICE = { mobileClient: CLIENT, notificationProvider: 'FCM', notificationToken: 'tok' }

/** Bodies that are refused, and why. */
const REFUSED: readonly (readonly [what: string, body: object, code: number, why: string])[] = [
  ['no client', { ...DEVICE, mobileClient: undefined }, 10011, "'mobileClient' is required"],
  ['a client without an id', { ...DEVICE, mobileClient: { platform: 'IOS' } }, 10011, "'id' is"],
  ['no platform', { ...DEVICE, mobileClient: { id: 'a' } }, 10011, "'platform' of"],
  ['no token', { ...DEVICE, notificationToken: '' }, 10011, "'notificationToken'"],
  ['a token that is a number', { ...DEVICE, notificationToken: 7 }, 10011, 'must be text'],
  ['a token of 5000', { ...DEVICE, notificationToken: 'a'.repeat(5000) }, 10011, '4096'],
  ['no provider', { ...DEVICE, notificationProvider: undefined }, 10011, "'notificationProvider'"],
  ['an unknown provider', { ...DEVICE, notificationProvider: 'PIGEON' }, 10011, 'no provider'],
  ['WNS', { ...DEVICE, notificationProvider: 'WNS' }, 10221, 'WNS'],
  ['SYNIVERSE', { ...DEVICE, notificationProvider: 'syniverse' }, 10221, 'SYNIVERSE'],
  ['Windows', { ...DEVICE, mobileClient: { id: 'a', platform: 'WINDOWS' } }, 10221, 'Windows'],
  ['Apple for Android', { ...DEVICE, notificationProvider: 'APNS' }, 10011, 'are told by FCM'],
]

onEachDatabase(
  'devices',
  (app) => {
    let platform: PlatformApp
    before(async () => {
      platform = await PlatformApp.open(app())
    })
    const scene = async () => {
      const backend = await platform.backend()
      await configure(app(), undefined, backend)
      await app().user('ann', backend)
      await app().user('bob', backend)
      return backend
    }
    const register = (backend: DoorKeys, body: object, as: string | null = null) =>
      platform.call(backend, 'POST', '/devices/register', { as, payload: body })
    const deregister = (backend: DoorKeys, body: object, as: string | null = null) =>
      platform.call(backend, 'POST', '/devices/deregister', { as, payload: body })
    const devices = async (backend: DoorKeys) => {
      const admin = await app().admin(`root${Math.random()}`, backend)
      const path = 'push_notification/query'
      const { body } = await app().call('GET', path, { limit: 100 }, admin, backend)
      return body.response.subscriptions
    }
    /** What the data API sends to a channel. */
    const notify = async (backend: DoorKeys, channel: string) => {
      const admin = await app().admin(`root${Math.random()}`, backend)
      const values = { channel, payload: 'Gale', to_tokens: 'everyone' }
      await app().call('POST', 'push_notification/notify_tokens', values, admin, backend)
      await app().settle()
      return reached(services)
    }

    describe('registering', () => {
      it('makes one of the devices that the data API knows, and only one', async () => {
        const backend = await scene()
        const first = await register(backend, DEVICE, 'ann')
        assert.equal(first.statusCode, 201)
        const { id, ...rest } = first.json()
        assert.match(id, /^[0-9a-f]{24}$/)
        assert.deepEqual(rest, { ...DEVICE, user: 'ann' })
        const again = await register(backend, { ...DEVICE, notificationProvider: 'gcm' }, 'ann')
        assert.deepEqual([again.statusCode, again.json().id], [200, id])
        assert.equal(again.json().notificationProvider, 'FCM')
        const [one, ...others] = await devices(backend)
        assert.deepEqual(others, [])
        const { id: known, channel, device_token: token, type } = one
        assert.deepEqual([known, channel, token, type], [id, ['$hub'], 'tok', 'android'])
        assert.equal(JSON.stringify(one).includes(CLIENT.id), false)
      })

      it('lets the data API reach it, and keeps the channels that it had', async () => {
        const backend = await scene()
        const ios = iosToken('reg')
        const apple = { id: 'a', platform: 'ios' }
        const device = { mobileClient: apple, notificationProvider: 'APNS', notificationToken: ios }
        await register(backend, device)
        assert.deepEqual(await notify(backend, '$hub'), [ios])
        services.forget()
        const values = { channel: 'news', device_token: 'tok', type: 'android' }
        await app().call('POST', 'push_notification/subscribe_token', values, null, backend)
        assert.equal((await register(backend, DEVICE)).statusCode, 200)
        assert.deepEqual(await notify(backend, 'news'), ['tok'])
        assert.deepEqual(androidPayloads(services).tok, [{ android: { alert: 'Gale' } }])
      })

      it('hands a device over to the user who registers it, without what was for the other', async () => {
        const backend = await scene()
        await register(backend, DEVICE, 'ann')
        const { id } = (await register(backend, DEVICE, 'bob')).json()
        const owner = (await devices(backend)).map((one: { id: string }) => one.id)
        assert.deepEqual(owner, [id])
        const refused = await deregister(backend, DEVICE, 'ann')
        assert.deepEqual(codeOf(refused), [400, 'MOBILE-10220'])
        assert.equal((await devices(backend)).length, 1)
      })

      it('takes no other user from an app', async () => {
        const backend = await scene()
        const own = await register(backend, { ...DEVICE, user: 'ann' }, 'ann')
        assert.equal(own.statusCode, 201)
        for (const as of ['bob', null]) {
          const body = { ...DEVICE, notificationToken: 'else', user: 'ann' }
          assert.equal((await register(backend, body, as)).statusCode, 403)
        }
        assert.equal((await devices(backend)).length, 1)
      })

      it('refuses an address that is none of a browser', async () => {
        const backend = await scene()
        const web = { id: 'site', platform: 'WEB' }
        const device = { mobileClient: web, notificationProvider: 'WEB', notificationToken: '{}' }
        assert.equal((await register(backend, device)).statusCode, 400)
        assert.deepEqual(await devices(backend), [])
      })

      for (const [what, body, code, why] of REFUSED) {
        it(`refuses ${what}`, async () => {
          const backend = await platform.backend()
          const reply = await register(backend, body)
          assert.deepEqual(codeOf(reply), [400, `MOBILE-${code}`])
          assert.ok(reply.json().detail.includes(why), reply.json().detail)
          assert.deepEqual(await devices(backend), [])
        })
      }
    })

    describe('deregistering', () => {
      it('ends all pushes to a device, and is refused the second time', async () => {
        const backend = await scene()
        await register(backend, DEVICE, 'ann')
        await register(backend, { ...DEVICE, notificationToken: 'other' }, 'bob')
        const reply = await deregister(backend, DEVICE, 'ann')
        assert.equal(reply.statusCode, 200)
        assert.deepEqual(await notify(backend, '$hub'), ['other'])
        assert.deepEqual(codeOf(await deregister(backend, DEVICE, 'ann')), [400, 'MOBILE-10220'])
      })

      it('is refused to another app, and through another backend', async () => {
        const [backend, other] = [await scene(), await scene()]
        await register(backend, DEVICE)
        const elsewhere = { ...DEVICE, mobileClient: { ...CLIENT, id: 'com.example.other' } }
        for (const reply of [
          await deregister(backend, elsewhere),
          await deregister(other, DEVICE),
        ]) {
          assert.deepEqual(codeOf(reply), [400, 'MOBILE-10220'])
        }
        assert.deepEqual(await notify(backend, '$hub'), ['tok'])
      })
    })
  },
  env,
)
