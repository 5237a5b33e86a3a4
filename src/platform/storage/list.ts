import { textKey } from '../../storage/keys.ts'
import type { Condition, Order, Store } from '../../storage/port.ts'
import { membersOf } from '../../tools/list/order.ts'
import { onlyValue, pageBounds, type QueryPair, valuesOf } from '../../tools/list/query.ts'
import { type Problems, quoted, refuseIfAny } from '../../tools/problems.ts'
import { OBJECT_TYPE, objectOf, type Space, type StoredObject, searchedText } from './object.ts'
import { ALL_USERS } from './space.ts'

/** A page holds no more, whatever `limit` says. */
const LIMIT_MAX = 100

const SEARCH_MAX = 200

/** What lists are sorted by, and the key of each. */
const ORDERS = {
  ...{ id: 'objectId', name: 'name', contentType: 'contentType', contentLength: 'contentLength' },
  ...{ createdBy: 'createdBy', createdOn: 'createdOn' },
  ...{ modifiedBy: 'modifiedBy', modifiedOn: 'modifiedOn' },
}

export type PageQuery = {
  readonly limit: number
  readonly offset: number
  /** The total is counted only for those who ask. */
  readonly wantsTotal: boolean
}

export type ObjectQuery = PageQuery & {
  readonly orderBy: readonly Order[]
  /** Part of an id, a name, a type or of who made or changed it; `null`: all. */
  readonly text: string | null
}

/** @throws {ApiError} `param_invalid`, naming everything that is wrong */
export function parsePage(pairs: readonly QueryPair[]): PageQuery {
  const problems: Problems = []
  const page = pageIn(pairs, problems)
  refuseIfAny(problems)
  return page
}

/** @throws {ApiError} `param_invalid`, naming everything that is wrong */
export function parseObjectQuery(pairs: readonly QueryPair[]): ObjectQuery {
  const problems: Problems = []
  const text = onlyValue('q', valuesOf(pairs, 'q'), problems)
  if (text !== null && (text.length > SEARCH_MAX || text.includes('\0'))) {
    problems.push(`'q' must be text of at most ${SEARCH_MAX} characters.`)
  }
  const query = {
    ...pageIn(pairs, problems),
    orderBy: membersOf(valuesOf(pairs, 'orderBy')).flatMap((one) => orderIn(one, problems)),
    text,
  }
  refuseIfAny(problems)
  return query
}

function pageIn(pairs: readonly QueryPair[], problems: Problems): PageQuery {
  const { limit, offset } = pageBounds(pairs, problems)
  const total = onlyValue('totalResults', valuesOf(pairs, 'totalResults'), problems)
  if (total !== null && !/^(true|false)$/i.test(total)) {
    problems.push("'totalResults' must be true or false.")
  }
  return {
    limit: Math.min(limit ?? LIMIT_MAX, LIMIT_MAX),
    offset,
    wantsTotal: total?.toLowerCase() === 'true',
  }
}

function orderIn(text: string, problems: Problems): Order[] {
  const [name = '', way = 'asc', ...rest] = text.split(':')
  const direction = way.toLowerCase()
  const isKnown = Object.hasOwn(ORDERS, name) && rest.length === 0
  if (isKnown && (direction === 'asc' || direction === 'desc')) {
    return [{ field: ORDERS[name as keyof typeof ORDERS], direction }]
  }
  const names = Object.keys(ORDERS).join(', ')
  problems.push(`${quoted(text)} is not an order; use attr, attr:asc or attr:desc of ${names}.`)
  return []
}

export type Page<T> = {
  readonly items: readonly T[]
  readonly hasMore: boolean
  readonly total: number | null
}

/** The objects of a space, or with its user `*` those of all. */
export async function listObjects(
  store: Store,
  { collection, userId }: Space,
  query: ObjectQuery,
): Promise<Page<StoredObject>> {
  const scope = { backendId: collection.id, type: OBJECT_TYPE, where: whereOf(userId, query.text) }
  const orderBy: readonly Order[] =
    query.orderBy.length > 0 ? query.orderBy : [{ field: 'objectId', direction: 'asc' }]
  const [{ records }, counted] = await Promise.all([
    store.find({ ...scope, orderBy, limit: query.limit + 1, offset: query.offset }),
    query.wantsTotal ? store.count(scope) : null,
  ])
  const objects = records.map(objectOf).filter((one) => one !== null)
  return {
    items: objects.slice(0, query.limit),
    hasMore: objects.length > query.limit,
    total: counted?.count ?? null,
  }
}

/** What was deleted is in no space. */
function whereOf(userId: string | null, text: string | null): Condition {
  const space: Condition =
    userId === ALL_USERS
      ? { op: 'exists', field: 'space' }
      : { op: 'eq', field: 'space', value: textKey(userId ?? '') }
  if (text === null) return space
  const escaped = searchedText(text).replace(/[\\^$.|?*+()[\]{}]/g, '\\$&')
  const found: Condition = {
    op: 'regex',
    field: 'searched',
    prefix: 'q',
    pattern: `^q.*${escaped}`,
  }
  return { op: 'and', all: [space, found] }
}

/** A page of things that are at hand. */
export function pageOf<T>(all: readonly T[], { limit, offset, wantsTotal }: PageQuery): Page<T> {
  return {
    items: all.slice(offset, offset + limit),
    hasMore: offset + limit < all.length,
    total: wantsTotal ? all.length : null,
  }
}

/** A page as it goes out, with links to those beside it that keep every other parameter. */
export function presentPage(
  { items, hasMore, total }: Page<object>,
  query: PageQuery,
  address: { readonly path: string; readonly pairs: readonly QueryPair[] },
) {
  const { limit, offset } = query
  const { path, pairs } = address
  const to = (target: number) => {
    const bounds = { offset: String(target), limit: String(limit) }
    const others = pairs.filter(([name]) => !Object.hasOwn(bounds, name))
    return hrefOf(path, [...Object.entries(bounds), ...others])
  }
  return {
    items,
    hasMore,
    limit,
    offset,
    count: items.length,
    ...(total !== null && { totalResults: total }),
    links: [
      { rel: 'canonical', href: path },
      { rel: 'self', href: hrefOf(path, pairs) },
      ...(hasMore ? [{ rel: 'next', href: to(offset + limit) }] : []),
      ...(offset > 0 ? [{ rel: 'prev', href: to(Math.max(0, offset - limit)) }] : []),
    ],
  }
}

function hrefOf(path: string, pairs: readonly QueryPair[]): string {
  const query = pairs.map((pair) => pair.map(encodeURIComponent).join('=')).join('&')
  return query === '' ? path : `${path}?${query}`
}
