import type { Named, ObjectThing, Thing, Values } from './calls.ts'
import { OBJECTS } from './makers.ts'
import type { Outcome, Row } from './rows.ts'
import { type Caller, STATES, type State } from './scene.ts'

/** Who calls methods about objects that an ACL can guard. */
export const GUARDED_CALLERS = [
  'nobody',
  'a stranger',
  'the owner',
  'a reader',
  'a writer',
  'an administrator',
  'an administrator as: the owner',
  'an administrator as: a stranger',
  'a stranger as: the owner',
  'an administrator of another backend',
] as const satisfies readonly Caller[]

/** One outcome for each of {@link GUARDED_CALLERS}, in their order. */
type Outcomes = readonly [
  ...[nobody: Outcome, stranger: Outcome, owner: Outcome, reader: Outcome, writer: Outcome],
  ...[admin: Outcome, adminAsOwner: Outcome, adminAsStranger: Outcome, pretender: Outcome],
  ...[outsider: Outcome],
]

const ANYONE: Outcomes = [
  ...(['yes', 'yes', 'yes', 'yes', 'yes'] as const),
  ...(['yes', 'yes', 'yes', 'yes', 'yes'] as const),
]
const MADE: Outcomes = [
  ...(['login', 'yes', 'yes', 'yes', 'yes'] as const),
  ...(['yes', 'yes', 'yes', 'pretender', 'stale'] as const),
]

/**
 * The rules, by what the object is guarded with. Who reads needs no login; a session of another
 * backend is none then, and `su_id` says nothing.
 */
const RULES = {
  create: { 'without an ACL': MADE, 'with a private ACL': MADE, 'with a public ACL': MADE },
  show: {
    'without an ACL': ANYONE,
    'with a private ACL': [
      ...(['denied', 'denied', 'yes', 'yes', 'denied'] as const),
      ...(['yes', 'yes', 'yes', 'denied', 'denied'] as const),
    ],
    'with a public ACL': ANYONE,
  },
  /** Finding leaves out what one may not read. */
  find: {
    'without an ACL': ANYONE,
    'with a private ACL': [
      ...(['own', 'own', 'yes', 'yes', 'own'] as const),
      ...(['yes', 'yes', 'yes', 'own', 'own'] as const),
    ],
    'with a public ACL': ANYONE,
  },
  change: {
    'without an ACL': [
      ...(['login', 'foreign', 'yes', 'foreign', 'foreign'] as const),
      ...(['yes', 'yes', 'foreign', 'pretender', 'stale'] as const),
    ],
    'with a private ACL': [
      ...(['login', 'denied', 'yes', 'denied', 'yes'] as const),
      ...(['yes', 'yes', 'denied', 'pretender', 'stale'] as const),
    ],
    'with a public ACL': [
      ...(['login', 'yes', 'yes', 'yes', 'yes'] as const),
      ...(['yes', 'yes', 'yes', 'pretender', 'stale'] as const),
    ],
  },
  /** Whoever likes or reviews an object has to be able to read it. */
  answer: {
    'without an ACL': MADE,
    'with a private ACL': [
      ...(['login', 'denied', 'yes', 'yes', 'denied'] as const),
      ...(['yes', 'yes', 'yes', 'pretender', 'stale'] as const),
    ],
    'with a public ACL': MADE,
  },
} as const satisfies Readonly<Record<string, Readonly<Record<State, Outcomes>>>>
type Rule = keyof typeof RULES

/** A method of an object and its rule, and what else the row needs. */
type Method = Omit<Row, 'outcomes' | 'state'> & { readonly rule: Rule }

const byMark = ({ mark }: Named): Values => ({ q: mark })

/** The methods that nearly every object has. Reviews are made of others: see {@link ANSWERED}. */
function usual(thing: ObjectThing): Method[] {
  const [path, , type] = OBJECTS[thing]
  const create: Method = { path: `${path}/create`, rule: 'create', effect: { makes: type } }
  return [
    ...(thing === 'review' ? [] : [create]),
    { path: `${path}/show`, rule: 'show', of: thing },
    { path: `${path}/query`, rule: 'find', of: thing },
    { path: `${path}/update`, rule: 'change', of: thing },
    { path: `${path}/delete`, rule: 'change', of: thing },
  ]
}

function search(path: string, of: Thing): Method {
  return { path, rule: 'find', of, values: byMark }
}

/** What can be liked and reviewed, and the parameter that names it. */
const TARGETS: Readonly<Partial<Record<Thing, string>>> = {
  user: 'user_object_id',
  place: 'place_id',
  event: 'event_id',
  checkin: 'checkin_id',
  status: 'status_id',
  post: 'post_id',
  photo: 'photo_id',
  review: 'review_id',
  boat: 'custom_object_id',
}

function answers([of, param]: readonly [Thing, string]): Method[] {
  const target = (named: Named): Values => ({ [param]: named[of], content: named.mark })
  return [
    { path: 'reviews/create', rule: 'answer', of, values: target, effect: { makes: 'review' } },
    { path: 'likes/create', rule: 'answer', of, values: target, effect: { makes: 'like' } },
  ]
}

/** So that there is something to show in it. */
const withPhoto: Row['prepare'] = (scene, { id }) =>
  scene.done('photos/create', scene.owner, { collection_id: id })
const withSubcollection: Row['prepare'] = (scene, { id }) =>
  scene.done('collections/create', scene.owner, { parent_collection_id: id })

const METHODS: readonly Method[] = [
  ...(Object.keys(OBJECTS) as ObjectThing[]).flatMap(usual),
  // Of users, an ACL says who reads; how they are changed stands in the table of private things.
  { path: 'users/show', rule: 'show', of: 'user' },
  { path: 'users/query', rule: 'find', of: 'user' },
  search('users/search', 'user'),
  search('places/search', 'place'),
  search('photos/search', 'photo'),
  search('events/search', 'event'),
  search('events/search/occurrences', 'event'),
  { path: 'events/show/occurrences', rule: 'show', of: 'event' },
  { path: 'events/query/occurrences', rule: 'find', of: 'event' },
  {
    path: 'collections/search',
    rule: 'find',
    of: 'collection',
    values: ({ user, mark }) => ({ user_id: user, q: mark }),
  },
  { path: 'collections/show/photos', rule: 'show', of: 'collection', prepare: withPhoto },
  {
    path: 'collections/show/subcollections',
    rule: 'show',
    of: 'collection',
    prepare: withSubcollection,
  },
]

function inEachState({ rule, ...method }: Method): Row[] {
  const states = rule === 'create' ? (['without an ACL'] as const) : STATES
  return states.map((state) => ({ ...method, state, outcomes: RULES[rule][state] }))
}

/** Making, reading and changing objects. */
export const GUARDED: readonly Row[] = METHODS.flatMap(inEachState)

/** Liking and reviewing them. */
export const ANSWERED: readonly Row[] = Object.entries(TARGETS)
  .flatMap((one) => answers(one as [Thing, string]))
  .flatMap(inEachState)
