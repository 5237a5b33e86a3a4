import { resolveNear } from './area.ts'
import { conjuncts, effectiveOrder } from './conditions.ts'
import type { Core } from './core.ts'
import { findNearest, nearestIds, sortingNear } from './nearest.ts'
import { findOrdered } from './ordered.ts'
import type { Condition, FindQuery } from './port.ts'
import { findByRelevance, rankingText } from './relevance.ts'
import type { FoundRows, Search } from './search.ts'

/** By an order of its own, a search by distance looks at the nearest so many only. */
const NEAREST_ORDERED_MAX = 5000

/** Finds records: chooses how, and leaves the rest to the ways there are. */
export async function find(core: Core, query: FindQuery): Promise<FoundRows> {
  const { connection } = core
  const scope = { dialect: connection.dialect, backendId: query.backendId, type: query.type }
  const page = { limit: query.limit, offset: query.offset ?? 0 }
  const isOrdered = (query.orderBy?.length ?? 0) > 0
  const near = sortingNear(query.where)
  const text = isOrdered || near ? undefined : rankingText(query.where)
  const where = await resolveNear(connection, scope, query.where, near)
  const search: Search = {
    ...core,
    scope,
    conditions: conjuncts(where),
    visibleTo: query.visibleTo,
  }
  if (near && !isOrdered) return findNearest(search, near, page)
  if (near) {
    const ids = await nearestIds(search, near, NEAREST_ORDERED_MAX)
    const among: Condition = { op: 'in', field: 'id', values: ids }
    const order = effectiveOrder(query.orderBy)
    return { rows: await findOrdered({ ...search, conditions: [among] }, order, page) }
  }
  if (text) return { rows: await findByRelevance(search, text, page) }
  return { rows: await findOrdered(search, effectiveOrder(query.orderBy), page) }
}
