import { dateKey, keyOf, keysOf, numberKey, OPAQUE_KEY, pointKey, textKey } from '../keys.ts'
import type { Condition, FindQuery, NewRecord } from '../port.ts'
import { aRecord, idOf } from './stores.ts'

/** What is found among some records, as a table: each row is one rule of the port. */

/** Records by a number; each has what is named, the rest as in `aRecord`. */
export type Records = Readonly<Record<number, Partial<NewRecord>>>

export type FindCase = {
  readonly name: string
  readonly records: Records
  readonly query: Omit<FindQuery, 'backendId' | 'type' | 'limit'> & { readonly limit?: number }
  /** The numbers of the records found, in order. */
  readonly finds: readonly number[]
}

export function recordsOf(records: Records, backendId: string): NewRecord[] {
  return Object.entries(records).map(([number, fields]) =>
    aRecord({ backendId, id: idOf(Number(number)), ...fields }),
  )
}

/** One record for each value, numbered from 1, with the value under the field `f`. */
function values(...all: readonly unknown[]): Records {
  return Object.fromEntries(
    all.map((value, at) => [at + 1, value === MISSING ? {} : { keys: { f: keysOf(value) } }]),
  )
}

const MISSING = Symbol('missing')

const f = {
  eq: (value: unknown): Condition => ({ op: 'eq', field: 'f', value: keyOf(value) }),
  lt: (value: unknown): Condition => ({ op: 'lt', field: 'f', value: keyOf(value) }),
  lte: (value: unknown): Condition => ({ op: 'lte', field: 'f', value: keyOf(value) }),
  gt: (value: unknown): Condition => ({ op: 'gt', field: 'f', value: keyOf(value) }),
  gte: (value: unknown): Condition => ({ op: 'gte', field: 'f', value: keyOf(value) }),
  in: (...all: unknown[]): Condition => ({ op: 'in', field: 'f', values: all.map(keyOf) }),
  exists: { op: 'exists', field: 'f' } as Condition,
  regex: (prefix: string, pattern?: string): Condition =>
    pattern === undefined
      ? { op: 'regex', field: 'f', prefix }
      : { op: 'regex', field: 'f', prefix, pattern },
}

const not = (condition: Condition): Condition => ({ op: 'not', not: condition })
const all = (...conditions: Condition[]): Condition => ({ op: 'and', all: conditions })
const any = (...conditions: Condition[]): Condition => ({ op: 'or', any: conditions })

const MIXED = values(5, '5', true, null, MISSING, 'ada', -1)

