import assert from 'node:assert/strict'
import { it } from 'node:test'
import { classDefinition } from '../../src/objects/custom-objects/definition.ts'
import { keyOf } from '../../src/storage/keys.ts'
import { type Hash, refusalOf } from '../support/class-queries.ts'
import { onEachDatabase } from '../support/test-app.ts'

onEachDatabase('limit and skip', (app) => {
  const RANGE = 'Invalid limit parameter; value must be in a valid range of 1~1000'

  /** As many objects as that, past the API: quickly. */
  async function fillClass(classname: string, size: number): Promise<void> {
    const { name: type } = classDefinition(classname)
    for (let from = 0; from < size; from += 500) {
      const operations = Array.from({ length: Math.min(500, size - from) }, (_, i) => {
        const n = from + i
        const id = (0x6000_0000 + n).toString(16) + '0'.repeat(16)
        return {
          op: 'insert',
          record: {
            ...{ backendId: app().backend.id, type, id, ownerId: null, aclId: null },
            ...{ createdAt: 0, updatedAt: 0, data: JSON.stringify({ n }), hidden: null },
            ...{ keys: { n: keyOf(n) }, claims: [] },
          },
        } as const
      })
      await app().context.store.write({ operations, actor: 'test', at: 0 })
    }
  }

  for (const limit of ['0', '1001', '-1', '1.5', 'ten', '1e9', '999999999999999999999']) {
    it(`refuse a limit of ${limit}`, async () => {
      assert.equal(await refusalOf(app(), 'none', { limit }), RANGE)
    })
  }

  for (const skip of ['-1', '5000', '1.5', 'ten']) {
    it(`refuse a skip of ${skip}`, async () => {
      assert.match(await refusalOf(app(), 'none', { skip }), /skip.*from 0 to 4999/)
    })
  }

  it('do not mix with page and per_page', async () => {
    for (const query of [
      { limit: 5, page: 1 },
      { skip: 5, per_page: 5 },
    ]) {
      assert.match(await refusalOf(app(), 'none', query), /limit and skip/)
    }
  })

  it('reach 5000 objects, and count no further', async () => {
    await fillClass('many', 5001)
    const query = async (values: Hash) => (await app().get('objects/many/query', values)).body
    assert.equal((await query({ count: true })).meta.count, '5000+')
    assert.equal((await query({ count: true })).response.many.length, 10)
    assert.equal((await query({ count: true, where: { n: { $gt: 0 } } })).meta.count, 5000)
    assert.equal((await query({ count: true, where: { n: { $gt: 4990 } } })).meta.count, 10)
    assert.equal((await query({ limit: 1000 })).response.many.length, 1000)
    const last = await query({ limit: 1000, skip: 4990 })
    assert.equal(last.response.many.length, 10)
    assert.equal(last.response.many[9].n, 1)
    assert.equal((await query({ skip: 4999 })).response.many.length, 1)
    assert.equal((await query({ skip: 4999, order: 'n' })).response.many[0].n, 4999)
    assert.equal((await app().get('objects/many/count')).body.meta.count, 5001)
  })

  it('walk beyond by ranges of ids', async () => {
    let last: string | undefined
    let seen = 0
    for (;;) {
      const where = last === undefined ? {} : { _id: { $lt: last } }
      const { body } = await app().get('objects/many/query', { limit: 1000, where })
      const page: { id: string }[] = body.response.many
      if (page.length === 0) break
      seen += page.length
      last = page.at(-1)?.id
    }
    assert.equal(seen, 5001)
  })

  it('count what an ACL hides from nobody who may read', async () => {
    const owner = await app().user()
    await app().post('acls/create', { name: 'mine' }, owner)
    for (let i = 0; i < 3; i += 1) {
      const acl = i === 0 ? { acl_name: 'mine' } : {}
      await app().post('objects/secret/create', { fields: { i }, ...acl }, owner)
    }
    for (const [as, wanted] of [
      [owner, 3],
      [await app().user(), 2],
      [null, 2],
    ] as const) {
      const { body } = await app().get('objects/secret/query', { count: true, limit: 2 }, as)
      assert.equal(body.meta.count, wanted)
      assert.equal(body.response.secret.length, 2)
    }
  })
})
