import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SESSION_TYPE } from '../../src/engine/sessions.ts'
import { tokenDigest } from '../../src/lib/ids.ts'
import { type Answer, onEachDatabase, type TestApp, type TestUser } from '../support/test-app.ts'

const DAY_MS = 86_400_000
const NO_SESSION = 'You need to sign in or sign up before continuing.'
const FORM = 'application/x-www-form-urlencoded'

function me(app: TestApp, options: { query?: string; cookie?: string } = {}): Promise<Answer> {
  const { query = '', cookie } = options
  return app.send({
    method: 'GET',
    url: `/v1/users/show/me.json?key=${app.backend.key}${query}`,
    ...(cookie === undefined ? {} : { headers: { cookie } }),
  })
}

function login(app: TestApp, username: string, as?: TestUser): Promise<Answer> {
  return app.post('users/login', { login: username, password: 'secret' }, as)
}

/** When the store last noted that a session was used, in milliseconds. */
async function noted(app: TestApp, { session }: TestUser): Promise<number> {
  const address = { backendId: app.backend.id, type: SESSION_TYPE, id: tokenDigest(session) }
  return (await app.context.store.get(address))?.updatedAt ?? 0
}

/** Sessions note their use after the answer: waits until they have. */
async function usedAndNoted(app: TestApp, user: TestUser): Promise<void> {
  const before = await noted(app, user)
  assert.equal((await app.get('users/show/me', {}, user)).status, 200)
  for (let tries = 0; tries < 200; tries += 1) {
    if ((await noted(app, user)) > before) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  assert.fail('the session was not noted as used')
}

function sessions(app: TestApp): Promise<{ count: number }> {
  return app.context.store.count({ backendId: app.backend.id, type: SESSION_TYPE })
}

onEachDatabase('sessions', (app) => {
  describe('a session', () => {
    it('comes with a new user, in meta and as a cookie of the original form', async () => {
      const password = { password: 'secret', password_confirmation: 'secret' }
      const { body, headers } = await app().post('users/create', { username: 'new', ...password })
      const token = String(body.meta.session_id)
      assert.match(token, /^[A-Za-z0-9_-]{27}$/)
      assert.equal(headers['set-cookie'], `_session_id=${token}; path=/; HttpOnly`)
    })

    it('comes with a login, by name in any case', async () => {
      const ann = await app().user('Ann')
      const { status, body, headers } = await login(app(), 'aNN')
      assert.equal(status, 200)
      assert.equal(body.response.users[0].id, ann.id)
      assert.notEqual(body.meta.session_id, ann.session)
      assert.equal(headers['set-cookie'], `_session_id=${body.meta.session_id}; path=/; HttpOnly`)
    })

    it('does not come with a wrong password or name', async () => {
      await app().user('bob')
      const before = await sessions(app())
      for (const [name, password] of [
        ['bob', 'wrong'],
        ['nobody', 'secret'],
      ]) {
        const { status, body, headers } = await app().post('users/login', { login: name, password })
        assert.equal(status, 401)
        assert.equal(body.meta.message, 'Invalid email/username or password')
        assert.equal(body.meta.session_id, undefined)
        assert.equal(headers['set-cookie'], undefined)
      }
      assert.deepEqual(await sessions(app()), before)
    })

    it('is read from the query, the cookie and a body', async () => {
      const ann = await app().user()
      for (const reply of [
        await me(app(), { query: `&_session_id=${ann.session}` }),
        await me(app(), { cookie: `_session_id=${ann.session}` }),
        await me(app(), { cookie: `a=b; _session_id=${ann.session}; c=d` }),
        await me(app(), { cookie: `_session_id="${ann.session}"` }),
        await app().raw('POST', 'users/show/me', FORM, `_session_id=${ann.session}`),
        await app().raw(
          'POST',
          'users/show/me',
          'application/json',
          JSON.stringify({ _session_id: ann.session }),
        ),
      ]) {
        assert.equal(reply.status, 200)
        assert.equal(reply.body.response.users[0].id, ann.id)
        assert.equal(reply.body.meta.session_id, ann.session)
      }
    })

    it('is read from a percent-encoded cookie', async () => {
      const ann = await app().user()
      const encoded = [...ann.session].map((c) => `%${c.charCodeAt(0).toString(16)}`).join('')
      assert.equal((await me(app(), { cookie: `_session_id=${encoded}` })).status, 200)
    })

    it('is the last of several in a query, and that of the query before that of the cookie', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const query = `&_session_id=${ann.session}&_session_id=${bob.session}`
      const both = await me(app(), { query, cookie: `_session_id=${ann.session}` })
      assert.equal(both.body.response.users[0].id, bob.id)
    })

    for (const [what, query, cookie] of [
      ['none', '', undefined],
      ['an empty one', '&_session_id=', undefined],
      ['another cookie', '', 'x_session_id=abc'],
      ['an empty cookie', '', '_session_id='],
    ] as const) {
      it(`is asked for where ${what} is sent`, async () => {
        const options = cookie === undefined ? { query } : { query, cookie }
        const { status, body } = await me(app(), options)
        assert.equal(status, 401)
        assert.equal(body.meta.message, NO_SESSION)
        assert.equal(body.meta.method_name, 'showMe')
      })
    }

    for (const [what, token] of [
      ['unknown', 'abcdefghijklmnopqrstuvwxyz0'],
      ['holding NUL', '%00'],
      ['very long', 'a'.repeat(4000)],
      ['no valid UTF-8', '%ff'],
    ]) {
      it(`is answered 404 where a login is needed and it is ${what}`, async () => {
        const { status, body } = await me(app(), { query: `&_session_id=${token}` })
        assert.equal(status, 404)
        assert.match(body.meta.message ?? '', /^Failed to find current_user/)
      })

      it(`is ignored where no login is needed and it is ${what}`, async () => {
        const url = `/v1/places/query.json?key=${app().backend.key}&_session_id=${token}`
        const { status, headers } = await app().send({ method: 'GET', url })
        assert.equal(status, 200)
        assert.equal(headers['set-cookie'], undefined)
      })
    }

    it('of another backend is unknown', async () => {
      const other = await app().newBackend('elsewhere')
      const eve = await app().user('eve', other)
      assert.equal((await app().get('users/show/me', {}, eve)).status, 404)
    })

    it('of a deleted user is unknown', async () => {
      const ann = await app().user()
      assert.equal((await app().del('users/delete', {}, ann)).status, 200)
      assert.equal((await app().get('users/show/me', {}, ann)).status, 404)
    })

    it('is told by its code with suppress_response_codes', async () => {
      for (const [query, code] of [
        ['', 401],
        ['&_session_id=unknown', 404],
      ] as const) {
        const { status, body } = await me(app(), { query: `${query}&suppress_response_codes=true` })
        assert.equal(status, 200)
        assert.equal(body.meta.code, code)
        assert.equal(body.meta.status, 'fail')
      }
    })

    it('ends with a logout, which takes the cookie away', async () => {
      const ann = await app().user()
      const { status, body, headers } = await app().get('users/logout', {}, ann)
      assert.equal(status, 200)
      assert.equal(body.meta.method_name, 'logoutUser')
      assert.equal(body.response, undefined)
      assert.match(
        String(headers['set-cookie']),
        /^_session_id=; path=\/; HttpOnly; expires=Thu, 01/,
      )
      assert.equal((await app().get('users/show/me', {}, ann)).status, 404)
      assert.equal((await app().get('users/logout', {}, ann)).status, 404)
    })

    it('goes on after a logout with another one', async () => {
      const ann = await app().user('twice')
      const second = {
        id: ann.id,
        session: String((await login(app(), 'twice')).body.meta.session_id),
      }
      await app().get('users/logout', {}, second)
      assert.equal((await app().get('users/show/me', {}, ann)).status, 200)
    })

    it('ends when its user changes his password in another', async () => {
      const ann = await app().user('changer')
      const old = await login(app(), 'changer')
      const other = { id: ann.id, session: String(old.body.meta.session_id) }
      const values = { password: 'new secret', password_confirmation: 'new secret' }
      const { status, body } = await app().put('users/update', values, ann)
      assert.equal(status, 200)
      assert.equal(body.meta.session_id, ann.session)
      assert.equal((await app().get('users/show/me', {}, ann)).status, 200)
      assert.equal((await app().get('users/show/me', {}, other)).status, 404)
      assert.equal((await login(app(), 'changer')).status, 401)
    })

    it('goes on when a change of the password is refused', async () => {
      const ann = await app().user('keeper')
      const old = await login(app(), 'keeper')
      const other = { id: ann.id, session: String(old.body.meta.session_id) }
      const values = { password: 'new secret', password_confirmation: 'another' }
      assert.equal((await app().put('users/update', values, ann)).status, 400)
      assert.equal((await app().get('users/show/me', {}, other)).status, 200)
      assert.equal((await login(app(), 'keeper')).status, 200)
    })
  })

  describe('a login over a live session', () => {
    it('keeps the id and hands it to the new user', async () => {
      const [ann, bob] = [await app().user('abel'), await app().user('boas')]
      const before = await sessions(app())
      const { body, headers } = await login(app(), 'boas', ann)
      assert.equal(body.meta.session_id, ann.session)
      assert.equal(headers['set-cookie'], `_session_id=${ann.session}; path=/; HttpOnly`)
      assert.equal((await app().get('users/show/me', {}, ann)).body.response.users[0].id, bob.id)
      assert.deepEqual(await sessions(app()), before)
    })

    it('that came by cookie does so too', async () => {
      const ann = await app().user('carol')
      await app().user('dora')
      const reply = await app().send({
        method: 'POST',
        url: `/v1/users/login.json?key=${app().backend.key}`,
        headers: { cookie: `_session_id=${ann.session}`, 'content-type': FORM },
        payload: 'login=dora&password=secret',
      })
      assert.equal(reply.body.meta.session_id, ann.session)
    })

    it('does so for a user who makes another', async () => {
      const ann = await app().user()
      const password = { password: 'secret', password_confirmation: 'secret' }
      const { body } = await app().post('users/create', { username: 'made', ...password }, ann)
      assert.equal(body.meta.session_id, ann.session)
      const seen = await app().get('users/show/me', {}, ann)
      assert.equal(seen.body.response.users[0].username, 'made')
    })

    it('leaves an administrator who makes a user as he is', async () => {
      const admin = await app().admin('boss')
      const password = { password: 'secret', password_confirmation: 'secret' }
      const { body, headers } = await app().post(
        'users/create',
        { username: 'hired', ...password },
        admin,
      )
      assert.equal(body.response.users[0].username, 'hired')
      assert.equal(headers['set-cookie'], undefined)
      const seen = await app().get('users/show/me', {}, admin)
      assert.equal(seen.body.response.users[0].id, admin.id)
    })

    it('never takes an id that a stranger made up', async () => {
      const ann = await app().user('frank')
      for (const session of ['planted-by-a-stranger-00000', 'x']) {
        const { status, body } = await login(app(), 'frank', { id: ann.id, session })
        assert.equal(status, 200)
        assert.notEqual(body.meta.session_id, session)
        assert.equal((await me(app(), { query: `&_session_id=${session}` })).status, 404)
      }
    })

    it('never takes the id of a session that has ended', async () => {
      const ann = await app().user('gina')
      await app().get('users/logout', {}, ann)
      const { body } = await login(app(), 'gina', ann)
      assert.notEqual(body.meta.session_id, ann.session)
    })

    it('never takes the id of another backend', async () => {
      const other = await app().newBackend('neighbour')
      const eve = await app().user('eve', other)
      await app().user('harry')
      const { body } = await login(app(), 'harry', eve)
      assert.notEqual(body.meta.session_id, eve.session)
      const still = await app().call('GET', 'users/show/me', {}, eve, other)
      assert.equal(still.body.response.users[0].id, eve.id)
    })

    it('that fails leaves the session with its user', async () => {
      const [ann] = [await app().user('ida'), await app().user('jane')]
      const values = { login: 'jane', password: 'wrong' }
      assert.equal((await app().post('users/login', values, ann)).status, 401)
      assert.equal((await app().get('users/show/me', {}, ann)).body.response.users[0].id, ann.id)
    })

    it('ends with one user when two log in over it at the same time', async () => {
      const ann = await app().user('kim')
      const [lee, max] = [await app().user('lee'), await app().user('max')]
      const replies = await Promise.all(['lee', 'max'].map((name) => login(app(), name, ann)))
      for (const { status, body } of replies) {
        assert.equal(status, 200)
        assert.equal(body.meta.session_id, ann.session)
      }
      const seen = await app().get('users/show/me', {}, ann)
      assert.ok([lee.id, max.id].includes(seen.body.response.users[0].id))
    })
  })
})

