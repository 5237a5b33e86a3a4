import assert from 'node:assert/strict'
import { after, it } from 'node:test'
import { idsOf, onEachSdk, type SdkScene } from '../support/arrowdb-scene.ts'
import type { ArrowdbUser } from '../support/arrowdb-user.ts'
import { FileServer } from '../support/file-server.ts'
import { linkParam, Mailbox, type ReceivedMail } from '../support/mailbox.ts'
import type { ServerProcess, ShownBackend } from '../support/process.ts'
import { soon } from '../support/soon.ts'

const PASSWORD = { password: 'secret', password_confirmation: 'secret' }
const FACEBOOK_APP = '4711'

const mailbox = new Mailbox()
const smtpUrl = await mailbox.listen()
after(() => mailbox.close())

function mailed(address: string, count = 1): Promise<ReceivedMail> {
  return soon(`${count} mails come to ${address}`, () => mailbox.to(address)[count - 1])
}

/** Facebook, where every token is that of the person it names, and 100 and 200 are friends. */
const facebook = new FileServer()
after(() => facebook.close())
function answering(path: string, answer: (person: string) => unknown): void {
  facebook.on(path, ({ url = '' }, reply) => {
    const person = new URL(url, 'http://localhost').searchParams.get('access_token') ?? ''
    reply.writeHead(200, { 'content-type': 'application/json' })
    reply.end(JSON.stringify(answer(person)))
  })
}
answering('/app', () => ({ id: FACEBOOK_APP }))
answering('/me', (id) => ({ id, first_name: 'F' }))
answering('/me/friends', (id) => ({ data: [{ id: id === '100' ? '200' : '100' }] }))
const facebookUrl = await facebook.listen()

/** An app of the time before searches were retired, which wants addresses confirmed. */
let old: ShownBackend

async function prepare(server: ServerProcess): Promise<void> {
  old = await server.json(['backend', 'create', '--name', 'old'])
  await server.set({ mbsRelease: '1.2.0', newUserVerification: true }, old.id)
  await server.set({ facebookAppId: FACEBOOK_APP, trustedAccountTypes: ['twitter'] })
  mailbox.mails.length = 0
}

