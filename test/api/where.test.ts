import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { classDefinition } from '../../src/objects/custom-objects/definition.ts'
import { keyOf } from '../../src/storage/keys.ts'
import { onEachDatabase, type TestApp, type TestUser } from '../support/test-app.ts'

type Hash = Readonly<Record<string, unknown>>

let ann: TestUser

/** Makes objects of a class and gives their ids, in order. */
async function make(app: TestApp, classname: string, all: readonly Hash[]): Promise<string[]> {
  ann = await app.user()
  const ids: string[] = []
  for (const fields of all) {
    const { body } = await app.post(`objects/${classname}/create`, { fields }, ann)
    assert.equal(body.meta.code, 200, body.meta.message)
    ids.push(body.response[classname][0].id)
  }
  return ids
}

/** The names of the objects found, in the order of the answer. */
async function names(app: TestApp, classname: string, query: Hash): Promise<string> {
  const { status, body } = await app.get(`objects/${classname}/query`, { limit: 100, ...query })
  assert.equal(status, 200, `${JSON.stringify(query)}: ${body.meta.message}`)
  return body.response[classname].map((one: { name: string }) => one.name).join(' ')
}

async function refusal(app: TestApp, classname: string, query: Hash): Promise<string> {
  const { status, body } = await app.get(`objects/${classname}/query`, query)
  assert.equal(status, 400, JSON.stringify(query))
  assert.equal(body.response, undefined)
  return body.meta.message ?? ''
}

const BOATS = [
  { name: 'Ada', color: 'teal', berths: 4, racing: true, ports: ['Douglas', 'Peel'], crew: [1, 5] },
  { name: 'Bea', color: 'Teal', berths: 12, racing: false, ports: ['Peel'], note: null },
  { name: 'Cat', color: 'red', berths: '4', ports: ['Ramsey', 'Douglas'], crew: [9] },
  { name: 'Dot', berths: 4.5, refit: '2019-04-02T10:00:00+0200', ports: [], crew: [2, 3, 4] },
  { name: 'Eve', color: '', berths: -1, refit: '2020-01-01 00:00:00 +0000', hull: { wood: 'oak' } },
]

