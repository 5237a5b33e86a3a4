import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { Mailbox } from '../support/mailbox.ts'
import { onEachDatabase, type TestUser } from '../support/test-app.ts'

const UNKNOWN = '0'.repeat(24)
const HOUR_MS = 3_600_000

const mailbox = new Mailbox()
let smtpUrl = ''
before(async () => {
  smtpUrl = await mailbox.listen()
})
after(() => mailbox.close())

onEachDatabase('e-mail templates', (app) => {
  let admin: TestUser
  before(async () => {
    admin = await app().admin()
  })
  const make = async (values: Record<string, string>) => {
    const answer = await app().post('email_templates/create', { subject: 's', ...values }, admin)
    assert.equal(answer.status, 200, answer.body.meta.message)
    return answer.body.response.email_templates[0]
  }

  it('are made, shown, found, changed and deleted by administrators', async () => {
    const values = { name: 'tide', subject: 'Tide', body: '<p>{{at}}</p>', plain_body: '{{at}}' }
    const made = await app().post('email_templates/create', values, admin)
    assert.equal(made.body.meta.method_name, 'createEmailTemplate')
    const [template] = made.body.response.email_templates
    const { id: email_template_id, created_at, updated_at } = template
    assert.deepEqual(template, { id: email_template_id, ...values, created_at, updated_at })

    const shown = await app().get('email_templates/show', { email_template_id }, admin)
    assert.equal(shown.body.meta.method_name, 'showEmailTemplate')
    assert.deepEqual(shown.body.response.email_templates, [template])

    const found = await app().get('email_templates/query', { where: { name: 'tide' } }, admin)
    assert.equal(found.body.meta.method_name, 'queryEmailTemplates')
    assert.deepEqual(found.body.response.email_templates, [template])

    const change = { email_template_id, body: '', subject: 'High tide' }
    const changed = await app().put('email_templates/update', change, admin)
    assert.equal(changed.body.meta.method_name, 'updateEmailTemplate')
    const [now] = changed.body.response.email_templates
    assert.deepEqual([now.subject, now.plain_body, 'body' in now], ['High tide', '{{at}}', false])

    const other = await app().admin('another admin')
    const deleted = await app().del('email_templates/delete', { email_template_id }, other)
    assert.deepEqual([deleted.status, deleted.body.meta.method_name], [200, 'deleteEmailTemplate'])
    const gone = await app().get('email_templates/show', { email_template_id }, admin)
    assert.deepEqual([gone.status, gone.body.meta.message], [400, 'Invalid email_template id'])
  })

  it('are counted for anyone', async () => {
    const before = await app().get('email_templates/count')
    await make({ name: 'counted', body: 'b' })
    const { body } = await app().get('email_templates/count')
    assert.equal(body.meta.method_name, 'email_templatesCount')
    assert.equal(body.meta.count, Number(before.body.meta.count) + 1)
  })

  for (const [verb, path] of [
    ['POST', 'email_templates/create'],
    ['GET', 'email_templates/show'],
    ['GET', 'email_templates/query'],
    ['PUT', 'email_templates/update'],
    ['DELETE', 'email_templates/delete'],
  ] as const) {
    it(`have no ${path} for others than administrators`, async () => {
      const { id } = await make({ name: `for ${path}`, body: 'b' })
      const values = { email_template_id: id, name: 'x', subject: 's', body: 'stolen' }
      const ann = await app().user()
      const { status, body } = await app().call(verb, path, values, ann)
      assert.deepEqual(
        [status, body.meta.message],
        [403, 'You are not authorized to perform this action.'],
      )
      assert.equal((await app().call(verb, path, values)).status, 401)
      const shown = await app().get('email_templates/show', { email_template_id: id }, admin)
      assert.equal(shown.body.response.email_templates[0].body, 'b')
    })
  }

  it('are not seen by way of a relation', async () => {
    const { id } = await make({ name: 'related', body: 'hidden' })
    const fields = { '[ACS_EmailTemplate]t_id': id }
    const ann = await app().user()
    const values = { fields, response_json_depth: 3 }
    const { body } = await app().post('objects/peek/create', values, ann)
    assert.doesNotMatch(JSON.stringify(body), /hidden/)
  })

  for (const [why, values, message] of [
    ['the name is missing', { subject: 's', body: 'b' }, /Name can't be blank/],
    ['the subject is missing', { name: 'a', body: 'b' }, /Subject can't be blank/],
    ['it has no body', { name: 'a', subject: 's' }, /Body or plain body is required/],
    ['it cannot be filled in', { name: 'a', subject: 's', body: '{{' }, /body .* not usable/],
    ['it loops', { name: 'a', subject: 's', body: '{% for a in b %}{% endfor %}' }, /not usable/],
    ['its name is taken', { name: 'taken', subject: 's', body: 'b' }, /^Name is already taken$/],
  ] as const) {
    it(`are refused when ${why}`, async () => {
      if (why.includes('taken')) await make({ name: 'taken', body: 'b' })
      const { status, body } = await app().post('email_templates/create', values, admin)
      assert.equal(status, 400)
      assert.match(String(body.meta.message), message)
    })
  }

  it('need an id that names one', async () => {
    for (const [path, verb] of [
      ['email_templates/show', 'GET'],
      ['email_templates/update', 'PUT'],
      ['email_templates/delete', 'DELETE'],
    ] as const) {
      const unnamed = await app().call(verb, path, {}, admin)
      assert.equal(unnamed.body.meta.message, 'Required field: email_template_id')
      const unknown = await app().call(verb, path, { email_template_id: UNKNOWN }, admin)
      assert.equal(unknown.body.meta.message, 'Invalid email_template id')
    }
  })
})

onEachDatabase('custom_mailer/email_from_template', (app) => {
  const template = async (values: Record<string, string>) => {
    const admin = await app().admin(`admin ${values.name}`)
    const sent = { subject: 'Hello {{name}}', ...values }
    const { status } = await app().post('email_templates/create', sent, admin)
    assert.equal(status, 200)
  }
  before(async () => {
    await app().set({ smtpUrl, mailFrom: 'Port <port@example.org>' })
    await template({ name: 'both', body: '<p>{{ name }}</p>', plain_body: 'Dear {{ name }}' })
    await template({ name: 'plain', plain_body: 'Dear {{ name }}' })
  })
  const send = (values: Record<string, unknown>) =>
    app().post('custom_mailer/email_from_template', values)
  const to = (name: string) => `${name}@${app().backend.key}.example.org`
  const received = async (name: string) => {
    await app().settle()
    return mailbox.to(to(name))
  }

  it('sends each recipient a mail alone, without any login', async () => {
    const recipients = `${to('ada')}, ${to('bo')},${to('ada')}`
    const { status, body } = await send({ template: 'both', recipients, name: 'all' })
    assert.deepEqual([status, body.meta.method_name], [200, 'emailFromTemplate'])
    assert.equal(body.response, undefined)
    for (const name of ['ada', 'bo']) {
      const [mail, second] = await received(name)
      assert.equal(second, undefined)
      assert.deepEqual(mail?.to, [to(name)])
      assert.deepEqual([mail?.from, mail?.subject], ['port@example.org', 'Hello all'])
      assert.match(String(mail?.text), /^Dear all/)
    }
  })

  it('takes another sender, and keeps values from becoming markup or headers', async () => {
    const values = { from: 'Ann <ann@example.org>', name: 'a\r\nBcc: eve@example.org' }
    await send({ template: 'plain', recipients: to('carl'), content_type: 'plain', ...values })
    const [mail] = await received('carl')
    assert.equal(mail?.from, 'ann@example.org')
    assert.equal(mail?.subject, 'Hello a Bcc: eve@example.org')
    assert.deepEqual(mailbox.to('eve@example.org'), [])
  })

  it('knows nothing of sessions and keys as placeholders', async () => {
    await template({ name: 'leak', plain_body: '[{{key}}{{_session_id}}{{template}}]' })
    await send({ template: 'leak', recipients: to('dora') })
    const [mail] = await received('dora')
    assert.match(String(mail?.text), /^\[\]/)
  })

  for (const [why, values, status, message] of [
    ['there is no such template', { template: 'none' }, 422, 'Unknown e-mail template.'],
    ['no template is named', { template: '' }, 400, 'Required field: template'],
    ['nobody is named', { recipients: '' }, 400, 'Required field: recipients'],
    ['a recipient is no address', { recipients: 'ada' }, 400, 'is no mail address'],
    [
      'it has too many recipients',
      { recipients: Array.from({ length: 101 }, (_, i) => `a${i}@example.org`).join() },
      400,
      'at most 100 mail addresses',
    ],
    ['the template has no such body', { content_type: 'html' }, 400, 'has no such body'],
    [
      'the body is of no known kind',
      { content_type: 'rich' },
      400,
      'value must be plain, html or multipart',
    ],
    ['the sender is no address', { from: 'nobody' }, 400, 'value must be an address'],
    ['the values are too long', { a: 'x'.repeat(64_001) }, 413, 'At most 64000 characters'],
  ] as const) {
    it(`refuses to send when ${why}`, async () => {
      const before = mailbox.mails.length
      const answer = await send({ template: 'plain', recipients: to('frank'), ...values })
      assert.equal(answer.status, status)
      assert.ok(String(answer.body.meta.message).includes(message), answer.body.meta.message)
      await app().settle()
      assert.equal(mailbox.mails.length, before)
    })
  }

  it('tells of an unknown template before it tells that mail is not set up', async () => {
    await app().set({ smtpUrl: null })
    const unknown = await send({ template: 'none', recipients: to('gil') })
    assert.equal(unknown.status, 422)
    const known = await send({ template: 'plain', recipients: to('gil') })
    await app().set({ smtpUrl })
    assert.equal(known.status, 400)
    assert.match(String(known.body.meta.message), /HOMEPORT_SMTP_URL/)
    assert.deepEqual(await received('gil'), [])
  })

  it("has nothing of another backend's templates", async () => {
    const other = await app().newBackend('no mails', { smtpUrl })
    const values = { template: 'plain', recipients: to('hal') }
    const path = 'custom_mailer/email_from_template'
    const { status } = await app().call('POST', path, values, null, other)
    assert.equal(status, 422)
    assert.deepEqual(await received('hal'), [])
  })

  it('sends only so many mails an hour', async () => {
    await app().set({ templateMailsPerHour: 10 })
    // Begins a fresh hour, with nothing sent.
    app().advance(HOUR_MS)
    const many = Array.from({ length: 11 }, (_, i) => to(`m${i}`))
    const values = (count: number) => ({
      template: 'plain',
      recipients: many.slice(0, count).join(),
    })
    const tooMany = await send(values(11))
    assert.deepEqual([tooMany.status, tooMany.body.meta.reason], [429, 'rate_limited'])
    const answers = await Promise.all(Array.from({ length: 8 }, () => send(values(2))))
    const passed = answers.filter(({ status }) => status === 200)
    assert.equal(passed.length, 5)
    assert.ok(answers.every(({ status }) => status === 200 || status === 429))
    app().advance(HOUR_MS)
    assert.equal((await send(values(1))).status, 200)
    app().advance(-2 * HOUR_MS)
    await app().set({ templateMailsPerHour: 500 })
  })

  describe('in test mode', () => {
    after(() => app().set({ mailTestMode: false, mailTestAddress: null }))

    it('sends all to the test address', async () => {
      await app().set({ mailTestMode: true, mailTestAddress: to('tester') })
      await send({ template: 'plain', recipients: to('ivy'), name: 'Ivy' })
      const [mail] = await received('tester')
      assert.match(String(mail?.text), /Dear Ivy/)
      assert.deepEqual(await received('ivy'), [])
    })

    it('sends nothing without one, and needs no mail server then', async () => {
      await app().set({ mailTestMode: true, mailTestAddress: null, smtpUrl: null })
      const before = mailbox.mails.length
      const { status } = await send({ template: 'plain', recipients: to('jon') })
      await app().settle()
      await app().set({ smtpUrl })
      assert.deepEqual([status, mailbox.mails.length], [200, before])
    })
  })
})