onEachSdk(
  'people',
  (scene) => {
    it('makes users and logs them in', async () => {
      const { ann, ben, ids } = scene()
      for (const [user, login] of [
        [ann, 'ann'],
        [ben, 'ben@example.org'],
      ] as const) {
        await scene().logIn(user, login)
      }
      const { meta, response } = await ann.call('usersShowMe')
      assert.deepEqual([response.users[0].id, meta.method_name], [ids.ann, 'showMe'])
    })

    it('goes on as the user who logged in last', async () => {
      const both = scene().client()
      await scene().logIn(both, 'ann')
      await scene().logIn(both, 'ben')
      const { response } = await both.call('usersShowMe')
      assert.equal(response.users[0].id, scene().ids.ben)
    })

    it('updates, shows, finds and counts users', async () => {
      const { ann, ben, ids, photo } = scene()
      await ann.call('usersUpdate', { custom_fields: { age: 31 } })
      const change = { first_name: 'Ann', tags: 'x,y', photo }
      const fields = { custom_fields: { age: null, pet: 'a' } }
      const updated = (await ann.call('usersUpdate', { ...change, ...fields })).response.users[0]
      assert.deepEqual([updated.tags, updated.custom_fields], [['x', 'y'], { pet: 'a' }])
      assert.match(updated.photo_id, /^[0-9a-f]{24}$/)
      const shown = await ben.call('usersShow', { user_ids: [ids.ann, ids.ben] })
      const emails = shown.response.users.map((user: { email?: string }) => user.email)
      assert.deepEqual(emails.sort(), ['ben@example.org', undefined])
      const found = await ben.call('usersQuery', { where: { pet: 'a' } })
      assert.deepEqual(idsOf(found, 'users'), [ids.ann])
      assert.equal((await ben.call('usersCount')).meta.count, 3)
    })

    it('resets a password by mail', async () => {
      const stranger = scene().client()
      await stranger.call('usersRequestResetPassword', { email: 'ben@example.org' })
      const token = linkParam(await mailed('ben@example.org'), 'token')
      const password = { password: 'changed', password_confirmation: 'changed' }
      const options = { reset_password_token: token, ...password }
      await stranger.call('get', '/v1/users/reset_password.json', options)
      const [status] = await stranger.refused('usersLogin', { login: 'ben', password: 'secret' })
      assert.equal(status, 401)
      const { ben } = scene()
      assert.equal((await ben.refused('usersShowMe'))[0], 404)
      ben.forgetSession()
      await scene().logIn(ben, 'ben', 'changed')
    })

    it('lets a user log in only after the mail that is sent again, and searches then', async () => {
      const email = 'eve@example.org'
      const eve = scene().client(old)
      await eve.call('usersCreate', { username: 'eve', email, ...PASSWORD })
      await mailed(email)
      const login = { login: 'eve', password: 'secret' }
      const [status, message] = await eve.refused('usersLogin', login)
      assert.equal(status, 401)
      assert.match(message, /confirm your e-mail address/)
      await eve.call('usersResendConfirmation', { email })
      const token = linkParam(await mailed(email, 2), 'token')
      await eve.call('get', '/v1/users/confirm_user.json', { confirmation_token: token })
      await eve.call('usersLogin', login)
      const found = await eve.call('usersSearch', { q: 'EVE' })
      assert.equal(found.response.users[0].username, 'eve')
      const [gone, text] = await scene().ann.refused('usersSearch', { q: 'ann' })
      assert.equal(gone, 410)
      assert.match(text, /search\.json has been deprecated\. Please use \$text query/)
    })

    it('works with ACLs', () => workWithAcls(scene()))

    it('makes friends of two, and ends it', async () => {
      const { ann, ben, ids } = scene()
      await ann.call('friendsAdd', { user_ids: ids.ben })
      const { response } = await ben.call('friendsRequests')
      assert.deepEqual(response.friend_requests[0].user.id, ids.ann)
      assert.equal((await ben.call('friendsQuery')).response.users, undefined)
      await ben.call('friendsApprove', { user_ids: [ids.ann] })
      assert.deepEqual(idsOf(await ben.call('friendsQuery'), 'users'), [ids.ann])
      assert.deepEqual(idsOf(await ann.call('friendsQuery'), 'users'), [ids.ben])
      assert.equal((await ann.refused('friendsSearch', { q: 'ben' }))[0], 410)
      await ben.call('friendsRemove', { user_ids: ids.ann })
      assert.equal((await ann.call('friendsQuery')).response.users, undefined)
      await ann.call('friendsAdd', { user_ids: ids.ben, approval_required: false })
      assert.deepEqual(idsOf(await ben.call('friendsQuery'), 'users'), [ids.ann])
      await ann.call('friendsDelete', { user_ids: ids.ben })
      assert.equal((await ben.call('friendsQuery')).response.users, undefined)
    })

    it('searches friends on an app of an old release', async () => {
      await scene().makeAdmin('elder', old)
      const elder = scene().client(old)
      await scene().logIn(elder, 'elder')
      const [eve] = idsOf(await elder.call('usersSearch', { q: 'eve' }), 'users')
      await elder.call('friendsAdd', { user_ids: eve, approval_required: false })
      const found = await elder.call('friendsSearch', { q: 'eve' })
      assert.deepEqual([idsOf(found, 'users'), found.meta.total_results], [[eve], 1])
    })

    it('logs in with external accounts, and links them', async () => {
      const { ann, ids } = scene()
      const friend = scene().client()
      const login = { type: 'facebook', token: '200' }
      const entered = await friend.call('socialIntegrationsExternalAccountLogin', login)
      assert.equal(entered.response.users[0].external_accounts[0].external_id, '200')
      const account = { type: 'facebook', id: '100', token: '100' }
      await ann.call('socialIntegrationsExternalAccountLink', account)
      const friends = await ann.call('socialIntegrationsSearchFacebookFriends')
      assert.deepEqual(idsOf(friends, 'users'), idsOf(entered, 'users'))
      const bird = { type: 'twitter', id: 'b1', token: 'any' }
      await ann.call('socialIntegrationsExternalAccountLink', bird)
      const same = await scene().client().call('socialIntegrationsExternalAccountLogin', bird)
      assert.deepEqual(idsOf(same, 'users'), [ids.ann])
      const left = await ann.call('socialIntegrationsExternalAccountUnlink', bird)
      const types = left.response.users[0].external_accounts.map(
        (one: { external_type: string }) => one.external_type,
      )
      assert.deepEqual(types, ['facebook'])
    })

    it('locates an address', async () => {
      const { response } = await scene()
        .client()
        .call('clientsGeolocate', { ip_address: '8.8.8.8' })
      assert.deepEqual(response, { ip_address: '8.8.8.8', location: { country_code: 'US' } })
    })

    it('sends mails made of a template, which calls of any path make', async () => {
      const { admin, ann } = scene()
      const path = (name: string) => `/v1/email_templates/${name}.json`
      const template = { name: 'hello', subject: 'Hello', plain_body: 'Dear {{name}}' }
      const made = await admin.call('post', path('create'), template)
      const [id] = idsOf(made, 'email_templates')
      const change = { email_template_id: id, subject: 'Hi' }
      const changed = await admin.call('put', path('update'), change)
      assert.equal(changed.response.email_templates[0].subject, 'Hi')
      assert.equal((await ann.call('emailsCount')).meta.count, 1)
      await ann.call('emailsSend', {
        template: 'hello',
        recipients: 'zoe@example.org',
        name: 'Zoe',
      })
      const mail = await mailed('zoe@example.org')
      assert.deepEqual([mail.subject, mail.text.trim()], ['Hi', 'Dear Zoe'])
      assert.equal(
        (await ann.refused('emailsSend', { template: 'no', recipients: 'z@z.org' }))[0],
        422,
      )
      await admin.call('delete', path('delete'), { email_template_id: id })
      assert.equal((await ann.call('emailsCount')).meta.count, 0)
    })

    it('deletes users', async () => {
      const { admin, ann, ben } = scene()
      await ben.call('usersLogout')
      assert.equal((await ben.refused('usersShowMe'))[0], 401)
      await scene().logIn(ben, 'ben', 'changed')
      await ben.call('usersDelete')
      await ann.call('usersRemove')
      assert.equal((await ann.refused('usersLogin', { login: 'ann', password: 'secret' }))[0], 401)
      assert.equal((await admin.call('usersCount')).meta.count, 2)
      await scene()
        .client()
        .call('usersCreate', { username: 'late', ...PASSWORD })
      await admin.call('usersBatchDelete', { where: { username: 'late' } })
      await scene().untilCount('usersCount', 2)
    })
  },
  { env: { HOMEPORT_SMTP_URL: smtpUrl, HOMEPORT_FACEBOOK_URL: facebookUrl }, prepare },
)

