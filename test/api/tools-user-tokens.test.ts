import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import { changeKeys } from '../../src/tools/backends/security/keys.ts'
import { updateBackend } from '../../src/tools/backends/update.ts'
import { createMember } from '../../src/tools/team/members.ts'
import { runtimeCallerOf } from '../../src/tools/team/runtime-caller.ts'
import { createToken } from '../../src/tools/team/tokens.ts'
import { onEachDatabase, type TestApp, type TestBackend } from '../support/test-app.ts'

const PASSWORD = 'secret'

onEachDatabase('tokens of the users of a backend', (test) => {
  let app: TestApp

  before(() => {
    app = test()
  })

  const post = (path: string, { key, secret }: TestBackend, form: Record<string, string>) =>
    app.app.inject({
      method: 'POST',
      url: `/oauth2/v1/${path}`,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        authorization: `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`,
      },
      payload: new URLSearchParams(form).toString(),
    })
  const ask = (backend: TestBackend, username: string, password = PASSWORD) =>
    post('token', backend, { grant_type: 'password', username, password, scope: 'urn:opc:all' })
  const tokenOf = async (backend: TestBackend, username: string, password = PASSWORD) =>
    (await ask(backend, username, password)).json().access_token as string
  const callerOf = (token: string) => runtimeCallerOf(app.context.tools, `Bearer ${token}`)

  it('are got with name and password through the client of the backend', async () => {
    const backend = await app.newBackend('doors')
    const { id: userId } = await app.user('ada', backend)
    const reply = await ask(backend, 'ADA')
    assert.equal(reply.statusCode, 200)
    assert.equal(reply.headers['cache-control'], 'no-store')
    const { access_token, token_type, expires_in, refresh_token } = reply.json()
    assert.deepEqual([token_type, expires_in, refresh_token], ['Bearer', 3600, undefined])
    assert.deepEqual(await callerOf(access_token), { backendId: backend.id, userId })
    const anonymous = await post('token', backend, { grant_type: 'client_credentials' })
    const nobody = await callerOf(anonymous.json().access_token)
    assert.deepEqual(nobody, { backendId: backend.id, userId: null })
  })

  it('are not got by users of other backends, nor by the team, nor with a wrong password', async () => {
    const [shop, bank] = [await app.newBackend('shop'), await app.newBackend('bank')]
    await app.user('bea', shop)
    const member = { login: 'tina', password: 'correct horse', roles: ['Developer'] as const }
    await createMember(app.context.tools, member, 'test')
    for (const [backend, username, password] of [
      [bank, 'bea', PASSWORD],
      [shop, 'bea', 'wrong'],
      [shop, 'nobody', PASSWORD],
      [shop, 'tina', 'correct horse'],
    ] as const) {
      const reply = await ask(backend, username, password)
      assert.deepEqual([reply.statusCode, reply.json().error], [400, 'invalid_grant'], username)
    }
    const wrongKeys = await ask({ ...shop, secret: 'x' }, 'bea')
    assert.deepEqual([wrongKeys.statusCode, wrongKeys.json().error], [401, 'invalid_client'])
  })

  it('are not got by who has not confirmed the address', async () => {
    const backend = await app.newBackend('careful')
    await app.set({ newUserVerification: true, mailTestMode: true }, backend)
    const name = { email: 'cleo@example.org', first_name: 'Cleo', last_name: 'Patra' }
    const password = { password: PASSWORD, password_confirmation: PASSWORD }
    const made = await app.call('POST', 'users/create', { ...name, ...password }, null, backend)
    assert.equal(made.status, 200)
    const reply = await ask(backend, 'cleo@example.org')
    assert.deepEqual([reply.statusCode, reply.json().error], [400, 'invalid_grant'])
    assert.match(reply.json().error_description, /confirm/)
  })

  it('open neither the tools API nor the data API', async () => {
    const backend = await app.newBackend('narrow')
    await app.user('dan', backend)
    const authorization = `Bearer ${await tokenOf(backend, 'dan')}`
    const tools = await app.send({
      url: '/mobile/tools/1.0/mobilebackends',
      headers: { authorization },
    })
    assert.equal(tools.status, 401)
    const me = await app.send({ url: '/v1/users/show/me.json', headers: { authorization } })
    assert.equal(me.status, 401)
  })

  it('are the only ones that stand for a caller of the doors', async () => {
    const script = await createToken(app.context.tools, { role: 'Administrator' })
    for (const authorization of [
      undefined,
      '',
      'Bearer ',
      'Bearer x',
      `Bearer ${script}`,
      `Basic ${Buffer.from('a:b').toString('base64')}`,
    ]) {
      assert.equal(await runtimeCallerOf(app.context.tools, authorization), null, authorization)
    }
  })

  it('share the lock-out with the log-in of the data API', async () => {
    const backend = await app.newBackend('guarded')
    await app.user('eve', backend)
    const codes: number[] = []
    for (let tries = 0; tries < 6; tries += 1) {
      codes.push((await ask(backend, 'eve', 'wrong')).statusCode)
    }
    assert.deepEqual(codes, [400, 400, 400, 400, 400, 429])
    const locked = await ask(backend, 'eve')
    assert.equal(locked.statusCode, 429)
    assert.match(String(locked.headers['retry-after']), /^[1-6]?\d$/)
    const login = { login: 'eve', password: PASSWORD }
    assert.equal((await app.call('POST', 'users/login', login, null, backend)).status, 429)
    // Names are counted for each backend by itself.
    const other = await app.newBackend('unguarded')
    await app.user('eve', other)
    assert.equal((await ask(other, 'eve')).statusCode, 200)
  })

  for (const [why, end] of [
    [
      'a new password',
      async (backend: TestBackend, user: { id: string; session: string }) => {
        const changed = { password: 'other', password_confirmation: 'other' }
        await app.call('PUT', 'users/update', changed, user, backend)
      },
    ],
    [
      'the deletion of the user',
      async (backend: TestBackend, user: { id: string; session: string }) => {
        await app.call('DELETE', 'users/delete', {}, user, backend)
        await app.settle()
      },
    ],
    [
      'new keys',
      async ({ id }: TestBackend) => {
        await changeKeys(app.context.tools, id, { set: 'oauth', to: 'fresh', actor: 'test' })
      },
    ],
    [
      'the switch for OAuth',
      async ({ id }: TestBackend) => {
        const changes = { oauth: false }
        await updateBackend(app.context.tools, id, { changes, actor: 'test' })
      },
    ],
  ] as const) {
    it(`end with ${why}`, async () => {
      const backend = await app.newBackend(`ends${why.replaceAll(' ', '')}`)
      const [user, other] = [await app.user('fay', backend), await app.user('gil', backend)]
      const [token, others] = [await tokenOf(backend, 'fay'), await tokenOf(backend, 'gil')]
      assert.equal((await callerOf(token))?.userId, user.id)
      await end(backend, user)
      assert.equal(await callerOf(token), null)
      const isForAll = why === 'new keys' || why === 'the switch for OAuth'
      assert.equal((await callerOf(others))?.userId, isForAll ? undefined : other.id)
    })
  }

  it('are ended by the client that got them', async () => {
    const [mine, foreign] = [await app.newBackend('mine'), await app.newBackend('foreign')]
    await app.user('hal', mine)
    const token = await tokenOf(mine, 'hal')
    assert.equal((await post('revoke', foreign, { token })).json().error, 'unauthorized_client')
    assert.ok(await callerOf(token))
    assert.equal((await post('revoke', mine, { token })).statusCode, 200)
    assert.equal(await callerOf(token), null)
  })

  it('are not the concern of the audit log, but the users that commands make are', async () => {
    const backend = await app.newBackend('watched')
    await app.admin('ida', backend)
    await tokenOf(backend, 'ida', PASSWORD)
    const { records } = await app.context.store.find({
      ...{ backendId: 'homeport', type: 'audit', limit: 1 },
      where: { op: 'eq', field: '$text', value: '2ida' },
    })
    assert.equal(records.length, 1)
    const { actions, target } = JSON.parse(records[0]?.data ?? '{}')
    assert.deepEqual([actions, target.type, target.name], [['CREATED'], 'User', 'ida'])
  })
})
