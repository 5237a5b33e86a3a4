import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { codeOf, type DoorKeys, PlatformApp } from '../support/platform-app.ts'
import { onEachDatabase, type TestUser } from '../support/test-app.ts'

const ROLE_REQUIRED = 'MOBILE-10201'

onEachDatabase('role access of a backend', (app) => {
  let platform: PlatformApp
  before(async () => {
    platform = await PlatformApp.open(app())
  })

  /** A backend for technicians, with a user for each way to have a role or none. */
  const guarded = async () => {
    const backend = await platform.backend()
    const admin = await app().admin('root', backend)
    const users: Record<string, TestUser> = {}
    for (const [name, role] of [
      ['plain', ''],
      ['other', 'Clerk, technician'],
      ['one', 'Technician'],
      ['many', 'Clerk, Technician'],
    ] as const) {
      const user = await app().user(name, backend)
      users[name] = user
      await app().call('PUT', 'users/update', { role, su_id: user.id }, admin, backend)
    }
    const roleAccess = { enabled: true, roles: ['Technician', 'Boss'] }
    await platform.change(backend, { roleAccess })
    return { backend, admin, users }
  }
  const statuses = async (names: readonly string[], ask: (name: string) => Promise<number>) =>
    Promise.all(names.map(ask))

  it('lets those in who have one of its roles, through both doors', async () => {
    const { backend } = await guarded()
    const names = ['one', 'many', 'root', 'plain', 'other']
    const expected = [200, 200, 200, 403, 403]
    const byBasic = (as: string) => platform.call(backend, 'GET', '/users/me', { as })
    const byToken = async (as: string) => {
      const authorization = await platform.token(backend, as)
      return platform.call(backend, 'GET', '/users/me', { authorization })
    }
    for (const ask of [byBasic, byToken]) {
      assert.deepEqual(await statuses(names, async (one) => (await ask(one)).statusCode), expected)
    }
    assert.deepEqual(codeOf(await byBasic('plain')), [403, ROLE_REQUIRED])
    const { roles } = (await byBasic('many')).json()
    assert.deepEqual(roles, [{ value: 'Clerk' }, { value: 'Technician' }])
  })

  it('lets anonymous callers through to what they may do', async () => {
    const { backend } = await guarded()
    assert.equal((await platform.call(backend, 'GET', '/appconfig/client')).statusCode, 200)
  })

  it('follows a role that is given or taken, and the switch, at once', async () => {
    const { backend, admin, users } = await guarded()
    const ask = async () =>
      (await platform.call(backend, 'GET', '/users/me', { as: 'plain' })).statusCode
    const setRole = (role: string) =>
      app().call('PUT', 'users/update', { role, su_id: users.plain?.id }, admin, backend)
    assert.equal(await ask(), 403)
    await setRole('Boss')
    assert.equal(await ask(), 200)
    await setRole('')
    assert.equal(await ask(), 403)
    await platform.change(backend, { roleAccess: { enabled: false } })
    assert.equal(await ask(), 200)
  })

  describe('in the data API', () => {
    it('keeps those out who lack a role, whatever they call', async () => {
      const { backend, users } = await guarded()
      const call = (verb: 'GET' | 'POST', path: string, values: object, as?: TestUser | null) =>
        app().call(verb, path, { ...values }, as, backend)
      for (const [verb, path, values] of [
        ['GET', 'users/show/me', {}],
        ['GET', 'places/query', {}],
        ['POST', 'places/create', { name: 'P', city: 'C' }],
        ['POST', 'objects/boat/create', { fields: { n: 1 } }],
      ] as const) {
        for (const name of ['plain', 'other']) {
          const { status, body } = await call(verb, path, values, users[name] ?? null)
          assert.equal(status, 403, path)
          assert.equal(body.meta.reason, 'backend_role_required')
        }
        for (const name of ['one', 'many']) {
          assert.equal((await call(verb, path, values, users[name] ?? null)).status, 200, path)
        }
      }
      const { body } = await call('GET', 'places/query', {})
      assert.equal(body.response.places.length, 2)
    })

    it('lets anyone log in and out, and an administrator do all', async () => {
      const { backend, admin, users } = await guarded()
      const login = { login: 'plain', password: 'secret' }
      const fresh = await app().call('POST', 'users/login', login, null, backend)
      assert.equal(fresh.status, 200)
      // With a session of one's own, too: apps send the old cookie along.
      const again = await app().call('POST', 'users/login', login, users.plain ?? null, backend)
      assert.equal(again.status, 200)
      const out = await app().call('GET', 'users/logout', {}, users.plain ?? null, backend)
      assert.equal(out.status, 200)
      const made = await app().call(
        'POST',
        'places/create',
        { name: 'Q', city: 'C' },
        admin,
        backend,
      )
      assert.equal(made.status, 200)
    })

    it('asks nothing of callers without a session', async () => {
      const { backend } = await guarded()
      assert.equal((await app().call('GET', 'places/query', {}, null, backend)).status, 200)
      const made = await app().call(
        'POST',
        'places/create',
        { name: 'P', city: 'C' },
        null,
        backend,
      )
      assert.equal(made.body.meta.reason, 'session_required')
    })

    for (const [what, fields, settings] of [
      ['role access is on', { roleAccess: { enabled: true, roles: ['Boss'] } }, {}],
      ['the setting rolesAdminOnly is on', {}, { rolesAdminOnly: true }],
    ] as const) {
      it(`lets administrators alone give a role while ${what}`, async () => {
        const backend = await platform.backend(fields)
        await app().set(settings, backend)
        const admin = await app().admin('root', backend)
        const password = { password: 'secret', password_confirmation: 'secret' }
        const sneak = { username: 'sneak', role: 'Boss', ...password }
        const refused = await app().call('POST', 'users/create', sneak, null, backend)
        assert.deepEqual([refused.status, refused.body.meta.reason], [403, 'admin_required'])
        const found = { where: { username: 'sneak' } }
        const { body } = await app().call('GET', 'users/query', found, null, backend)
        assert.deepEqual(body.response.users, [])

        const ann = await app().user('ann', backend)
        const give = (role: string, as: TestUser, more: object = {}) =>
          app().call('PUT', 'users/update', { role, ...more }, as, backend)
        assert.equal((await give('Boss', ann)).status, 403)
        assert.equal((await give('Boss', admin, { su_id: ann.id })).status, 200)
        const mine = { first_name: 'A', role: 'Boss' }
        const same = await app().call('PUT', 'users/update', mine, ann, backend)
        assert.equal(same.status, 200)
        assert.equal((await give('', ann)).status, 403)
        assert.equal((await give('Admin', ann)).status, 403)
        const shown = await app().call('GET', 'users/show/me', {}, ann, backend)
        assert.equal(shown.body.response.users[0].role, 'Boss')
      })
    }

    it('lets users have any role they like where roles open nothing', async () => {
      const backend = await platform.backend()
      const ann = await app().user('ann', backend)
      const values = { role: 'Boss' }
      const { body } = await app().call('PUT', 'users/update', values, ann, backend)
      assert.equal(body.response.users[0].role, 'Boss')
      const profile = await platform.call(backend, 'GET', '/users/me', { as: 'ann' })
      assert.deepEqual(profile.json().roles, [])
    })
  })
})

