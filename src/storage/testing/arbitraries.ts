import fc from 'fast-check'
import { keysOf, pointKey } from '../keys.ts'
import type { Condition, FindQuery, Keys, NewRecord, Order, WriteOperation } from '../port.ts'
import { aRecord, idOf } from './stores.ts'

/**
 * Random writes and queries for comparing stores. From few names and values, so that records meet:
 * ids are taken, values tie, lists overlap.
 */

const FIELDS = ['f', 'g', 'a"b', 'b.c'] as const
const VALUES = [0, 1, 2, -1, '', 'a', 'ab', 'b', '1', true, null, '𝄞', '\uffff'] as const
const WORDS = ['red', 'blue', 'boat'] as const
const USERS = ['ada', 'bob'] as const
const SPOTS: readonly (readonly [number, number])[] = [
  [0, 0],
  [0.5, 0.5],
  [179.9, 0],
  [-179.9, 0.1],
  [10, 89.9],
]

const id = fc.integer({ min: 1, max: 12 }).map(idOf)
const aclId = fc.constantFrom(idOf(101), idOf(102), idOf(103))
const value = fc.constantFrom(...VALUES)
const key = value.map((each) => keysOf(each) as string)
const field = fc.constantFrom<string>(...FIELDS, 'f')

const plainKeys = fc.dictionary(
  fc.constantFrom(...FIELDS),
  fc.oneof(
    { weight: 3, arbitrary: value },
    { weight: 1, arbitrary: fc.array(value, { maxLength: 3 }) },
  ),
)

const keys: fc.Arbitrary<Keys> = fc
  .record({
    plain: plainKeys,
    words: fc.option(fc.subarray([...WORDS])),
    spots: fc.option(fc.subarray([...SPOTS], { maxLength: 2 })),
  })
  .map(({ plain, words, spots }) => ({
    ...Object.fromEntries(Object.entries(plain).map(([name, each]) => [name, keysOf(each)])),
    ...(words ? { $text: keysOf(words) } : {}),
    ...(spots ? { at: spots.map(([x, y]) => pointKey(x, y)).sort() } : {}),
  }))

function record(backendId: string): fc.Arbitrary<NewRecord> {
  const thing = fc
    .record({
      id,
      keys,
      ownerId: fc.option(fc.constantFrom(...USERS)),
      aclId: fc.option(aclId),
      data: fc.constantFrom('{}', '{"n":1}', '{"n":"x"}'),
      claims: fc.subarray(['x', 'y', 'z'], { maxLength: 1 }),
    })
    .map(({ claims, ...fields }) =>
      aRecord({
        ...fields,
        backendId,
        claims: claims.map((name) => ({ scope: 's', value: name })),
      }),
    )
  const acl = fc
    .record({ id: aclId, readers: fc.subarray([...USERS, '*']) })
    .map(({ id: own, readers }) =>
      aRecord({ backendId, type: 'acl', id: own, keys: { readers: keysOf(readers) } }),
    )
  return fc.oneof({ weight: 5, arbitrary: thing }, { weight: 1, arbitrary: acl })
}

function operation(backendId: string): fc.Arbitrary<WriteOperation> {
  const address = id.map((each) => ({ backendId, type: 'thing', id: each }))
  const ifVersion = fc.integer({ min: 1, max: 2 })
  return fc.oneof(
    {
      weight: 4,
      arbitrary: record(backendId).map((each) => ({ op: 'insert', record: each }) as const),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(record(backendId), ifVersion)
        .map(([each, version]) => ({ op: 'replace', record: each, ifVersion: version }) as const),
    },
    { weight: 1, arbitrary: address.map((each) => ({ op: 'delete', address: each }) as const) },
    {
      weight: 1,
      arbitrary: address.map((each) => {
        const add = [{ path: 'n', key: 'f', by: 1 }]
        return { op: 'increment', address: each, add } as const
      }),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(address, fc.constantFrom<'present' | 'absent' | 1>('present', 'absent', 1))
        .map(([each, is]) => ({ op: 'check', address: each, is }) as const),
    },
  )
}

const comparison = fc.constantFrom('eq', 'lt', 'lte', 'gt', 'gte')