/** The `where`, and the names that it finds, newest first. */
const FOUND: readonly (readonly [string, unknown, string])[] = [
  ['an empty hash', {}, 'Eve Dot Cat Bea Ada'],
  ['equality', { color: 'teal' }, 'Ada'],
  ['equality with the empty text', { color: '' }, 'Eve'],
  ['numbers and not texts', { berths: 4 }, 'Ada'],
  ['texts and not numbers', { berths: '4' }, 'Cat'],
  ['booleans', { racing: true }, 'Ada'],
  ['booleans and not 1', { racing: 1 }, ''],
  ['several members together', { color: 'teal', berths: 4 }, 'Ada'],
  ['several members that exclude each other', { color: 'teal', berths: 12 }, ''],
  ['null as what is absent', { color: null }, 'Dot'],
  ['one element of a list', { ports: 'Peel' }, 'Bea Ada'],
  ['$eq', { berths: { $eq: 12 } }, 'Bea'],
  ['$ne, which holds for what is absent', { color: { $ne: 'teal' } }, 'Eve Dot Cat Bea'],
  ['$ne of null', { color: { $ne: null } }, 'Eve Cat Bea Ada'],
  ['$ne of an element', { ports: { $ne: 'Peel' } }, 'Eve Dot Cat'],
  ['$lt', { berths: { $lt: 4.5 } }, 'Eve Ada'],
  ['$lte', { berths: { $lte: 4.5 } }, 'Eve Dot Ada'],
  ['$gt', { berths: { $gt: 4.5 } }, 'Bea'],
  ['$gte', { berths: { $gte: 4.5 } }, 'Dot Bea'],
  ['a range', { berths: { $gt: 0, $lt: 5 } }, 'Dot Ada'],
  ['texts by code point', { color: { $gt: 'Z' } }, 'Cat Ada'],
  ['texts only with texts', { berths: { $gt: '' } }, 'Cat'],
  ['dates in any zone', { refit: '2019-04-02T08:00:00+0000' }, 'Dot'],
  ['dates in order', { refit: { $gte: '2019-04-02 08:00:00 +0000' } }, 'Eve Dot'],
  ['dates in a range', { refit: { $lt: '2020-01-01T01:00:00+0100' } }, 'Dot'],
  ['$in', { color: { $in: ['teal', 'red', 'none'] } }, 'Cat Ada'],
  ['$in of nothing', { color: { $in: [] } }, ''],
  ['$in with null', { color: { $in: [null, 'red'] } }, 'Dot Cat'],
  ['$in of several types', { berths: { $in: [4, '4'] } }, 'Cat Ada'],
  ['$in of dates', { refit: { $in: ['2020-01-01T00:00:00Z'] } }, 'Eve'],
  ['$nin', { color: { $nin: ['teal', 'red'] } }, 'Eve Dot Bea'],
  ['$nin of nothing', { color: { $nin: [] } }, 'Eve Dot Cat Bea Ada'],
  ['$or', { $or: [{ color: 'red' }, { berths: 12 }] }, 'Cat Bea'],
  ['$or beside a member', { $or: [{ color: 'red' }, { berths: 4 }], racing: true }, 'Ada'],
  ['$and', { $and: [{ berths: { $gt: 0 } }, { berths: { $lt: 5 } }] }, 'Dot Ada'],
  ['$nor', { $nor: [{ color: 'red' }, { berths: 12 }] }, 'Eve Dot Ada'],
  [
    '$or within $and within $nor',
    { $nor: [{ $and: [{ $or: [{ berths: 4 }, { berths: 12 }] }] }] },
    'Eve Dot Cat',
  ],
  ['$not', { berths: { $not: { $gt: 4 } } }, 'Eve Cat Ada'],
  ['$exists', { color: { $exists: true } }, 'Eve Cat Bea Ada'],
  ['$exists false', { color: { $exists: false } }, 'Dot'],
  ['$exists as text and number', { color: { $exists: '0' }, berths: { $exists: 1 } }, 'Dot'],
  ['$exists of a list, also an empty one', { ports: { $exists: true } }, 'Dot Cat Bea Ada'],
  ['$exists of a hash', { hull: { $exists: true } }, 'Eve'],
  ['$exists of what was sent as null', { note: { $exists: true } }, ''],
  ['$all', { ports: { $all: ['Douglas', 'Peel'] } }, 'Ada'],
  ['$all of nothing', { ports: { $all: [] } }, ''],
  ['$elemMatch, by one element', { crew: { $elemMatch: { $gt: 1, $lt: 4 } } }, 'Dot'],
  ['$elemMatch and $ne', { crew: { $elemMatch: { $ne: 9 } } }, 'Dot Ada'],
  ['two conditions by different elements', { crew: { $gt: 4, $lt: 4 } }, 'Ada'],
  ['$regex', { name: { $regex: '^[A-B]' } }, 'REFUSED'],
  ['a field that nobody has', { nothing: 1 }, ''],
  ['a field that nobody has, with $exists', { nothing: { $exists: false } }, 'Eve Dot Cat Bea Ada'],
]

