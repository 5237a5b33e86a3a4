import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { basic, codeOf, type DoorKeys, PlatformApp, type Sent } from '../support/platform-app.ts'
import { onEachDatabase } from '../support/test-app.ts'

const CREDENTIALS_INVALID = 'MOBILE-10202'

onEachDatabase('the doors of the platform', (app) => {
  let platform: PlatformApp
  let backend: DoorKeys
  before(async () => {
    platform = await PlatformApp.open(app())
    backend = await platform.backend()
    await app().user('Ann', backend)
  })
  const me = (sent: Sent, keys: DoorKeys = backend) => platform.call(keys, 'GET', '/users/me', sent)
  const config = (sent: Sent = {}, keys: DoorKeys = backend) =>
    platform.call(keys, 'GET', '/appconfig/client', sent)

  it('open with Basic to a user by any of the names that they log in with', async () => {
    for (const login of ['Ann', 'ann', ' ANN ']) {
      const reply = await me({ as: login })
      assert.equal(reply.statusCode, 200, reply.body)
      assert.equal(reply.json().userName, 'Ann')
    }
  })

  it('open with Basic to anyone who has the anonymous key', async () => {
    assert.deepEqual((await config()).json(), {})
    assert.deepEqual(codeOf(await me({})), [403, 'MOBILE-10203'])
  })

  it('open to the tokens of a user and of nobody, without the header', async () => {
    const none = { 'Oracle-Mobile-Backend-Id': undefined }
    const nobody = await platform.token(backend, null)
    assert.equal((await config({ authorization: nobody, headers: none })).statusCode, 200)
    assert.equal((await me({ authorization: nobody, headers: none })).statusCode, 403)
    const ann = await platform.token(backend, 'ann')
    const reply = await me({ authorization: ann, headers: none })
    assert.deepEqual([reply.statusCode, reply.json().userName], [200, 'Ann'])
  })

  it('take the header in any case', async () => {
    for (const name of ['ORACLE-MOBILE-BACKEND-ID', 'oracle-mobile-backend-id']) {
      const headers = {
        'Oracle-Mobile-Backend-Id': undefined,
        [name]: backend.header.toUpperCase(),
      }
      assert.equal((await config({ headers })).statusCode, 200, name)
    }
  })

  it('lock a name after five wrong passwords, and not for those who were in', async () => {
    const other = await platform.backend()
    await app().user('max', other)
    assert.equal((await me({ as: 'max' }, other)).statusCode, 200)
    const wrong = { authorization: basic('max', 'wrong') }
    const statuses: number[] = []
    for (let n = 0; n < 6; n += 1) statuses.push((await me(wrong, other)).statusCode)
    assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429])
    const locked = await me(wrong, other)
    assert.equal(locked.headers['retry-after'], '60')
    assert.equal((await me({ as: 'max' }, other)).statusCode, 200)
    const login = { login: 'max', password: 'secret' }
    assert.equal((await app().call('POST', 'users/login', login, null, other)).status, 429)
  })

  describe('refuse', () => {
    for (const [what, sent] of [
      ['no credentials', () => ({ headers: { authorization: undefined } })],
      ['an unknown scheme', () => ({ authorization: 'Digest x' })],
      ['a scheme without more', () => ({ authorization: 'Basic' })],
      ['a wrong anonymous key', () => ({ authorization: basic('anonymous', 'wrong') })],
      ['a wrong password', () => ({ authorization: basic('ann', 'wrong') })],
      ['an empty password', () => ({ authorization: basic('ann', '') })],
      ['a user that there is not', () => ({ authorization: basic('nobody') })],
      ['a name with a NUL', () => ({ authorization: basic('an\0n') })],
      ['a name that is very long', () => ({ authorization: basic('a'.repeat(300)) })],
      ['what is no name and password', () => ({ authorization: 'Basic YWJj' })],
      ['what is no base64', () => ({ authorization: 'Basic ????' })],
      ['an unknown token', () => ({ authorization: `Bearer ${'a'.repeat(27)}` })],
      ['a token that is none', () => ({ authorization: 'Bearer x' })],
      ['the App Key as a token', () => ({ authorization: `Bearer ${backend.key}` })],
      [
        'the id of a backend in place of its key',
        () => ({ headers: { 'Oracle-Mobile-Backend-Id': backend.id } }),
      ],
      [
        'a backend that there is not',
        () => ({ headers: { 'Oracle-Mobile-Backend-Id': 'b'.repeat(36) } }),
      ],
      ['a header that is no id', () => ({ headers: { 'Oracle-Mobile-Backend-Id': "'; --" } })],
    ] as const satisfies readonly (readonly [string, () => Sent])[]) {
      it(`${what}, and tell nothing else`, async () => {
        const reply = await config(sent())
        assert.deepEqual(codeOf(reply), [401, CREDENTIALS_INVALID])
        assert.match(String(reply.headers['www-authenticate']), /^Bearer/)
        assert.equal(reply.json()['o:errorDetails'], undefined)
      })
    }

    it('Basic without the header, and say what is missing', async () => {
      const reply = await config({ headers: { 'Oracle-Mobile-Backend-Id': undefined } })
      assert.equal(reply.statusCode, 400)
      assert.match(reply.json().detail, /Oracle-Mobile-Backend-ID/)
    })

    it('a team member, whose token is for the tools', async () => {
      assert.equal((await platform.team('GET', '/environment')).statusCode, 200)
      const reply = await config({ authorization: platform.member })
      assert.deepEqual(codeOf(reply), [401, CREDENTIALS_INVALID])
    })

    it('the keys of another backend', async () => {
      const other = await platform.backend()
      const crossed = { ...backend, anonymousKey: other.anonymousKey }
      assert.equal((await config({}, crossed)).statusCode, 401)
      assert.equal((await me({ as: 'ann' }, other)).statusCode, 401)
      await app().user('ann', other)
      assert.equal((await me({ as: 'ann' }, other)).statusCode, 200)
    })
  })

  describe('answer for a backend', () => {
    const both = async (keys: DoorKeys) => {
      const [anyone, ann] = [await platform.token(keys, null), await platform.token(keys, 'ann')]
      const calls: Sent[] = [{}, { as: 'ann' }, { authorization: anyone }, { authorization: ann }]
      const statuses = async () =>
        Promise.all(calls.map(async (sent) => (await config(sent, keys)).statusCode))
      assert.deepEqual(await statuses(), [200, 200, 200, 200])
      return statuses
    }
    const made = async (fields: object = {}) => {
      const keys = await platform.backend(fields)
      await app().user('ann', keys)
      return keys
    }

    it('that is inactive, 404 until it is active again', async () => {
      const keys = await made()
      const statuses = await both(keys)
      await platform.change(keys, { inactive: true })
      assert.deepEqual(await statuses(), [404, 404, 404, 404])
      assert.deepEqual(codeOf(await config({}, keys)), [404, 'MOBILE-10004'])
      await platform.change(keys, { inactive: false })
      assert.deepEqual(await statuses(), [200, 200, 200, 200])
    })

    it('that is in the trash, 401 until it is back', async () => {
      const keys = await made()
      const statuses = await both(keys)
      const one = { dependencies: [{ asset: { id: keys.id } }] }
      await platform.done('POST', '/assets/trashing', one)
      assert.deepEqual(await statuses(), [401, 401, 401, 401])
      await platform.done('POST', '/assets/untrashing', one)
      assert.deepEqual(await statuses(), [200, 200, 200, 200])
    })

    it('whose door is shut, 401 by that door alone', async () => {
      const keys = await made()
      const statuses = await both(keys)
      await platform.change(keys, { basic: false })
      assert.deepEqual(await statuses(), [401, 401, 200, 200])
      await platform.change(keys, { basic: true, oauth: false })
      assert.deepEqual(await statuses(), [200, 200, 401, 401])
    })

    it('whose keys were replaced, 401 to the old ones', async () => {
      const keys = await made()
      const statuses = await both(keys)
      await platform.done('POST', `/mobilebackends/${keys.id}/security/basic/keys`)
      assert.deepEqual(await statuses(), [401, 401, 200, 200])
      const fresh = await platform.keys(keys.id)
      const half = { ...keys, anonymousKey: fresh.anonymousKey }
      assert.equal((await config({}, half)).statusCode, 401)
      assert.equal((await config({}, fresh)).statusCode, 200)
      await platform.done('POST', `/mobilebackends/${keys.id}/security/oauth/keys`)
      assert.deepEqual(await statuses(), [401, 401, 401, 401])
    })

    it('whose keys were revoked, 401 to them', async () => {
      const keys = await made()
      const statuses = await both(keys)
      for (const set of ['basic', 'oauth']) {
        await platform.done('DELETE', `/mobilebackends/${keys.id}/security/${set}/keys`)
      }
      assert.deepEqual(await statuses(), [401, 401, 401, 401])
    })

    it('that is published, as for a draft', async () => {
      const keys = await made()
      const statuses = await both(keys)
      await platform.publish(keys)
      assert.deepEqual(await statuses(), [200, 200, 200, 200])
    })
  })

  describe('believe a password that was right', () => {
    /** How many passwords are really compared while `work` is done. */
    const compared = async (work: () => Promise<unknown>) => {
      const { users } = app().context.tools
      const { logIn } = users ?? {}
      assert.ok(users && logIn)
      let count = 0
      const counting: typeof logIn = (...given) => {
        count += 1
        return logIn(...given)
      }
      Object.assign(users, { logIn: counting })
      try {
        await work()
      } finally {
        Object.assign(users, { logIn })
      }
      return count
    }

    it('for a while, also when many calls come at once', async () => {
      await app().user('busy', backend)
      const twenty = () => Promise.all(Array.from({ length: 20 }, () => me({ as: 'busy' })))
      assert.equal(await compared(twenty), 1)
      assert.equal(await compared(twenty), 0)
      app().advance(301_000)
      assert.equal(await compared(twenty), 1)
    })

    it('until the user has another one', async () => {
      const eve = await app().user('eve', backend)
      const token = await platform.token(backend, 'eve')
      assert.equal((await me({ as: 'eve' })).statusCode, 200)
      const values = { password: 'other', password_confirmation: 'other' }
      assert.equal((await app().call('PUT', 'users/update', values, eve, backend)).status, 200)
      assert.equal((await me({ as: 'eve' })).statusCode, 401)
      assert.equal((await me({ authorization: token })).statusCode, 401)
      assert.equal((await me({ authorization: basic('eve', 'other') })).statusCode, 200)
    })

    it('until the user has another name, which is then somebody else', async () => {
      const old = await app().user('joe', backend)
      const before = (await me({ as: 'joe' })).json()
      await app().call('PUT', 'users/update', { username: 'joseph' }, old, backend)
      assert.equal((await me({ as: 'joe' })).statusCode, 401)
      await app().user('joe', backend)
      const after = (await me({ as: 'joe' })).json()
      assert.notEqual(after.id, before.id)
      assert.equal((await me({ as: 'joseph' })).json().id, before.id)
    })

    it('until there is no such user', async () => {
      const gone = await app().user('gone', backend)
      const token = await platform.token(backend, 'gone')
      assert.equal((await me({ as: 'gone' })).statusCode, 200)
      await app().call('DELETE', 'users/delete', {}, gone, backend)
      assert.equal((await me({ as: 'gone' })).statusCode, 401)
      assert.equal((await me({ authorization: token })).statusCode, 401)
    })
  })

  it('let nobody in who has yet to confirm an address', async () => {
    const keys = await platform.backend()
    await app().set({ newUserVerification: true, mailTestMode: true }, keys)
    const values = { username: 'new', email: 'new@example.org', password: 'secret' }
    const confirmed = { ...values, password_confirmation: 'secret' }
    const made = await app().call('POST', 'users/create', confirmed, null, keys)
    assert.equal(made.status, 200, JSON.stringify(made.body))
    assert.deepEqual(codeOf(await me({ as: 'new' }, keys)), [401, 'MOBILE-10008'])
    await app().set({ newUserVerification: false }, keys)
    assert.equal((await me({ as: 'new' }, keys)).statusCode, 200)
  })
})
