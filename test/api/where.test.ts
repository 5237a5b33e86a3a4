import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type Hash, makeObjects, namesFound, refusalOf } from '../support/class-queries.ts'
import { onEachDatabase } from '../support/test-app.ts'

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
  ['a field that nobody has', { nothing: 1 }, ''],
  ['a field that nobody has, with $exists', { nothing: { $exists: false } }, 'Eve Dot Cat Bea Ada'],
]

onEachDatabase('a where', (app) => {
  it('finds by each operator', async () => {
    await makeObjects(app(), 'boat', BOATS)
    for (const [what, where, wanted] of FOUND) {
      assert.equal(await namesFound(app(), 'boat', { where }), wanted, what)
    }
  })

  it('counts what it finds', async () => {
    for (const [what, where, wanted] of FOUND) {
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
      assert.match(await refusalOf(app(), 'boat', { where }), message)
    })
  }

  for (const expression of ['Ada', '.*', '^.*da', '^[Aa]da', '^(Ada)', '^', '', '^ Ada', '^\\w']) {
    it(`is refused with $regex "${expression}", in the words of the original`, async () => {
      const where = { name: { $regex: expression } }
      assert.equal(
        await refusalOf(app(), 'boat', { where }),
        'This regex query is not supported, regex expression should start with ^letter or ^digit.',
      )
    })
  }

  it('finds by $regex, in the case that is given', async () => {
    await makeObjects(
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
      assert.equal(
        await namesFound(app(), 'raft', { where: { name: { $regex: expression } } }),
        wanted,
      )
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
    await makeObjects(app(), 'text', [
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
        await namesFound(app(), 'text', { where }),
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
      assert.equal(
        await namesFound(app(), 'boat', { where: { [field]: 1 } }),
        '',
        field.slice(0, 20),
      )
      assert.equal(await namesFound(app(), 'none', { order: `${field.trim() || 'x'},-id` }), '')
    }
  })
})

function nestedOr(depth: number): Hash {
  return depth === 0 ? { a: 1 } : { $or: [nestedOr(depth - 1)] }
}
