import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { linkParam, Mailbox } from '../support/mailbox.ts'
import { recordOf } from '../support/records.ts'
import { onEachDatabase } from '../support/test-app.ts'

const PASSWORD = { password: 'secret', password_confirmation: 'secret' }
const HOUR_MS = 3_600_000

const mailbox = new Mailbox()
let smtpUrl = ''
before(async () => {
  smtpUrl = await mailbox.listen()
})
after(() => mailbox.close())

onEachDatabase('confirming an address', (app) => {
  before(() =>
    app().set({ smtpUrl, newUserVerification: true, mailFrom: 'Port <port@example.org>' }),
  )

  const signUp = (name: string, more: Record<string, string> = {}) =>
    app().post('users/create', { username: name, email: mailOf(name), ...PASSWORD, ...more })
  const mailOf = (name: string) => `${name}@${app().backend.key}.example.org`
  const login = (name: string) => app().post('users/login', { login: name, password: 'secret' })
  const mails = async (name: string) => {
    await app().settle()
    return mailbox.to(mailOf(name))
  }

  it('refuses the login until the token of the mail has come back', async () => {
    const { status, body, headers } = await signUp('ada')
    assert.equal(status, 200)
    assert.equal(body.meta.session_id, undefined)
    assert.equal(headers['set-cookie'], undefined)
    assert.equal('confirmed_at' in body.response.users[0], false)

    const early = await login('ada')
    assert.deepEqual([early.status, early.body.meta.reason], [401, 'not_confirmed'])
    assert.match(String(early.body.meta.message), /confirm your e-mail address/)
    assert.equal(early.headers['set-cookie'], undefined)
    const wrong = await app().post('users/login', { login: 'ada', password: 'wrong' })
    assert.equal(wrong.body.meta.message, 'Invalid email/username or password')

    const [mail, second] = await mails('ada')
    assert.equal(second, undefined)
    assert.equal(mail?.subject, 'Email Verification Instructions for test')
    assert.equal(mail?.from, 'port@example.org')
    assert.equal(linkParam(mail, 'key'), app().backend.key)
    const confirmation_token = linkParam(mail, 'token')
    const values = { confirmation_token, ct: 'enterprise' }
    const confirmed = await app().get('users/confirm_user', values)
    assert.equal(confirmed.status, 200)
    assert.equal((await login('ada')).status, 200)

    const again = await app().get('users/confirm_user', values)
    assert.deepEqual([again.status, again.body.meta.message], [400, 'Invalid confirmation token'])
  })

  it('mails no link to a host that the request has chosen', async () => {
    const payload = new URLSearchParams({ username: 'eve', email: mailOf('eve'), ...PASSWORD })
    const { status, body } = await app().send({
      method: 'POST',
      url: `/v1/users/create.json?key=${app().backend.key}`,
      headers: {
        host: 'evil.example.com',
        'content-type': 'application/x-www-form-urlencoded',
      },
      payload: payload.toString(),
    })
    assert.equal(status, 400)
    assert.match(String(body.meta.message), /HOMEPORT_PUBLIC_URL/)
    assert.deepEqual(await mails('eve'), [])
  })

  it('keeps only a digest of the token', async () => {
    const { body } = await signUp('bea')
    const token = linkParam((await mails('bea'))[0], 'token')
    const stored = await recordOf(app(), 'user', body.response.users[0].id).read()
    assert.ok(token.length > 20)
    assert.equal(JSON.stringify(stored).includes(token), false)
  })

  it('sends the mail again, whose token alone counts from then on', async () => {
    await signUp('cyd')
    const values = { email: mailOf('CYD'), confirmation_subject: 'Once\r\nmore: please' }
    assert.equal((await app().get('users/resend_confirmation', values)).status, 200)
    const [first, second] = await mails('cyd')
    assert.equal(second?.subject, 'Once more: please')
    const confirm = (mail: typeof first) =>
      app().get('users/confirm_user', { confirmation_token: linkParam(mail, 'token') })
    assert.equal((await confirm(first)).status, 400)
    assert.equal((await login('cyd')).status, 401)
    assert.equal((await confirm(second)).status, 200)
    assert.equal((await login('cyd')).status, 200)
    const late = await app().get('users/resend_confirmation', { email: mailOf('cyd') })
    assert.equal(late.status, 200)
    assert.equal((await mails('cyd')).length, 2)
  })

  it('does not tell whether there is a user with an address', async () => {
    await signUp('dot')
    const before = (await mails('dot')).length + mailbox.mails.length
    for (const path of ['users/resend_confirmation', 'users/request_reset_password']) {
      const known = await app().get(path, { email: mailOf('dot') })
      const unknown = await app().get(path, { email: 'nobody@example.org' })
      const named = await app().get(path, { email: 'dot' })
      for (const { body } of [known, unknown, named]) {
        assert.deepEqual([body.meta.code, body.response], [200, undefined])
      }
    }
    // The known address got its two mails, and nobody else anything.
    const after = (await mails('dot')).length + mailbox.mails.length
    assert.equal(after - before, 4)
    assert.deepEqual(mailbox.to('nobody@example.org'), [])
  })

  it('confirms by the page that the mail links to', async () => {
    await signUp('eli')
    const [mail] = await mails('eli')
    const link = new URL(/https?:\/\/\S+/.exec(mail?.text ?? '')?.[0] ?? '')
    assert.equal(link.pathname, '/account/confirm')
    const page = await app().app.inject({ url: link.pathname + link.search })
    assert.equal(page.statusCode, 200)
    assert.match(String(page.headers['content-type']), /^text\/html/)
    assert.equal(page.headers['referrer-policy'], 'no-referrer')
    assert.match(page.body, /action="\/v1\/users\/confirm_user\.json"/)
    // Opening the link, as a mail scanner does, confirms nothing yet.
    assert.equal((await login('eli')).status, 401)
    const fields = [...page.body.matchAll(/name="(\w+)" value="([^"]*)"/g)]
    const posted = await app().send({
      method: 'POST',
      url: '/v1/users/confirm_user.json',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams(
        fields.map(([, name = '', value = '']): [string, string] => [name, value]),
      ).toString(),
    })
    assert.equal(posted.status, 200)
    assert.equal((await login('eli')).status, 200)
  })

  it('shows what stands in the address of a page as text only', async () => {
    for (const path of ['confirm', 'reset-password']) {
      const query = new URLSearchParams({ key: '"><script>alert(1)</script>', token: "'&<b>" })
      const page = await app().app.inject({ url: `/account/${path}?${query}` })
      assert.equal(page.statusCode, 200)
      assert.equal(/<script|<b>/.test(page.body), false)
      const twice = await app().app.inject({ url: `/account/${path}?key=a&key=b&token=c` })
      assert.equal(twice.statusCode, 200)
    }
  })

  it('confirms at once a user whom nobody can write to', async () => {
    const { body } = await app().post('users/create', { username: 'fox', ...PASSWORD })
    assert.match(body.response.users[0].confirmed_at, /^\d{4}/)
    assert.equal((await login('fox')).status, 200)
  })

  it('leaves the caller in his session', async () => {
    const gus = await app().user('gus')
    const values = { username: 'hex', email: mailOf('hex'), ...PASSWORD }
    const { body } = await app().post('users/create', values, gus)
    assert.equal(body.meta.session_id, undefined)
    const me = await app().get('users/show/me', {}, gus)
    assert.equal(me.body.response.users[0].username, 'gus')
  })

  it('refuses an unknown template and writes nothing', async () => {
    const count = async () => (await app().get('users/count')).body.meta.count
    const before = await count()
    for (const name of ['confirmation_template', 'template']) {
      const { status } = await signUp('ivy', { [name]: 'no such' })
      assert.equal(status, 422)
    }
    for (const [path, name] of [
      ['users/request_reset_password', 'template'],
      ['users/resend_confirmation', 'confirmation_template'],
    ] as const) {
      const { status } = await app().get(path, { email: mailOf('ada'), [name]: 'no such' })
      assert.equal(status, 422)
    }
    assert.equal(await count(), before)
    assert.deepEqual(await mails('ivy'), [])
  })
})