const COMPARISONS: readonly FindCase[] = [
  {
    name: 'finds everything without a condition',
    records: MIXED,
    query: {},
    finds: [7, 6, 5, 4, 3, 2, 1],
  },
  { name: 'tells a number from its text', records: MIXED, query: { where: f.eq(5) }, finds: [1] },
  { name: 'tells text from its number', records: MIXED, query: { where: f.eq('5') }, finds: [2] },
  {
    name: 'tells true from 1',
    records: values(1, true, '1'),
    query: { where: f.eq(true) },
    finds: [2],
  },
  { name: 'tells null from missing', records: MIXED, query: { where: f.eq(null) }, finds: [4] },
  {
    name: 'compares numbers with numbers only',
    records: MIXED,
    query: { where: f.gt(-5) },
    finds: [7, 1],
  },
  {
    name: 'compares text with text only',
    records: MIXED,
    query: { where: f.lt('z') },
    finds: [6, 2],
  },
  {
    name: 'has no end with gte',
    records: values(1, 2, 3),
    query: { where: f.gte(2) },
    finds: [3, 2],
  },
  {
    name: 'has no end with lte',
    records: values(1, 2, 3),
    query: { where: f.lte(2) },
    finds: [2, 1],
  },
  {
    name: 'leaves the end out with lt',
    records: values(1, 2, 3),
    query: { where: f.lt(2) },
    finds: [1],
  },
  {
    name: 'combines two ends',
    records: values(1, 2, 3, 4),
    query: { where: all(f.gt(1), f.lt(4)) },
    finds: [3, 2],
  },
  {
    name: 'finds one of a list',
    records: MIXED,
    query: { where: f.in(5, 'ada', 'eve') },
    finds: [6, 1],
  },
  {
    name: 'finds one of a long list',
    records: MIXED,
    query: { where: f.in(5, 'ada', 'a', 'b', 'c', 'd', null) },
    finds: [6, 4, 1],
  },
  { name: 'finds nothing of an empty list', records: MIXED, query: { where: f.in() }, finds: [] },
  {
    name: 'finds everything that is not of an empty list',
    records: values(1, 2),
    query: { where: not(f.in()) },
    finds: [2, 1],
  },
  {
    name: 'finds what exists, null too',
    records: MIXED,
    query: { where: f.exists },
    finds: [7, 6, 4, 3, 2, 1],
  },
  {
    name: 'finds what does not exist',
    records: MIXED,
    query: { where: not(f.exists) },
    finds: [5],
  },
  {
    name: 'takes not equal as the opposite of equal',
    records: MIXED,
    query: { where: not(f.eq(5)) },
    finds: [7, 6, 5, 4, 3, 2],
  },
  {
    name: 'takes not greater as the opposite of greater',
    records: MIXED,
    query: { where: not(f.gt(0)) },
    finds: [7, 6, 5, 4, 3, 2],
  },
  {
    name: 'finds either',
    records: MIXED,
    query: { where: any(f.eq(5), f.eq(null)) },
    finds: [4, 1],
  },
  { name: 'finds nothing with no alternative', records: MIXED, query: { where: any() }, finds: [] },
  {
    name: 'finds everything with no requirement',
    records: values(1, 2),
    query: { where: all() },
    finds: [2, 1],
  },
  {
    name: 'negates a combination',
    records: values(1, 2, 3),
    query: { where: not(any(f.eq(1), all(f.gt(1), f.lt(3)))) },
    finds: [3],
  },
  {
    name: 'compares large, small and negative numbers',
    records: values(-1e300, -2, -1e-300, 0, 1e-300, 2, 1e300),
    query: { where: all(f.gt(-2), f.lt(1e300)), orderBy: [{ field: 'f', direction: 'asc' }] },
    finds: [3, 4, 5, 6],
  },
  { name: 'takes -0 for 0', records: values(-0, 0), query: { where: f.eq(0) }, finds: [2, 1] },
  {
    name: 'compares dates with dates',
    records: values('2020-01-01T00:00:00+0000', '2020-01-01', '2021-01-01T00:00:00+0000'),
    query: { where: f.gt('2019-12-31T23:59:59+0000') },
    finds: [3, 1],
  },
  {
    name: 'finds a date in milliseconds',
    records: { 1: { keys: { f: dateKey(1500) } }, 2: { keys: { f: dateKey(1501) } } },
    query: { where: { op: 'eq', field: 'f', value: dateKey(1501) } },
    finds: [2],
  },
  {
    name: 'finds that a hash exists, and no more',
    records: { 1: { keys: { f: OPAQUE_KEY } }, 2: { keys: { f: textKey('a') } } },
    query: { where: all(f.exists, not(f.gt(''))) },
    finds: [1],
  },
]

const LISTS = values([1, 5], [2, 3], 4, [], ['1'], MISSING)

