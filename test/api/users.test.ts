import assert from 'node:assert/strict'
import { pbkdf2Sync, scryptSync } from 'node:crypto'
import { it } from 'node:test'
import { hash as bcryptHash } from 'bcrypt'
import { recordOf } from '../support/records.ts'
import { onEachDatabase, type TestApp } from '../support/test-app.ts'

const PASSWORD = { password: 'secret', password_confirmation: 'secret' }

onEachDatabase('creating users', (app) => {
  const create = (values: Record<string, unknown>, as?: Parameters<TestApp['post']>[2]) =>
    app().post('users/create', { ...PASSWORD, ...values }, as)

  it('makes a user and logs in as him', async () => {
    const { status, body, headers } = await create({ username: 'Ada', role: 'editor', tags: 'a,b' })
    assert.equal(status, 200)
    assert.equal(body.meta.method_name, 'createUser')
    assert.match(body.meta.session_id ?? '', /^[\w-]{27}$/)
    assert.equal(headers['set-cookie'], `_session_id=${body.meta.session_id}; path=/; HttpOnly`)
    const [user] = body.response.users
    assert.equal(user.username, 'Ada')
    assert.equal(user.admin, 'false')
    assert.equal(user.role, 'editor')
    assert.deepEqual(user.tags, ['a', 'b'])
    assert.deepEqual(user.external_accounts, [])
    assert.deepEqual(user.stats, { photos: { total_count: 0 }, storage: { used: 0 } })
    assert.match(user.confirmed_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000$/)
    assert.equal('password' in user, false)
    const me = await app().get('users/show/me', { _session_id: body.meta.session_id })
    assert.equal(me.body.response.users[0].id, user.id)
  })

  it('makes a user of an e-mail address and both names', async () => {
    const values = { email: 'bo@example.org', first_name: 'Bo', last_name: 'Quill' }
    const { status, body } = await create(values)
    assert.equal(status, 200)
    assert.equal(body.response.users[0].email, 'bo@example.org')
    assert.equal('username' in body.response.users[0], false)
  })

  for (const [why, values, message] of [
    ['he has no name at all', {}, /Username, or email with first_name and last_name/],
    ['there is an e-mail address alone', { email: 'x@example.org' }, /Username, or email/],
    ['the username is blank', { username: '  ' }, /Username, or email/],
    ['there is no password', { username: 'n1', password: '' }, /Password can't be blank/],
    ['the confirmation differs', { username: 'n2', password_confirmation: 'x' }, /confirmation/],
    ['the address is none', { username: 'n3', email: 'not one' }, /Email is invalid/],
    ['the username is too long', { username: 'x'.repeat(256) }, /at most 255/],
    ['the ACL is unknown', { username: 'n4', acl_name: 'none' }, /No Acl was found!/],
    ['the photo is unknown', { username: 'n5', photo_id: '0'.repeat(24) }, /Invalid photo id/],
  ] as const) {
    it(`refuses a user when ${why}`, async () => {
      const before = await app().get('users/count')
      const { status, body, headers } = await create(values)
      assert.equal(status, 400)
      assert.match(String(body.meta.message), message)
      assert.equal(headers['set-cookie'], undefined)
      assert.equal(body.meta.session_id, undefined)
      const after = await app().get('users/count')
      assert.equal(after.body.meta.count, before.body.meta.count)
    })
  }

  it('refuses a name or an address that somebody has, in any case and with blanks', async () => {
    await create({ username: 'Cleo', email: 'cleo@example.org' })
    for (const username of ['Cleo', 'cLEO', ' cleo ']) {
      const { status, body } = await create({ username })
      assert.deepEqual([status, body.meta.message], [400, 'Username is already taken'])
    }
    const { body } = await create({ username: 'other', email: 'CLEO@example.org' })
    assert.equal(body.meta.message, 'Email is already taken')
  })

  it("refuses a username that is another user's address, and the other way round", async () => {
    await create({ username: 'dee', email: 'dee@example.org' })
    const named = await create({ username: 'Dee@example.org' })
    assert.deepEqual([named.status, named.body.meta.message], [400, 'Username is already taken'])
    await create({ username: 'eve@example.org' })
    const addressed = await create({ username: 'eve', email: 'eve@example.org' })
    assert.equal(addressed.body.meta.message, 'Email is already taken')
    const same = await create({ username: 'fay@example.org', email: 'fay@example.org' })
    assert.equal(same.status, 200)
  })

  it('lets only one of many have a name', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => create({ username: 'Rush' })))
    assert.deepEqual(all.map(({ status }) => status).sort(), [200, ...Array(7).fill(400)])
  })

  it('hands the session of a user who is logged in to the new one', async () => {
    const ann = await app().user()
    const { body } = await create({ username: 'gil' }, ann)
    assert.equal(body.meta.session_id, ann.session)
    const me = await app().get('users/show/me', {}, ann)
    assert.equal(me.body.response.users[0].username, 'gil')
  })

  it('leaves an administrator logged in as himself', async () => {
    const admin = await app().admin()
    const { status, body, headers } = await create({ username: 'hal' }, admin)
    assert.equal(status, 200)
    assert.equal(body.meta.session_id, undefined)
    assert.equal(headers['set-cookie'], undefined)
    const me = await app().get('users/show/me', {}, admin)
    assert.equal(me.body.response.users[0].id, admin.id)
  })

  it('never makes an administrator', async () => {
    const { body } = await create({
      username: 'ida',
      admin: 'true',
      custom_fields: { admin: true },
    })
    const [user] = body.response.users
    assert.equal(user.admin, 'false')
    const ida = { id: user.id, session: String(body.meta.session_id) }
    const update = await app().put('users/update', { admin: 'true' }, ida)
    assert.equal(update.body.response.users[0].admin, 'false')
    assert.equal((await app().del('users/batch_delete', {}, ida)).status, 403)
  })

  it('is for administrators alone when the backend says so', async () => {
    const closed = await app().newBackend('closed', { allowUserCreation: false })
    const values = { username: 'joe', ...PASSWORD }
    const { status, body } = await app().call('POST', 'users/create', values, null, closed)
    assert.equal(status, 403)
    assert.equal(body.meta.message, 'You are not authorized to perform this action.')
    const admin = await app().admin('root', closed)
    assert.equal((await app().call('POST', 'users/create', values, admin, closed)).status, 200)
  })
})

