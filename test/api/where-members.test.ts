import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type Hash, makeObjects, namesFound, refusalOf } from '../support/class-queries.ts'
import { onEachDatabase, type TestApp, type TestUser } from '../support/test-app.ts'

let ann: TestUser

/** Objects of a new user, whom the tests call Ann. */
async function make(app: TestApp, classname: string, all: readonly Hash[]): Promise<string[]> {
  ann = await app.user()
  return makeObjects(app, classname, all, ann)
}

onEachDatabase('members that all objects have', (app) => {
  it('are found by id and _id, ranges included', async () => {
    const ids = await make(app(), 'boat', [{ name: 'a' }, { name: 'b' }, { name: 'c' }])
    for (const field of ['id', '_id']) {
      for (const [condition, wanted] of [
        [ids[1], 'b'],
        [{ $lt: ids[1] }, 'a'],
        [{ $gte: ids[1] }, 'c b'],
        [{ $gt: ids[0], $lt: ids[2] }, 'b'],
        [{ $in: [ids[0], ids[2]] }, 'c a'],
        [{ $ne: ids[1] }, 'c a'],
        [{ $nin: [ids[1]] }, 'c a'],
        [{ $exists: true }, 'c b a'],
        [{ $exists: false }, ''],
        ['no id', ''],
        ['', ''],
        [5, ''],
        [null, ''],
        [{ $in: ['no id', ids[0]] }, 'a'],
      ] as const) {
        const where = { [field]: condition }
        assert.equal(await namesFound(app(), 'boat', { where }), wanted, JSON.stringify(where))
      }
      assert.equal(await namesFound(app(), 'boat', { order: field }), 'a b c')
      assert.equal(await namesFound(app(), 'boat', { order: `-${field}` }), 'c b a')
    }
  })

  it('are found by user_id and tags_array', async () => {
    await make(app(), 'tagged', [
      { name: 'a', tags: 'x,y' },
      { name: 'b', tags: ['y'] },
      { name: 'c' },
    ])
    const bob = await app().user()
    await app().post('objects/tagged/create', { fields: { name: 'd' }, tags: 'x' }, bob)
    for (const [where, wanted] of [
      [{ user_id: ann.id }, 'c b a'],
      [{ user_id: bob.id }, 'd'],
      [{ user_id: { $in: [bob.id, 'none'] } }, 'd'],
      [{ tags_array: 'x' }, 'd a'],
      [{ tags_array: { $all: ['x', 'y'] } }, 'a'],
      [{ tags_array: { $in: ['x', 'y'] } }, 'd b a'],
      [{ tags_array: { $exists: false } }, 'c'],
      [{ tags_array: 'X' }, ''],
    ] as const) {
      assert.equal(await namesFound(app(), 'tagged', { where }), wanted, JSON.stringify(where))
    }
  })

  it('win over custom fields of the same name', async () => {
    const bob = await app().user()
    const place = { city: 'Douglas' }
    const custom = {
      name: 'custom',
      user_id: 'x',
      tags_array: ['x'],
      updated_at: 'x',
      lnglat: [1, 2],
    }
    const { body } = await app().post(
      'places/create',
      { ...place, name: 'own', custom_fields: custom },
      bob,
    )
    assert.deepEqual(body.response.places[0].custom_fields, custom)
    for (const [where, wanted] of [
      [{ name: 'own' }, 1],
      [{ name: 'custom' }, 0],
      [{ user_id: bob.id }, 1],
      [{ user_id: 'x' }, 0],
      [{ tags_array: 'x' }, 0],
      [{ updated_at: 'x' }, 0],
      [{ lnglat: { $nearSphere: [1, 2] } }, 0],
    ] as const) {
      const found = await app().get('places/query', { where })
      assert.equal(found.body.response.places.length, wanted, JSON.stringify(where))
    }
  })

  it('are found by created_at and updated_at, with and without a zone', async () => {
    await make(app(), 'dated', [{ name: 'a' }])
    const { body } = await app().get('objects/dated/query')
    const own: string = body.response.dated[0].created_at
    const year = Number(own.slice(0, 4))
    for (const field of ['created_at', 'updated_at']) {
      for (const [condition, wanted] of [
        [own, 'a'],
        [own.replace('+0000', 'Z'), 'a'],
        [own.replace('+0000', ''), 'a'],
        [own.replace('T', ' ').replace('+0000', ' +0000'), 'a'],
        [{ $gte: own }, 'a'],
        [{ $lte: own }, 'a'],
        [{ $gt: own }, ''],
        [{ $lt: own }, ''],
        [{ $ne: own }, ''],
        [{ $in: [own] }, 'a'],
        [{ $gt: `${year - 1}-01-01`, $lt: `${year + 1}-12-31` }, 'a'],
        [{ $lt: `${year - 1}-01-01` }, ''],
        [{ $gt: `${year + 1}-01-01 10:30` }, ''],
        [{ $gt: '1960-01-01' }, 'a'],
        [{ $lt: '1960-01-01' }, ''],
        [{ $lt: '2200-01-01' }, 'a'],
        [{ $gt: '2200-01-01' }, ''],
        [{ $lte: '9999-12-31T23:59:59+0000' }, 'a'],
      ] as const) {
        const where = { [field]: condition }
        assert.equal(await namesFound(app(), 'dated', { where }), wanted, JSON.stringify(where))
      }
    }
  })
})

