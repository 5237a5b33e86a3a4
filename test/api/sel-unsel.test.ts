import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Hash, makeObjects, refusalOf } from '../support/class-queries.ts'
import { onEachDatabase, type TestApp, type TestUser } from '../support/test-app.ts'

let ann: TestUser

/** Objects of a new user, whom the tests call Ann. */
async function make(app: TestApp, classname: string, all: readonly Hash[]): Promise<string[]> {
  ann = await app.user()
  return makeObjects(app, classname, all, ann)
}

onEachDatabase('sel and unsel', (app) => {
  it('choose the members of an answer, nested ones too', async () => {
    const bob = await app().user('bob')
    const fields = {
      name: 'a',
      size: 1,
      hull: { name: 'oak', age: 5 },
      '[ACS_User]mate_id': bob.id,
    }
    await make(app(), 'boat', [fields])
    const one = async (query: Hash) => {
      const { status, body } = await app().get('objects/boat/query', query)
      assert.equal(status, 200, body.meta.message)
      return body.response.boat[0]
    }
    const { id } = await one({})
    assert.deepEqual(await one({ sel: { all: ['name'] } }), { id, name: 'a' })
    assert.deepEqual(await one({ sel: { all: [] } }), { id })
    assert.deepEqual(await one({ sel: { all: ['none'] } }), { id })
    assert.deepEqual(await one({ sel: { all: ['hull'] } }), { id, hull: { name: 'oak', age: 5 } })
    assert.deepEqual(Object.keys(await one({ unsel: { all: ['name', 'hull', 'id'] } })).sort(), [
      ...['[ACS_User]mate_id', 'created_at', 'id', 'size', 'updated_at', 'user_id'],
    ])
    const deep = { response_json_depth: 2 }
    assert.deepEqual(await one({ ...deep, sel: { all: ['user', 'username'] } }), {
      id,
      user: {
        id: ann.id,
        username: (await app().get('users/show', { user_id: ann.id })).body.response.users[0]
          .username,
      },
    })
    assert.deepEqual(await one({ ...deep, sel: { all: ['username'] } }), { id })
    const without = await one({ ...deep, unsel: { all: ['username', 'size'] } })
    assert.equal(without.size, undefined)
    assert.equal(without.user.id, ann.id)
    assert.equal(without.user.username, undefined)
    assert.equal(without['[ACS_User]mate_id'][0].username, undefined)
  })

  it('choose custom fields by name or as a whole', async () => {
    const custom = { depth: 3, berths: 40 }
    await app().post('places/create', { name: 'p', city: 'x', custom_fields: custom }, ann)
    const one = async (query: Hash) =>
      (await app().get('places/query', query)).body.response.places[0]
    const { id } = await one({})
    const whole = await one({ sel: { all: ['custom_fields'] } })
    assert.deepEqual(whole, { id, custom_fields: custom })
    const part = await one({ sel: { all: ['depth'] } })
    assert.deepEqual(part, { id, custom_fields: { depth: 3 } })
    assert.equal((await one({ unsel: { all: ['custom_fields'] } })).custom_fields, undefined)
    assert.deepEqual((await one({ unsel: { all: ['depth'] } })).custom_fields, { berths: 40 })
  })

  describe('are refused', () => {
    for (const [what, query] of [
      ['together', { sel: { all: ['a'] }, unsel: { all: ['b'] } }],
      ['without all', { sel: { name: 1 } }],
      ['of numbers', { unsel: { all: [1] } }],
      ['as text', { sel: 'name' }],
    ] as const) {
      it(what, async () => {
        assert.match(await refusalOf(app(), 'boat', query), /sel/)
      })
    }

    it('on a write, before anything is written', async () => {
      const before = (await app().get('objects/boat/count')).body.meta.count
      const values = { fields: { name: 'x' }, sel: { name: 1 } }
      assert.equal((await app().post('objects/boat/create', values, ann)).status, 400)
      assert.equal((await app().get('objects/boat/count')).body.meta.count, before)
    })
  })
})