const LIST_RULES: readonly FindCase[] = [
  { name: 'finds any element', records: LISTS, query: { where: f.eq(3) }, finds: [2] },
  {
    name: 'takes one value as a list of one',
    records: LISTS,
    query: { where: f.gte(4) },
    finds: [3, 1],
  },
  {
    name: 'lets different elements satisfy two conditions',
    records: LISTS,
    query: { where: all(f.lt(2), f.gt(4)) },
    finds: [1],
  },
  {
    name: 'wants one element to satisfy all',
    records: LISTS,
    query: {
      where: {
        op: 'element',
        field: 'f',
        all: [
          { op: 'gt', value: keyOf(1) },
          { op: 'lt', value: keyOf(5) },
        ],
      },
    },
    finds: [3, 2],
  },
  {
    name: 'wants one element that differs',
    records: LISTS,
    query: { where: { op: 'element', field: 'f', all: [{ op: 'ne', value: keyOf(1) }] } },
    finds: [5, 3, 2, 1],
  },
  {
    name: 'wants one element equal and below',
    records: LISTS,
    query: {
      where: {
        op: 'element',
        field: 'f',
        all: [
          { op: 'eq', value: keyOf(5) },
          { op: 'lt', value: keyOf(6) },
        ],
      },
    },
    finds: [1],
  },
  {
    name: 'takes an empty list for missing',
    records: LISTS,
    query: { where: not(f.exists) },
    finds: [6, 4],
  },
  {
    name: 'counts a list once for the offset, however many elements match',
    records: LISTS,
    query: { where: any(f.gte(1)), offset: 1 },
    finds: [2, 1],
  },
  {
    name: 'finds lists without an element',
    records: LISTS,
    query: { where: not(f.eq(1)) },
    finds: [6, 5, 4, 3, 2],
  },
  {
    name: 'sorts a list by its first value',
    records: LISTS,
    query: { where: f.exists, orderBy: [{ field: 'f', direction: 'asc' }] },
    finds: [1, 2, 3, 5],
  },
  {
    name: 'sorts by the first value though another was asked for',
    records: LISTS,
    query: { where: f.gte(3), orderBy: [{ field: 'f', direction: 'asc' }] },
    finds: [1, 2, 3],
  },
]

const TEXTS = values('apple', 'Apple', 'app', 'apricot', 'banana', 'a\nb', 'a.b', 'ab', 7)

const TEXT_RULES: readonly FindCase[] = [
  { name: 'finds by a prefix', records: TEXTS, query: { where: f.regex('app') }, finds: [3, 1] },
  { name: 'takes a prefix literally', records: TEXTS, query: { where: f.regex('a.') }, finds: [7] },
  {
    name: 'finds all text by the empty prefix',
    records: values('a', 1),
    query: { where: f.regex('') },
    finds: [1],
  },
  {
    name: 'finds by an expression',
    records: TEXTS,
    query: { where: f.regex('ap', '^ap(ple|r.*)$') },
    finds: [4, 1],
  },
  {
    name: 'lets a dot stand for a new line',
    records: TEXTS,
    query: { where: f.regex('a', '^a.b$') },
    finds: [7, 6],
  },
  {
    name: 'reads word characters as ASCII',
    records: values('aé', 'ab', 'a_'),
    query: { where: f.regex('a', '^a\\w$') },
    finds: [3, 2],
  },
  {
    name: 'finds by a prefix beyond the basic plane',
    records: values('𝄞a', '𝄟', '\uffff', '\ud7ffx', '\ue000'),
    query: { where: f.regex('𝄞') },
    finds: [1],
  },
  {
    name: 'finds by the prefix before the surrogates',
    records: values('𝄞a', '\ud7ffx', '\ue000'),
    query: { where: f.regex('\ud7ff') },
    finds: [2],
  },
  {
    name: 'sorts text by code point',
    records: values('z', 'Z', 'é', '\uffff', '𝄞', 'a', ''),
    query: { orderBy: [{ field: 'f', direction: 'asc' }] },
    finds: [7, 2, 6, 1, 3, 4, 5],
  },
  {
    name: 'compares text by code point',
    records: values('\uffff', '𝄞'),
    query: { where: f.gt('\uffff') },
    finds: [2],
  },
]