onEachDatabase('a backend whose calls are rerouted', (app) => {
  let platform: PlatformApp
  before(async () => {
    platform = await PlatformApp.open(app())
  })
  const to = (from: DoorKeys, target: string | null) =>
    platform.done('PUT', `/mobilebackends/${from.id}/target`, { id: target })
  const published = async (theme: string) => {
    const backend = await platform.backend()
    await platform.done('PUT', `/mobilebackends/${backend.id}/appPolicies`, { theme })
    await platform.publish(backend)
    return backend
  }
  const themeOf = async (backend: DoorKeys) =>
    (await platform.call(backend, 'GET', '/appconfig/client')).json().theme

  it('is served as its target, in the platform and in the data API', async () => {
    const [old, next] = [await published('old'), await published('new')]
    await app().user('ann', next)
    const token = await platform.token(old, null)
    await to(old, next.id)
    assert.equal(await themeOf(old), 'new')
    const me = await platform.call(old, 'GET', '/users/me', { as: 'ann' })
    assert.equal(me.statusCode, 200)
    const byToken = await platform.call(old, 'GET', '/appconfig/client', { authorization: token })
    assert.equal(byToken.json().theme, 'new')
    const login = { login: 'ann', password: 'secret' }
    const { status, body } = await app().call('POST', 'users/login', login, null, old)
    assert.deepEqual([status, body.response.users[0].id], [200, me.json().id])
    const mine = await platform.token(old, 'ann')
    const again = await platform.call(old, 'GET', '/users/me', { authorization: mine })
    assert.equal(again.json().id, me.json().id)
    await to(old, null)
    assert.equal(await themeOf(old), 'old')
    const back = await platform.call(old, 'GET', '/users/me', { as: 'ann' })
    assert.equal(back.statusCode, 401)
    const lost = await platform.call(old, 'GET', '/users/me', { authorization: mine })
    assert.equal(lost.statusCode, 401)
  })

  it('has its own data untouched', async () => {
    const [old, next] = [await published('old'), await published('new')]
    const bob = await app().user('bob', old)
    const kept = await app().call('POST', 'places/create', { name: 'Old', city: 'C' }, bob, old)
    assert.equal(kept.status, 200)
    await to(old, next.id)
    const joe = await app().user('joe', old)
    await app().call('POST', 'places/create', { name: 'New', city: 'C' }, joe, old)
    const names = async (backend: DoorKeys) => {
      const { body } = await app().call('GET', 'places/query', {}, null, backend)
      return body.response.places.map((place: { name: string }) => place.name)
    }
    assert.deepEqual(await names(next), ['New'])
    assert.deepEqual(await names(old), ['New'])
    await to(old, null)
    assert.deepEqual(await names(old), ['Old'])
  })

  it('is served by itself while its target cannot', async () => {
    const [old, next] = [await published('old'), await published('new')]
    await to(old, next.id)
    await platform.change(next, { inactive: true })
    assert.equal(await themeOf(old), 'old')
    await platform.change(next, { inactive: false })
    assert.equal(await themeOf(old), 'new')
    const one = { dependencies: [{ asset: { id: next.id } }], format: 'forced' }
    await platform.done('POST', '/assets/trashing', one)
    assert.equal(await themeOf(old), 'old')
    await platform.done('POST', '/assets/purging', one)
    await app().settle()
    assert.equal(await themeOf(old), 'old')
  })

  it('goes the whole way, and stops before what is shut', async () => {
    const [a, b, c] = [await published('a'), await published('b'), await published('c')]
    await to(a, b.id)
    await to(b, c.id)
    assert.deepEqual([await themeOf(a), await themeOf(b)], ['c', 'c'])
    await platform.change(c, { inactive: true })
    assert.deepEqual([await themeOf(a), await themeOf(b)], ['b', 'b'])
    await platform.change(b, { inactive: true })
    assert.equal(await themeOf(a), 'a')
  })

  it('is shut when it is inactive itself', async () => {
    const [old, next] = [await published('old'), await published('new')]
    await to(old, next.id)
    await platform.change(old, { inactive: true })
    const reply = await platform.call(old, 'GET', '/appconfig/client')
    assert.equal(reply.statusCode, 404)
    const { body } = await app().call('GET', 'places/query', {}, null, old)
    assert.equal(body.meta.reason, 'backend_inactive')
    assert.equal(await themeOf(next), 'new')
  })

  it('asks for the roles of its target', async () => {
    const [old, next] = [await published('old'), await platform.backend()]
    await platform.change(next, { roleAccess: { enabled: true, roles: ['Boss'] } })
    await platform.publish(next)
    await app().user('ann', next)
    await to(old, next.id)
    const me = await platform.call(old, 'GET', '/users/me', { as: 'ann' })
    assert.deepEqual(codeOf(me), [403, ROLE_REQUIRED])
  })
})

