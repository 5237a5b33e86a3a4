import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { shownPushCredentials } from '../../src/objects/push/credentials.ts'
import { Mailbox } from '../support/mailbox.ts'
import { CLIENT_P12, CLIENT_P12_PASSWORD } from '../support/push-certificates.ts'
import { recordOf } from '../support/records.ts'
import { onEachDatabase, type TestUser } from '../support/test-app.ts'

const mailbox = new Mailbox()
let smtp = new URL('smtp://127.0.0.1')
before(async () => {
  smtp = new URL(await mailbox.listen())
})
after(() => mailbox.close())

const METHODS = [
  ['GET', 'apps/show'],
  ['PUT', 'apps/update'],
  ['GET', 'apps/app_object_counts'],
  ['DELETE', 'apps/delete/data'],
  ['PUT', 'apps/emails/setting'],
  ['PUT', 'apps/set_apple_certificates'],
  ['DELETE', 'apps/remove_apple_certificates'],
  ['PUT', 'apps/set_android_certificate'],
  ['PUT', 'apps/set_windows_certificate'],
  ['POST', 'apps/create'],
  ['DELETE', 'apps/delete'],
  ['PUT', 'org/4711'],
  ['DELETE', 'org/4712'],
] as const

onEachDatabase('apps', (app) => {
  let admin: TestUser
  before(async () => {
    admin = await app().admin()
  })

  for (const [verb, path] of METHODS) {
    it(`${path} is for administrators of this very app`, async () => {
      const values = { app_id: app().backend.id, allow_user_creation: false }
      assert.equal((await app().call(verb, path, values, await app().user())).status, 403)
      assert.equal((await app().call(verb, path, values)).status, 401)
      const other = await app().newBackend(`other than ${path.replaceAll('/', ' ')}`)
      const stranger = await app().call(verb, path, values, admin, other)
      assert.equal(stranger.status, 404)
    })
  }

  it('shows an administrator the app of the key', async () => {
    const { body } = await app().get('apps/show', {}, admin)
    assert.equal(body.meta.method_name, 'showApp')
    const { id, key } = app().backend
    assert.deepEqual(body.response.apps, [
      {
        ...{ id, name: 'test', version: '1.0', key },
        friends_two_way: true,
        allow_user_creation: true,
        new_user_verification: false,
        mbs_release: '1.6.5',
      },
    ])
  })

  it('changes settings that are named, at once', async () => {
    const values = { allow_user_creation: false, friends_two_way: '0' }
    const { body } = await app().put('apps/update', values, admin)
    assert.equal(body.meta.method_name, 'updateApp')
    const [shown] = body.response.apps
    assert.deepEqual(
      [shown.allow_user_creation, shown.friends_two_way, shown.new_user_verification],
      [false, false, false],
    )
    const account = { username: 'x', password: 'secret', password_confirmation: 'secret' }
    assert.equal((await app().post('users/create', account)).status, 403)
    await app().put('apps/update', { allow_user_creation: true, friends_two_way: true }, admin)
    assert.equal((await app().post('users/create', account)).status, 200)
  })

  for (const [verb, path, values, status, message] of [
    ['PUT', 'apps/update', { name: 'mine' }, 403, /by the team, with the tools API/],
    ['PUT', 'apps/update', { description: 'd' }, 403, /by the team, with the tools API/],
    ['PUT', 'apps/update', { friends_two_way: 'maybe' }, 400, /Invalid friends_two_way/],
    ['POST', 'apps/create', { name: 'new' }, 403, /by the team, with the tools API/],
    ['DELETE', 'apps/delete', {}, 403, /by the team, with the tools API/],
    ['DELETE', 'apps/delete/data', {}, 400, /Required field: app_id/],
    ['DELETE', 'apps/delete/data', { app_id: 'other' }, 400, /Invalid app_id/],
    ['PUT', 'apps/emails/setting', { accountid: '1' }, 400, /not offered/],
    ['PUT', 'apps/emails/setting', { address: 'a b' }, 400, /Invalid address/],
    ['PUT', 'apps/emails/setting', { address: 'a@b' }, 400, /Invalid address/],
    ['PUT', 'apps/emails/setting', { sender_email: 'nobody' }, 400, /Invalid sender_email/],
    ['PUT', 'apps/emails/setting', { replacement_email: 'nobody' }, 400, /mailTestAddress/],
    ['PUT', 'apps/set_apple_certificates', {}, 400, /Required field: certificate_prod/],
    ['PUT', 'apps/set_android_certificate', {}, 410, /homeport push fcm/],
    ['PUT', 'apps/set_windows_certificate', {}, 410, /Windows/],
    ['GET', 'admins/login360', { token: 'x' }, 403, /the team logs in at \/oauth2/],
    ['PUT', 'org/4711', { package: 'team' }, 403, /no organizations/],
    ['DELETE', 'org/4711', {}, 403, /no organizations/],
  ] as const) {
    it(`refuses an administrator ${path} with ${JSON.stringify(values)}`, async () => {
      const before = await app().get('apps/show', {}, admin)
      const answer = await app().call(verb, path, values, admin)
      assert.equal(answer.status, status)
      assert.match(String(answer.body.meta.message), message)
      const after = await app().get('apps/show', {}, admin)
      assert.deepEqual(after.body.response, before.body.response)
    })
  }

  it('answers a ping by anyone who has the key', async () => {
    const { status, body } = await app().get('admins/ping')
    assert.deepEqual([status, body.meta.method_name], [200, 'pingAdmins'])
    assert.equal(body.response, undefined)
    assert.equal((await app().send({ method: 'GET', url: '/v1/admins/ping.json' })).status, 401)
  })

  it('takes no broken certificate, and has none to remove then', async () => {
    const values = { topic: 'org.example.app', certificate_prod: new Blob(['no certificate']) }
    const set = await app().upload('PUT', 'apps/set_apple_certificates', values, admin)
    assert.equal(set.status, 400)
    assert.match(String(set.body.meta.message), /certificate cannot be read/)
    const removed = await app().del('apps/remove_apple_certificates', {}, admin)
    assert.equal(removed.status, 200)
  })

  it('keeps a certificate, sealed, until it is removed', async () => {
    const certificate = new Blob([Buffer.from(CLIENT_P12, 'base64')])
    const password = { production_cert_password: CLIENT_P12_PASSWORD }
    const values = { topic: 'org.example.app', certificate_prod: certificate, ...password }
    const set = await app().upload('PUT', 'apps/set_apple_certificates', values, admin)
    assert.deepEqual([set.status, set.body.meta.method_name], [200, 'setAppleCertificates'])
    const kept = () => shownPushCredentials(app().context, app().backend.id)
    const [shown] = await kept()
    assert.deepEqual([shown?.topic, shown?.environment], ['org.example.app', 'production'])
    const stored = recordOf(app(), '$push_credentials', 'apns')
    assert.doesNotMatch(JSON.stringify(await stored.read()), new RegExp(CLIENT_P12_PASSWORD))
    await app().del('apps/remove_apple_certificates', {}, admin)
    assert.deepEqual(await kept(), [])
  })

  it('sends mail by the server that an administrator sets, as its own sender', async () => {
    const template = { name: 'hello', subject: 's', plain_body: 'hello' }
    await app().post('email_templates/create', template, admin)
    const send = (to: string) =>
      app().post('custom_mailer/email_from_template', { template: 'hello', recipients: to })
    assert.equal((await send('a@apps.example.org')).status, 400)
    const server = { address: smtp.hostname, port: smtp.port, tls: false }
    const sender = { sender_email: 'port@example.org', sender_name: 'The <Port>' }
    const set = await app().put('apps/emails/setting', { ...server, ...sender }, admin)
    assert.deepEqual([set.status, set.body.meta.method_name], [200, 'updateAppEmailSetting'])
    assert.equal(set.body.response, undefined)
    const to = (name: string) => `${name}@${app().backend.key}.example.org`
    await send(to('a'))
    await app().settle()
    assert.equal(mailbox.to(to('a'))[0]?.from, 'port@example.org')
    const dev = { dev_mode: true, replacement_email: to('dev') }
    await app().put('apps/emails/setting', dev, admin)
    await send(to('b'))
    await app().settle()
    assert.deepEqual([mailbox.to(to('b')).length, mailbox.to(to('dev')).length], [0, 1])
    await app().put('apps/emails/setting', { address: '', dev_mode: false }, admin)
    assert.equal((await send(to('c'))).status, 400)
  })

  describe('what an app holds', () => {
    const counts = async (as: TestUser) => {
      const { body } = await app().get('apps/app_object_counts', {}, as)
      assert.equal(body.meta.method_name, 'appObjectCounts')
      return body.response.app_object_counts
    }

    it('is counted by kind, and deleted but for administrators and templates', async () => {
      const ann = await app().user()
      await app().post('places/create', { name: 'p', city: 'c' }, ann)
      const rule = { recurring: 'daily', recurring_count: 3 }
      await app().post('events/create', { name: 'e', start_time: '2019-04-01', ...rule }, ann)
      await app().post('objects/boat/create', { fields: { length: 7 } }, ann)
      const before = await counts(admin)
      const { places, events, event_occurrences, boat, photos } = before
      assert.deepEqual([places, events, event_occurrences, boat, photos], [1, 1, 3, 1, 0])
      assert.ok(before.users > 1)

      const { status, body } = await app().del(
        'apps/delete/data',
        { app_id: app().backend.id },
        admin,
      )
      assert.deepEqual([status, body.meta.method_name], [200, 'deleteAppData'])
      await app().settle()
      const left = Object.entries(await counts(admin)).filter(([, count]) => count !== 0)
      assert.deepEqual(Object.fromEntries(left), { users: 1, email_templates: 1 })
      assert.equal((await app().get('users/show/me', {}, admin)).status, 200)
      assert.equal((await app().get('users/show/me', {}, ann)).status, 404)
    })
  })
})
