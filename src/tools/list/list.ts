import type { Asset } from '../assets/asset.ts'
import type { FilterTypes } from './filter-types.ts'
import { languageOf } from './language.ts'
import { testsOf } from './matches.ts'
import { type ListReply, pageReply } from './page.ts'
import { type ListQuery, parseListQuery, queryPairs } from './query.ts'
import type { Snapshot } from './snapshot.ts'

/** What a list of one type of assets needs to know of it. */
export type ListDefinition<A extends Asset> = {
  readonly path: string
  readonly filterTypes: FilterTypes<A>
  readonly present: (asset: A) => object
  /** Values of `filterType` that hold where none of the same axis is given. */
  readonly defaults?: readonly string[]
}

/** Where a list comes from. */
export type ListSource<A extends Asset> = { current(): Promise<Snapshot<A>> }

export type ListRequest = {
  /** The query as it came, without the question mark. */
  readonly query: string
  readonly acceptLanguage: string | undefined
  readonly nowMs: number
  /** How many items a page may hold; a larger `limit` is reduced to it. */
  readonly limitMax: number
}

/**
 * Answers a list of assets: filters, counts, sorts, cuts a page, and links to the other pages.
 *
 * @throws {ApiError} `param_invalid`, naming everything that is wrong with the parameters
 */
export async function listAssets<A extends Asset>(
  collection: ListSource<A>,
  definition: ListDefinition<A>,
  request: ListRequest,
): Promise<{ readonly reply: ListReply; readonly language: string }> {
  const pairs = queryPairs(request.query)
  const query = withDefaults(
    parseListQuery(pairs, definition.filterTypes, request.nowMs),
    definition,
  )
  const language = languageOf(request.acceptLanguage)
  const snapshot = await collection.current()

  let found = snapshot.sorted(query.order, language, query.text)
  for (const test of testsOf(query, definition.filterTypes)) found = found.filter(test)
  const reply = pageReply(
    { path: definition.path, pairs, query, limitMax: request.limitMax },
    found.length,
    (offset, limit) =>
      found.slice(offset, offset + limit).map(({ asset }) => definition.present(asset)),
  )
  return { reply, language }
}

function withDefaults<A extends Asset>(
  query: ListQuery,
  { filterTypes, defaults = [] }: ListDefinition<A>,
): ListQuery {
  const axes = new Set(query.filterTypes.map((one) => filterTypes[one]?.axis))
  const missing = defaults.filter((one) => !axes.has(filterTypes[one]?.axis))
  return { ...query, filterTypes: [...query.filterTypes, ...missing] }
}