const ORDERS: readonly FindCase[] = [
  {
    name: 'sorts missing values first, ascending',
    records: values(2, MISSING, 1, null, MISSING),
    query: { orderBy: [{ field: 'f', direction: 'asc' }] },
    finds: [5, 2, 4, 3, 1],
  },
  {
    name: 'sorts missing values last, descending',
    records: values(2, MISSING, 1, null, MISSING),
    query: { orderBy: [{ field: 'f', direction: 'desc' }] },
    finds: [1, 3, 4, 5, 2],
  },
  {
    name: 'sorts types apart',
    records: values('a', true, 1, null, '2020-01-01T00:00:00+0000'),
    query: { orderBy: [{ field: 'f', direction: 'asc' }] },
    finds: [4, 3, 1, 2, 5],
  },
  {
    name: 'sorts ties by id, descending',
    records: values(1, 1, 2, 1),
    query: { orderBy: [{ field: 'f', direction: 'asc' }] },
    finds: [4, 2, 1, 3],
  },
  {
    name: 'sorts ties by id when told so',
    records: values(1, 1, 2, 1),
    query: {
      orderBy: [
        { field: 'f', direction: 'desc' },
        { field: 'id', direction: 'asc' },
      ],
    },
    finds: [3, 1, 2, 4],
  },
  {
    name: 'sorts by id, ascending',
    records: values(1, 1, 1),
    query: { orderBy: [{ field: 'id', direction: 'asc' }] },
    finds: [1, 2, 3],
  },
  {
    name: 'begins in the middle of the missing values',
    records: values(2, MISSING, 1, MISSING, MISSING),
    query: { orderBy: [{ field: 'f', direction: 'asc' }], offset: 1, limit: 3 },
    finds: [4, 2, 3],
  },
  {
    name: 'begins behind the missing values',
    records: values(2, MISSING, 1, MISSING, 3),
    query: { orderBy: [{ field: 'f', direction: 'asc' }], offset: 3 },
    finds: [1, 5],
  },
  {
    name: 'begins behind the values',
    records: values(2, MISSING, 1, MISSING, 3),
    query: { orderBy: [{ field: 'f', direction: 'desc' }], offset: 4 },
    finds: [2],
  },
  {
    name: 'sorts by a second field',
    records: {
      1: { keys: { f: numberKey(1), g: numberKey(2) } },
      2: { keys: { f: numberKey(1), g: numberKey(3) } },
      3: { keys: { f: numberKey(0) } },
      4: { keys: { g: numberKey(9) } },
      5: { keys: { f: numberKey(1) } },
    },
    query: {
      orderBy: [
        { field: 'f', direction: 'asc' },
        { field: 'g', direction: 'desc' },
      ],
    },
    finds: [4, 3, 2, 1, 5],
  },
  {
    name: 'sorts nothing by a field that nobody has',
    records: values(1, 2),
    query: { orderBy: [{ field: 'g', direction: 'asc' }] },
    finds: [2, 1],
  },
]

const ID_RULES: readonly FindCase[] = [
  {
    name: 'finds by id',
    records: values(1, 2, 3),
    query: { where: { op: 'eq', field: 'id', value: idOf(2) } },
    finds: [2],
  },
  {
    name: 'finds by ids and another condition',
    records: values(1, 2, 3),
    query: { where: all({ op: 'in', field: 'id', values: [idOf(1), idOf(3), idOf(9)] }, f.gt(1)) },
    finds: [3],
  },
  {
    name: 'finds by a range of ids',
    records: values(1, 2, 3),
    query: { where: { op: 'lt', field: 'id', value: idOf(3) } },
    finds: [2, 1],
  },
  {
    name: 'finds all but some ids',
    records: values(1, 2, 3),
    query: { where: not({ op: 'in', field: 'id', values: [idOf(2)] }) },
    finds: [3, 1],
  },
]

const ODD_NAMES = [
  'a"b',
  "a'b",
  'a\\b',
  'a.b',
  'a[0]',
  '$',
  '',
  '$$',
  '[ACS_User]owner_id',
  '__proto__',
  'né\n',
  'x:y?',
  '$1',
  '{}',
]

