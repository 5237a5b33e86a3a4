import assert from 'node:assert/strict'
import { it } from 'node:test'
import { OPERATIONS } from '../../src/manage/operations.ts'
import { pushCredentials } from '../../src/objects/push/credentials.ts'
import { APNS_GIVEN, SERVICE_ACCOUNT } from '../support/push-stand-in.ts'
import { onEachDatabase } from '../support/test-app.ts'

onEachDatabase('push credentials', (app) => {
  const set = (backend: string, service: string, given: unknown) =>
    OPERATIONS['push.set'].run(app().context, { backend, service, given: JSON.stringify(given) })
  const show = async (backend: string) =>
    (await OPERATIONS['push.show'].run(app().context, { backend })).credentials

  it('are set, shown without secrets, replaced and removed, for one backend', async () => {
    const [one, two] = [await app().newBackend('keys-1'), await app().newBackend('keys-2')]
    await set(one.id, 'apns', APNS_GIVEN)
    await set(one.id, 'apns', { ...APNS_GIVEN, topic: 'org.example.other' })
    await set(one.id, 'fcm', SERVICE_ACCOUNT)
    const shown = await show(one.id)
    assert.deepEqual(
      shown.map(({ service, topic }) => [service, topic]),
      [
        ['apns', 'org.example.other'],
        ['fcm', undefined],
      ],
    )
    assert.equal(JSON.stringify(shown).includes('PRIVATE'), false)
    assert.deepEqual(await show(two.id), [])
    const used = await pushCredentials(app().context, one.id, 'apns')
    assert.equal(used?.service === 'apns' && used.topic, 'org.example.other')
    const remove = { backend: one.id, service: 'apns' }
    assert.equal((await OPERATIONS['push.remove'].run(app().context, remove)).removed, true)
    assert.equal((await OPERATIONS['push.remove'].run(app().context, remove)).removed, false)
    assert.equal(await pushCredentials(app().context, one.id, 'apns'), null)
  })

  it('lie sealed in the database, each for its own backend', async () => {
    const [one, two] = [await app().newBackend('sealed-1'), await app().newBackend('sealed-2')]
    const { store, vault } = app().context
    await set(one.id, 'fcm', SERVICE_ACCOUNT)
    const address = { backendId: one.id, type: '$push_credentials', id: 'fcm' }
    const record = await store.get(address)
    assert.equal(JSON.stringify(record).includes('PRIVATE'), false)
    const { sealed } = JSON.parse(record?.hidden ?? '{}')
    assert.match(vault.open(sealed, `push:${one.id}:fcm`).reveal(), /PRIVATE KEY/)
    assert.throws(() => vault.open(sealed, `push:${two.id}:fcm`))
  })

  it('of browsers keep their keys when the subject changes', async () => {
    const { id } = await app().newBackend('web')
    const first = await set(id, 'web', { subject: 'mailto:a@example.org' })
    const second = await set(id, 'web', { subject: 'mailto:b@example.org' })
    assert.equal(first.credentials.publicKey, second.credentials.publicKey)
    assert.equal(second.credentials.subject, 'mailto:b@example.org')
  })

  it('of browsers are told in their public part, to anyone with the key of the app', async () => {
    const backend = await app().newBackend('web-key')
    const read = () => app().call('GET', 'push_notification/web_push_key', {}, null, backend)
    await set(backend.id, 'fcm', SERVICE_ACCOUNT)
    const before = await read()
    assert.equal(before.status, 400)
    assert.equal(before.body.meta.message, 'App is not configured for Push Notification')
    const { credentials } = await set(backend.id, 'web', { subject: 'mailto:a@example.org' })
    const { status, body } = await read()
    assert.deepEqual([status, body.meta.method_name], [200, 'showWebPushKey'])
    assert.match(credentials.publicKey ?? '', /^[\w-]{87}$/)
    assert.deepEqual(body.response, { web_push: { public_key: credentials.publicKey } })
    assert.equal((await app().get('push_notification/web_push_key')).status, 400)
  })

  for (const [why, service, given, message] of [
    ['the service is unknown', 'fax', '{}', /apns, fcm, web/],
    ['what is given is no JSON', 'fcm', 'secret-text', /not a JSON object/],
    ['it is not right', 'fcm', '{}', /service account/],
  ] as const) {
    it(`are refused when ${why}`, async () => {
      const backend = app().backend.id
      const run = OPERATIONS['push.set'].run(app().context, { backend, service, given })
      await assert.rejects(run, (error: Error) => {
        assert.match(error.message, message)
        assert.equal(error.message.includes('secret-text'), false)
        return true
      })
      assert.deepEqual(await show(backend), [])
    })
  }
})
