import { dateKey, textKey } from '../../storage/keys.ts'
import type { Condition, Order, Store } from '../../storage/port.ts'
import { membersOf } from '../list/order.ts'
import { pageReply } from '../list/page.ts'
import { onlyValue, pageBounds, type QueryPair, valuesOf } from '../list/query.ts'
import { parseTimeBound } from '../list/times.ts'
import { type Problems, quoted, refuseIfAny } from '../problems.ts'
import {
  foldedTag,
  NOTIFICATION_TYPE,
  presentNotification,
  SEARCH_PREFIX,
  STATUSES,
} from './notification.ts'

const SEARCH_MAX = 200

/** What lists are sorted by, and the key of each. */
const ORDERS: Readonly<Record<string, string>> = {
  ...{ id: 'notificationId', status: 'status', tag: 'tag', platform: 'platform' },
  ...{ sendOn: 'sendOn', createdOn: 'createdOn', processedOn: 'processedOn' },
}

const TIMES = ['createdOn', 'processedOn', 'sendOn']

const BOUNDS = { OrAfter: 'gte', OrBefore: 'lte', Before: 'lt' } as const

type ListRequest = {
  readonly backendId: string
  /** Of the list, for its links. */
  readonly path: string
  readonly pairs: readonly QueryPair[]
  readonly now: number
  readonly limitMax: number
}

/** A page of a backend's notifications, the latest first. @throws {ApiError} `param_invalid` */
export async function listNotifications(store: Store, request: ListRequest) {
  const { backendId, path, pairs, now, limitMax } = request
  const problems: Problems = []
  const { limit, offset } = pageBounds(pairs, problems)
  const all = [
    ...statusFilter(pairs, problems),
    ...tagFilter(pairs, problems),
    ...timeFilters(pairs, now, problems),
  ]
  const orderBy = membersOf(valuesOf(pairs, 'orderBy')).flatMap((one) => orderIn(one, problems))
  refuseIfAny(problems)
  const scope = {
    ...{ backendId, type: NOTIFICATION_TYPE },
    ...(all.length > 0 && { where: { op: 'and', all } as const }),
  }
  const [{ records }, { count }] = await Promise.all([
    store.find({
      ...scope,
      ...(orderBy.length > 0 && { orderBy }),
      ...{ limit: Math.min(limit ?? limitMax, limitMax), offset },
    }),
    store.count(scope),
  ])
  const page = { path, pairs, query: { limit, offset, from: null, to: null }, limitMax }
  return pageReply(page, count, () => records.map((one) => presentNotification(one, path)))
}

function statusFilter(pairs: readonly QueryPair[], problems: Problems): Condition[] {
  const named = membersOf(valuesOf(pairs, 'status'))
  const known = named.flatMap((name) => {
    const status = STATUSES.find((one) => one.toLowerCase() === name.toLowerCase())
    if (!status) problems.push(`${quoted(name)} is no status; use ${STATUSES.join(', ')}.`)
    return status ? [textKey(status)] : []
  })
  return named.length === 0 ? [] : [{ op: 'in', field: 'status', values: known }]
}

function tagFilter(pairs: readonly QueryPair[], problems: Problems): Condition[] {
  const text = onlyValue('q', valuesOf(pairs, 'q'), problems)
  if (text === null) return []
  if (text.length > SEARCH_MAX || text.includes('\0')) {
    problems.push(`'q' must be text of at most ${SEARCH_MAX} characters.`)
    return []
  }
  const escaped = foldedTag(text).replace(/[\\^$.|?*+()[\]{}]/g, '\\$&')
  const pattern = `^${SEARCH_PREFIX}.*${escaped}`
  return [{ op: 'regex', field: 'searched', prefix: SEARCH_PREFIX, pattern }]
}

/** `createdOnOrAfter` and its kin. */
function timeFilters(pairs: readonly QueryPair[], now: number, problems: Problems): Condition[] {
  return TIMES.flatMap((field) =>
    Object.entries(BOUNDS).flatMap(([suffix, op]): Condition[] => {
      const name = `${field}${suffix}`
      const text = onlyValue(name, valuesOf(pairs, name), problems)
      if (text === null) return []
      const time = parseTimeBound(text, now)
      if (time) return [{ op, field, value: dateKey(time.ms) }]
      problems.push(`${quoted(text)} is not a time for ${quoted(name)}; use an ISO 8601 date.`)
      return []
    }),
  )
}

function orderIn(text: string, problems: Problems): Order[] {
  const [name = '', way = 'asc', ...rest] = text.split(':').map((one) => one.trim())
  const direction = way.toLowerCase()
  const field = Object.hasOwn(ORDERS, name) && rest.length === 0 ? ORDERS[name] : undefined
  if (field !== undefined && (direction === 'asc' || direction === 'desc')) {
    return [{ field, direction }]
  }
  const names = Object.keys(ORDERS).join(', ')
  problems.push(`${quoted(text)} is not an order; use attr, attr:asc or attr:desc of ${names}.`)
  return []
}