const NAME_RULES: readonly FindCase[] = ODD_NAMES.flatMap((field) => {
  const keys = (value: unknown): Partial<NewRecord> => ({
    keys: Object.fromEntries([[field, keysOf(value)]]),
  })
  const records = { 1: keys(1), 2: keys([2, 3]), 3: keys(3), 4: {} }
  const label = JSON.stringify(field)
  return [
    {
      name: `finds by the field ${label}`,
      records,
      query: { where: { op: 'eq', field, value: numberKey(3) } },
      finds: [3, 2],
    },
    {
      name: `excludes by a range of the field ${label}`,
      records,
      query: { where: not({ op: 'gt', field, value: numberKey(2) }) },
      finds: [4, 1],
    },
    {
      name: `sorts by the field ${label}`,
      records,
      query: { orderBy: [{ field, direction: 'asc' }] },
      finds: [4, 1, 2, 3],
    },
  ] as FindCase[]
})

function points(...all: readonly (readonly [number, number])[]): Records {
  return Object.fromEntries(
    all.map(([longitude, latitude], at) => [
      at + 1,
      { keys: { f: pointKey(longitude, latitude), n: numberKey(at + 1) } },
    ]),
  )
}

function near(longitude: number, latitude: number, km?: number, sorts = true): Condition {
  return {
    op: 'near',
    field: 'f',
    longitude,
    latitude,
    sorts,
    ...(km === undefined ? {} : { maxDistanceRadians: km / 6371 }),
  }
}

const CITIES = points([13.4, 52.5], [2.35, 48.85], [-122.4, 37.8], [139.7, 35.7], [13.41, 52.51])

const PLACE_RULES: readonly FindCase[] = [
  {
    name: 'finds the nearest first',
    records: CITIES,
    query: { where: near(13.4, 52.5) },
    finds: [1, 5, 2, 4, 3],
  },
  {
    name: 'finds within a distance',
    records: CITIES,
    query: { where: near(13.4, 52.5, 900) },
    finds: [1, 5, 2],
  },
  {
    name: 'finds the nearest few',
    records: CITIES,
    query: { where: near(2, 48), limit: 2, offset: 1 },
    finds: [1, 5],
  },
  {
    name: 'finds across the date line',
    records: points([179.9, 0], [-179.9, 0], [0, 0], [180, 0]),
    query: { where: near(-179.95, 0, 50) },
    finds: [2, 4, 1],
  },
  {
    name: 'finds around the pole',
    records: points([0, 89.9], [180, 89.9], [90, 89], [-90, 80]),
    query: { where: near(0, 89.95, 120) },
    finds: [1, 2, 3],
  },
  {
    name: 'finds around the other pole',
    records: points([10, -89.9], [-170, -89.95], [0, 0]),
    query: { where: near(10, -90, 20) },
    finds: [2, 1],
  },
  {
    name: 'applies other conditions before the limit',
    records: CITIES,
    query: {
      where: all(near(13.4, 52.5), { op: 'gt', field: 'n', value: numberKey(2) }),
      limit: 2,
    },
    finds: [5, 4],
  },
  {
    name: 'keeps an order that is named',
    records: CITIES,
    query: { where: near(13.4, 52.5, 900), orderBy: [{ field: 'n', direction: 'desc' }] },
    finds: [5, 2, 1],
  },
  {
    name: 'does not sort when it only filters',
    records: CITIES,
    query: { where: near(13.4, 52.5, 900, false) },
    finds: [5, 2, 1],
  },
  {
    name: 'finds what is not near',
    records: CITIES,
    query: { where: not(near(13.4, 52.5, 900, false)) },
    finds: [4, 3],
  },
  {
    name: 'finds near either of two',
    records: CITIES,
    query: { where: any(near(13.4, 52.5, 10, false), near(139, 35, 200, false)) },
    finds: [5, 4, 1],
  },
  {
    name: 'takes the nearest of several points',
    records: {
      1: { keys: { f: [pointKey(0, 0), pointKey(50, 50)] } },
      2: { keys: { f: pointKey(49, 50) } },
      3: {},
    },
    query: { where: near(50, 50) },
    finds: [1, 2],
  },
]

