import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { onEachDatabase, type TestUser } from '../support/test-app.ts'

const UNKNOWN = '0'.repeat(24)

onEachDatabase('custom objects in bulk', (app) => {
  let classes = 0
  const newClass = () => {
    classes += 1
    return `crate${classes}`
  }
  const count = async (name: string) =>
    Number((await app().get(`objects/${name}/count`)).body.meta.count)
  const batch = (name: string, list: unknown, as?: TestUser | null) =>
    app().post(`objects/${name}/batch_create`, { json_array: JSON.stringify(list) }, as)
  const all = async (name: string, as?: TestUser) => {
    const values = { order: 'n', limit: 1000 }
    return (await app().get(`objects/${name}/query`, values, as)).body.response[name]
  }
  const numbered = (length: number) => Array.from({ length }, (_, n) => ({ n }))

  describe('batch_create', () => {
    it('makes a hundred at once and says how many', async () => {
      const admin = await app().admin()
      const name = newClass()
      const { status, body } = await batch(name, numbered(100), admin)
      assert.equal(status, 200)
      assert.deepEqual([body.meta.code, body.meta.status, body.response], [200, 'ok', undefined])
      assert.match(String(body.meta.message), /"n"=>100\b.*"nInserted"=>100\b/)
      const made = await all(name)
      assert.deepEqual(
        made.map((one: { n: number }) => one.n),
        numbered(100).map(({ n }) => n),
      )
      assert.equal(made[0].user_id, admin.id)
    })

    it('keeps references to what need not exist, and no tags', async () => {
      const admin = await app().admin('referrer')
      const name = newClass()
      const [user, acl] = [`1${UNKNOWN.slice(1)}`, `2${UNKNOWN.slice(1)}`]
      const list = [{ n: 1, user_id: user, acl_id: acl, photo_id: UNKNOWN, tags: 'x' }]
      assert.equal((await batch(name, list, admin)).status, 200)
      const [one] = await all(name)
      assert.deepEqual([one.user_id, one.acl_id, one.photo_id], [user, acl, UNKNOWN])
      assert.equal('tags' in one, false)
    })

    it('keeps what is in order, and tells the first error with the status 202', async () => {
      const admin = await app().admin('partial')
      const name = newClass()
      const list = [
        { n: 1 },
        { n: 2, coordinates: 'nowhere' },
        'no hash',
        { n: 3, user_id: 'a"b' },
        { n: 4, acl_id: 'x' },
        { n: 5 },
      ]
      const { status, body } = await batch(name, list, admin)
      assert.equal(status, 202)
      assert.deepEqual([body.meta.code, body.meta.status], [200, 'ok'])
      assert.match(String(body.meta.message), /^2 .*Invalid coordinates/)
      const made = await all(name)
      assert.deepEqual(
        made.map((one: { n: number }) => one.n),
        [1, 5],
      )
    })

    it('honours the ACL of each', async () => {
      const [admin, ann] = [await app().admin('guard'), await app().user()]
      const name = newClass()
      const { body } = await app().post('acls/create', { name: 'a', su_id: ann.id }, admin)
      const acl_id = body.response.acls[0].id
      await batch(name, [{ n: 1, acl_id, user_id: ann.id }, { n: 2 }], admin)
      assert.equal((await all(name)).length, 1)
      assert.equal((await all(name, ann)).length, 2)
    })

    for (const [why, values, message] of [
      ['there are more than a hundred', numbered(101), '100 objects batch create limit exceeded'],
      ['it is no list', { n: 1 }, 'Invalid json_array parameter; value must be a list'],
      ['it is missing', undefined, 'Required field: json_array'],
    ] as const) {
      it(`is refused when ${why}, and makes nothing`, async () => {
        const admin = await app().admin(`careless ${message}`)
        const name = newClass()
        const sent = values === undefined ? {} : { json_array: JSON.stringify(values) }
        const answer = await app().post(`objects/${name}/batch_create`, sent, admin)
        assert.deepEqual([answer.status, answer.body.meta.message], [400, message])
        assert.equal(await count(name), 0)
      })
    }

    it('is refused for a name that cannot be a class', async () => {
      const admin = await app().admin('inventor')
      const { status, body } = await batch('9lives', [{ n: 1 }], admin)
      assert.equal(status, 400)
      assert.match(String(body.meta.message), /Invalid class name/)
    })

    it('is for administrators', async () => {
      const name = newClass()
      const refused = await batch(name, [{ n: 1 }], await app().user())
      assert.equal(refused.status, 403)
      assert.equal((await batch(name, [{ n: 1 }])).status, 401)
      assert.equal(await count(name), 0)
    })
  })

  describe('batch_delete', () => {
    it('deletes what the condition finds, as a job, and nothing that is made later', async () => {
      const admin = await app().admin('sweeper')
      const [name, other] = [newClass(), newClass()]
      await batch(name, numbered(50), admin)
      await batch(other, numbered(5), admin)
      const where = { n: { $gte: 20 } }
      const { status, body } = await app().del(`objects/${name}/batch_delete`, { where }, admin)
      assert.deepEqual(
        [status, body.meta.method_name, body.response],
        [200, 'batchDelete', undefined],
      )
      await app().settle()
      assert.equal(await count(name), 20)
      assert.equal(await count(other), 5)
      await app().del(`objects/${name}/batch_delete`, {}, admin)
      await app().settle()
      assert.equal(await count(name), 0)
      assert.equal(await count(other), 5)
    })

    it('answers 200 when nothing matches, and 400 when the condition is none', async () => {
      const admin = await app().admin('hopeful')
      const name = newClass()
      await batch(name, numbered(3), admin)
      const path = `objects/${name}/batch_delete`
      assert.equal((await app().del(path, { where: { n: 99 } }, admin)).status, 200)
      assert.equal((await app().del(path, { where: '{' }, admin)).status, 400)
      assert.equal((await app().del(path, { where: { n: { $bad: 1 } } }, admin)).status, 400)
      await app().settle()
      assert.equal(await count(name), 3)
    })

    it('is for administrators', async () => {
      const admin = await app().admin('only')
      const name = newClass()
      await batch(name, numbered(3), admin)
      const refused = await app().del(`objects/${name}/batch_delete`, {}, await app().user())
      assert.equal(refused.status, 403)
      assert.equal((await app().del(`objects/${name}/batch_delete`)).status, 401)
      await app().settle()
      assert.equal(await count(name), 3)
    })
  })

  describe('admin_drop_collection', () => {
    it('empties the class, and leaves the others', async () => {
      const admin = await app().admin('dropper')
      const [name, other] = [newClass(), newClass()]
      await batch(name, numbered(40), admin)
      await batch(other, numbered(4), admin)
      const path = `objects/${name}/admin_drop_collection`
      const refused = await app().del(path, {}, await app().user())
      assert.equal(refused.status, 400)
      assert.equal(refused.body.meta.message, 'You are not authorized to perform this action.')
      assert.equal((await app().del(path)).status, 401)
      await app().settle()
      assert.equal(await count(name), 40)
      const { status, body } = await app().del(path, {}, admin)
      assert.deepEqual([status, body.meta.method_name], [200, 'dropCollection'])
      await app().settle()
      assert.equal(await count(name), 0)
      assert.deepEqual(await all(name), [])
      assert.equal(await count(other), 4)
      await batch(name, numbered(2), admin)
      assert.equal(await count(name), 2)
    })
  })
})
