import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SESSION_TYPE } from '../../src/engine/sessions.ts'
import { onEachDatabase, type TestBackend } from '../support/test-app.ts'

onEachDatabase('logins', (app) => {
  const login = (name: string, password: string, backend?: TestBackend) =>
    app().call('POST', 'users/login', { login: name, password }, null, backend)
  const statuses = async (name: string, passwords: readonly string[]) =>
    (await Promise.all(passwords.map((one) => login(name, one)))).map(({ status }) => status)
  const wrong = (times: number) => Array<string>(times).fill('wrong')
  const sessions = async () =>
    (await app().context.store.count({ backendId: app().backend.id, type: SESSION_TYPE })).count

  describe('with wrong passwords', () => {
    it('take the name out for a minute after five, also when they come at once', async () => {
      await app().user('Eve')
      const before = await sessions()
      assert.deepEqual(await statuses('eve', wrong(8)), [401, 401, 401, 401, 401, 429, 429, 429])
      const { status, headers, body } = await login('EVE ', 'secret')
      assert.equal(status, 429)
      const seconds = String(headers['retry-after'])
      assert.match(seconds, /^(60|5\d)$/)
      assert.equal(body.meta.reason, 'rate_limited')
      assert.equal(body.meta.method_name, 'loginUser')
      const text = `Too many attempts to log in with this name; try again in ${seconds} s.`
      assert.equal(body.meta.message, text)
      assert.equal(body.meta.session_id, undefined)
      assert.equal(await sessions(), before)
      app().advance(60_000)
      assert.equal((await login('eve', 'secret')).status, 200)
    })

    it('end no session, and take out no other user and no other backend', async () => {
      const ann = await app().user('ann')
      await app().user('ben')
      const other = await app().newBackend('other')
      await app().user('ann', other)
      await statuses('ann', wrong(6))
      assert.equal((await app().get('users/show/me', {}, ann)).status, 200)
      assert.equal((await login('ben', 'secret')).status, 200)
      assert.equal((await login('ann', 'secret', other)).status, 200)
      assert.equal((await login('ann', 'secret')).status, 429)
    })

    it('tell nothing of whether there is such a name', async () => {
      await app().user('Joe')
      const answers = async (name: string) => {
        await statuses(name, wrong(4))
        const [last, locked] = [await login(name, 'wrong'), await login(name, 'wrong')]
        const { message, reason } = locked.body.meta
        const text = String(message).replace(/\d+ s/, 'n s')
        return [last.status, last.body.meta.message, locked.status, text, reason]
      }
      assert.deepEqual(await answers('nobody'), await answers('joe'))
    })

    it('are forgotten by a login with the right one', async () => {
      await app().user('max')
      for (let round = 0; round < 3; round += 1) {
        assert.deepEqual(await statuses('max', wrong(4)), [401, 401, 401, 401])
        assert.equal((await login('max', 'secret')).status, 200)
      }
    })
  })

  it('with the right password are all taken, however many come at once', async () => {
    await app().user('kim')
    const taken = await statuses('kim', Array<string>(12).fill('secret'))
    assert.deepEqual(new Set(taken), new Set([200]))
  })

  it('of one who has not confirmed his address are no guesses', async () => {
    await app().set({ newUserVerification: true, mailTestMode: true })
    const password = { password: 'secret', password_confirmation: 'secret' }
    await app().post('users/create', { username: 'new', email: 'new@example.org', ...password })
    const early = await statuses('new', Array<string>(7).fill('secret'))
    assert.deepEqual(new Set(early), new Set([401]))
    await app().set({ newUserVerification: false, mailTestMode: false })
    assert.equal((await login('new', 'secret')).status, 200)
  })
})
