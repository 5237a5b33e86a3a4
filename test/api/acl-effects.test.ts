import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { onEachDatabase, type TestBackend, type TestUser } from '../support/test-app.ts'

onEachDatabase('what ACLs do to objects', (app) => {
  const makeAcl = async (values: Record<string, unknown>, as: TestUser): Promise<string> => {
    const { body } = await app().post('acls/create', { name: 'acl', ...values }, as)
    return body.response.acls[0].id
  }
  const makePlace = async (values: Record<string, unknown>, as: TestUser) => {
    const answer = await app().post('places/create', { name: 'p', city: 'c', ...values }, as)
    assert.equal(answer.status, 200, answer.body.meta.message)
    return answer.body.response.places[0]
  }
  const found = async (where: Record<string, unknown>, as?: TestUser | null) => {
    const { body } = await app().get('places/query', { where, count: true }, as)
    const names = body.response.places.map((one: { name: string }) => one.name)
    assert.equal(body.meta.count, names.length)
    return names
  }
  const shows = async (id: string, as?: TestUser | null) =>
    (await app().get('places/show', { place_id: id }, as)).status

  describe('attaching', () => {
    it('takes an id or a name, which is one of the caller', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const own = await makeAcl({}, ann)
      await makeAcl({}, bob)
      const byName = await makePlace({ acl_name: 'acl' }, ann)
      assert.equal(byName.acl_id, own)
      const byId = await makePlace({ acl_id: own }, ann)
      assert.equal(byId.acl_id, own)
      const deep = { place_id: byId.id, response_json_depth: 2 }
      const [place] = (await app().get('places/show', deep, ann)).body.response.places
      assert.equal('acl_id' in place, false)
      assert.equal(place.acls[0].id, own)
    })

    it("takes the name from the user who is acted for, not from the administrator's", async () => {
      const [ann, admin] = [await app().user(), await app().admin()]
      const own = await makeAcl({ name: 'shared' }, ann)
      await makeAcl({ name: 'shared' }, admin)
      const place = await makePlace({ acl_name: 'shared', su_id: ann.id }, admin)
      assert.deepEqual([place.user_id, place.acl_id], [ann.id, own])
    })

    for (const [why, values, message] of [
      ['both are named', { acl_id: '0'.repeat(24), acl_name: 'acl' }, /either acl_id or acl_name/],
      ['the id is unknown', { acl_id: '0'.repeat(24) }, /^No Acl was found!$/],
      ['the id is none', { acl_id: 'nonsense' }, /^No Acl was found!$/],
      ['the name is unknown', { acl_name: 'nix' }, /^No Acl was found!$/],
    ] as const) {
      it(`is refused when ${why}, on create and on update`, async () => {
        const ann = await app().user()
        const before = await app().get('places/count')
        const values2 = { name: 'p', city: 'c', ...values }
        const made = await app().post('places/create', values2, ann)
        assert.equal(made.status, 400)
        assert.match(String(made.body.meta.message), message)
        const after = await app().get('places/count')
        assert.equal(after.body.meta.count, before.body.meta.count)

        const aclId = await makeAcl({}, ann)
        const place = await makePlace({ acl_id: aclId }, ann)
        const changed = { place_id: place.id, name: 'new', ...values }
        const update = await app().put('places/update', changed, ann)
        assert.equal(update.status, 400)
        const shown = await app().get('places/show', { place_id: place.id }, ann)
        assert.deepEqual(shown.body.response.places[0], place)
      })
    }

    it('ends with empty text, and with the end of the list', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const aclId = await makeAcl({ name: 'ending' }, ann)
      const first = await makePlace({ acl_id: aclId, name: 'ending1' }, ann)
      const second = await makePlace({ acl_id: aclId, name: 'ending2' }, ann)
      const where = { name: { $regex: '^ending' } }
      assert.equal(await shows(first.id, bob), 401)
      assert.deepEqual(await found(where, bob), [])
      const { body } = await app().put('places/update', { place_id: first.id, acl_name: '' }, ann)
      assert.equal('acl_id' in body.response.places[0], false)
      assert.equal(await shows(first.id, bob), 200)
      assert.deepEqual(await found(where, bob), ['ending1'])

      await app().del('acls/delete', { id: aclId }, ann)
      assert.equal(await shows(second.id, bob), 200)
      assert.deepEqual(await found(where), ['ending2', 'ending1'])
      const update = await app().put('places/update', { place_id: second.id, name: 'x' }, bob)
      assert.deepEqual(
        [update.status, update.body.meta.message],
        [400, 'Current user cannot update this place'],
      )
    })

    it('is not for a writer, who might open what he may not read', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const aclId = await makeAcl({ writer_ids: bob.id }, ann)
      const own = await makeAcl({ name: "bob's", public_read: true }, bob)
      const place = await makePlace({ acl_id: aclId }, ann)
      for (const values of [
        { acl_id: '' },
        { acl_name: '' },
        { acl_id: own },
        { acl_name: "bob's" },
      ]) {
        const update = { place_id: place.id, name: 'taken', ...values }
        assert.equal((await app().put('places/update', update, bob)).status, 401)
      }
      const shown = await app().get('places/show', { place_id: place.id }, ann)
      assert.deepEqual(shown.body.response.places[0], place)
      const fine = await app().put('places/update', { place_id: place.id, name: 'new' }, bob)
      assert.equal(fine.status, 200)
    })
  })

  describe('reading', () => {
    it('follows a list as it changes, at once', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const id = await makeAcl({ name: 'changing' }, ann)
      const place = await makePlace({ acl_id: id, name: 'changing' }, ann)
      const where = { name: 'changing' }
      const sees = async (caller: TestUser | null) => {
        const names = await found(where, caller)
        return [await shows(place.id, caller), names.length]
      }
      const [seen, hidden] = [
        [200, 1],
        [401, 0],
      ]
      for (const [change, forBob, forNobody] of [
        [() => app().post('acls/add', { id, reader_ids: bob.id }, ann), seen, hidden],
        [() => app().del('acls/remove', { id, reader_ids: bob.id }, ann), hidden, hidden],
        [() => app().put('acls/update', { id, public_read: true }, ann), seen, seen],
        [() => app().put('acls/update', { id, public_read: false }, ann), hidden, hidden],
      ] as const) {
        assert.equal((await change()).status, 200)
        assert.deepEqual(await sees(bob), forBob)
        assert.deepEqual(await sees(null), forNobody)
        assert.deepEqual(await sees(ann), seen)
      }
    })

    it('gives full pages: what is hidden is left out before the paging', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const acl_id = await makeAcl({ name: 'pages' }, ann)
      for (let i = 0; i < 30; i += 1) {
        const hidden = i % 3 === 0 ? {} : { acl_id }
        await makePlace({ name: `page${i}`, tags: 'paged', ...hidden }, ann)
      }
      const where = { tags_array: 'paged' }
      for (const caller of [bob, null]) {
        const first = await app().get('places/query', { where, limit: 6, count: true }, caller)
        const second = await app().get('places/query', { where, limit: 6, skip: 6 }, caller)
        const names = [...first.body.response.places, ...second.body.response.places]
        assert.equal(first.body.meta.count, 10)
        assert.deepEqual(
          names.map((one) => one.name),
          [27, 24, 21, 18, 15, 12, 9, 6, 3, 0].map((i) => `page${i}`),
        )
      }
      const own = await app().get('places/query', { where, limit: 1000, count: true }, ann)
      assert.equal(own.body.response.places.length, 30)
      const near = { lnglat: { $nearSphere: [0, 0] }, tags_array: 'paged' }
      const none = await app().get('places/query', { where: near }, bob)
      assert.deepEqual(none.body.response.places, [])
    })

    it('leaves hidden objects out of others that refer to them', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const acl_id = await makeAcl({ name: 'nested' }, ann)
      const place = await makePlace({ acl_id }, ann)
      const values = { place_id: place.id, message: 'here' }
      const { body } = await app().post('checkins/create', values, ann)
      const deep = { checkin_id: body.response.checkins[0].id, response_json_depth: 3 }
      const forBob = (await app().get('checkins/show', deep, bob)).body.response.checkins[0]
      assert.equal('place' in forBob, false)
      assert.equal(forBob.place_id, place.id)
      assert.equal(JSON.stringify(forBob).includes('"city"'), false)
      const forAnn = (await app().get('checkins/show', deep, ann)).body.response.checkins[0]
      assert.equal(forAnn.place.name, 'p')
    })

    it('refuses a list of ids when one of them is hidden', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const acl_id = await makeAcl({ name: 'listed' }, ann)
      const [open, hidden] = [await makePlace({}, ann), await makePlace({ acl_id }, ann)]
      const place_ids = `${open.id},${hidden.id}`
      assert.equal((await app().get('places/show', { place_ids }, bob)).status, 401)
      assert.equal((await app().get('places/show', { place_ids }, ann)).status, 200)
    })
  })

  describe('users', () => {
    it('are hidden from show and query by their ACL, and log in all the same', async () => {
      const [ann, bob] = [await app().user('hidden'), await app().user()]
      const acl_id = await makeAcl({ name: 'me' }, ann)
      assert.equal((await app().put('users/update', { acl_id }, ann)).status, 200)
      assert.equal((await app().get('users/show', { user_id: ann.id }, bob)).status, 401)
      const where = { username: 'hidden' }
      const query = async (as: TestUser) =>
        (await app().get('users/query', { where }, as)).body.response.users.length
      assert.deepEqual([await query(bob), await query(ann)], [0, 1])
      const login = { login: 'hidden', password: 'secret' }
      assert.equal((await app().post('users/login', login)).status, 200)
    })
  })

  describe('a denial', () => {
    for (const [release, status] of [
      ['1.6.5', 401],
      ['1.1.7', 401],
      ['1.1.6', 403],
    ] as const) {
      it(`is a ${status} for an app of release ${release}`, async () => {
        const backend = await app().newBackend(`release${release}`, { mbsRelease: release })
        const on = (
          verb: 'GET' | 'POST' | 'PUT' | 'DELETE',
          path: string,
          v: object,
          as: TestUser,
        ) => app().call(verb, path, { ...v }, as, backend satisfies TestBackend)
        const [ann, bob] = [await app().user('ann', backend), await app().user('bob', backend)]
        await on('POST', 'acls/create', { name: 'a' }, ann)
        const values = { name: 'p', city: 'c', acl_name: 'a' }
        const made = await on('POST', 'places/create', values, ann)
        const place_id = made.body.response.places[0].id
        for (const [verb, path] of [
          ['GET', 'places/show'],
          ['PUT', 'places/update'],
          ['DELETE', 'places/delete'],
        ] as const) {
          const answer = await on(verb, path, { place_id, name: 'new' }, bob)
          assert.equal(answer.status, status, path)
          assert.equal(answer.body.meta.reason, 'access_denied')
        }
        const kept = await on('GET', 'places/show', { place_id }, ann)
        assert.equal(kept.body.response.places[0].name, 'p')
      })
    }
  })
})
