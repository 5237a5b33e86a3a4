import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { onEachDatabase, type TestUser } from '../support/test-app.ts'

const UNKNOWN = '0'.repeat(24)

onEachDatabase('custom objects', (app) => {
  const make = async (fields: Record<string, unknown>, as: TestUser, more = {}) => {
    const answer = await app().post('objects/boat/create', { fields, ...more }, as)
    assert.equal(answer.status, 200, answer.body.meta.message)
    return answer.body.response.boat[0]
  }
  const show = async (id: string) =>
    (await app().get('objects/boat/show', { id })).body.response?.boat[0]
  const count = async (path = 'objects/boat/count') =>
    Number((await app().get(path)).body.meta.count)

  describe('create and show', () => {
    it('keep members of every kind at the top level, under the name of the class', async () => {
      const ann = await app().user()
      const fields = {
        name: 'Grebe',
        length_m: 7.2,
        afloat: true,
        launched: '2018-05-01 10:00:00 +0100',
        rig: { mast: 1, sails: ['jib', 'main'] },
        list: [1, 'two', { three: 3 }],
        coordinates: [-4.5, 54.1],
      }
      const { body } = await app().post('objects/boat/create', { fields, tags: 'a,b' }, ann)
      assert.equal(body.meta.method_name, 'createObject')
      const [boat] = body.response.boat
      assert.deepEqual(boat, {
        id: boat.id,
        ...fields,
        launched: '2018-05-01T09:00:00+0000',
        coordinates: [[-4.5, 54.1]],
        tags: ['a', 'b'],
        created_at: boat.created_at,
        updated_at: boat.updated_at,
        user_id: ann.id,
      })
      const shown = await app().get('objects/boat/show', { id: boat.id })
      assert.equal(shown.body.meta.method_name, 'showObjects')
      assert.deepEqual(shown.body.response.boat, [boat])
      const deep = await app().get('objects/boat/show', { id: boat.id, response_json_depth: 2 })
      assert.equal(deep.body.response.boat[0].user.id, ann.id)
      assert.equal('user_id' in deep.body.response.boat[0], false)
    })

    it('ignore names that cannot be members', async () => {
      const ann = await app().user()
      const fields = {
        ok: 1,
        id: UNKNOWN,
        user_id: UNKNOWN,
        created_at: 'x',
        acl_id: UNKNOWN,
        classname: 'x',
        $bad: 1,
        'a.b': 1,
        '': 1,
      }
      const text = JSON.stringify(fields).replace('"ok":1', '"ok":1,"__proto__":{"x":1}')
      const values = { fields: text, classname: 'boat' }
      const { body } = await app().post('objects/boat/create', values, ann)
      const [boat] = body.response.boat
      assert.equal(boat.ok, 1)
      assert.equal(boat.user_id, ann.id)
      assert.notEqual(boat.id, UNKNOWN)
      const names = ['created_at', 'id', 'ok', 'updated_at', 'user_id']
      assert.deepEqual(Object.keys(boat).sort(), names)
    })

    it('take tags from the members when there is no parameter of that name', async () => {
      const ann = await app().user()
      assert.deepEqual((await make({ tags: 'x, y' }, ann)).tags, ['x', 'y'])
      assert.deepEqual((await make({ tags: ['x'] }, ann, { tags: 'z' })).tags, ['z'])
    })

    it('show several in the order of the list', async () => {
      const ann = await app().user()
      const [one, two] = [await make({ n: 1 }, ann), await make({ n: 2 }, ann)]
      const { body } = await app().get('objects/boat/show', { ids: `${two.id},${one.id}` })
      assert.deepEqual(body.response.boat, [two, one])
    })

    it('name the ids that are wrong', async () => {
      const { id } = await make({ n: 1 }, await app().user())
      for (const [values, message] of [
        [{ id: 'x' }, "Invalid object id: 'x'"],
        [{ id: UNKNOWN }, `One or more invalid object id(s): ["${UNKNOWN}"]`],
        [{ ids: `${id},${UNKNOWN}` }, `One or more invalid object id(s): ["${UNKNOWN}"]`],
        [{ ids: `${id},x` }, "Invalid object id: 'x'"],
        [{}, 'Required field: id'],
      ] as const) {
        const { status, body } = await app().get('objects/boat/show', values)
        assert.deepEqual([status, body.meta.message], [400, message])
      }
    })

    it('keep classes apart', async () => {
      const ann = await app().user()
      const boat = await make({ n: 1 }, ann)
      const { status } = await app().get('objects/ship/show', { id: boat.id })
      assert.equal(status, 400)
      assert.deepEqual((await app().get('objects/ship/query')).body.response, { ship: [] })
      assert.equal(await count('objects/ship/count'), 0)
    })
  })

  describe('refusals', () => {
    for (const [why, path, values, message] of [
      ['fields are missing', 'boat/create', { tags: 'x' }, /^Missing fields$/],
      ['fields are no JSON', 'boat/create', { fields: '{' }, /fields/],
      ['fields are a list', 'boat/create', { fields: '[1]' }, /fields/],
      [
        'coordinates are none',
        'boat/create',
        { fields: { coordinates: [200, 1] } },
        /Invalid coord/,
      ],
      [
        'a relation is no id',
        'boat/create',
        { fields: { '[ACS_User]a_id': 'x' } },
        /objectid format/,
      ],
      ['the class cannot be one', '9boat/create', { fields: { a: 1 } }, /Invalid class name/],
      ['the class has a dot', 'bo%2Eat/create', { fields: { a: 1 } }, /Invalid class name/],
      [
        'the ACL is unknown',
        'boat/create',
        { fields: { a: 1 }, acl_name: 'x' },
        /No Acl was found!/,
      ],
      ['the photo is unknown', 'boat/create', { fields: { a: 1 }, photo_id: UNKNOWN }, /photo id/],
    ] as const) {
      it(`come when ${why}`, async () => {
        const ann = await app().user()
        const before = await count()
        const { status, body } = await app().post(`objects/${path}`, values, ann)
        assert.equal(status, 400)
        assert.match(String(body.meta.message), message)
        assert.equal(await count(), before)
      })
    }
  })

  describe('update', () => {
    it('merges the members, of which null goes', async () => {
      const ann = await app().user()
      const { id } = await make({ a: 1, b: { x: 1 }, c: 'gone' }, ann, { tags: 't' })
      const fields = { b: { y: 2 }, c: null, d: 4 }
      const { body } = await app().put('objects/boat/update', { id, fields }, ann)
      assert.equal(body.meta.method_name, 'updateCustomObject')
      const [boat] = body.response.boat
      assert.deepEqual([boat.a, boat.b, boat.d, boat.tags], [1, { y: 2 }, 4, ['t']])
      assert.equal('c' in boat, false)
      const tagged = await app().put('objects/boat/update', { id, tags: '' }, ann)
      assert.equal('tags' in tagged.body.response.boat[0], false)
    })

    it('loses no increment of many at once', async () => {
      const ann = await app().user()
      const { id } = await make({ n: 0 }, ann)
      const inc = { id, fields: { n: { $inc: 2 } } }
      await Promise.all(
        Array.from({ length: 20 }, () => app().put('objects/boat/update', inc, ann)),
      )
      assert.equal((await show(id)).n, 40)
    })

    it('refuses what it cannot do, and changes nothing', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const { id, ...boat } = await make({ n: 1, text: 'x' }, ann)
      const fields = { n: 2 }
      for (const [values, caller, status, message] of [
        [{ id }, ann, 400, 'Missing fields'],
        [{ fields }, ann, 400, 'Required field: id'],
        [{ id: UNKNOWN, fields }, ann, 400, `One or more invalid object id(s): ["${UNKNOWN}"]`],
        [{ id, fields }, bob, 400, 'Current user cannot update this boat'],
        [{ id, fields }, null, 401, 'You need to sign in or sign up before continuing.'],
        [{ id, fields, su_id: ann.id }, bob, 403, 'You are not authorized to perform this action.'],
        [{ id, fields: { text: { $inc: 1 } } }, ann, 400, /the field is not a number/],
        [{ id, fields: { n: { $inc: 'x' } } }, ann, 400, /value must be a number/],
      ] as const) {
        const answer = await app().put('objects/boat/update', values, caller)
        assert.equal(answer.status, status)
        assert.match(String(answer.body.meta.message), pattern(message))
      }
      assert.deepEqual(await show(id), { id, ...boat })
    })

    it('of a deleted object names its id', async () => {
      const ann = await app().user()
      const { id } = await make({ n: 1 }, ann)
      await app().del('objects/boat/delete', { id }, ann)
      const { status, body } = await app().put('objects/boat/update', { id, fields: { n: 2 } }, ann)
      assert.equal(status, 400)
      assert.equal(body.meta.message, `One or more invalid object id(s): ["${id}"]`)
    })
  })

  describe('delete', () => {
    it('takes one id or a list, all or none', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const ids: string[] = []
      for (let n = 0; n < 4; n += 1) ids.push((await make({ n }, ann)).id)
      const { id: others } = await make({ n: 9 }, bob)
      const before = await count()
      for (const [values, caller, status] of [
        [{ ids: [...ids, others].join() }, ann, 400],
        [{ ids: [...ids, UNKNOWN].join() }, ann, 400],
        [{ id: ids[0] }, bob, 400],
        [{ id: ids[0] }, null, 401],
        [{}, ann, 400],
      ] as const) {
        const answer = await app().del('objects/boat/delete', values, caller)
        assert.equal(answer.status, status)
        assert.equal(await count(), before)
      }
      const one = await app().del('objects/boat/delete', { id: ids[0] }, ann)
      assert.deepEqual([one.status, one.body.meta.method_name], [200, 'deleteObjects'])
      assert.equal(one.body.response, undefined)
      await app().del('objects/boat/delete', { ids: `${ids[1]},${ids[2]},${ids[1]}` }, ann)
      assert.equal(await count(), before - 3)
      assert.equal((await show(String(ids[3]))).n, 3)
    })
  })

  describe('an administrator', () => {
    it('makes, changes and deletes for the user whom su_id names', async () => {
      const [ann, bob, admin] = [
        await app().user(),
        await app().user(),
        await app().admin('acting'),
      ]
      const boat = await make({ n: 1 }, admin, { su_id: ann.id })
      assert.equal(boat.user_id, ann.id)
      const values = { id: boat.id, fields: { n: 2 } }
      const wrong = await app().put('objects/boat/update', { ...values, su_id: bob.id }, admin)
      assert.equal(wrong.status, 400)
      const right = await app().put('objects/boat/update', { ...values, su_id: ann.id }, admin)
      assert.equal(right.body.response.boat[0].n, 2)
      const del = (su_id: string) => app().del('objects/boat/delete', { id: boat.id, su_id }, admin)
      assert.equal((await del(bob.id)).status, 400)
      assert.equal((await del(ann.id)).status, 200)
    })
  })

  describe('relations', () => {
    it('are ids at depth 1 and lists of objects below, without those that are gone', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const [dock, other] = [await make({ n: 'dock' }, ann), await make({ n: 'other' }, ann)]
      const fields = {
        '[ACS_User]owner_id': bob.id,
        '[CUSTOM_boat]near_ids': [dock.id, other.id, UNKNOWN],
      }
      const boat = await make(fields, ann)
      assert.equal(boat['[ACS_User]owner_id'], bob.id)
      assert.deepEqual(boat['[CUSTOM_boat]near_ids'], [dock.id, other.id, UNKNOWN])
      const deep = { id: boat.id, response_json_depth: 2 }
      const [shown] = (await app().get('objects/boat/show', deep)).body.response.boat
      assert.equal(shown['[ACS_User]owner_id'][0].id, bob.id)
      const near = shown['[CUSTOM_boat]near_ids'].map((one: { n: string }) => one.n)
      assert.deepEqual(near, ['dock', 'other'])
      const where = { '[ACS_User]owner_id': bob.id }
      const found = await app().get('objects/boat/query', { where })
      assert.equal(found.body.meta.method_name, 'queryCustomObjects')
      assert.deepEqual(found.body.response.boat, [boat])
      const cleared = { id: boat.id, fields: { '[ACS_User]owner_id': null } }
      const { body } = await app().put('objects/boat/update', cleared, ann)
      assert.equal('[ACS_User]owner_id' in body.response.boat[0], false)
    })
  })
})

function pattern(message: string | RegExp): RegExp {
  return typeof message === 'string'
    ? new RegExp(`^${message.replace(/[[\]().]/g, '\\$&')}$`)
    : message
}