onEachDatabase('logging in', (app) => {
  const login = (login: string, password = 'secret', as?: Parameters<TestApp['post']>[2]) =>
    app().post('users/login', { login, password }, as)

  it('takes the name or the address, in any case', async () => {
    await app().post('users/create', { username: 'Kim', email: 'kim@example.org', ...PASSWORD })
    for (const name of ['Kim', 'kIM', 'kim@example.org', 'KIM@Example.org', ' kim ']) {
      const { status, body, headers } = await login(name)
      assert.equal(status, 200, name)
      assert.equal(body.response.users[0].email, 'kim@example.org')
      assert.match(String(headers['set-cookie']), /^_session_id=/)
    }
  })

  it('tells a wrong password and an unknown name alike', async () => {
    await app().user('lea')
    for (const answer of [await login('lea', 'wrong'), await login('nobody', 'secret')]) {
      assert.equal(answer.status, 401)
      assert.equal(answer.body.meta.message, 'Invalid email/username or password')
      assert.equal(answer.body.meta.session_id, undefined)
      assert.equal(answer.headers['set-cookie'], undefined)
    }
  })

  for (const [missing, values] of [
    ['login', { password: 'x' }],
    ['password', { login: 'x' }],
  ] as const) {
    it(`needs the ${missing}`, async () => {
      const { status, body } = await app().post('users/login', values)
      assert.deepEqual([status, body.meta.message], [400, `Required field: ${missing}`])
    })
  }

  it('over a live session hands that session to the other user', async () => {
    const ann = await app().user()
    const bob = await app().user('bob')
    const { body } = await login('bob', 'secret', ann)
    assert.equal(body.meta.session_id, ann.session)
    const me = await app().get('users/show/me', {}, ann)
    assert.equal(me.body.response.users[0].id, bob.id)
  })

  it('never adopts a session that the server does not know', async () => {
    await app().user('moe')
    const { body } = await login('moe', 'secret', { id: '', session: 'x'.repeat(27) })
    assert.equal(body.meta.code, 200)
    assert.notEqual(body.meta.session_id, 'x'.repeat(27))
  })

  it('ends with the logout, and the session is then unknown', async () => {
    const ann = await app().user()
    const { status, body, headers } = await app().get('users/logout', {}, ann)
    assert.deepEqual([status, body.meta.method_name, body.response], [200, 'logoutUser', undefined])
    assert.match(String(headers['set-cookie']), /^_session_id=;/)
    const me = await app().get('users/show/me', {}, ann)
    assert.deepEqual([me.status, me.body.meta.message], [404, 'Failed to find current_user'])
    assert.equal((await app().get('users/show/me')).status, 401)
  })

  const SALT = Buffer.from('0123456789abcdef')
  const encoded = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '')
  const scrypted = scryptSync('secret', SALT, 32, { N: 2 ** 12, r: 8, p: 1 })
  const derived = pbkdf2Sync('secret', SALT, 1000, 32, 'sha256')
  for (const [kind, hash] of [
    ['bcrypt', bcryptHash('secret', 4)],
    ['bcrypt as PHP writes it', bcryptHash('secret', 4).then((one) => one.replace('$2b', '$2y'))],
    ['scrypt', `$scrypt$ln=12,r=8,p=1$${encoded(SALT)}$${encoded(scrypted)}`],
    ['PBKDF2', `$pbkdf2-sha256$i=1000$${encoded(SALT)}$${encoded(derived)}`],
  ] as const) {
    it(`takes a password hash of ${kind} from elsewhere and replaces it by its own`, async () => {
      const name = `from ${kind}`
      const user = await app().user(name)
      const stored = recordOf(app(), 'user', user.id)
      await stored.hide({ password: await hash })
      assert.equal((await login(name, 'wrong')).status, 401)
      assert.equal((await stored.hidden()).password, await hash)
      assert.equal((await login(name)).status, 200)
      assert.match(String((await stored.hidden()).password), /^\$argon2id\$/)
      assert.equal((await login(name)).status, 200)
    })
  }
})

