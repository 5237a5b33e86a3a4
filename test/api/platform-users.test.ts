import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { basic, codeOf, type DoorKeys, PlatformApp } from '../support/platform-app.ts'
import { onEachDatabase } from '../support/test-app.ts'

const USER_REQUIRED = 'MOBILE-10203'

onEachDatabase('users of the platform', (app) => {
  let platform: PlatformApp
  let backend: DoorKeys
  before(async () => {
    platform = await PlatformApp.open(app())
    backend = await platform.backend()
  })
  let users = 0
  /** A new user with a name of its own. */
  const person = async (values: object = {}) => {
    users += 1
    const name = `Person${users}`
    const made = await app().user(name, backend)
    await app().call('PUT', 'users/update', { ...values }, made, backend)
    return { ...made, name }
  }
  const call = (as: string | null, verb: string, path: string, payload?: object) =>
    platform.call(backend, verb, `/users/${path}`, { as, ...(payload && { payload }) })

  it('see themselves in the form of SCIM', async () => {
    const values = { first_name: 'Ann', last_name: 'Lee', email: 'ann@example.org' }
    const { id, name } = await person(values)
    const { meta, ...profile } = (await call(name, 'GET', 'me')).json()
    assert.deepEqual(profile, {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      ...{ id, userName: name, displayName: 'Ann Lee', active: true },
      name: { givenName: 'Ann', familyName: 'Lee' },
      emails: [{ value: 'ann@example.org', primary: true }],
      roles: [],
    })
    assert.equal(meta.resourceType, 'User')
    const bare = await person()
    const { emails, name: none, displayName } = (await call(bare.name, 'GET', 'me')).json()
    assert.deepEqual([emails, none, displayName], [[], undefined, undefined])
  })

  it('see themselves in the form of before, whole or by some members', async () => {
    const { id, name } = await person({ first_name: 'Ann' })
    const href = `/mobile/platform/users/${name}`
    const expected = {
      ...{ id, username: name, firstName: 'Ann', lastName: null, email: null },
      links: [
        { rel: 'canonical', href },
        { rel: 'self', href },
      ],
    }
    for (const path of ['~', name, name.toUpperCase(), 'login']) {
      assert.deepEqual((await call(name, 'GET', path)).json(), expected, path)
    }
    const some = await call(name, 'GET', '~?fields=username,%20firstName,nothing')
    assert.deepEqual(some.json(), { username: name, firstName: 'Ann' })
  })

  it('see what their backend has of them by any door', async () => {
    const { id, name } = await person({ email: 'door@example.org' })
    const authorization = await platform.token(backend, name)
    const byToken = await platform.call(backend, 'GET', '/users/me', { authorization })
    assert.equal(byToken.json().id, id)
    const byMail = await call('door@example.org', 'GET', 'me')
    assert.equal(byMail.json().userName, name)
  })

  for (const verb of ['PUT', 'PATCH']) {
    it(`change themselves by ${verb}, and nothing else of them`, async () => {
      const { id, session, name } = await person({ first_name: 'Old', last_name: 'Kept' })
      const sent = {
        firstName: 'New',
        email: `${name}@example.org`,
        id: 'x',
        username: 'y',
        admin: 'true',
      }
      const reply = await call(name, verb, '~', sent)
      assert.equal(reply.statusCode, 200, reply.body)
      const { links: _, ...profile } = reply.json()
      const expected = {
        ...{ id, username: name, firstName: 'New', lastName: 'Kept' },
        email: `${name}@example.org`,
      }
      assert.deepEqual(profile, expected)
      const { body } = await app().call('GET', 'users/show/me', {}, { id, session }, backend)
      const [user] = body.response.users
      assert.deepEqual(
        [user.first_name, user.last_name, user.username, user.admin],
        ['New', 'Kept', name, 'false'],
      )
      const cleared = await call(name, verb, name, { lastName: null, firstName: '' })
      assert.deepEqual([cleared.json().firstName, cleared.json().lastName], [null, null])
      assert.equal((await call(name, 'GET', '~')).json().email, `${name}@example.org`)
    })
  }

  describe('are refused', () => {
    for (const [what, payload] of [
      ['no body', undefined],
      ['a list', []],
      ['a number for a name', { firstName: 1 }],
      ['a very long name', { lastName: 'n'.repeat(256) }],
      ['a name with a NUL', { firstName: 'a\0b' }],
      ['an address that is none', { email: 'nobody' }],
    ] as const) {
      it(`${what} as a profile`, async () => {
        const { name } = await person({ first_name: 'Same' })
        const reply = await call(name, 'PUT', '~', payload)
        assert.equal(reply.statusCode, 400, reply.body)
        assert.equal((await call(name, 'GET', '~')).json().firstName, 'Same')
      })
    }

    it('an address that is of another', async () => {
      await person({ email: 'taken@example.org' })
      const { name } = await person()
      const reply = await call(name, 'PUT', '~', { email: 'TAKEN@example.org' })
      assert.equal(reply.statusCode, 400)
      assert.equal((await call(name, 'GET', '~')).json().email, null)
    })

    it('the profile of another, whether there is one or not', async () => {
      const [one, other] = [await person(), await person({ first_name: 'Other' })]
      for (const path of [other.name, other.id, 'nobody']) {
        for (const [verb, payload] of [
          ['GET', undefined],
          ['PUT', { firstName: 'Hacked' }],
          ['PATCH', { firstName: 'Hacked' }],
        ] as const) {
          assert.equal((await call(one.name, verb, path, payload)).statusCode, 403)
        }
      }
      assert.equal((await call(other.name, 'GET', '~')).json().firstName, 'Other')
    })

    it('verbs that are for nobody', async () => {
      const { name } = await person()
      for (const [verb, path] of [
        ['DELETE', '~'],
        ['POST', '~'],
        ['PUT', 'me'],
      ] as const) {
        assert.equal((await call(name, verb, path)).statusCode, 405)
      }
    })

    it('as nobody in particular', async () => {
      for (const [verb, path, payload] of [
        ['GET', 'me', undefined],
        ['GET', '~', undefined],
        ['PUT', '~', { firstName: 'A' }],
      ] as const) {
        assert.deepEqual(codeOf(await call(null, verb, path, payload)), [403, USER_REQUIRED])
      }
    })
  })

  it('learn by users/login whether a name and a password are good', async () => {
    const { name } = await person()
    const login = (authorization: string) =>
      platform.call(backend, 'GET', '/users/login', { authorization })
    assert.equal((await login(basic(name))).json().username, name)
    assert.equal((await login(basic(name, 'wrong'))).statusCode, 401)
    assert.equal((await login(`Basic ${backend.anonymousKey}`)).statusCode, 401)
  })
})
