import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { after, before, it } from 'node:test'
import { FileServer } from '../support/file-server.ts'
import { codeOf, type DoorKeys, PlatformApp } from '../support/platform-app.ts'
import { onEachDatabase } from '../support/test-app.ts'

const APP_ID = '4711'
const CREDENTIALS_INVALID = 'MOBILE-10202'

/** The person behind each token that Facebook knows, and the app that it is for. */
const tokens = new Map<string, { readonly app: string; readonly id: string }>()
let asked = 0

const facebook = new FileServer()
const json = (reply: ServerResponse, status: number, body: unknown) =>
  reply.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

for (const [path, shown] of [
  ['/v9/app', ({ app }: { app: string }) => ({ id: app })],
  ['/v9/me', ({ id }: { id: string }) => ({ id, first_name: 'Ada', last_name: 'Quill' })],
] as const) {
  facebook.on(path, (request, reply) => {
    asked += 1
    const { searchParams } = new URL(request.url ?? '', 'http://localhost')
    const token = searchParams.get('access_token') ?? ''
    const person = tokens.get(token)
    if (token === 'broken') reply.destroy()
    else if (person) json(reply, 200, shown(person))
    else json(reply, 400, { error: { type: 'OAuthException' } })
  })
}
const facebookUrl = `${await facebook.listen()}/v9`
after(() => facebook.close())

onEachDatabase(
  'social callers of the platform',
  (app) => {
    let platform: PlatformApp
    before(async () => {
      platform = await PlatformApp.open(app())
    })
    let count = 0
    const tokenOf = (id: string, of = APP_ID) => {
      count += 1
      tokens.set(`token${count}`, { app: of, id })
      return `token${count}`
    }
    const switchOn = async (backend: DoorKeys) => {
      const providers = `/mobilebackends/${backend.id}/security/identityproviders`
      const [{ id }] = (await platform.done('GET', providers)).json()
      const on = { enabled: true, credential: { key: 'fb' } }
      await platform.done('PUT', `${providers}/${id}`, on)
    }
    const social = async () => {
      const backend = await platform.backend()
      await switchOn(backend)
      await app().set({ facebookAppId: APP_ID }, backend)
      return backend
    }
    const me = (backend: DoorKeys, token: string | undefined, provider: string | undefined) =>
      platform.call(backend, 'GET', '/users/me', {
        headers: {
          'Oracle-Mobile-Social-Identity-Provider': provider,
          'Oracle-Mobile-Social-Access-Token': token,
        },
      })
    const users = async (backend: DoorKeys) => {
      const { body } = await app().call('GET', 'users/count', {}, null, backend)
      return Number(body.meta.count)
    }

    it('are the users that their provider vouches for, made the first time', async () => {
      const backend = await social()
      const first = await me(backend, tokenOf('100'), 'facebook')
      assert.equal(first.statusCode, 200, first.body)
      assert.deepEqual(first.json().name, { givenName: 'Ada', familyName: 'Quill' })
      const again = await me(backend, tokenOf('100'), 'Facebook')
      assert.equal(again.json().id, first.json().id)
      const other = await me(backend, tokenOf('101'), 'facebook')
      assert.notEqual(other.json().id, first.json().id)
      assert.equal(await users(backend), 2)
    })

    it('are asked about once in a while, and not with each call', async () => {
      const backend = await social()
      const token = tokenOf('200')
      asked = 0
      const ten = () =>
        Promise.all(Array.from({ length: 10 }, () => me(backend, token, 'facebook')))
      for (const reply of [...(await ten()), ...(await ten())]) assert.equal(reply.statusCode, 200)
      assert.equal(asked, 2)
      assert.equal(await users(backend), 1)
    })

    it('need no role of the backend', async () => {
      const backend = await social()
      await platform.change(backend, { roleAccess: { enabled: true, roles: ['Boss'] } })
      const reply = await me(backend, tokenOf('300'), 'facebook')
      assert.deepEqual([reply.statusCode, reply.json().roles], [200, []])
    })

    it('are refused while the backend does not take the provider', async () => {
      const backend = await platform.backend()
      const token = tokenOf('400')
      await app().set({ facebookAppId: APP_ID }, backend)
      for (const provider of ['facebook', 'twitter', '__proto__']) {
        const reply = await me(backend, token, provider)
        assert.deepEqual(codeOf(reply), [401, CREDENTIALS_INVALID])
        assert.match(reply.json().detail, /not switched on/)
      }
      await switchOn(backend)
      assert.equal((await me(backend, token, 'facebook')).statusCode, 200)
      assert.equal((await me(backend, token, 'twitter')).statusCode, 401)
    })

    it('are refused, with the reason, while the backend has no Facebook app', async () => {
      const backend = await platform.backend()
      await switchOn(backend)
      const reply = await me(backend, tokenOf('500'), 'facebook')
      assert.deepEqual(codeOf(reply), [401, CREDENTIALS_INVALID])
      assert.match(reply.json().detail, /facebookAppId/)
      assert.equal(await users(backend), 0)
    })

    it('are refused with tokens that are unknown, or for another app', async () => {
      const backend = await social()
      for (const token of ['unknown', tokenOf('600', '815')]) {
        assert.deepEqual(codeOf(await me(backend, token, 'facebook')), [401, CREDENTIALS_INVALID])
      }
      assert.equal((await me(backend, 'broken', 'facebook')).statusCode, 503)
      assert.equal(await users(backend), 0)
    })

    it('are refused with half of what it takes, or without the anonymous key', async () => {
      const backend = await social()
      const token = tokenOf('700')
      assert.equal((await me(backend, token, undefined)).statusCode, 400)
      assert.equal((await me(backend, undefined, 'facebook')).statusCode, 400)
      const wrong = { ...backend, anonymousKey: 'YW5vbnltb3VzOng=' }
      assert.equal((await me(wrong, token, 'facebook')).statusCode, 401)
      assert.equal(await users(backend), 0)
    })
  },
  { HOMEPORT_FACEBOOK_URL: facebookUrl },
)