const near: fc.Arbitrary<Condition> = fc
  .record({
    spot: fc.constantFrom(...SPOTS),
    km: fc.option(fc.constantFrom(1, 50, 100, 1000, 15_000)),
    sorts: fc.boolean(),
  })
  .map(({ spot: [longitude, latitude], km, sorts }) => ({
    op: 'near',
    field: 'at',
    longitude,
    latitude,
    sorts,
    ...(km === null ? {} : { maxDistanceRadians: km / 6371 }),
  }))

const text: fc.Arbitrary<Condition> = fc
  .record({
    words: fc.subarray([...WORDS]),
    phrases: fc.array(fc.subarray([...WORDS], { minLength: 1, maxLength: 2 }), { maxLength: 1 }),
    without: fc.subarray([...WORDS], { maxLength: 1 }),
  })
  .map((each) => ({ op: 'text', ...each }))

const regex: fc.Arbitrary<Condition> = fc
  .tuple(field, fc.constantFrom(['a'], ['', undefined], ['a', '^ab?$'], ['𝄞'], ['a', '^a.*']))
  .map(([name, [prefix = '', pattern]]) => ({
    op: 'regex',
    field: name,
    prefix,
    ...(pattern === undefined ? {} : { pattern }),
  }))

const leaf: fc.Arbitrary<Condition> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ op: comparison, field, value: key }).map((each) => each as Condition),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant('in' as const),
      field,
      values: fc.array(key, { maxLength: 6 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('exists' as const), field }) },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('element' as const),
      field,
      all: fc.array(
        fc.record({ op: fc.oneof(comparison, fc.constant('ne')), value: key }) as never,
        { minLength: 1, maxLength: 2 },
      ),
    }) as fc.Arbitrary<Condition>,
  },
  { weight: 1, arbitrary: regex },
  { weight: 1, arbitrary: near },
  { weight: 1, arbitrary: text },
  {
    weight: 1,
    arbitrary: fc
      .record({ op: comparison, value: id })
      .map((each) => ({ ...each, field: 'id' }) as Condition),
  },
)

const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 5, arbitrary: leaf },
    { weight: 1, arbitrary: tie('condition').map((each) => ({ op: 'not', not: each }) as const) },
    {
      weight: 2,
      arbitrary: fc
        .array(tie('condition'), { maxLength: 3 })
        .map((all) => ({ op: 'and', all }) as const),
    },
    {
      weight: 1,
      arbitrary: fc
        .array(tie('condition'), { maxLength: 3 })
        .map((any) => ({ op: 'or', any }) as const),
    },
  ),
}))

const order: fc.Arbitrary<Order> = fc.record({
  field: fc.oneof({ weight: 4, arbitrary: field }, { weight: 1, arbitrary: fc.constant('id') }),
  direction: fc.constantFrom('asc', 'desc'),
})

function query(backendId: string): fc.Arbitrary<FindQuery> {
  return fc
    .record({
      where: fc.option(condition),
      visibleTo: fc.constantFrom(undefined, undefined, null, 'ada', 'eve'),
      orderBy: fc.array(order, { maxLength: 3 }),
      limit: fc.constantFrom(1, 3, 100),
      offset: fc.constantFrom(0, 0, 1, 4),
    })
    .map(({ where, visibleTo, ...rest }) => ({
      backendId,
      type: 'thing',
      ...rest,
      ...(where ? { where } : {}),
      ...(visibleTo === undefined ? {} : { visibleTo }),
    }))
}

export type Step = { readonly write: readonly WriteOperation[] } | { readonly find: FindQuery }

/** What to do, the same for every store. */
export function steps(backendId: string): fc.Arbitrary<Step[]> {
  const one = operation(backendId)
  const seed = fc.array(
    record(backendId).map((each) => ({ write: [{ op: 'insert', record: each } as const] })),
    { minLength: 4, maxLength: 16 },
  )
  const more = fc.array(
    fc.oneof(
      {
        weight: 1,
        arbitrary: fc.array(one, { minLength: 1, maxLength: 3 }).map((write) => ({ write })),
      },
      { weight: 2, arbitrary: query(backendId).map((find) => ({ find })) },
    ),
    { minLength: 6, maxLength: 20 },
  )
  return fc.tuple(seed, more).map(([first, then]) => [...first, ...then])
}