// Last, since these put the clock of their app ahead.
onEachDatabase('an unused session', (app) => {
  it('ends after the days that the backend sets', async () => {
    await app().set({ sessionIdleDays: 10 })
    const ann = await app().user()
    app().advance(9.9 * DAY_MS)
    assert.equal((await app().get('places/query', {}, ann)).status, 200)
    const bob = await app().user()
    app().advance(10.1 * DAY_MS)
    const { status, body } = await app().get('users/show/me', {}, bob)
    assert.equal(status, 404)
    assert.match(body.meta.message ?? '', /^Failed to find current_user/)
    assert.equal((await app().get('places/query', {}, bob)).status, 200)
  })

  it('begins to count again with each use, on any method', async () => {
    await app().set({ sessionIdleDays: 10 })
    const ann = await app().user()
    for (let month = 0; month < 4; month += 1) {
      app().advance(8 * DAY_MS)
      await usedAndNoted(app(), ann)
    }
    app().advance(10.1 * DAY_MS)
    assert.equal((await app().get('users/show/me', {}, ann)).status, 404)
  })

  it('lasts three months by default', async () => {
    const other = await app().newBackend('default')
    const ann = await app().user('ann', other)
    app().advance(89 * DAY_MS)
    assert.equal((await app().call('GET', 'users/show/me', {}, ann, other)).status, 200)
    const bob = await app().user('bob', other)
    app().advance(91 * DAY_MS)
    assert.equal((await app().call('GET', 'users/show/me', {}, bob, other)).status, 404)
  })

  it('that has ended is not handed over', async () => {
    await app().set({ sessionIdleDays: 10 })
    const ann = await app().user('late')
    app().advance(11 * DAY_MS)
    const { body } = await login(app(), 'late', ann)
    assert.notEqual(body.meta.session_id, ann.session)
  })

  it('ends sooner when the setting is lowered', async () => {
    await app().set({ sessionIdleDays: 30 })
    const ann = await app().user()
    app().advance(5 * DAY_MS)
    await app().set({ sessionIdleDays: 4 })
    assert.equal((await app().get('users/show/me', {}, ann)).status, 404)
  })
})