onEachDatabase('order', (app) => {
  const ROWS = [
    { name: 'a', size: 2, kind: 'x' },
    { name: 'b', size: 10, kind: 'y' },
    { name: 'c', kind: 'x' },
    { name: 'd', size: 2, kind: 'y' },
    { name: 'e', size: '2' },
    { name: 'f', size: true, kind: 'X' },
  ]

  it('sorts by any member, several of them, up or down', async () => {
    await make(app(), 'row', ROWS)
    for (const [order, wanted] of [
      ['', 'f e d c b a'],
      ['name', 'a b c d e f'],
      ['-name', 'f e d c b a'],
      [' -name ', 'f e d c b a'],
      ['"name"', 'a b c d e f'],
      ['created_at', 'a b c d e f'],
      ['-created_at', 'f e d c b a'],
      ['size,name', 'c a d b e f'],
      ['-size,name', 'f e b a d c'],
      ['kind,-name', 'e f c a d b'],
      ['-kind,size', 'd b c a f e'],
      ['nothing', 'f e d c b a'],
      ['nothing,name', 'a b c d e f'],
    ] as const) {
      assert.equal(await namesFound(app(), 'row', { order }), wanted, order)
    }
  })

  it('holds across pages', async () => {
    for (const order of ['size,name', '-size,name', '-kind,size', 'nothing,-name', '']) {
      const whole = await namesFound(app(), 'row', { order })
      const pages: string[] = []
      for (let skip = 0; skip < 6; skip += 2) {
        pages.push(await namesFound(app(), 'row', { order, skip, limit: 2 }))
      }
      assert.equal(pages.join(' '), whole, order)
    }
  })

  it('sorts by updated_at', async () => {
    const ids = await make(app(), 'fresh', [{ name: 'a' }, { name: 'b' }])
    app().advance(5000)
    await app().put('objects/fresh/update', { id: ids[0], fields: { x: 1 } }, ann)
    assert.equal(await namesFound(app(), 'fresh', { order: '-updated_at' }), 'a b')
    assert.equal(await namesFound(app(), 'fresh', { order: 'updated_at' }), 'b a')
  })

  for (const [what, order] of [
    ['an operator', '$text'],
    ['a gap', 'a,,b'],
    ['a minus alone', '-'],
    ['nine names', 'a,b,c,d,e,f,g,h,i'],
  ]) {
    it(`is refused when it holds ${what}`, async () => {
      assert.match(await refusalOf(app(), 'row', { order }), /order/)
    })
  }
})
