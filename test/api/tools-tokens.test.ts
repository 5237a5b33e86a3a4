import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createToken } from '../../src/tools/team/tokens.ts'
import { type ReplyProblems, validateReplies } from '../support/validate-replies.ts'
import { NOW, plant, STORES } from './tools-app.ts'
import { openTeamApp, PASSWORD, type TeamApp } from './tools-team-app.ts'

const DAY = 86_400_000

for (const stores of STORES) {
  describe(`personal tokens on ${stores.name}`, () => {
    let team: TeamApp
    let problems: ReplyProblems
    let root = ''
    let dora = ''

    before(async () => {
      team = await openTeamApp(stores)
      problems = validateReplies(team.app)
      await team.member('root', 'Administrator')
      await team.member('dora', 'Developer')
      await team.member('leo', 'Analyst')
      root = await team.signIn('root')
      dora = await team.signIn('dora')
    })
    after(async () => {
      await team.close()
      problems.assertNoProblems()
    })

    const call = (token: string, method: string, path: string, payload?: object) =>
      team.as(token, method, path, payload ? { payload } : {})
    const make = (payload: object, by = dora) => call(by, 'POST', '/team/tokens', payload)
    const opens = async (token: string) => (await call(token, 'GET', '/environment')).statusCode

    it('are told once, and open what their member may', async () => {
      const reply = await make({ name: 'deploy', scopes: ['write', 'read'] })
      assert.equal(reply.statusCode, 201)
      const { token, ...made } = reply.json()
      assert.equal(reply.headers.location, `/mobile/tools/1.0/team/tokens/${made.id}`)
      const { id: memberId } = (await call(dora, 'GET', '/team/me')).json()
      assert.deepEqual(made, {
        ...{ id: made.id, name: 'deploy', role: null, scopes: ['read', 'write'] },
        member: { id: memberId, login: 'dora' },
        createdOn: new Date(NOW).toISOString(),
        expiresOn: new Date(NOW + 90 * DAY).toISOString(),
      })
      assert.equal(await opens(token), 200)
      assert.deepEqual((await call(dora, 'GET', `/team/tokens/${made.id}`)).json(), made)
      const { items } = (await call(dora, 'GET', '/team/tokens')).json()
      assert.deepEqual(items[0], made)
      assert.ok(!JSON.stringify(items).includes(token))

      // What is made by it is made by its member.
      const backend = await call(token, 'POST', '/mobilebackends', { name: 'ByToken' })
      assert.equal(backend.json().createdBy, 'dora')
    })

    for (const [what, wanted, endsAfter] of [
      ['a lifetime in seconds', { ttl: 60 }, 60_000],
      ['a date', { expiresOn: '2026-06-02' }, Date.parse('2026-06-02') - NOW],
      ['nothing said', {}, 90 * DAY],
    ] as const) {
      it(`end by ${what}`, async () => {
        const { token, expiresOn, id } = (
          await make({ name: 'brief', scopes: ['read'], ...wanted })
        ).json()
        assert.equal(expiresOn, new Date(NOW + endsAfter).toISOString())
        team.clock.now = NOW + endsAfter - 1
        assert.equal(await opens(token), 200)
        team.clock.now = NOW + endsAfter
        assert.equal(await opens(token), 401)
        team.clock.now = NOW
        await call(dora, 'DELETE', `/team/tokens/${id}`)
      })
    }

    for (const [why, payload, status] of [
      ['no name', { scopes: ['read'] }, 400],
      ['a name with a line break', { name: 'a\nb', scopes: ['read'] }, 400],
      ['no scopes', { name: 'x' }, 400],
      ['an empty list of scopes', { name: 'x', scopes: [] }, 400],
      ['a scope that is none', { name: 'x', scopes: ['read', 'everything'] }, 400],
      ['a role that is none', { name: 'x', scopes: ['read'], role: 'King' }, 400],
      [
        'a role that its member has not',
        { name: 'x', scopes: ['read'], role: 'Administrator' },
        403,
      ],
      ['an end that has passed', { name: 'x', scopes: ['read'], expiresOn: '2020-01-01' }, 400],
      ['an end that is no date', { name: 'x', scopes: ['read'], expiresOn: '-2h' }, 400],
      ['an end in a thousand years', { name: 'x', scopes: ['read'], expiresOn: '3026-01-01' }, 400],
      ['a lifetime that is text', { name: 'x', scopes: ['read'], ttl: '60' }, 400],
      ['a lifetime of nothing', { name: 'x', scopes: ['read'], ttl: 0 }, 400],
      ['two ends', { name: 'x', scopes: ['read'], ttl: 60, expiresOn: '2026-07-01' }, 400],
    ] as const) {
      it(`are not made with ${why}`, async () => {
        const before = (await call(dora, 'GET', '/team/tokens')).json().totalResults
        const reply = await make(payload)
        assert.equal(reply.statusCode, status, reply.body)
        assert.equal((await call(dora, 'GET', '/team/tokens')).json().totalResults, before)
      })
    }

    /** What a token with one scope may, by what the call needs. */
    const CALLS = {
      read: [
        ['GET', '/environment'],
        ['GET', '/team/tokens'],
        ['GET', '/audit'],
        ['POST', '/assets/trashDependencies', { ids: [] }],
      ],
      write: [
        ['POST', '/mobilebackends', { name: '9bad' }],
        ['DELETE', '/team/tokens/0123456789ab0123456789ab'],
      ],
      admin: [
        ['PUT', '/policies', { name: 'bad', value: 'x' }],
        ['POST', '/assets/purging', { dependencies: 1 }],
        ['POST', '/team/members', {}],
      ],
    } as const

    for (const scope of ['read', 'write', 'admin'] as const) {
      it(`with the scope ${scope} may do that and nothing else`, async () => {
        const token = await team.token('root', [scope])
        for (const [needed, calls] of Object.entries(CALLS)) {
          for (const [method, path, payload] of calls) {
            const reply = await call(token, method, path, payload)
            if (needed === scope) {
              assert.notEqual(reply.statusCode, 403, `${method} ${path}`)
              continue
            }
            assert.equal(reply.statusCode, 403, `${method} ${path}`)
            assert.equal(reply.json()['o:errorCode'], 'MOBILE-10130')
            assert.match(reply.json().detail, new RegExp(`the scope '${needed}'.*'${scope}'`))
          }
        }
      })
    }

    it('with several scopes may do what each of them says', async () => {
      const token = await team.token('root', ['read', 'admin'])
      assert.equal(await opens(token), 200)
      const policy = { name: '*.*.Colour', value: 'red' }
      assert.equal((await call(token, 'PUT', '/policies', policy)).statusCode, 204)
      const refused = await call(token, 'POST', '/mobilebackends', { name: 'Nope' })
      assert.equal(refused.statusCode, 403)
      assert.match(refused.json().detail, /'read', 'admin'/)
    })

    it('ask of HEAD what they ask of GET, and of OPTIONS nothing', async () => {
      const [reader, writer] = [
        await team.token('root', ['read']),
        await team.token('root', ['write']),
      ]
      assert.equal((await call(reader, 'HEAD', '/audit')).statusCode, 200)
      assert.equal((await call(writer, 'HEAD', '/audit')).statusCode, 403)
      assert.equal((await call(dora, 'HEAD', '/audit')).statusCode, 403)
      assert.equal((await call(writer, 'OPTIONS', '/audit')).statusCode, 204)
      // What is nowhere, or takes no such verb, is told to those who might have called it.
      assert.equal((await call(reader, 'GET', '/nowhere')).statusCode, 404)
      assert.equal((await call(writer, 'DELETE', '/environment')).statusCode, 405)
    })

    it('open no more than their member does, whatever their scopes', async () => {
      const token = await team.token('dora', ['read', 'write', 'admin'])
      const refused = await call(token, 'PUT', '/policies', { name: '*.*.A', value: 'x' })
      assert.deepEqual([refused.statusCode, refused.json()['o:errorCode']], [403, 'MOBILE-10102'])
    })

    it('may have a smaller role than their member', async () => {
      const token = await team.token('root', ['read', 'write', 'admin'], 'Developer')
      assert.equal(await opens(token), 200)
      const refused = await call(token, 'PUT', '/policies', { name: '*.*.A', value: 'x' })
      assert.equal(refused.json()['o:errorCode'], 'MOBILE-10102')
    })

    it('shrink with the roles of their member, and grow no further than they were made', async () => {
      await team.member('max', 'Administrator')
      const [all, developer] = [
        await team.token('max', ['read', 'admin']),
        await team.token('max', ['read'], 'Developer'),
      ]
      await call(root, 'PUT', '/team/members/max', { roles: ['Analyst'] })
      for (const token of [all, developer]) {
        assert.equal(await opens(token), 403)
        // An analyst may still do what every member may.
        assert.equal((await call(all, 'GET', '/team/me')).statusCode, 200)
      }
      await call(root, 'PUT', '/team/members/max', { roles: ['Administrator'] })
      assert.equal(await opens(developer), 200)
      assert.equal((await call(developer, 'GET', '/audit')).statusCode, 403)
      assert.equal((await call(all, 'GET', '/audit')).statusCode, 200)
    })

    it('make no other tokens, nor do scripts', async () => {
      const personal = await team.token('root', ['read', 'write', 'admin'])
      const script = await createToken(team.tools, { role: 'Administrator', name: 'ci' })
      for (const token of [personal, script]) {
        const reply = await make({ name: 'more', scopes: ['admin'] }, token)
        assert.deepEqual([reply.statusCode, reply.json()['o:errorCode']], [403, 'MOBILE-10131'])
      }
    })

    it('are listed and ended by their member alone, and by administrators', async () => {
      const { token, id } = (await make({ name: 'mine', scopes: ['read'] })).json()
      const leo = await team.signIn('leo')
      const names = async (by: string) =>
        (await call(by, 'GET', '/team/tokens?limit=100'))
          .json()
          .items.map((one: { name: string }) => one.name)
      assert.deepEqual(await names(leo), [])
      assert.ok((await names(dora)).includes('mine'))
      assert.ok(!(await names(dora)).includes('jdoe'))
      // Administrators also see the tokens of scripts.
      for (const name of ['mine', 'jdoe']) assert.ok((await names(root)).includes(name))
      for (const method of ['GET', 'DELETE']) {
        const reply = await call(leo, method, `/team/tokens/${id}`)
        assert.deepEqual([reply.statusCode, reply.json()['o:errorCode']], [404, 'MOBILE-10113'])
      }
      assert.equal(await opens(token), 200)
      assert.equal((await call(dora, 'DELETE', `/team/tokens/${id}`)).statusCode, 204)
      assert.equal(await opens(token), 401)
      assert.equal((await call(dora, 'DELETE', `/team/tokens/${id}`)).statusCode, 404)

      const other = (await make({ name: 'other', scopes: ['read'] })).json()
      assert.equal((await call(root, 'DELETE', `/team/tokens/${other.id}`)).statusCode, 204)
      assert.equal(await opens(other.token), 401)
    })

    it('are paged, the newest first', async () => {
      const leo = await team.signIn('leo')
      for (const name of ['a', 'b', 'c']) {
        team.clock.now += 1
        await make({ name, scopes: ['read'] }, leo)
      }
      team.clock.now = NOW
      const { items, totalResults, hasMore } = (
        await call(leo, 'GET', '/team/tokens?limit=2')
      ).json()
      assert.deepEqual(
        items.map((one: { name: string }) => one.name),
        ['c', 'b'],
      )
      assert.deepEqual([totalResults, hasMore], [3, true])
    })

    it('of scripts stay as they were: without scopes, and nobody is told of them but roots', async () => {
      const script = await createToken(team.tools, { role: 'Developer', name: 'build' })
      assert.equal(
        (await call(script, 'POST', '/mobilebackends', { name: 'Built' })).statusCode,
        201,
      )
      const { items } = (await call(script, 'GET', '/team/tokens')).json()
      assert.deepEqual(items, [])
    })
  })

  describe(`the end of tokens by their holders on ${stores.name}`, () => {
    let team: TeamApp
    let problems: ReplyProblems

    before(async () => {
      team = await openTeamApp(stores)
      problems = validateReplies(team.app)
      await team.member('dora', 'Developer')
    })
    after(async () => {
      await team.close()
      problems.assertNoProblems()
    })

    const signIn = async () => {
      const form = { grant_type: 'password', username: 'dora', password: PASSWORD }
      return (await team.post('token', form)).json()
    }
    const refresh = async (refresh_token: string) =>
      (await team.post('token', { grant_type: 'refresh_token', refresh_token })).json()
    const opens = async (token: string) =>
      (await team.as(token, 'GET', '/environment')).statusCode === 200
    const revoke = (token: string, more: object = {}) => team.post('revoke', { token, ...more })
    const byBackend = async (name: string) => {
      const { clientId, clientSecret } = await plant(team, { name })
      const keys = `${clientId}:${clientSecret?.reveal()}`
      const headers = {
        'content-type': 'application/x-www-form-urlencoded',
        authorization: `Basic ${Buffer.from(keys).toString('base64')}`,
      }
      return (path: string, payload: string) =>
        team.app.inject({ method: 'POST', url: `/oauth2/v1/${path}`, headers, payload })
    }

    it('ends an access token and leaves the sign-in', async () => {
      const { access_token, refresh_token } = await signIn()
      const reply = await revoke(access_token, { token_type_hint: 'refresh_token' })
      assert.deepEqual([reply.statusCode, reply.body], [200, ''])
      assert.equal(reply.headers['cache-control'], 'no-store')
      assert.equal(await opens(access_token), false)
      assert.ok(await opens((await refresh(refresh_token)).access_token))
    })

    it('ends with a refresh token all that the sign-in gave, and no other sign-in', async () => {
      const [first, other] = [await signIn(), await signIn()]
      const second = await refresh(first.refresh_token)
      assert.equal((await revoke(second.refresh_token)).statusCode, 200)
      for (const token of [first.access_token, second.access_token]) {
        assert.equal(await opens(token), false)
      }
      assert.equal((await refresh(second.refresh_token)).error, 'invalid_grant')
      assert.ok(await opens(other.access_token))
      assert.ok(await opens((await refresh(other.refresh_token)).access_token))
    })

    it('ends also what a renewal makes meanwhile', async () => {
      const { refresh_token } = await signIn()
      const { store } = team.tools
      const find = store.find.bind(store)
      let renewed = { access_token: '' }
      // The renewal comes when the revocation has looked up the token, and before it has ended it.
      store.find = async (query) => {
        store.find = find
        renewed = await refresh(refresh_token)
        return find(query)
      }
      assert.equal((await revoke(refresh_token)).statusCode, 200)
      assert.notEqual(renewed.access_token, '')
      assert.equal(await opens(renewed.access_token), false)
    })

    it('ends a personal token', async () => {
      const token = await team.token('dora', ['read'])
      assert.equal((await revoke(token)).statusCode, 200)
      assert.equal(await opens(token), false)
    })

    it('is content with a token that is unknown, used up or revoked already', async () => {
      const { access_token, refresh_token } = await signIn()
      await refresh(refresh_token)
      await revoke(access_token)
      for (const token of ['x', 'A'.repeat(27), refresh_token, access_token]) {
        assert.equal((await revoke(token)).statusCode, 200)
      }
    })

    it('wants the client, a token and a form', async () => {
      const url = '/oauth2/v1/revoke'
      const type = { 'content-type': 'application/x-www-form-urlencoded' }
      const noClient = { method: 'POST', url, headers: type, payload: 'token=x' } as const
      const anonymous = await team.app.inject(noClient)
      assert.deepEqual([anonymous.statusCode, anonymous.json().error], [401, 'invalid_client'])
      const empty = await team.post('revoke', {})
      assert.deepEqual([empty.statusCode, empty.json().error], [400, 'invalid_request'])
      const json = await team.app.inject({ method: 'POST', url, payload: { token: 'x' } })
      assert.equal(json.json().error, 'invalid_request')
      const get = await team.app.inject({ method: 'GET', url })
      assert.deepEqual([get.statusCode, get.headers.allow], [405, 'POST, OPTIONS'])
    })

    it('lets a client end its own tokens and nobody else’s', async () => {
      const [shop, bank] = [await byBackend('Shop'), await byBackend('Bank')]
      const { access_token } = (await shop('token', 'grant_type=client_credentials')).json()
      const again = async () => (await shop('revoke', `token=${access_token}`)).statusCode
      for (const foreign of [
        await bank('revoke', `token=${access_token}`),
        await revoke(access_token),
      ]) {
        assert.deepEqual([foreign.statusCode, foreign.json().error], [400, 'unauthorized_client'])
      }
      const mine = await signIn()
      const stolen = await shop('revoke', `token=${mine.access_token}`)
      assert.equal(stolen.json().error, 'unauthorized_client')
      assert.ok(await opens(mine.access_token))
      assert.deepEqual([await again(), await again()], [200, 200])
    })
  })
}