onEachDatabase('pages on other origins', (app) => {
  let platform: PlatformApp
  let backend: DoorKeys
  before(async () => {
    platform = await PlatformApp.open(app())
    backend = await platform.backend()
  })
  const ask = (origin: string) =>
    platform.call(backend, 'GET', '/appconfig/client', { headers: { origin } })
  const preflight = (origin: string, headers: string) =>
    app().app.inject({
      method: 'OPTIONS',
      url: '/mobile/platform/storage/collections/Photos/objects/1',
      headers: {
        origin,
        'access-control-request-method': 'PUT',
        'access-control-request-headers': headers,
      },
    })

  it('may read nothing unless the policy says so', async () => {
    const reply = await ask('https://app.example.com')
    assert.equal(reply.statusCode, 200)
    assert.equal(reply.headers['access-control-allow-origin'], undefined)
    const asked = await preflight('https://app.example.com', 'authorization')
    assert.equal(asked.headers['access-control-allow-origin'], undefined)
  })

  it('may read what the policy Security_AllowOrigin lets them', async () => {
    await platform.policy(
      '*.*.Security_AllowOrigin',
      'https://app.example.com, http://*.test.org,ionic://localhost',
    )
    for (const [origin, isAllowed] of [
      ['https://app.example.com', true],
      ['HTTPS://APP.example.com', true],
      ['http://a.test.org', true],
      ['http://a.b.test.org', true],
      ['ionic://localhost', true],
      ['http://app.example.com', false],
      ['https://app.example.com.evil.org', false],
      ['https://appXexample.com', false],
      ['http://test.org', false],
      ['http://evil.org/.test.org', false],
      ['null', false],
    ] as const) {
      const { headers } = await ask(origin)
      assert.equal(headers['access-control-allow-origin'], isAllowed ? origin : undefined, origin)
      assert.equal(headers.vary, 'Origin')
    }
    await platform.policy('*.*.Security_AllowOrigin', 'disallow')
    const { headers } = await ask('https://app.example.com')
    assert.equal(headers['access-control-allow-origin'], undefined)
  })

  it('are told before they send credentials, with the headers of the SDKs', async () => {
    await platform.policy('*.*.Security_AllowOrigin', '*')
    const names = 'authorization, oracle-mobile-backend-id, oracle-mobile-diagnostic-session-id'
    const reply = await preflight('https://any.example.com', names)
    assert.equal(reply.statusCode, 204)
    assert.equal(reply.headers['access-control-allow-origin'], '*')
    assert.equal(reply.headers['access-control-allow-headers'], names)
    assert.match(String(reply.headers['access-control-allow-methods']), /PUT/)
  })

  it('may read refusals, too', async () => {
    await platform.policy('*.*.Security_AllowOrigin', '*')
    const reply = await platform.call(backend, 'GET', '/appconfig/client', {
      authorization: 'Basic x',
      headers: { origin: 'https://any.example.com' },
    })
    assert.equal(reply.statusCode, 401)
    assert.equal(reply.headers['access-control-allow-origin'], '*')
    assert.match(String(reply.headers['access-control-expose-headers']), /ETag/)
  })
})