onEachDatabase('reading users', (app) => {
  it('shows the address to the user himself and to administrators only', async () => {
    const values = { username: 'nia', email: 'nia@example.org', ...PASSWORD }
    const { body: created } = await app().post('users/create', values)
    const id = created.response.users[0].id
    const nia = { id, session: String(created.meta.session_id) }
    const bob = await app().user()
    const admin = await app().admin('reader')
    for (const [who, caller, email] of [
      ['nobody', null, undefined],
      ['another', bob, undefined],
      ['himself', nia, 'nia@example.org'],
      ['an administrator', admin, 'nia@example.org'],
    ] as const) {
      const shown = await app().get('users/show', { user_id: id }, caller)
      assert.equal(shown.body.response.users[0].email, email, who)
      const where = { username: 'nia' }
      const found = await app().get('users/query', { where }, caller)
      assert.equal(found.body.response.users[0].email, email, who)
      assert.equal('password' in found.body.response.users[0], false)
    }
    const place = { name: 'p', city: 'c', response_json_depth: 2 }
    const { body } = await app().post('places/create', place, nia)
    assert.equal(body.response.places[0].user.username, 'nia')
    assert.equal('email' in body.response.places[0].user, false)
    assert.equal('stats' in body.response.places[0].user, false)
  })

  it('shows several in the order of the list, and refuses an unknown one', async () => {
    const [ann, bob] = [await app().user(), await app().user()]
    const both = await app().get('users/show', { user_ids: `${bob.id},${ann.id}` })
    const ids = both.body.response.users.map((one: { id: string }) => one.id)
    assert.deepEqual(ids, [bob.id, ann.id])
    for (const [values, message] of [
      [{ user_id: '0'.repeat(24) }, 'Invalid user id'],
      [{ user_id: 'x' }, 'Invalid user id'],
      [{ user_ids: `${ann.id},${'0'.repeat(24)},x` }, 'Invalid user id'],
      [{}, 'Required field: user_id'],
    ] as const) {
      const { status, body } = await app().get('users/show', values)
      assert.deepEqual([status, body.meta.message], [400, message])
    }
  })

  it('finds by names, custom fields and tags', async () => {
    const values = { ...PASSWORD, role: 'pilot', tags: 'sea', custom_fields: { berth: 7 } }
    await app().post('users/create', { username: 'otto', ...values })
    for (const where of [{ role: 'pilot' }, { berth: 7 }, { tags_array: 'sea' }]) {
      const { body } = await app().get('users/query', { where, count: true })
      assert.equal(body.meta.method_name, 'queryUsers')
      assert.equal(body.meta.count, 1)
      assert.equal(body.response.users[0].username, 'otto')
      assert.deepEqual(body.response.users[0].custom_fields, { berth: 7 })
    }
  })

  it('has no search for apps of today, and one for early apps', async () => {
    const refused = await app().get('users/search', { q: 'pia' })
    assert.equal(refused.status, 410)
    assert.match(String(refused.body.meta.message), /^search\.json has been deprecated/)
    const early = await app().newBackend('early', { mbsRelease: '1.2.0' })
    const values = { ...PASSWORD, first_name: 'Pia', username: 'p1', email: 'p@example.org' }
    await app().call('POST', 'users/create', values, null, early)
    const { body } = await app().call('GET', 'users/search', { q: 'PIA' }, null, early)
    assert.equal(body.response.users[0].username, 'p1')
    const { page, per_page, total_pages, total_results } = body.meta
    assert.deepEqual([page, per_page, total_pages, total_results], [1, 10, 1, 1])
  })
})