function words(...all: readonly string[]): Records {
  return Object.fromEntries(
    all.map((text, at) => [at + 1, { keys: { $text: keysOf(text.split(' ')) } }]),
  )
}

function text(
  some: readonly string[],
  phrases: readonly (readonly string[])[] = [],
  without: readonly string[] = [],
): Condition {
  return { op: 'text', words: some, phrases, without }
}

const STORIES = words('red boat', 'red car', 'blue boat', 'fast red boat', 'green')

const WORD_RULES: readonly FindCase[] = [
  {
    name: 'finds a word, the newest first',
    records: STORIES,
    query: { where: text(['red']) },
    finds: [4, 2, 1],
  },
  {
    name: 'ranks by how many words are there',
    records: STORIES,
    query: { where: text(['red', 'boat', 'fast']) },
    finds: [4, 1, 3, 2],
  },
  {
    name: 'wants all words of a phrase',
    records: STORIES,
    query: { where: text([], [['red', 'boat']]) },
    finds: [4, 1],
  },
  {
    name: 'wants a phrase and any of the words',
    records: STORIES,
    query: { where: text(['fast', 'green'], [['red', 'boat']]) },
    finds: [4],
  },
  {
    name: 'leaves out what has an excluded word',
    records: STORIES,
    query: { where: text(['boat'], [], ['red']) },
    finds: [3],
  },
  {
    name: 'finds nothing when words are only excluded',
    records: STORIES,
    query: { where: text([], [], ['red']) },
    finds: [],
  },
  {
    name: 'keeps an order that is named',
    records: STORIES,
    query: { where: text(['red', 'boat']), orderBy: [{ field: 'id', direction: 'asc' }] },
    finds: [1, 2, 3, 4],
  },
  {
    name: 'finds what has no such word',
    records: STORIES,
    query: { where: not(text(['red'])) },
    finds: [5, 3],
  },
]

export const ADA = 'ada'
export const BOB = 'bob'

const acl = (...readers: string[]): Partial<NewRecord> => ({
  type: 'acl',
  keys: { readers: keysOf(readers) },
})

const GUARDED: Records = {
  1: {},
  2: { ownerId: ADA, aclId: idOf(101) },
  3: { ownerId: BOB, aclId: idOf(102) },
  4: { ownerId: BOB, aclId: idOf(103) },
  5: { ownerId: BOB, aclId: idOf(104) },
  6: { ownerId: null, aclId: idOf(101) },
  101: acl(),
  102: acl(ADA, 'eve'),
  103: acl('*'),
}

const VISIBILITY: readonly FindCase[] = [
  {
    name: 'shows everything to the server itself',
    records: GUARDED,
    query: {},
    finds: [6, 5, 4, 3, 2, 1],
  },
  {
    name: 'shows own, listed, public and unguarded records',
    records: GUARDED,
    query: { visibleTo: ADA },
    finds: [5, 4, 3, 2, 1],
  },
  {
    name: 'shows a dangling guard as none',
    records: GUARDED,
    query: { visibleTo: 'mallory' },
    finds: [5, 4, 1],
  },
  {
    name: 'shows public records to everyone',
    records: GUARDED,
    query: { visibleTo: null },
    finds: [5, 4, 1],
  },
  {
    name: 'fills a page with what is visible',
    records: GUARDED,
    query: { visibleTo: null, limit: 2, offset: 1 },
    finds: [4, 1],
  },
]

export const FIND_CASES: Readonly<Record<string, readonly FindCase[]>> = {
  comparisons: COMPARISONS,
  lists: LIST_RULES,
  text: TEXT_RULES,
  order: ORDERS,
  ids: ID_RULES,
  'names of fields': NAME_RULES,
  places: PLACE_RULES,
  words: WORD_RULES,
  visibility: VISIBILITY,
}
