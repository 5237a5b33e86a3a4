import type { Asset } from '../assets/asset.ts'
import { type FilterTypes, filterTypeTest } from './filter-types.ts'
import type { ListQuery } from './query.ts'
import type { Entry } from './snapshot.ts'

type Test<A extends Asset> = (entry: Entry<A>) => boolean

/**
 * The tests that an asset must pass to be listed, besides that of its texts: one for each kind of
 * filter that was given.
 */
export function testsOf<A extends Asset>(query: ListQuery, known: FilterTypes<A>): Test<A>[] {
  const tests = [idTest(query), filterTypesTest(query, known), timeTest(query)]
  return tests.filter((test) => test !== null)
}

function idTest({ ids, excluded }: ListQuery): Test<Asset> | null {
  if (!ids && excluded.size === 0) return null
  return ({ asset }) => (ids?.has(asset.id) ?? true) && !excluded.has(asset.id)
}

function filterTypesTest<A extends Asset>(
  { filterTypes }: ListQuery,
  known: FilterTypes<A>,
): Test<A> | null {
  if (filterTypes.length === 0) return null
  const holds = filterTypeTest(filterTypes, known)
  return ({ asset }) => holds(asset)
}

/** By the time of deletion for what is in the trash, by that of modification otherwise. */
function timeTest({ from, to }: ListQuery): Test<Asset> | null {
  if (!from && !to) return null
  const earliest = from?.ms ?? Number.NEGATIVE_INFINITY
  const latest = to?.ms ?? Number.POSITIVE_INFINITY
  return ({ asset }) => {
    const time = (asset.inTrash ? asset.deletedOn : null) ?? asset.modifiedOn
    return time >= earliest && time <= latest
  }
}
