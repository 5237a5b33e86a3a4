import assert from 'node:assert/strict'
import { it } from 'node:test'
import { picture } from '../support/pictures.ts'
import { onEachDatabase, type TestUser } from '../support/test-app.ts'

const PASSWORD = { password: 'secret', password_confirmation: 'secret' }
const UNKNOWN = '0'.repeat(24)

onEachDatabase('updating users', (app) => {
  const update = (values: Record<string, unknown>, as?: TestUser | null) =>
    app().put('users/update', values, as)
  const me = async (as: TestUser) =>
    (await app().get('users/show/me', {}, as)).body.response.users[0]

  it('changes what is named and leaves the rest', async () => {
    const ann = await app().user('ann')
    await update(
      { first_name: 'Ann', role: 'cook', tags: 'a,b', custom_fields: { x: 1, y: 2 } },
      ann,
    )
    const { status, body } = await update({ role: '', custom_fields: { x: null, z: 3 } }, ann)
    assert.equal(status, 200)
    assert.equal(body.meta.method_name, 'updateUser')
    assert.equal(body.meta.session_id, ann.session)
    const [user] = body.response.users
    assert.equal(user.first_name, 'Ann')
    assert.equal(user.username, 'ann')
    assert.equal('role' in user, false)
    assert.deepEqual(user.custom_fields, { y: 2, z: 3 })
    assert.deepEqual(user.tags, ['a', 'b'])
    const cleared = await update({ tags: '', first_name: '' }, ann)
    assert.equal('tags' in cleared.body.response.users[0], false)
    assert.equal('first_name' in cleared.body.response.users[0], false)
  })

  it('adds to one custom field at a time', async () => {
    const ann = await app().user()
    const inc = { score: { $inc: 5 } }
    assert.equal((await update({ custom_fields: inc }, ann)).status, 200)
    const { body } = await update({ custom_fields: { score: { $inc: -2 } } }, ann)
    assert.deepEqual(body.response.users[0].custom_fields, { score: 3 })
    const twice = await update({ custom_fields: { ...inc, other: { $inc: 1 } } }, ann)
    const text = '$inc operation only support to increase one field once.'
    assert.deepEqual([twice.status, twice.body.meta.message], [400, text])
    assert.deepEqual((await me(ann)).custom_fields, { score: 3 })
  })

  it('moves the login to the new name and frees the old one', async () => {
    const ann = await app().user('before')
    assert.equal((await update({ username: 'after' }, ann)).status, 200)
    const login = (name: string) => app().post('users/login', { login: name, password: 'secret' })
    assert.equal((await login('before')).status, 401)
    assert.equal((await login('After')).status, 200)
    await app().user('before')
    assert.equal((await login('before')).status, 200)
  })

  for (const [why, values, message] of [
    ['the name is taken', { username: 'TAKEN' }, 'Username is already taken'],
    ['the address is taken', { email: 'taken@example.org' }, 'Email is already taken'],
    ['it would leave no name', { username: '' }, /Failed to update user: .*Username, or email/],
    ['the confirmation is missing', { password: 'new' }, /Password doesn't match confirmation/],
    ['the password is empty', { password: '', password_confirmation: '' }, /can't be blank/],
    ['both ACL parameters are there', { acl_id: UNKNOWN, acl_name: 'x' }, /either acl_id or/],
    ['the custom fields are no hash', { custom_fields: '[1]' }, /custom_fields/],
    ['it asks for sel and unsel', { sel: { all: ['id'] }, unsel: { all: ['x'] } }, /sel/],
  ] as const) {
    it(`refuses a change when ${why}`, async () => {
      const taken = { username: 'taken', email: 'taken@example.org', ...PASSWORD }
      await app().post('users/create', taken)
      const ann = await app().user()
      const before = await me(ann)
      const { status, body } = await update({ role: 'new', ...values }, ann)
      assert.equal(status, 400)
      assert.match(String(body.meta.message), new RegExp(message))
      assert.deepEqual(await me(ann), before)
    })
  }

  it('ends the other sessions with a new password, and no others', async () => {
    const ann = await app().user('pass')
    const { body } = await app().post('users/login', { login: 'pass', password: 'secret' })
    const elsewhere = { id: ann.id, session: String(body.meta.session_id) }
    const bob = await app().user()
    const next = { password: 'next', password_confirmation: 'next' }
    assert.equal((await update(next, ann)).status, 200)
    assert.equal((await app().get('users/show/me', {}, elsewhere)).status, 404)
    assert.equal((await app().get('users/show/me', {}, ann)).status, 200)
    assert.equal((await app().get('users/show/me', {}, bob)).status, 200)
    const login = (password: string) => app().post('users/login', { login: 'pass', password })
    assert.equal((await login('secret')).status, 401)
    assert.equal((await login('next')).status, 200)
  })

  it('changes another user for an administrator, and for nobody else', async () => {
    const [ann, bob] = [await app().user(), await app().user()]
    const admin = await app().admin()
    const done = await update({ su_id: ann.id, role: 'chief' }, admin)
    assert.equal(done.body.response.users[0].id, ann.id)
    assert.equal((await me(ann)).role, 'chief')
    assert.equal('role' in (await me(admin)), false)
    const refused = await update({ su_id: ann.id, role: 'fool' }, bob)
    assert.equal(refused.status, 403)
    assert.equal((await me(ann)).role, 'chief')
    const unknown = await update({ su_id: UNKNOWN, role: 'x' }, admin)
    assert.deepEqual([unknown.status, unknown.body.meta.message], [400, 'Invalid user id'])
    assert.equal((await update({ role: 'x' })).status, 401)
  })

  it('keeps the counters of a photo that comes and goes', async () => {
    const ann = await app().user()
    const file = await picture()
    const { body } = await app().upload('PUT', 'users/update', { photo: file }, ann)
    const [user] = body.response.users
    assert.match(user.photo_id, /^[0-9a-f]{24}$/)
    assert.deepEqual(user.stats, { photos: { total_count: 1 }, storage: { used: file.size } })
    assert.deepEqual((await me(ann)).stats, user.stats)
    const gone = (await update({ photo: '' }, ann)).body.response.users[0]
    assert.equal('photo_id' in gone, false)
    assert.deepEqual(gone.stats, { photos: { total_count: 0 }, storage: { used: 0 } })
    assert.deepEqual((await me(ann)).stats, gone.stats)
    assert.equal((await app().get('photos/show', { photo_id: user.photo_id })).status, 400)
  })
})

onEachDatabase('deleting users', (app) => {
  it('takes the account, its sessions and its name, and leaves what it made', async () => {
    const ann = await app().user('gone')
    const { body } = await app().post('places/create', { name: 'p', city: 'c' }, ann)
    const placeId = body.response.places[0].id
    const answer = await app().del('users/delete', {}, ann)
    assert.deepEqual([answer.status, answer.body.meta.method_name], [200, 'deleteUser'])
    assert.equal(answer.body.response, undefined)
    assert.match(String(answer.headers['set-cookie']), /^_session_id=;/)
    assert.equal((await app().get('users/show/me', {}, ann)).status, 404)
    assert.equal((await app().get('users/show', { user_id: ann.id })).status, 400)
    const login = await app().post('users/login', { login: 'gone', password: 'secret' })
    assert.equal(login.status, 401)
    const place = await app().get('places/show', { place_id: placeId, response_json_depth: 2 })
    assert.equal(place.body.response.places[0].user_id, ann.id)
    assert.equal('user' in place.body.response.places[0], false)
    assert.notEqual((await app().user('gone')).id, ann.id)
  })

  it('is for oneself, unless an administrator does it', async () => {
    const [ann, bob, cat] = [await app().user(), await app().user(), await app().user()]
    const exists = async (user: TestUser) =>
      (await app().get('users/show', { user_id: user.id })).status === 200
    for (const values of [{ user_ids: ann.id }, { user_ids: `${bob.id},${ann.id}` }]) {
      const { status, body } = await app().del('users/delete', values, bob)
      assert.deepEqual([status, body.meta.reason], [403, 'admin_required'])
    }
    assert.equal((await app().del('users/delete', { su_id: ann.id }, bob)).status, 403)
    assert.equal((await app().del('users/delete', { user_ids: ann.id })).status, 401)
    assert.deepEqual([await exists(ann), await exists(bob)], [true, true])

    const admin = await app().admin('killer')
    const unknown = await app().del('users/delete', { user_ids: `${ann.id},${UNKNOWN}` }, admin)
    assert.deepEqual([unknown.status, unknown.body.meta.message], [400, 'Invalid user id'])
    assert.equal(await exists(ann), true)
    await app().del('users/delete', { user_ids: `${ann.id},${bob.id}` }, admin)
    await app().del('users/delete', { su_id: cat.id }, admin)
    const left = [await exists(ann), await exists(bob), await exists(cat), await exists(admin)]
    assert.deepEqual(left, [false, false, false, true])
    const own = await app().user()
    assert.equal((await app().del('users/delete', { user_ids: own.id }, own)).status, 200)
  })

  it('deletes those that a condition finds, as a job for administrators', async () => {
    const admin = await app().admin('sweeper')
    const ann = await app().user()
    const values = { ...PASSWORD, role: 'temp' }
    for (const username of ['t1', 't2']) await app().post('users/create', { username, ...values })
    const where = { role: 'temp' }
    const refused = await app().del('users/batch_delete', { where }, ann)
    assert.equal(refused.status, 403)
    assert.equal(refused.body.meta.message, 'You are not authorized to perform this action.')
    await app().settle()
    const count = async () =>
      (await app().get('users/query', { where, count: true })).body.meta.count
    assert.equal(await count(), 2)
    const { status, body } = await app().del('users/batch_delete', { where }, admin)
    assert.deepEqual([status, body.meta.method_name], [200, 'batchDelete'])
    await app().settle()
    assert.equal(await count(), 0)
    assert.equal((await app().get('users/show/me', {}, ann)).status, 200)
    const nothing = await app().del('users/batch_delete', { where }, admin)
    assert.equal(nothing.status, 200)
  })
})
