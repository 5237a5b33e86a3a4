import type { Link } from '../assets/asset.ts'
import type { QueryPair, TimeBounds } from './query.ts'

export type Page = {
  readonly offset: number
  /** How many items a page holds at most. */
  readonly limit: number
  /** True when the caller named a limit, or the server's own one cut the list. */
  readonly limited: boolean
  readonly count: number
  readonly total: number
}

export function hasMore({ offset, count, total }: Page): boolean {
  return offset + count < total
}

/** `next`, `prev`, `first`, `last`, `canonical`, `self`: those that lead somewhere, in this order. */
export function listLinks(
  path: string,
  pairs: readonly QueryPair[],
  query: TimeBounds,
  page: Page,
): Link[] {
  const { offset, limit, limited, total } = page
  const carried = carriedPairs(pairs, query)
  const to = (rel: string, target: number): Link => ({
    rel,
    href: hrefOf(path, [
      ['offset', String(target)],
      ['limit', String(limit)],
      ['totalResults', 'true'],
      ...carried,
    ]),
  })
  const last = Math.max(0, Math.floor((total - 1) / limit) * limit)
  const previous = offset >= total ? last : Math.max(0, offset - limit)
  return [
    ...(hasMore(page) ? [to('next', offset + limit)] : []),
    ...(offset > 0 ? [to('prev', previous)] : []),
    ...(limited ? [to('first', 0), to('last', last)] : []),
    { rel: 'canonical', href: path },
    { rel: 'self', href: hrefOf(path, pairs) },
  ]
}

/**
 * What a link to another page takes over from the caller, in the order received. Times told from
 * now become those of this request, so that all pages show one window.
 */
function carriedPairs(pairs: readonly QueryPair[], query: TimeBounds): QueryPair[] {
  return pairs
    .filter(([name]) => name !== 'offset' && name !== 'limit' && name !== 'totalResults')
    .map(([name, value]) => {
      const bound = name === 'fromTime' ? query.from : name === 'toTime' ? query.to : null
      return [name, bound?.relative && value !== '' ? String(bound.ms) : value]
    })
}

function hrefOf(path: string, pairs: readonly QueryPair[]): string {
  if (pairs.length === 0) return path
  const query = pairs
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&')
  return `${path}?${query}`
}
