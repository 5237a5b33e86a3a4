import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { after, before, describe, it } from 'node:test'
import { FileServer } from '../support/file-server.ts'
import { onEachDatabase, type TestUser } from '../support/test-app.ts'

const APP_ID = '4711'
const REFUSED = 'Invalid external account or token'

type Person = { readonly app: string; readonly id: string; readonly friends?: readonly string[] }

/** Whose tokens Facebook knows. */
const people = new Map<string, Person>()

const facebook = new FileServer()
const json = (reply: ServerResponse, status: number, body: unknown) =>
  reply.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

function answering(path: string, answer: (person: Person, query: URLSearchParams) => unknown) {
  facebook.on(path, (request, reply) => {
    const { searchParams } = new URL(request.url ?? '', 'http://localhost')
    const token = searchParams.get('access_token') ?? ''
    const person = people.get(token)
    if (token === 'broken') reply.destroy()
    else if (person) json(reply, 200, answer(person, searchParams))
    else json(reply, 400, { error: { type: 'OAuthException' } })
  })
}
answering('/v9/app', ({ app }) => ({ id: app, name: 'an app' }))
answering('/v9/me', ({ id }) => ({ id, first_name: 'Ada', last_name: 'Quill' }))
answering('/v9/me/friends', ({ friends = [] }, query) => {
  // One friend a page, whatever was asked for.
  const at = Number(query.get('after') ?? 0)
  const next = at + 1 < friends.length ? { next: 'more' } : {}
  const data = friends.slice(at, at + 1).map((id) => ({ id }))
  return { data, paging: { cursors: { after: String(at + 1) }, ...next } }
})
const facebookUrl = `${await facebook.listen()}/v9`
after(() => facebook.close())

