import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { onEachDatabase, type TestUser } from '../support/test-app.ts'

const UNKNOWN = '0'.repeat(24)

onEachDatabase('acls', (app) => {
  const create = async (values: Record<string, unknown>, as: TestUser) => {
    const answer = await app().post('acls/create', values, as)
    assert.equal(answer.status, 200, answer.body.meta.message)
    return answer.body.response.acls[0]
  }
  const show = async (id: string, as: TestUser) =>
    (await app().get('acls/show', { id }, as)).body.response.acls[0]
  const check = async (id: string, user: TestUser) => {
    const { body } = await app().get('acls/check', { id, user_id: user.id }, user)
    return body.response.permission
  }

  describe('the lists', () => {
    it('always hold their owner, and are private unless told otherwise', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const acl = await create({ name: 'family', reader_ids: bob.id }, ann)
      assert.equal(acl.name, 'family')
      assert.equal(acl.user_id, ann.id)
      assert.deepEqual([acl.public_read, acl.public_write], [false, false])
      assert.deepEqual([...acl.readers].sort(), [ann.id, bob.id].sort())
      assert.deepEqual(acl.writers, [ann.id])
    })

    it('leave out the users where everyone may', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const values = { name: 'open', writer_ids: `${bob.id},${ann.id}`, public_read: 'true' }
      const acl = await create(values, ann)
      assert.equal('readers' in acl, false)
      assert.equal(acl.public_read, true)
      assert.deepEqual([...acl.writers].sort(), [ann.id, bob.id].sort())
      const closed = { id: acl.id, public_read: '0', public_write: '1' }
      const { body } = await app().put('acls/update', closed, ann)
      const [changed] = body.response.acls
      assert.deepEqual(changed.readers, [ann.id])
      assert.equal('writers' in changed, false)
    })

    it('come as a comma list, a repeated name or JSON', async () => {
      const [ann, bob, cat] = [await app().user(), await app().user(), await app().user()]
      const ids = [bob.id, cat.id]
      const type = 'application/x-www-form-urlencoded'
      const repeated = `name=two&reader_ids[]=${bob.id}&reader_ids[]=${cat.id}`
      const second = await app().raw('POST', 'acls/create', type, repeated, ann)
      for (const acl of [
        await create({ name: 'one', reader_ids: ids.join(',') }, ann),
        second.body.response.acls[0],
        await create({ name: 'three', reader_ids: JSON.stringify(ids) }, ann),
      ]) {
        assert.deepEqual([...acl.readers].sort(), [ann.id, ...ids].sort())
      }
      const empty = await create({ name: 'four', reader_ids: '[]' }, ann)
      assert.deepEqual(empty.readers, [ann.id])
    })

    it('are replaced by update, grown by add and shrunk by remove', async () => {
      const [ann, bob, cat] = [await app().user(), await app().user(), await app().user()]
      const { id } = await create({ name: 'crew', reader_ids: bob.id, writer_ids: bob.id }, ann)
      await app().put('acls/update', { name: 'crew', reader_ids: cat.id }, ann)
      const replaced = await show(id, ann)
      assert.deepEqual([...replaced.readers].sort(), [ann.id, cat.id].sort())
      assert.deepEqual([...replaced.writers].sort(), [ann.id, bob.id].sort())

      const add = await app().post('acls/add', { name: 'crew', reader_ids: `${bob.id}` }, ann)
      assert.deepEqual([add.body.meta.method_name, add.body.response], ['addAcl', undefined])
      assert.deepEqual([...(await show(id, ann)).readers].sort(), [ann.id, bob.id, cat.id].sort())

      const values = { id, reader_ids: `${bob.id},${ann.id}`, writer_ids: bob.id }
      const remove = await app().del('acls/remove', values, ann)
      assert.deepEqual(
        [remove.body.meta.method_name, remove.body.response],
        ['removeAcl', undefined],
      )
      const shrunk = await show(id, ann)
      assert.deepEqual([...shrunk.readers].sort(), [ann.id, cat.id].sort())
      assert.deepEqual(shrunk.writers, [ann.id])

      const cleared = await app().put('acls/update', { id, reader_ids: '' }, ann)
      assert.deepEqual(cleared.body.response.acls[0].readers, [ann.id])
    })

    it('keep everyone who is added at the same time', async () => {
      const ann = await app().user()
      const { id } = await create({ name: 'rush' }, ann)
      const all = await Promise.all(Array.from({ length: 6 }, () => app().user()))
      await Promise.all(all.map((one) => app().post('acls/add', { id, reader_ids: one.id }, ann)))
      assert.equal((await show(id, ann)).readers.length, 7)
    })
  })

  describe('check', () => {
    it('tells reading from writing: who may write need not be a reader', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const [cat, dan] = [await app().user(), await app().user()]
      const values = { name: 'x', reader_ids: bob.id, writer_ids: cat.id }
      const { id } = await create(values, ann)
      const may = (read: boolean, write: boolean) => ({
        read_permission: read,
        write_permission: write,
      })
      assert.deepEqual(await check(id, ann), may(true, true))
      assert.deepEqual(await check(id, bob), may(true, false))
      assert.deepEqual(await check(id, cat), may(false, true))
      assert.deepEqual(await check(id, dan), may(false, false))
      await app().put('acls/update', { id, public_write: true }, ann)
      assert.deepEqual(await check(id, dan), may(false, true))
      const { body } = await app().get('acls/check', { name: 'x' }, ann)
      assert.equal(body.meta.method_name, 'checkAcl')
      assert.deepEqual(body.response.permission, may(true, true))
    })
  })

  describe('names', () => {
    it('are unique for each owner', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const first = await create({ name: 'same' }, ann)
      const other = await create({ name: 'same' }, bob)
      const { status, body } = await app().post('acls/create', { name: 'same' }, ann)
      assert.equal(status, 400)
      assert.match(String(body.meta.message), /^Failed to create acl: .*Name is already taken/)
      for (const [caller, id] of [
        [ann, first.id],
        [bob, other.id],
      ] as const) {
        const shown = await app().get('acls/show', { name: 'same' }, caller)
        assert.equal(shown.body.response.acls[0].id, id)
      }
      assert.equal((await app().del('acls/delete', { name: 'same' }, ann)).status, 200)
      await create({ name: 'same' }, ann)
      assert.equal((await show(other.id, bob)).name, 'same')
    })
  })

  describe('query', () => {
    it("shows the caller's own, and to an administrator another user's", async () => {
      const [ann, bob, admin] = [await app().user(), await app().user(), await app().admin()]
      await create({ name: 'a1', reader_ids: bob.id }, ann)
      await create({ name: 'a2' }, ann)
      await create({ name: 'b1' }, bob)
      const names = async (values: Record<string, unknown>, as: TestUser) => {
        const { body } = await app().get('acls/query', values, as)
        assert.equal(body.meta.method_name, 'queryACL')
        return body.response.acls.map((one: { name: string }) => one.name)
      }
      assert.deepEqual(await names({}, ann), ['a2', 'a1'])
      assert.deepEqual(await names({ where: { name: 'a1' } }, ann), ['a1'])
      assert.deepEqual(await names({ order: 'name' }, ann), ['a1', 'a2'])
      assert.deepEqual(await names({ user_id: ann.id }, bob), ['b1'])
      assert.deepEqual(await names({ user_id: ann.id }, admin), ['a2', 'a1'])
      assert.deepEqual(await names({ where: { name: 'a1' } }, bob), [])
      assert.equal((await app().get('acls/query')).status, 401)
    })

    it('counts all', async () => {
      const ann = await app().user()
      const count = async () => (await app().get('acls/count')).body.meta.count
      const before = Number(await count())
      await create({ name: 'one more' }, ann)
      assert.equal(await count(), before + 1)
    })
  })

  describe('refusals', () => {
    for (const [why, verb, path, values, message] of [
      ['the name is missing', 'POST', 'acls/create', {}, /Name can't be blank/],
      [
        'a reader is no id',
        'POST',
        'acls/create',
        { name: 'n', reader_ids: 'x' },
        /Invalid user id/,
      ],
      [
        'a reader is a star',
        'POST',
        'acls/create',
        { name: 'n', reader_ids: '*' },
        /Invalid user id/,
      ],
      ['a flag is none', 'POST', 'acls/create', { name: 'n', public_read: 'yes' }, /public_read/],
      ['none is named', 'GET', 'acls/show', {}, /Required field: id or name/],
      ['it is unknown', 'GET', 'acls/show', { id: UNKNOWN }, /^No Acl was found!$/],
      ['the name is unknown', 'GET', 'acls/show', { name: 'nix' }, /^No Acl was found!$/],
      ['it is unknown', 'PUT', 'acls/update', { id: UNKNOWN }, /^No Acl was found!$/],
      ['it is unknown', 'DELETE', 'acls/delete', { id: 'x' }, /^No Acl was found!$/],
      ['it is unknown', 'POST', 'acls/add', { id: UNKNOWN, reader_ids: UNKNOWN }, /^No Acl was/],
      ['it is unknown', 'DELETE', 'acls/remove', { id: UNKNOWN, reader_ids: UNKNOWN }, /^No Acl/],
      ['it is unknown', 'GET', 'acls/check', { id: UNKNOWN }, /^No Acl was found!$/],
      ['nobody is named', 'POST', 'acls/add', { id: UNKNOWN }, /reader_ids or writer_ids/],
    ] as const) {
      it(`come from ${path} when ${why}`, async () => {
        const ann = await app().user()
        const before = await app().get('acls/count')
        const { status, body } = await app().call(verb, path, values, ann)
        assert.equal(status, 400)
        assert.match(String(body.meta.message), message)
        const after = await app().get('acls/count')
        assert.equal(after.body.meta.count, before.body.meta.count)
      })
    }

    it('meet all but the owner and administrators, also readers and writers', async () => {
      const [ann, bob, admin] = [await app().user(), await app().user(), await app().admin('root')]
      const values = { name: 'mine', reader_ids: bob.id, writer_ids: bob.id, public_read: true }
      const { id } = await create(values, ann)
      const before = await show(id, ann)
      for (const [verb, path, more, status, message] of [
        ['GET', 'acls/show', {}, 401, /not authorized/],
        [
          'PUT',
          'acls/update',
          { public_write: true },
          400,
          /^Current user cannot update this acl$/,
        ],
        ['POST', 'acls/add', { reader_ids: bob.id }, 400, /^Current user cannot update this acl$/],
        ['DELETE', 'acls/remove', { reader_ids: bob.id }, 400, /^Current user cannot update this/],
        ['DELETE', 'acls/delete', {}, 400, /^Current user cannot delete this acl$/],
      ] as const) {
        const answer = await app().call(verb, path, { id, ...more }, bob)
        assert.equal(answer.status, status, path)
        assert.match(String(answer.body.meta.message), message)
        assert.equal((await app().call(verb, path, { id, ...more })).status, 401, path)
        const asBob = await app().call(verb, path, { id, ...more, su_id: ann.id }, bob)
        assert.equal(asBob.status, 403, path)
        if (verb !== 'GET') {
          const wrongUser = await app().call(verb, path, { id, ...more, su_id: bob.id }, admin)
          assert.equal(wrongUser.status, 400, path)
        }
      }
      assert.deepEqual(await show(id, ann), before)
      assert.equal((await show(id, admin)).name, 'mine')
      const done = await app().put('acls/update', { id, public_write: true }, admin)
      assert.equal(done.body.response.acls[0].public_write, true)
    })
  })

  describe('an administrator who acts for a user', () => {
    it('makes, changes and deletes lists of that user by name', async () => {
      const [ann, admin] = [await app().user(), await app().admin('actor')]
      const acl = await create({ name: 'for ann', su_id: ann.id }, admin)
      assert.equal(acl.user_id, ann.id)
      assert.deepEqual(acl.readers, [ann.id])
      const values = { name: 'for ann', su_id: ann.id }
      await app().put('acls/update', { ...values, public_read: true }, admin)
      assert.equal((await show(acl.id, ann)).public_read, true)
      assert.equal((await app().del('acls/delete', { name: 'for ann' }, admin)).status, 400)
      assert.equal((await app().del('acls/delete', values, admin)).status, 200)
      assert.equal((await app().get('acls/show', { id: acl.id }, ann)).status, 400)
      assert.equal((await app().post('acls/create', values, ann)).status, 200)
      const stranger = await app().user()
      assert.equal((await app().post('acls/create', values, stranger)).status, 403)
    })
  })
})
