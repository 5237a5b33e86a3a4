import type { Asset, Link } from '../assets/asset.ts'
import type { AssetCollection } from './collection.ts'
import type { FilterTypes } from './filter-types.ts'
import { languageOf } from './language.ts'
import { hasMore, listLinks, type Page } from './links.ts'
import { testsOf } from './matches.ts'
import { parseListQuery, queryPairs } from './query.ts'

/** What a list of one type of assets needs to know of it. */
export type ListDefinition<A extends Asset> = {
  readonly path: string
  readonly filterTypes: FilterTypes<A>
  readonly present: (asset: A) => object
}

export type ListRequest = {
  /** The query as it came, without the question mark. */
  readonly query: string
  readonly acceptLanguage: string | undefined
  readonly nowMs: number
  /** How many items a page may hold; a larger `limit` is reduced to it. */
  readonly limitMax: number
}

export type ListReply = {
  readonly count: number
  readonly totalResults: number
  readonly hasMore: boolean
  readonly links: readonly Link[]
  readonly items: readonly object[]
  readonly limit: number
  readonly offset: number
}

/**
 * Answers a list of assets: filters, counts, sorts, cuts a page, and links to the other pages.
 *
 * @throws {ApiError} `param_invalid`, naming everything that is wrong with the parameters
 */
export async function listAssets<A extends Asset>(
  collection: AssetCollection<A>,
  definition: ListDefinition<A>,
  request: ListRequest,
): Promise<{ readonly reply: ListReply; readonly language: string }> {
  const pairs = queryPairs(request.query)
  const query = parseListQuery(pairs, definition.filterTypes, request.nowMs)
  const language = languageOf(request.acceptLanguage)
  const snapshot = await collection.current()

  let found = snapshot.sorted(query.order, language)
  for (const test of testsOf(query, definition.filterTypes)) found = found.filter(test)
  const limit = Math.min(query.limit ?? request.limitMax, request.limitMax)
  const items = found.slice(query.offset, query.offset + limit)
  const page: Page = {
    offset: query.offset,
    limit,
    limited: query.limit !== null || found.length > limit,
    count: items.length,
    total: found.length,
  }
  const reply = {
    count: page.count,
    totalResults: page.total,
    hasMore: hasMore(page),
    links: listLinks(definition.path, pairs, query, page),
    items: items.map(({ asset }) => definition.present(asset)),
    limit,
    offset: page.offset,
  }
  return { reply, language }
}