onEachDatabase('a where', (app) => {
  it('finds by each operator', async () => {
    await make(app(), 'boat', BOATS)
    for (const [what, where, wanted] of FOUND) {
      if (wanted === 'REFUSED') continue
      assert.equal(await names(app(), 'boat', { where }), wanted, what)
    }
  })

  it('counts what it finds', async () => {
    for (const [what, where, wanted] of FOUND) {
      if (wanted === 'REFUSED') continue
      const { body } = await app().get('objects/boat/query', { where, count: 1, limit: 1 })
      assert.equal(body.meta.count, wanted === '' ? 0 : wanted.split(' ').length, what)
    }
  })

  /** What is wrong, and what the message must say. */
  const MALFORMED: readonly (readonly [string, unknown, RegExp])[] = [
    ['no JSON', 'color', /where.*JSON/],
    ['JSON cut short', '{"a":', /where.*JSON/],
    ['a list', '[]', /where.*hash/],
    ['a number', '5', /where.*hash/],
    ['an unknown operator', { color: { $like: 'x' } }, /\$like of color/],
    ['an unknown operator at the top', { $where: 'x' }, /\$where/],
    ['an operator that only languages have', { color: { constructor: 1 } }, /constructor of color/],
    ['an empty hash for a member', { color: {} }, /color/],
    ['a hash as value of $gt', { berths: { $gt: {} } }, /\$gt of berths/],
    ['a list as value of $lt', { berths: { $lt: [1] } }, /\$lt of berths/],
    ['null as value of $gte', { berths: { $gte: null } }, /\$gte of berths/],
    ['a hash as value of $ne', { color: { $ne: { a: 1 } } }, /color/],
    ['$in without a list', { color: { $in: 'teal' } }, /\$in of color needs a list/],
    ['$nin without a list', { color: { $nin: 5 } }, /\$nin of color needs a list/],
    ['$all without a list', { ports: { $all: 'Peel' } }, /\$all of ports needs a list/],
    ['$in with more than 1000 values', { color: { $in: Array(1001).fill(1) } }, /\$in of color/],
    ['$or without a list', { $or: { a: 1 } }, /\$or needs a list/],
    ['$and of nothing', { $and: [] }, /\$and needs a list/],
    ['$nor of values', { $nor: [1, 2] }, /\$nor needs a list/],
    ['$exists of another text', { color: { $exists: 'maybe' } }, /\$exists of color/],
    ['$exists of a hash', { color: { $exists: {} } }, /\$exists of color/],
    ['$elemMatch without a hash', { ports: { $elemMatch: 'x' } }, /\$elemMatch of ports/],
    [
      '$elemMatch of a hash within',
      { ports: { $elemMatch: { a: 1 } } },
      /a in \$elemMatch of ports/,
    ],
    ['$not without a hash', { color: { $not: 'x' } }, /\$not of color/],
    ['$regex of a number', { color: { $regex: 5 } }, /\$regex of color/],
    ['$regex with options', { color: { $regex: '^a', $options: 'i' } }, /\$options of color/],
    [
      '$regex that no index can help',
      { color: { $regex: '^a(b' } },
      /\$regex of color: at character/,
    ],
    ['$text below the top', { $or: [{ $text: { $search: 'x' } }] }, /\$text/],
    ['$text without words', { $text: { $search: ' ' } }, /\$text/],
    ['$text as text', { $text: 'words' }, /\$text/],
    ['conditions nested too deep', nestedOr(15), /nested/],
    [
      'too many conditions',
      { $or: Array.from({ length: 201 }, (_, i) => ({ a: i })) },
      /more than/,
    ],
    ['created_at that is no date', { created_at: { $gt: 'yesterday' } }, /created_at/],
    ['created_at as a number', { created_at: 5 }, /created_at/],
    ['one number as a position', { coordinates: { $nearSphere: [1] } }, /coordinates/],
    ['a text as a position', { coordinates: { $nearSphere: 'here' } }, /coordinates/],
    ['hashes as a position', { coordinates: { $nearSphere: [{ toString: 1 }, 2] } }, /coordinates/],
    ['a position off the globe', { coordinates: { $nearSphere: [-181, 0] } }, /coordinates/],
    ['a latitude first', { coordinates: { $nearSphere: [54, -94] } }, /coordinates/],
    ['a distance below 0', { coordinates: { $nearSphere: [0, 0], $maxDistance: -1 } }, /distance/],
    [
      'a distance that is a hash',
      { coordinates: { $nearSphere: [0, 0], $maxDistance: { toString: 1 } } },
      /distance/,
    ],
    ['a distance without a position', { coordinates: { $maxDistance: 1 } }, /coordinates/],
    [
      'a geometry that is no point',
      { loc: { $nearSphere: { $geometry: { type: 'Line' } } } },
      /loc.*Point/,
    ],
    [
      '$geoWithin of a box',
      {
        coordinates: {
          $geoWithin: {
            $box: [
              [0, 0],
              [1, 1],
            ],
          },
        },
      },
      /\$centerSphere/,
    ],
    ['nearness of what is no position', { name: { $nearSphere: [0, 0] } }, /name/],
    [
      'nearness beside another operator',
      { coordinates: { $nearSphere: [0, 0], $gt: 5 } },
      /coordinates/,
    ],
  ]
  for (const [what, where, message] of MALFORMED) {
    it(`is refused when it is ${what}`, async () => {
      assert.match(await refusal(app(), 'boat', { where }), message)
    })
  }

  for (const expression of ['Ada', '.*', '^.*da', '^[Aa]da', '^(Ada)', '^', '', '^ Ada', '^\\w']) {
    it(`is refused with $regex "${expression}", in the words of the original`, async () => {
      const where = { name: { $regex: expression } }
      assert.equal(
        await refusal(app(), 'boat', { where }),
        'This regex query is not supported, regex expression should start with ^letter or ^digit.',
      )
    })
  }

  it('finds by $regex, in the case that is given', async () => {
    await make(
      app(),
      'raft',
      ['Ada', 'ada', 'Adam', '4 Adas', 'Ädam'].map((name) => ({ name })),
    )
    for (const [expression, wanted] of [
      ['^Ada', 'Adam Ada'],
      ['^Ada$', 'Ada'],
      ['^a.*a', 'ada'],
      ['^4', '4 Adas'],
      ['^4 A[a-d]+s', '4 Adas'],
      ['^Ä', 'Ädam'],
      ['^Ada\\w', 'Adam'],
      ['^x', ''],
    ]) {
      assert.equal(await names(app(), 'raft', { where: { name: { $regex: expression } } }), wanted)
    }
  })

  it('with a thousand values is answered, also with null among them', async () => {
    const many = Array.from({ length: 1000 }, (_, i) => i)
    for (const [where, wanted] of [
      [{ berths: { $in: many } }, 2],
      [{ berths: { $in: [...many.slice(1), null] } }, 2],
      [{ berths: { $nin: [...many.slice(1), null] } }, 3],
    ] as const) {
      const { status, body } = await app().post('objects/boat/query', { where })
      assert.equal(status, 200, body.meta.message)
      assert.equal(body.response.boat.length, wanted)
    }
  })

  it('with a thousand values that are a condition each is refused', async () => {
    const many = Array.from({ length: 1000 }, (_, i) => i)
    const dates = many.map((i) => `2019-01-01T00:00:${String(i % 60).padStart(2, '0')}Z`)
    for (const where of [
      { ports: { $all: many } },
      { ports: many },
      { ports: { $in: many.map(() => null) } },
      { created_at: { $in: dates } },
    ]) {
      const { status, body } = await app().post('objects/boat/query', { where })
      assert.equal(status, 400)
      assert.match(body.meta.message ?? '', /more than 200 conditions/)
    }
  })

  it('finds nothing by a value of more than 1024 bytes, and does not fail', async () => {
    const [long, fits] = ['é'.repeat(513), 'é'.repeat(512)]
    await make(app(), 'text', [
      { name: 'long', value: long },
      { name: 'fits', value: fits },
    ])
    for (const [where, wanted] of [
      [{ value: long }, ''],
      [{ value: fits }, 'fits'],
      [{ value: { $in: [long, fits] } }, 'fits'],
      [{ value: { $lte: long } }, ''],
      [{ value: { $ne: long } }, 'fits long'],
      [{ value: { $exists: true } }, 'fits long'],
    ] as const) {
      assert.equal(
        await names(app(), 'text', { where }),
        wanted,
        JSON.stringify(where).slice(0, 40),
      )
    }
    const { body } = await app().get('objects/text/query', { where: { name: 'long' } })
    assert.equal(body.response.text[0].value, long)
  })

  it('takes any name of a field, however odd or long', async () => {
    for (const field of [
      '',
      ' ',
      "'",
      '"',
      '%',
      'a b',
      'ß',
      '$'.slice(1),
      'x'.repeat(5000),
      '🚢',
    ]) {
      assert.equal(await names(app(), 'boat', { where: { [field]: 1 } }), '', field.slice(0, 20))
      assert.equal(await names(app(), 'none', { order: `${field.trim() || 'x'},-id` }), '')
    }
  })
})

