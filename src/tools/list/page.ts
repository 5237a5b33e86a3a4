import type { Link } from '../assets/asset.ts'
import { type Problems, refuseIfAny } from '../problems.ts'
import { hasMore, listLinks, type Page } from './links.ts'
import { type ListQuery, pageBounds, type QueryPair, type TimeBounds } from './query.ts'

export type ListReply = {
  readonly count: number
  readonly totalResults: number
  readonly hasMore: boolean
  readonly links: readonly Link[]
  readonly items: readonly object[]
  readonly limit: number
  readonly offset: number
}

type PageRequest = {
  readonly path: string
  readonly pairs: readonly QueryPair[]
  readonly query: Pick<ListQuery, 'limit' | 'offset'> & TimeBounds
  /** How many items a page may hold; a larger `limit` is reduced to it. */
  readonly limitMax: number
}

/** One page of a list, with links to the others. */
export function pageReply(
  { path, pairs, query, limitMax }: PageRequest,
  total: number,
  cut: (offset: number, limit: number) => readonly object[],
): ListReply {
  const limit = Math.min(query.limit ?? limitMax, limitMax)
  const items = cut(query.offset, limit)
  const page: Page = {
    offset: query.offset,
    limit,
    limited: query.limit !== null || total > limit,
    count: items.length,
    total,
  }
  return {
    count: page.count,
    totalResults: page.total,
    hasMore: hasMore(page),
    links: listLinks(path, pairs, query, page),
    items,
    limit,
    offset: page.offset,
  }
}

/**
 * The parameters of a list that can only be paged.
 *
 * @param more reads those that the list takes besides
 * @throws {ApiError} `param_invalid`, naming everything that is wrong
 */
export function parsePageQuery(
  pairs: readonly QueryPair[],
  more: (problems: Problems) => void = () => undefined,
): PageRequest['query'] {
  const problems: Problems = []
  const bounds = pageBounds(pairs, problems)
  more(problems)
  refuseIfAny(problems)
  return { ...bounds, from: null, to: null }
}
