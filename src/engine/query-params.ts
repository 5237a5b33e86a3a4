import { ApiError } from '../errors.ts'
import type { Condition, Order } from '../storage/port.ts'
import type { Backend } from './backend.ts'
import {
  described,
  flag,
  hash,
  integer,
  invalid,
  numberOf,
  type Param,
  type ParamValues,
  text,
} from './params.ts'
import { has } from './release.ts'
import { parseWhere } from './where.ts'

/** A query looks at so many objects at most; beyond, clients walk by ranges of ids. */
export const REACH = 5000

const LIMIT_MESSAGE = 'Invalid limit parameter; value must be in a valid range of 1~1000'

/** `limit` has a text of its own, which clients match on. */
const limit: Param<number | undefined> = {
  schema: { type: 'integer', minimum: 1, maximum: 1000, default: 10 },
  required: false,
  read(raw) {
    if (raw === undefined || raw === null || raw === '') return undefined
    const value = numberOf(raw)
    if (!Number.isInteger(value) || value < 1 || value > 1000) {
      throw new ApiError('param_invalid', LIMIT_MESSAGE)
    }
    return value
  },
}

/** Parameters that nearly every reading method takes. */
export const VIEW_PARAMS = {
  response_json_depth: described(
    integer({ min: 1, max: 8 }),
    'How deep objects that are referred to are expanded: 1 gives their ids.',
  ),
  show_user_like: described(flag(), 'Adds `current_user_liked` to what the caller has liked.'),
  sel: described(hash(), 'Only these members: {"all": ["name"]}.'),
  unsel: described(hash(), 'All but these members: {"all": ["updated_at"]}.'),
}

export const PAGE_PARAMS = {
  page: integer({ min: 1, max: 1_000_000 }),
  per_page: integer({ min: 1, max: 1000 }),
}

export const QUERY_PARAMS = {
  where: described(hash(), 'The conditions, as JSON.'),
  order: described(text(), 'Members, comma-separated, a leading - for descending.'),
  limit,
  skip: integer({ min: 0, max: 4999 }),
  count: described(flag(), 'Adds the number of matching objects to `meta`.'),
  new_pagination: described(flag(), 'limit and skip for an app that was made before 1.1.5.'),
  ...PAGE_PARAMS,
  ...VIEW_PARAMS,
}

export type QueryValues = ParamValues<typeof QUERY_PARAMS>
export type PageValues = ParamValues<typeof PAGE_PARAMS>

export type Window = {
  readonly limit: number
  readonly offset: number
  /** Page style: the reply's meta tells the page and the totals. */
  readonly page: number | null
}

export function pageWindow(backend: Backend, params: PageValues): Window {
  const perPage = Math.min(params.per_page ?? 10, backend.settings.perPageMax)
  const page = params.page ?? 1
  return { limit: perPage, offset: (page - 1) * perPage, page }
}

/** Which of the two pagings a query uses: the backend's release decides. */
export function queryWindow(backend: Backend, params: QueryValues): Window {
  const asksLimit = params.limit !== undefined || params.skip !== undefined
  const asksPage = params.page !== undefined || params.per_page !== undefined
  const bySkip = has(backend, 'skipPaging') || params.new_pagination === true
  if (!bySkip) return pageWindow(backend, params)
  if (asksLimit && asksPage) {
    throw new ApiError('param_invalid', 'Use either limit and skip, or page and per_page.')
  }
  if (asksPage) {
    const { limit: perPage, offset } = pageWindow(backend, params)
    return { limit: perPage, offset, page: null }
  }
  return { limit: params.limit ?? 10, offset: params.skip ?? 0, page: null }
}

export function whereOf(params: { readonly where: QueryValues['where'] }): Condition | undefined {
  return params.where ? parseWhere(params.where) : undefined
}

const ORDER_FIELDS_MAX = 8

/** `order=first_name,-created_at`. An object's age lies in its id; see `createdAt` in where.ts. */
export function orderOf(order: string | undefined): Order[] | undefined {
  if (order === undefined || order.trim() === '') return undefined
  const parts = order.replace(/^"(.*)"$/, '$1').split(',')
  if (parts.length > ORDER_FIELDS_MAX) {
    throw invalid('order', `at most ${ORDER_FIELDS_MAX} members`)
  }
  return parts.map((part): Order => {
    const [, minus, name = ''] = /^\s*(-?)\s*(.*?)\s*$/.exec(part) ?? []
    if (name === '' || name.startsWith('$')) throw invalid('order', 'names of members')
    const field = name === '_id' || name === 'created_at' ? 'id' : name
    return { field, direction: minus ? 'desc' : 'asc' }
  })
}
