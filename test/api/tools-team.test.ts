import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { ApiError } from '../../src/errors.ts'
import { resetMemberPassword } from '../../src/tools/team/change-member.ts'
import { createMember, hasAdministrator, listMembers } from '../../src/tools/team/members.ts'
import type { Role } from '../../src/tools/team/roles.ts'
import { ensureTeamClient } from '../../src/tools/team/team-client.ts'
import { createToken, listTokens, revokeToken } from '../../src/tools/team/tokens.ts'
import { NOW, openToolsApp, patch, plant, STORES, type ToolsApp } from './tools-app.ts'

const PASSWORD = 'correct horse'
const HOUR = 3_600_000
const basic = (id: string, secret: string) =>
  `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`

for (const stores of STORES) {
  describe(`team members and tokens on ${stores.name}`, () => {
    let tools: ToolsApp
    let team: string

    before(async () => {
      tools = await openToolsApp(stores)
      const client = await ensureTeamClient(tools.tools.store, NOW)
      team = basic(client.id, client.secret.reveal())
      await member('ana', 'Developer')
      await member('ada', 'Administrator')
      await member('leo', 'Analyst')
    })
    after(() => tools.close())

    const member = (login: string, ...roles: Role[]) =>
      createMember(tools.tools, { login, password: PASSWORD, roles }, 'system')
    const askToken = (form: Readonly<Record<string, string>>, authorization?: string) =>
      tools.app.inject({
        method: 'POST',
        url: '/oauth2/v1/token',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          ...(authorization !== undefined && { authorization }),
        },
        payload: new URLSearchParams(form).toString(),
      })
    const logIn = (username: string, password = PASSWORD) =>
      askToken({ grant_type: 'password', username, password, scope: 'urn:opc:x' }, team)
    const open = async (authorization: string | undefined) =>
      (await tools.call('GET', '/mobilebackends', { headers: { authorization } })).statusCode

    it('gives a member a token that opens the tools API for an hour', async () => {
      const reply = await logIn('ana')
      assert.equal(reply.statusCode, 200)
      assert.equal(reply.headers['cache-control'], 'no-store')
      assert.equal(reply.headers.pragma, 'no-cache')
      const { access_token, token_type, expires_in } = reply.json()
      assert.deepEqual([token_type, expires_in], ['Bearer', 3600])
      assert.equal(await open(`Bearer ${access_token}`), 200)
      tools.clock.now = NOW + HOUR - 1
      assert.equal(await open(`bearer ${access_token}`), 200)
      tools.clock.now = NOW + HOUR
      assert.equal(await open(`Bearer ${access_token}`), 401)
      tools.clock.now = NOW
    })

    it('knows who made a backend', async () => {
      const { access_token } = (await logIn('ANA')).json()
      const headers = { authorization: `Bearer ${access_token}` }
      const reply = await tools.call('POST', '/mobilebackends', { payload: { name: 'a' }, headers })
      assert.deepEqual([reply.json().createdBy, reply.json().modifiedBy], ['ana', 'ana'])
    })

    for (const [login, status] of [
      ['ana', 200],
      ['ada', 200],
      ['leo', 403],
    ] as const) {
      it(`answers ${status} to the role of ${login}`, async () => {
        const { access_token } = (await logIn(login)).json()
        assert.equal(await open(`Bearer ${access_token}`), status)
      })
    }

    for (const [why, authorization] of [
      ['no token', undefined],
      ['an unknown token', 'Bearer AAAAAAAAAAAAAAAAAAAAAAAAAAA'],
      ['a token with odd characters', "Bearer '%00"],
      ['HTTP Basic', basic('ana', PASSWORD)],
      ['an empty header', ''],
    ] as const) {
      it(`refuses ${why}`, async () => {
        const headers = { authorization }
        const reply = await tools.call('GET', '/mobilebackends', { headers })
        assert.equal(reply.statusCode, 401)
        assert.match(String(reply.headers['www-authenticate']), /^Bearer/)
        assert.equal(reply.json()['o:errorCode'], 'MOBILE-10101')
      })
    }

    it('refuses before it reads a body or looks for an address', async () => {
      const headers = { authorization: undefined, 'content-type': 'application/json' }
      const bad = await tools.call('POST', '/mobilebackends', { payload: '{', headers })
      assert.equal(bad.statusCode, 401)
      assert.equal((await tools.call('GET', '/nothing', { headers })).statusCode, 401)
    })

    it("gives a backend's client a token that does not open the tools API", async () => {
      const backend = await plant(tools, { name: 'Client' })
      const keys = basic(backend.clientId ?? '', backend.clientSecret?.reveal() ?? '')
      const reply = await askToken({ grant_type: 'client_credentials' }, keys)
      assert.equal(reply.statusCode, 200)
      assert.equal(reply.json().refresh_token, undefined)
      assert.equal(await open(`Bearer ${reply.json().access_token}`), 401)
      const asMember = { grant_type: 'password', username: 'ana', password: PASSWORD }
      assert.equal((await askToken(asMember, keys)).json().error, 'unauthorized_client')
      for (const state of [
        { oauth: false },
        { oauth: true, inactive: true },
        { inactive: false, inTrash: true },
      ]) {
        await patch(tools.tools.store, backend.id, state)
        const refused = await askToken({ grant_type: 'client_credentials' }, keys)
        assert.equal(refused.json().error, 'invalid_client')
      }
    })

    const grant = { grant_type: 'password', username: 'ana', password: PASSWORD }
    for (const [why, form, authorization, status, error] of [
      ['a wrong password', { ...grant, password: 'x' }, 'team', 400, 'invalid_grant'],
      ['an unknown name', { ...grant, username: 'zoe' }, 'team', 400, 'invalid_grant'],
      ['a name that can be none', { ...grant, username: 'a\0:b' }, 'team', 400, 'invalid_grant'],
      ['no password', { grant_type: 'password', username: 'ana' }, 'team', 400, 'invalid_request'],
      ['no grant type', {}, 'team', 400, 'invalid_request'],
      ['another grant type', { grant_type: 'implicit' }, 'team', 400, 'unsupported_grant_type'],
      [
        'the team as nobody',
        { grant_type: 'client_credentials' },
        'team',
        400,
        'unauthorized_client',
      ],
      ['no client', grant, undefined, 401, 'invalid_client'],
      ['a client that is no pair', grant, 'Basic YWJj', 401, 'invalid_client'],
      ['an unknown client', grant, basic('0'.repeat(32), 'x'), 401, 'invalid_client'],
      ['a client with odd characters', grant, basic('\0', 'x'), 401, 'invalid_client'],
      ['two kinds of client', { ...grant, client_secret: 'x' }, 'team', 400, 'invalid_request'],
      [
        'an unknown refresh token',
        { grant_type: 'refresh_token', refresh_token: 'x' },
        'team',
        400,
        'invalid_grant',
      ],
    ] as const) {
      it(`refuses ${why} as ${error}`, async () => {
        const reply = await askToken(form, authorization === 'team' ? team : authorization)
        assert.deepEqual([reply.statusCode, reply.json().error], [status, error])
        assert.equal(typeof reply.json().error_description, 'string')
        assert.equal(reply.headers['cache-control'], 'no-store')
        if (status === 401) assert.match(String(reply.headers['www-authenticate']), /^Basic/)
      })
    }

    it('takes the client from the form as well', async () => {
      const client = await ensureTeamClient(tools.tools.store, NOW)
      const fields = { client_id: client.id, client_secret: client.secret.reveal() }
      assert.equal((await askToken({ ...grant, ...fields })).statusCode, 200)
    })

    it('refuses fields that come twice, JSON, and other verbs', async () => {
      const url = '/oauth2/v1/token'
      const twice = await tools.app.inject({
        method: 'POST',
        url,
        headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: team },
        payload: 'grant_type=password&grant_type=password',
      })
      assert.deepEqual([twice.statusCode, twice.json().error], [400, 'invalid_request'])
      const json = await tools.app.inject({ method: 'POST', url, payload: grant })
      assert.deepEqual([json.statusCode, json.json().error], [415, 'invalid_request'])
      const get = await tools.app.inject({ method: 'GET', url })
      assert.deepEqual([get.statusCode, get.headers.allow], [405, 'POST, OPTIONS'])
      assert.equal(
        (await tools.app.inject({ method: 'POST', url })).json().error,
        'invalid_request',
      )
    })

    it('makes the team client once', async () => {
      const made = await Promise.all([1, 2, 3].map(() => ensureTeamClient(tools.tools.store, NOW)))
      assert.equal(new Set(made.map((one) => one.secret.reveal())).size, 1)
    })

    it('renews a token once for each refresh token', async () => {
      const { refresh_token } = (await logIn('ana')).json()
      const renew = () => askToken({ grant_type: 'refresh_token', refresh_token }, team)
      assert.equal(await open(`Bearer ${refresh_token}`), 401)
      const replies = await Promise.all([renew(), renew(), renew()])
      const good = replies.filter((reply) => reply.statusCode === 200)
      assert.equal(good.length, 1)
      assert.equal(await open(`Bearer ${good[0]?.json().access_token}`), 200)
      assert.equal((await renew()).json().error, 'invalid_grant')
    })

    it('locks a name for a minute after five wrong passwords, also at once', async () => {
      await member('eve', 'Developer')
      const wrong = await Promise.all(Array.from({ length: 8 }, () => logIn('eve', 'wrong one')))
      const codes = wrong.map((reply) => reply.statusCode).sort()
      assert.deepEqual(codes, [400, 400, 400, 400, 400, 429, 429, 429])
      const locked = await logIn('EVE')
      assert.deepEqual([locked.statusCode, locked.headers['retry-after']], [429, '60'])
      tools.clock.now = NOW + 60_000
      assert.equal((await logIn('eve')).statusCode, 200)
      tools.clock.now = NOW
    })

    it('ends all tokens of a member with a new password', async () => {
      await member('max', 'Developer')
      const { access_token, refresh_token } = (await logIn('max')).json()
      await resetMemberPassword(tools.tools, { login: 'Max', password: 'battery staple' }, 'ada')
      assert.equal(await open(`Bearer ${access_token}`), 401)
      const renewed = await askToken({ grant_type: 'refresh_token', refresh_token }, team)
      assert.equal(renewed.json().error, 'invalid_grant')
      assert.equal((await logIn('max')).json().error, 'invalid_grant')
      assert.equal((await logIn('max', 'battery staple')).statusCode, 200)
    })

    for (const [why, wrong, code] of [
      ['a login that is taken, in another case', { login: 'ANA' }, 'member_exists'],
      ['a login with a blank', { login: 'a b' }, 'param_invalid'],
      ['a login with a colon', { login: 'a:b' }, 'param_invalid'],
      ['a short password', { password: '1234567' }, 'param_invalid'],
      ['an unknown role', { roles: ['King' as Role] }, 'param_invalid'],
    ] as const) {
      it(`refuses a member with ${why}`, async () => {
        const valid = { login: 'new', password: PASSWORD, roles: ['Developer' as const] }
        const making = createMember(tools.tools, { ...valid, ...wrong }, 'ada')
        await assert.rejects(making, (error) => error instanceof ApiError && error.code === code)
      })
    }

    it('lists members without their passwords', async () => {
      const members = await listMembers(tools.tools)
      assert.ok(members.some((one) => one.login === 'ana' && one.roles[0] === 'Developer'))
      assert.equal(JSON.stringify(members).includes('argon2'), false)
      assert.equal(await hasAdministrator(tools.tools), true)
    })

    it('stores no token, only digests', async () => {
      const { access_token } = (await logIn('ana')).json()
      const stored = await tools.tools.store.find({
        backendId: 'homeport',
        type: 'token',
        limit: 1000,
      })
      assert.equal(JSON.stringify(stored).includes(access_token), false)
    })

    it('makes tokens for scripts, which can be revoked and expire', async () => {
      const token = await createToken(tools.tools, { role: 'Developer', name: 'ci', ttlMs: 1000 })
      assert.equal(await open(`Bearer ${token}`), 200)
      const listed = (await listTokens(tools.tools)).find((one) => one.name === 'ci')
      assert.ok(listed)
      assert.equal(listed.expiresAt, NOW + 1000)
      tools.clock.now = NOW + 1000
      assert.equal(await open(`Bearer ${token}`), 401)
      tools.clock.now = NOW
      await revokeToken(tools.tools, listed.id, 'ada')
      assert.equal(await open(`Bearer ${token}`), 401)
      await assert.rejects(revokeToken(tools.tools, listed.id, 'ada'), ApiError)
    })

    it('forgets expired tokens with the next log-in', async () => {
      await createToken(tools.tools, { role: 'Analyst', name: 'brief', ttlMs: 1 })
      tools.clock.now = NOW + 2
      await logIn('ana')
      assert.equal(
        (await listTokens(tools.tools)).some((one) => one.name === 'brief'),
        false,
      )
      tools.clock.now = NOW
    })
  })
}