async function workWithAcls({ ann, ben, ids }: SdkScene): Promise<void> {
  const made = await ann.call('aclsCreate', { name: 'mine', reader_ids: [ids.ben] })
  const [{ id, readers }] = made.response.acls
  assert.deepEqual(readers.sort(), [ids.ann, ids.ben].sort())
  const may = async (user: ArrowdbUser) => {
    const { response } = await user.call('aclsCheckUser', { name: 'mine', user_id: ids.ben })
    return [response.permission.read_permission, response.permission.write_permission]
  }
  assert.deepEqual(await may(ann), [true, false])
  await ann.call('aclsAddUser', { name: 'mine', writer_ids: [ids.ben] })
  assert.deepEqual(await may(ann), [true, true])
  await ann.call('aclsRemoveUser', { id, reader_ids: [ids.ben], writer_ids: [ids.ben] })
  assert.deepEqual(await may(ann), [false, false])
  await ann.call('aclsUpdate', { id, public_read: true })
  const shown = (await ann.call('aclsShow', { id })).response.acls[0]
  assert.deepEqual([shown.public_read, shown.readers], [true, undefined])
  assert.deepEqual(idsOf(await ann.call('aclsQuery'), 'acls'), [id])
  assert.deepEqual(idsOf(await ben.call('aclsQuery'), 'acls'), [])
  await ann.call('aclsCreate', { name: 'other' })
  assert.equal((await ann.call('aclsCount')).meta.count, 2)
  await ann.call('aclsDelete', { id })
  await ann.call('aclsRemove', { name: 'other' })
  assert.equal((await ann.call('aclsCount')).meta.count, 0)
}
