import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type ReplyProblems, validateReplies } from '../support/validate-replies.ts'
import { NOW, STORES } from './tools-app.ts'
import { openTeamApp, PASSWORD, type TeamApp } from './tools-team-app.ts'

for (const stores of STORES) {
  describe(`the members of the team over HTTP on ${stores.name}`, () => {
    let team: TeamApp
    let problems: ReplyProblems
    let root = ''
    let names = 0

    before(async () => {
      team = await openTeamApp(stores)
      problems = validateReplies(team.app)
      await team.member('root', 'Administrator')
      await team.member('dora', 'Developer')
      await team.member('leo', 'Analyst')
      root = await team.signIn('root')
    })
    after(async () => {
      await team.close()
      problems.assertNoProblems()
    })

    const call = (method: string, path: string, payload?: object, token = root) =>
      team.as(token, method, path, payload ? { payload } : {})
    const newLogin = () => {
      names += 1
      return `member${names}@example.org`
    }
    const add = async (roles: readonly string[] = ['Developer']) => {
      const login = newLogin()
      const reply = await call('POST', '/team/members', { login, password: PASSWORD, roles })
      assert.equal(reply.statusCode, 201, reply.body)
      return { login, at: `/team/members/${encodeURIComponent(login)}`, ...reply.json() }
    }
    const canCall = async (token: string) =>
      (await call('GET', '/team/me', undefined, token)).statusCode === 200
    const administrators = async (): Promise<number> => {
      const { items } = (await call('GET', '/team/members')).json()
      return items.filter(
        (one: { roles: string[]; disabled: boolean }) =>
          one.roles.includes('Administrator') && !one.disabled,
      ).length
    }

    it('are added with an address, a tag, and a password that lets them in', async () => {
      const login = newLogin()
      const body = { login, password: PASSWORD, roles: ['Analyst', 'Developer'] }
      const reply = await call('POST', '/team/members', body)
      assert.equal(reply.statusCode, 201)
      const { id, ...member } = reply.json()
      assert.equal(reply.headers.location, `/mobile/tools/1.0/team/members/${id}`)
      assert.equal(reply.headers.etag, '"1"')
      const time = new Date(NOW).toISOString()
      assert.deepEqual(member, {
        ...{ login, roles: ['Developer', 'Analyst'], disabled: false, etag: '1' },
        ...{ createdOn: time, modifiedOn: time },
      })
      assert.deepEqual((await call('GET', `/team/members/${id}`)).json(), { id, ...member })
      assert.ok(await canCall(await team.signIn(login)))
    })

    it('get a password made up when none is sent, which is told once', async () => {
      const login = newLogin()
      const body = { login, roles: ['Developer'] }
      const { password, id } = (await call('POST', '/team/members', body)).json()
      assert.match(password, /^[\w-]{27}$/)
      assert.ok(await canCall(await team.signIn(login, password)))
      assert.doesNotMatch((await call('GET', `/team/members/${id}`)).body, /password/)
    })

    for (const [why, body, status, code] of [
      ['no login', { password: PASSWORD, roles: ['Developer'] }, 400, 10011],
      ['no roles', { login: 'x', password: PASSWORD }, 400, 10011],
      ['an empty list of roles', { login: 'x', password: PASSWORD, roles: [] }, 400, 10011],
      ['a role that is none', { login: 'x', password: PASSWORD, roles: ['King'] }, 400, 10011],
      ['a short password', { login: 'x', password: '1234567', roles: ['Developer'] }, 400, 10011],
      [
        'a blank in the login',
        { login: 'a b', password: PASSWORD, roles: ['Developer'] },
        400,
        10011,
      ],
      [
        'a login that is taken, in another case',
        { login: 'DORA', password: PASSWORD, roles: ['Developer'] },
        409,
        10111,
      ],
      ['no object', [], 400, 10011],
    ] as const) {
      it(`are not added with ${why}`, async () => {
        const before = (await call('GET', '/team/members')).json().totalResults
        const reply = await call('POST', '/team/members', body)
        assert.deepEqual(
          [reply.statusCode, reply.json()['o:errorCode']],
          [status, `MOBILE-${code}`],
        )
        assert.equal((await call('GET', '/team/members')).json().totalResults, before)
      })
    }

    it('are listed page by page, without passwords', async () => {
      await add()
      const { items: all, totalResults, hasMore } = (await call('GET', '/team/members')).json()
      assert.deepEqual([all.length, hasMore], [totalResults, false])
      const reply = (await call('GET', '/team/members?limit=2&offset=1')).json()
      assert.deepEqual(reply.items, all.slice(1, 3))
      assert.deepEqual([reply.count, reply.totalResults], [2, totalResults])
      const { href } = reply.links.find((one: { rel: string }) => one.rel === 'next')
      assert.equal(href, '/mobile/tools/1.0/team/members?offset=3&limit=2&totalResults=true')
      assert.doesNotMatch(JSON.stringify(all), /argon2|generation/)
      assert.equal((await call('GET', '/team/members?limit=0')).statusCode, 400)
    })

    it('are found by login in any case, and by id', async () => {
      const { id, login } = await add()
      for (const wanted of [login, login.toUpperCase(), id, id.toUpperCase()]) {
        const reply = await call('GET', `/team/members/${encodeURIComponent(wanted)}`)
        assert.equal(reply.json().id, id, wanted)
      }
      for (const wanted of ['nobody', '%00', '00000000-0000-4000-8000-000000000000']) {
        const reply = await call('GET', `/team/members/${wanted}`)
        assert.deepEqual(
          [reply.statusCode, reply.json()['o:errorCode']],
          [404, 'MOBILE-10112'],
          wanted,
        )
      }
    })

    it('get other roles, which hold for the tokens that they have', async () => {
      const { at, login } = await add(['Developer'])
      const token = await team.signIn(login)
      assert.equal((await call('GET', '/environment', undefined, token)).statusCode, 200)
      const reply = await call('PUT', at, { roles: ['Analyst'] })
      assert.deepEqual([reply.statusCode, reply.headers.etag, reply.body], [204, '"2"', ''])
      assert.equal((await call('GET', '/environment', undefined, token)).statusCode, 403)
      assert.deepEqual((await call('GET', '/team/me', undefined, token)).json().roles, ['Analyst'])
    })

    it('lose every token at once when they are disabled, and get none of them back', async () => {
      const { at, login } = await add()
      const [token, personal] = [await team.signIn(login), await team.token(login, ['read'])]
      const grant = { grant_type: 'password', username: login, password: PASSWORD }
      const { refresh_token } = (await team.post('token', grant)).json()
      assert.equal((await call('PUT', at, { disabled: true })).statusCode, 204)
      assert.deepEqual([await canCall(token), await canCall(personal)], [false, false])
      const refresh = { grant_type: 'refresh_token', refresh_token }
      assert.equal((await team.post('token', refresh)).json().error, 'invalid_grant')
      const refused = await team.post('token', grant)
      assert.deepEqual([refused.statusCode, refused.json().error], [400, 'invalid_grant'])

      assert.equal((await call('PUT', at, { disabled: false })).statusCode, 204)
      assert.deepEqual([await canCall(token), await canCall(personal)], [false, false])
      assert.ok(await canCall(await team.signIn(login)))
    })

    it('get a new password from an administrator, which ends their tokens', async () => {
      const { at, login } = await add()
      const token = await team.signIn(login)
      assert.equal((await call('PUT', at, { password: 'short' })).statusCode, 400)
      assert.ok(await canCall(token))
      assert.equal((await call('PUT', at, { password: 'battery staple' })).statusCode, 204)
      assert.equal(await canCall(token), false)
      assert.ok(await canCall(await team.signIn(login, 'battery staple')))
    })

    it('lose every token when they are removed, and free their login', async () => {
      const { at, id, login } = await add()
      const [token, personal] = [await team.signIn(login), await team.token(login, null)]
      assert.equal((await call('DELETE', at)).statusCode, 204)
      assert.deepEqual([await canCall(token), await canCall(personal)], [false, false])
      assert.equal((await call('GET', `/team/members/${id}`)).statusCode, 404)
      assert.equal((await call('DELETE', at)).statusCode, 404)
      const { items } = (await call('GET', '/team/tokens')).json()
      assert.ok(!items.some((one: { member: { id: string } | null }) => one.member?.id === id))
      const body = { login, password: PASSWORD, roles: ['Developer'] }
      assert.equal((await call('POST', '/team/members', body)).statusCode, 201)
      assert.deepEqual([await canCall(token), await canCall(personal)], [false, false])
    })

    for (const [what, method, payload] of [
      ['a change', 'PUT', { roles: ['Analyst'] }],
      ['a removal', 'DELETE', undefined],
    ] as const) {
      it(`take ${what} of the state that is meant and no other`, async () => {
        const { at } = await add()
        const send = (ifMatch: string) =>
          team.as(root, method, at, {
            headers: { 'if-match': ifMatch },
            ...(payload && { payload }),
          })
        const stale = await send('"7"')
        assert.deepEqual([stale.statusCode, stale.json()['o:errorCode']], [412, 'MOBILE-10106'])
        assert.equal((await call('GET', at)).json().etag, '1')
        assert.equal((await send('W/"1"')).statusCode, 204)
      })
    }

    it('can be changed once by two who read the same state', async () => {
      const { at } = await add()
      const options = { headers: { 'if-match': '"1"' }, payload: { roles: ['Analyst'] } }
      const replies = await Promise.all([1, 2, 3].map(() => team.as(root, 'PUT', at, options)))
      assert.deepEqual(replies.map((one) => one.statusCode).sort(), [204, 412, 412])
    })

    for (const [what, change] of [
      ['removed', { method: 'DELETE' }],
      ['disabled', { method: 'PUT', payload: { disabled: true } }],
      ['stripped of the role', { method: 'PUT', payload: { roles: ['Developer'] } }],
    ] as const) {
      const payload = 'payload' in change ? change.payload : undefined

      it(`cannot all be ${what}: an administrator stays`, async () => {
        assert.equal(await administrators(), 1)
        const reply = await call(change.method, '/team/members/root', payload)
        assert.deepEqual([reply.statusCode, reply.json()['o:errorCode']], [409, 'MOBILE-10132'])
        assert.equal(await administrators(), 1)
        assert.ok(await canCall(root))
      })

      it(`are not all ${what} by administrators who do it to each other at once`, async () => {
        const others = await Promise.all([1, 2, 3].map(() => add(['Administrator'])))
        const tokens = await Promise.all(others.map(({ login }) => team.signIn(login)))
        const targets = [...others.slice(1), others[0]].map((one) => one?.at ?? '')
        // Only these three are left, so that each can be the last.
        await call('PUT', '/team/members/root', { roles: ['Analyst'] }, root)
        const replies = await Promise.all(
          targets.map((at, by) => call(change.method, at, payload, tokens[by])),
        )
        const refused = replies.filter(({ statusCode }) => statusCode !== 204)
        assert.ok(refused.length >= 1)
        // Who was shut out meanwhile is told so; the last one that nobody else is left.
        for (const { statusCode } of refused) assert.ok([401, 403, 409].includes(statusCode))
        const left = await Promise.all(
          tokens.map(async (token) => (await call('GET', '/audit', undefined, token)).statusCode),
        )
        assert.ok(left.includes(200), String(left))

        const survivor = tokens[left.indexOf(200)] ?? ''
        await call('PUT', '/team/members/root', { roles: ['Administrator'] }, survivor)
        for (const { at } of others) await call('DELETE', at, undefined, root)
      })
    }

    it('are looked at by developers and changed by administrators alone', async () => {
      const dora = await team.signIn('dora')
      assert.equal((await call('GET', '/team/members', undefined, dora)).statusCode, 200)
      for (const [method, path, payload] of [
        ['POST', '/team/members', { login: 'eve', password: PASSWORD, roles: ['Administrator'] }],
        ['PUT', '/team/members/dora', { roles: ['Administrator'] }],
        ['DELETE', '/team/members/leo', undefined],
      ] as const) {
        const reply = await call(method, path, payload, dora)
        assert.deepEqual([reply.statusCode, reply.json()['o:errorCode']], [403, 'MOBILE-10102'])
      }
      assert.equal((await call('GET', '/team/members/eve')).statusCode, 404)
      assert.equal((await call('GET', '/team/members/leo')).statusCode, 200)
    })

    it('see themselves, and analysts nothing else', async () => {
      const leo = await team.signIn('leo')
      assert.equal((await call('GET', '/team/me', undefined, leo)).json().login, 'leo')
      for (const path of ['/team/members', '/mobilebackends', '/assets', '/audit', '/nowhere']) {
        assert.equal((await call('GET', path, undefined, leo)).statusCode, 403, path)
      }
      const made = await call('POST', '/mobilebackends', { name: 'Leos' }, leo)
      assert.equal(made.statusCode, 403)
      // The token of a script is nobody's.
      assert.equal((await team.call('GET', '/team/me')).json()['o:errorCode'], 'MOBILE-10112')
    })

    it('change their own password with the old one, and sign in anew', async () => {
      const { login } = await add(['Analyst'])
      const token = await team.signIn(login)
      const put = (body: object, by = token) => call('PUT', '/team/me/password', body, by)
      const wrong = await put({ oldPassword: 'wrong horse', newPassword: 'battery staple' })
      assert.deepEqual([wrong.statusCode, wrong.json()['o:errorCode']], [403, 'MOBILE-10133'])
      assert.equal((await put({ newPassword: 'battery staple' })).statusCode, 400)
      const short = await put({ oldPassword: PASSWORD, newPassword: 'short' })
      assert.equal(short.statusCode, 400)
      assert.ok(await canCall(token))

      const personal = await team.token(login, ['write'])
      const byToken = await put({ oldPassword: PASSWORD, newPassword: 'battery staple' }, personal)
      assert.deepEqual([byToken.statusCode, byToken.json()['o:errorCode']], [403, 'MOBILE-10131'])

      const done = await put({ oldPassword: PASSWORD, newPassword: 'battery staple' })
      assert.deepEqual([done.statusCode, done.body], [204, ''])
      assert.deepEqual([await canCall(token), await canCall(personal)], [false, false])
      assert.ok(await canCall(await team.signIn(login, 'battery staple')))
    })

    it('are locked out of guessing the old password as well, for a minute', async () => {
      const { login } = await add()
      const token = await team.signIn(login)
      const guess = (oldPassword: string) =>
        call('PUT', '/team/me/password', { oldPassword, newPassword: 'battery staple' }, token)
      const codes: number[] = []
      for (let tries = 0; tries < 6; tries += 1) codes.push((await guess('wrong')).statusCode)
      assert.deepEqual(codes, [403, 403, 403, 403, 403, 429])
      const locked = await guess(PASSWORD)
      assert.deepEqual([locked.statusCode, locked.headers['retry-after']], [429, '60'])
      team.clock.now = NOW + 60_000
      assert.equal((await guess(PASSWORD)).statusCode, 204)
      team.clock.now = NOW
    })
  })
}