onEachDatabase('resetting a password', (app) => {
  before(() => app().set({ smtpUrl }))

  const mailOf = (name: string) => `${name}@${app().backend.key}.example.net`
  const login = (name: string, password: string) =>
    app().post('users/login', { login: name, password })
  const reset = (token: string, password = 'next', password_confirmation = password) => {
    const values = { reset_password_token: token, password, password_confirmation }
    return app().get('users/reset_password', values)
  }
  const signUp = async (name: string) => {
    const values = { username: name, email: mailOf(name), ...PASSWORD }
    const { body } = await app().post('users/create', values)
    return { id: body.response.users[0].id, session: String(body.meta.session_id) }
  }
  const askFor = async (name: string, values: Record<string, string> = {}) => {
    const answer = await app().get('users/request_reset_password', {
      email: mailOf(name),
      ...values,
    })
    assert.equal(answer.status, 200)
    assert.equal(answer.body.meta.method_name, 'RequestResetPassword')
    await app().settle()
    const mail = mailbox.to(mailOf(name)).at(-1)
    return { mail, token: linkParam(mail, 'token') }
  }

  it('sets a new password once by the token of the mail, and ends all sessions', async () => {
    const ann = await signUp('ann')
    const { mail, token } = await askFor('ann')
    assert.equal(mail?.subject, 'Password reset request for test')
    assert.equal((await login('ann', 'secret')).status, 200)
    const done = await reset(token)
    assert.deepEqual([done.status, done.body.response], [200, undefined])
    assert.equal((await login('ann', 'secret')).status, 401)
    assert.equal((await login('ann', 'next')).status, 200)
    assert.equal((await app().get('users/show/me', {}, ann)).status, 404)
    const again = await reset(token, 'third')
    assert.equal(again.status, 400)
    assert.equal(again.body.meta.message, 'Invalid or expired reset password token')
    assert.equal((await login('ann', 'next')).status, 200)
  })

  it('takes only the newest token, and the asked subject', async () => {
    await signUp('bob')
    const first = await askFor('bob')
    const second = await askFor('bob', { subject: 'Your key' })
    assert.equal(second.mail?.subject, 'Your key')
    assert.equal((await reset(first.token)).status, 400)
    assert.equal((await reset(second.token)).status, 200)
  })

  it('refuses a token that is a day old', async () => {
    await signUp('cat')
    const { token } = await askFor('cat')
    app().advance(25 * HOUR_MS)
    try {
      const { status, body } = await reset(token)
      assert.equal(status, 400)
      assert.equal(body.meta.message, 'Invalid or expired reset password token')
    } finally {
      app().advance(-25 * HOUR_MS)
    }
    assert.equal((await login('cat', 'secret')).status, 200)
  })

  it('refuses passwords that differ, and the token still works', async () => {
    await signUp('dan')
    const { token } = await askFor('dan')
    const { status, body } = await reset(token, 'one', 'two')
    assert.equal(status, 400)
    assert.match(String(body.meta.message), /Password doesn't match confirmation/)
    assert.equal((await login('dan', 'secret')).status, 200)
    assert.equal((await reset(token)).status, 200)
  })

  it('refuses a token of another backend', async () => {
    await signUp('eve')
    const { token } = await askFor('eve')
    const other = await app().newBackend('other')
    const values = { reset_password_token: token, ...PASSWORD }
    const { status } = await app().call('GET', 'users/reset_password', values, null, other)
    assert.equal(status, 400)
    assert.equal((await reset(token)).status, 200)
  })

  it('lets a changed password make the token useless', async () => {
    const fay = await signUp('fay')
    const { token } = await askFor('fay')
    await app().put('users/update', { password: 'own', password_confirmation: 'own' }, fay)
    assert.equal((await reset(token)).status, 400)
    assert.equal((await login('fay', 'own')).status, 200)
  })

  for (const [missing, path] of [
    ['email', 'users/request_reset_password'],
    ['email', 'users/resend_confirmation'],
    ['reset_password_token', 'users/reset_password'],
    ['confirmation_token', 'users/confirm_user'],
  ] as const) {
    it(`needs ${missing} at ${path}`, async () => {
      const { status, body } = await app().get(path, {})
      assert.deepEqual([status, body.meta.message], [400, `Required field: ${missing}`])
    })
  }
})

onEachDatabase('without a mail server', (app) => {
  it('refuses what needs one with a text that says what to set, and writes nothing', async () => {
    await app().post('users/create', { username: 'old', email: 'old@example.org', ...PASSWORD })
    await app().set({ newUserVerification: true })
    const before = await app().get('users/count')
    const email = 'new@example.org'
    for (const answer of [
      await app().post('users/create', { username: 'new', email, ...PASSWORD }),
      await app().get('users/request_reset_password', { email: 'old@example.org' }),
      await app().get('users/resend_confirmation', { email: 'old@example.org' }),
    ]) {
      assert.equal(answer.status, 400)
      assert.match(String(answer.body.meta.message), /HOMEPORT_SMTP_URL/)
    }
    const after = await app().get('users/count')
    assert.equal(after.body.meta.count, before.body.meta.count)
    assert.equal(await app().context.store.oldestDueJob(Date.now() + HOUR_MS), null)
    await app().set({ newUserVerification: false })
    assert.equal(
      (await app().post('users/create', { username: 'new', email, ...PASSWORD })).status,
      200,
    )
  })
})