function nestedOr(depth: number): Hash {
  return depth === 0 ? { a: 1 } : { $or: [nestedOr(depth - 1)] }
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
        assert.equal(await names(app(), 'boat', { where }), wanted, JSON.stringify(where))
      }
      assert.equal(await names(app(), 'boat', { order: field }), 'a b c')
      assert.equal(await names(app(), 'boat', { order: `-${field}` }), 'c b a')
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
      assert.equal(await names(app(), 'tagged', { where }), wanted, JSON.stringify(where))
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
        assert.equal(await names(app(), 'dated', { where }), wanted, JSON.stringify(where))
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
      assert.equal(await names(app(), 'row', { order }), wanted, order)
    }
  })

  it('holds across pages', async () => {
    for (const order of ['size,name', '-size,name', '-kind,size', 'nothing,-name', '']) {
      const whole = await names(app(), 'row', { order })
      const pages: string[] = []
      for (let skip = 0; skip < 6; skip += 2) {
        pages.push(await names(app(), 'row', { order, skip, limit: 2 }))
      }
      assert.equal(pages.join(' '), whole, order)
    }
  })

  it('sorts by updated_at', async () => {
    const ids = await make(app(), 'fresh', [{ name: 'a' }, { name: 'b' }])
    app().advance(5000)
    await app().put('objects/fresh/update', { id: ids[0], fields: { x: 1 } }, ann)
    assert.equal(await names(app(), 'fresh', { order: '-updated_at' }), 'a b')
    assert.equal(await names(app(), 'fresh', { order: 'updated_at' }), 'b a')
  })

  for (const [what, order] of [
    ['an operator', '$text'],
    ['a gap', 'a,,b'],
    ['a minus alone', '-'],
    ['nine names', 'a,b,c,d,e,f,g,h,i'],
  ]) {
    it(`is refused when it holds ${what}`, async () => {
      assert.match(await refusal(app(), 'row', { order }), /order/)
    })
  }
})

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
      assert.equal(await refusal(app(), 'none', { limit }), RANGE)
    })
  }

  for (const skip of ['-1', '5000', '1.5', 'ten']) {
    it(`refuse a skip of ${skip}`, async () => {
      assert.match(await refusal(app(), 'none', { skip }), /skip.*from 0 to 4999/)
    })
  }

  it('do not mix with page and per_page', async () => {
    for (const query of [
      { limit: 5, page: 1 },
      { skip: 5, per_page: 5 },
    ]) {
      assert.match(await refusal(app(), 'none', query), /limit and skip/)
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

onEachDatabase('nearness', (app) => {
  const AT = [
    { name: 'home', coordinates: [-4.48, 54.15] },
    { name: 'near', coordinates: [-4.47, 54.15] },
    {
      name: 'far',
      coordinates: [
        [100, 0],
        [-4.4, 54.2],
      ],
    },
    { name: 'away', coordinates: [[10, 10]] },
    { name: 'nowhere' },
  ]
  const near = (more: Hash = {}) => ({ coordinates: { $nearSphere: [-4.48, 54.15], ...more } })

  it('sorts by distance, within a distance in radians', async () => {
    await make(app(), 'spot', AT)
    for (const [distance, wanted] of [
      [undefined, 'home near far away'],
      [1 / 6371, 'home near'],
      [0.5 / 6371, 'home'],
      [8 / 6371, 'home near far'],
      [0, 'home'],
      [4, 'home near far away'],
      ['0.0002', 'home near'],
    ] as const) {
      const where = near(distance === undefined ? {} : { $maxDistance: distance })
      assert.equal(await names(app(), 'spot', { where }), wanted, String(distance))
    }
  })

  it('takes a GeoJSON point and metres', async () => {
    const $geometry = { type: 'Point', coordinates: [-4.48, 54.15] }
    for (const [metres, wanted] of [
      [500, 'home'],
      [1000, 'home near'],
      [9000, 'home near far'],
    ] as const) {
      const inside = { coordinates: { $nearSphere: { $geometry, $maxDistance: metres } } }
      assert.equal(await names(app(), 'spot', { where: inside }), wanted)
      const beside = { coordinates: { $nearSphere: { $geometry }, $maxDistance: metres } }
      assert.equal(await names(app(), 'spot', { where: beside }), wanted)
    }
  })

  it('within a circle keeps the newest first', async () => {
    const $centerSphere = [[-4.48, 54.15], 8 / 6371]
    const where = { coordinates: { $geoWithin: { $centerSphere } } }
    assert.equal(await names(app(), 'spot', { where }), 'far near home')
  })

  it('combines with order, skip, limit, count and other conditions', async () => {
    for (const [query, wanted] of [
      [{ where: near(), limit: 2 }, 'home near'],
      [{ where: near(), limit: 2, skip: 1 }, 'near far'],
      [{ where: near(), skip: 3 }, 'away'],
      [{ where: near(), skip: 4 }, ''],
      [{ where: near(), order: 'name' }, 'away far home near'],
      [{ where: near(), order: '-name', limit: 2, skip: 1 }, 'home far'],
      [{ where: near({ $maxDistance: 8 / 6371 }), order: 'name', skip: 1 }, 'home near'],
      [{ where: { ...near(), name: { $in: ['away', 'near'] } } }, 'near away'],
      [{ where: { $and: [near(), { name: { $ne: 'home' } }] }, limit: 1 }, 'near'],
      [
        { where: { $or: [near({ $maxDistance: 0.5 / 6371 }), { name: 'nowhere' }] } },
        'nowhere home',
      ],
      [{ where: { $nor: [near({ $maxDistance: 8 / 6371 })] } }, 'nowhere away'],
    ] as const) {
      assert.equal(await names(app(), 'spot', query), wanted, JSON.stringify(query))
    }
    const where = near({ $maxDistance: 8 / 6371 })
    const { body } = await app().get('objects/spot/query', { where, count: true, limit: 1 })
    assert.equal(body.meta.count, 3)
  })

  it('crosses the date line and the pole', async () => {
    await make(app(), 'edge', [
      { name: 'west', coordinates: [-179.99, 0] },
      { name: 'east', coordinates: [179.99, 0] },
      { name: 'pole', coordinates: [90, 89.99] },
    ])
    const around = (at: number[]) => ({ coordinates: { $nearSphere: at, $maxDistance: 3 / 6371 } })
    assert.equal(await names(app(), 'edge', { where: around([180, 0]) }), 'east west')
    assert.equal(await names(app(), 'edge', { where: around([-90, 89.99]) }), 'pole')
  })

  it('finds places by their own position first', async () => {
    const place = { name: 'p', latitude: 1, longitude: 2, custom_fields: { coordinates: [30, 40] } }
    const { body } = await app().post('places/create', place, ann)
    const id = body.response.places[0].id
    for (const [where, wanted] of [
      [{ lnglat: { $nearSphere: [2, 1], $maxDistance: 0.001 } }, [id]],
      [{ coordinates: { $nearSphere: [2, 1], $maxDistance: 0.001 } }, [id]],
      [{ coordinates: { $nearSphere: [30, 40], $maxDistance: 0.001 } }, [id]],
      [{ lnglat: { $nearSphere: [30, 40], $maxDistance: 0.001 } }, []],
    ] as const) {
      const found = await app().get('places/query', { where })
      const ids = found.body.response.places.map((one: { id: string }) => one.id)
      assert.deepEqual(ids, wanted, JSON.stringify(where))
    }
  })
})

onEachDatabase('$text', (app) => {
  const search = ($search: string, more: Hash = {}) =>
    names(app(), 'note', { where: { $text: { $search }, ...more } })

  it('finds any of the words, the one with the most first', async () => {
    await make(app(), 'note', [
      { name: 'a', text: 'The old fish market, by the pier' },
      { name: 'b', text: 'Market for FISH', more: 'closed on Mondays' },
      { name: 'c', text: 'A pier-side café' },
      { name: 'd', text: 'A market of fish' },
      { name: 'e', text: 'nothing', tags: 'pier' },
    ])
    for (const [words, wanted] of [
      ['pier', 'e c a'],
      ['PIER', 'e c a'],
      ['cafe', 'c'],
      ['café pier', 'c e a'],
      ['fish market pier', 'a d b e c'],
      ['pier,side', 'c e a'],
      ['fish -closed', 'd a'],
      ['fish -"fish market"', 'd b'],
      ['"fish market"', 'a'],
      ['"fish market" pier', 'a'],
      ['"fish market" zebra', 'a'],
      ['"the old fish"', 'a'],
      ['"old the fish"', ''],
      ['"pier"', 'e c a'],
      ['"pier side"', 'c'],
      ['-closed', ''],
      ['pie', ''],
      ['!!!', ''],
    ] as const) {
      assert.equal(await search(words), wanted, words)
    }
  })

  it('ignores order, and takes other conditions, limit, skip and count', async () => {
    const where = { $text: { $search: 'fish market pier' } }
    assert.equal(await names(app(), 'note', { where, order: 'name' }), 'a d b e c')
    assert.equal(await names(app(), 'note', { where, limit: 2, skip: 1 }), 'd b')
    assert.equal(await search('fish market', { name: { $ne: 'd' } }), 'b a')
    const { body } = await app().get('objects/note/query', { where, count: true, limit: 1 })
    assert.equal(body.meta.count, 5)
  })
})

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
        assert.match(await refusal(app(), 'boat', query), /sel/)
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