onEachDatabase(
  'social integrations',
  (app) => {
    let tokens = 0
    /** A token of a person at Facebook. */
    const tokenOf = (id: string, more: Partial<Person> = {}) => {
      tokens += 1
      people.set(`token${tokens}`, { app: APP_ID, id, ...more })
      return `token${tokens}`
    }
    const login = (values: Record<string, unknown>, as?: TestUser | null) =>
      app().post('users/external_account_login', { type: 'facebook', ...values }, as)
    const count = async () => Number((await app().get('users/count')).body.meta.count)
    const enter = async (id: string, more: Partial<Person> = {}): Promise<TestUser> => {
      const { body } = await login({ token: tokenOf(id, more) })
      return { id: body.response.users[0].id, session: String(body.meta.session_id) }
    }
    before(() => app().set({ facebookAppId: APP_ID, trustedAccountTypes: ['twitter'] }))

    describe('externalAccountLogin', () => {
      it('makes a user the first time, and logs the same one in after that', async () => {
        const before = await count()
        const token = tokenOf('100')
        const { status, body, headers } = await login({ id: '100', token })
        assert.deepEqual([status, body.meta.method_name], [200, 'externalAccountLogin'])
        const session = String(body.meta.session_id)
        assert.match(String(headers['set-cookie']), new RegExp(`_session_id=${session}`))
        const [user] = body.response.users
        assert.deepEqual([user.first_name, user.last_name], ['Ada', 'Quill'])
        assert.ok(user.confirmed_at)
        const account = { external_id: '100', external_type: 'facebook' }
        assert.deepEqual(user.external_accounts, [{ ...account, token }])

        const me = await app().get('users/show/me', {}, { id: user.id, session })
        assert.equal(me.body.response.users[0].id, user.id)
        const newer = tokenOf('100')
        const again = await login({ token: newer })
        assert.equal(again.body.response.users[0].id, user.id)
        const accounts = again.body.response.users[0].external_accounts
        assert.deepEqual(accounts, [{ ...account, token: newer }])
        assert.equal(await count(), before + 1)

        const seen = await app().get('users/show', { user_id: user.id }, await app().user())
        assert.deepEqual(seen.body.response.users[0].external_accounts, [account])
      })

      it('makes one user of logins at the same time', async () => {
        const before = await count()
        const token = tokenOf('101')
        const answers = await Promise.all(Array.from({ length: 5 }, () => login({ token })))
        const ids = answers.map(({ body }) => body.response?.users[0].id)
        assert.deepEqual([new Set(ids).size, await count()], [1, before + 1])
      })

      it('believes a type that the owner of the backend trusts', async () => {
        const values = { type: 'twitter', id: 'ada', token: 'anything' }
        const { body } = await login(values)
        const [user] = body.response.users
        assert.deepEqual(user.external_accounts[0].external_type, 'twitter')
        assert.equal((await login(values)).body.response.users[0].id, user.id)
        const other = await login({ ...values, id: 'bo' })
        assert.notEqual(other.body.response.users[0].id, user.id)
      })

      it('guards the new user with an ACL', async () => {
        const values = { type: 'twitter', id: 'guarded', token: 't', acl_name: 'none' }
        const { status, body } = await login(values)
        assert.deepEqual([status, body.meta.message], [400, 'No Acl was found!'])
        const admin = await app().admin('acl maker')
        const acl = await app().post('acls/create', { name: 'some' }, admin)
        const { acl_name, ...rest } = { ...values, acl_id: acl.body.response.acls[0].id }
        const made = await login(rest)
        assert.equal(made.status, 200, acl_name)
        const [{ id: user_id }] = made.body.response.users
        const seen = await app().get('users/show', { user_id }, await app().user())
        assert.equal(seen.status, 401)
      })

      for (const [why, values, status, message] of [
        ['the token is of nobody', { token: 'stolen' }, 401, REFUSED],
        ['the token is of somebody else', { id: '999', token: 'T' }, 401, REFUSED],
        ['the token was given to another app', { token: 'F' }, 401, REFUSED],
        ['Facebook breaks off', { token: 'broken' }, 503, /Facebook cannot be reached/],
        ['there is no token', {}, 400, 'Required field: token'],
        ['there is no type', { type: '', token: 't' }, 400, 'Required field: type'],
        ['the type is not trusted', { type: 'linkedin', id: '1', token: 't' }, 400, /trusted/],
        ['the case of the type differs', { type: 'Facebook', id: '1', token: 't' }, 400, /trusted/],
        ['an id is missing', { type: 'twitter', token: 't' }, 400, 'Required field: id'],
      ] as const) {
        it(`lets nobody in when ${why}`, async () => {
          people.set('T', { app: APP_ID, id: '100' })
          people.set('F', { app: '666', id: '100' })
          const before = await count()
          const { status: is, body, headers } = await login(values)
          assert.equal(is, status)
          if (typeof message === 'string') assert.equal(body.meta.message, message)
          else assert.match(String(body.meta.message), message)
          assert.equal(headers['set-cookie'], undefined)
          assert.equal(body.meta.session_id, undefined)
          assert.equal(await count(), before)
        })
      }

      it('does not ask Facebook before the owner has set an app', async () => {
        const other = await app().newBackend('no facebook')
        const asked = facebook.asked.length
        const values = { type: 'facebook', token: tokenOf('102') }
        const path = 'users/external_account_login'
        const { status, body } = await app().call('POST', path, values, null, other)
        assert.equal(status, 400)
        assert.match(String(body.meta.message), /facebookAppId/)
        assert.equal(facebook.asked.length, asked)
      })

      it('makes no user where clients may make none, but lets known ones in', async () => {
        const token = tokenOf('103')
        await login({ token })
        await app().set({ allowUserCreation: false })
        const known = await login({ token })
        const stranger = await login({ token: tokenOf('104') })
        await app().set({ allowUserCreation: true })
        assert.deepEqual([known.status, stranger.status], [200, 403])
      })
    })

    describe('linkExternalAccount', () => {
      it('lets a user in by it from then on', async () => {
        const ann = await app().user()
        const values = { type: 'facebook', id: '200', token: tokenOf('200') }
        const { body } = await app().post('users/external_account_link', values, ann)
        assert.equal(body.meta.method_name, 'linkExternalAccount')
        assert.equal(body.response.users[0].external_accounts[0].external_id, '200')
        const entered = await enter('200')
        assert.equal(entered.id, ann.id)
        const where = { external_ids: 'facebook:200' }
        const found = await app().get('users/query', { where })
        assert.equal(found.body.response.users[0].id, ann.id)
      })

      it('refuses an account of another user, a false token, and a call without login', async () => {
        const ann = await enter('201')
        const bob = await app().user()
        const link = (values: object, as: TestUser | null) =>
          app().post('users/external_account_link', { type: 'facebook', ...values }, as)
        for (const [values, as, status, message] of [
          [
            { id: '201', token: tokenOf('201') },
            bob,
            400,
            'This external account belongs to another user',
          ],
          [{ id: '202', token: 'stolen' }, bob, 401, REFUSED],
          [{ id: '202', token: tokenOf('202') }, null, 401, /sign in/],
          [{ type: 'linkedin', id: '1', token: 't' }, bob, 400, /trusted/],
        ] as const) {
          const answer = await link(values, as)
          assert.equal(answer.status, status)
          if (typeof message === 'string') assert.equal(answer.body.meta.message, message)
          else assert.match(String(answer.body.meta.message), message)
        }
        const me = await app().get('users/show/me', {}, bob)
        assert.deepEqual(me.body.response.users[0].external_accounts, [])
        assert.equal((await enter('201')).id, ann.id)
      })
    })

    describe('unlinkExternalAccount', () => {
      for (const verb of ['DELETE', 'POST'] as const) {
        it(`takes the account away by ${verb}, so that another user can have it`, async () => {
          const id = `30${verb.length}`
          const [ann, bob] = [await app().user(), await app().user()]
          const values = { type: 'facebook', id }
          const link = (as: TestUser) =>
            app().post('users/external_account_link', { ...values, token: tokenOf(id) }, as)
          await link(ann)
          const path = 'users/external_account_unlink'
          const { status, body } = await app().call(verb, path, values, ann)
          assert.deepEqual([status, body.meta.method_name], [200, 'unlinkExternalAccount'])
          assert.deepEqual(body.response.users[0].external_accounts, [])
          assert.equal((await link(bob)).status, 200)
          assert.equal((await enter(id)).id, bob.id)
        })
      }

      it('does not take the only way in', async () => {
        const ann = await enter('310')
        const values = { type: 'facebook', id: '310' }
        const unlink = (as: TestUser | null, more = {}) =>
          app().del('users/external_account_unlink', { ...values, ...more }, as)
        const only = await unlink(ann)
        assert.equal(only.status, 400)
        assert.match(String(only.body.meta.message), /only way to log in/)
        assert.equal((await enter('310')).id, ann.id)
        const account = { username: 'ann310', password: 'secret', password_confirmation: 'secret' }
        await app().put('users/update', account, ann)
        assert.equal((await unlink(ann)).status, 200)
        const entered = await app().post('users/login', { login: 'ann310', password: 'secret' })
        assert.equal(entered.body.response.users[0].id, ann.id)
      })

      it('refuses an account that the user does not have', async () => {
        await enter('311')
        const bob = await app().user()
        const unlink = (values: object, as: TestUser | null) =>
          app().del('users/external_account_unlink', { type: 'facebook', ...values }, as)
        const foreign = await unlink({ id: '311' }, bob)
        assert.deepEqual(
          [foreign.status, foreign.body.meta.message],
          [400, 'Invalid external account'],
        )
        assert.equal((await unlink({}, bob)).body.meta.message, 'Required field: id')
        assert.equal((await unlink({ id: '311' }, null)).status, 401)
      })
    })

    describe('searchFacebookFriends', () => {
      it('finds the users who are friends at Facebook, in pages', async () => {
        const [bo, cy] = [await enter('401'), await enter('402')]
        await enter('403')
        const ann = await enter('400', { friends: ['401', '402', '499'] })
        const find = (values = {}) => app().get('social/facebook/search_friends', values, ann)
        const { body } = await find()
        assert.equal(body.meta.method_name, 'searchFacebookFriends')
        assert.deepEqual(
          body.response.users.map(({ id }: TestUser) => id),
          [cy.id, bo.id],
        )
        assert.equal(JSON.stringify(body).includes('token'), false)
        const paged = await find({ per_page: 1, page: 2 })
        assert.deepEqual(paged.body.response.users[0].id, bo.id)
        const { total_results, total_pages } = paged.body.meta
        assert.deepEqual([total_results, total_pages], [2, 2])
      })

      it('needs a linked account, a token that is still good, and a login', async () => {
        const find = (as: TestUser | null) => app().get('social/facebook/search_friends', {}, as)
        const none = await find(await app().user())
        const text = 'Current user has no linked Facebook account'
        assert.deepEqual([none.status, none.body.meta.message], [400, text])
        const token = tokenOf('410')
        const entered = await login({ token })
        const ann = {
          id: entered.body.response.users[0].id,
          session: String(entered.body.meta.session_id),
        }
        people.delete(token)
        assert.equal((await find(ann)).status, 401)
        assert.equal((await find(null)).status, 401)
      })
    })
  },
  { HOMEPORT_FACEBOOK_URL: facebookUrl },
)
