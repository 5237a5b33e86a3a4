import type { Condition, CountQuery, FindQuery } from '../../storage/port.ts'
import type { Call, ObjectDefinition, Reply } from '../definition.ts'
import { present } from '../present.ts'
import {
  orderOf,
  type QueryValues,
  queryWindow,
  REACH,
  type Window,
  whereOf,
} from '../query-params.ts'

/** The objects that a `where` finds and the caller may read. */
export async function query(call: Call, def: ObjectDefinition): Promise<Reply> {
  return queryBy(call, def, whereOf(call.params as QueryValues))
}

/** The same with a condition of the method's own making. */
export async function queryBy(
  call: Call,
  def: ObjectDefinition,
  where: Condition | undefined,
): Promise<Reply> {
  const params = call.params as QueryValues
  const window = queryWindow(call.backend, params)
  const order = orderOf(params.order)
  // Full text sorts by relevance, whatever else is asked for.
  const orderBy = params.where && Object.hasOwn(params.where, '$text') ? undefined : order
  const scope = scopeOf(call, def, where)
  const found = await call.context.store.find({
    ...scope,
    ...(orderBy ? { orderBy } : {}),
    limit: Math.max(0, Math.min(window.limit, REACH - window.offset)),
    offset: window.offset,
  })
  const counts = params.count === true || window.page !== null
  const meta = counts ? await totals(call, scope, window, params.count === true) : {}
  return { meta, items: { key: def.collection, texts: await present(call, def, found.records) } }
}

type Scope = Pick<FindQuery, 'backendId' | 'type' | 'where' | 'visibleTo'>

/** The tenant, the kind and the caller's eyes: no query goes out without them. */
export function scopeOf(call: Call, def: ObjectDefinition, where: Condition | undefined): Scope {
  return {
    backendId: call.backend.id,
    type: def.name,
    ...(where ? { where } : {}),
    ...(call.caller.admin ? {} : { visibleTo: call.caller.userId }),
  }
}

async function totals(
  call: Call,
  scope: CountQuery,
  window: Window,
  wantsCount: boolean,
): Promise<Record<string, unknown>> {
  const { count, exact } = await call.context.store.count({ ...scope, upTo: REACH })
  return {
    ...(wantsCount ? { count: exact ? count : `${REACH}+` } : {}),
    ...(window.page === null ? {} : pageMeta(window, count)),
  }
}

/** What `meta` tells of a page. */
export function pageMeta(window: Window, total: number): Record<string, number> {
  return {
    page: window.page ?? 1,
    per_page: window.limit,
    total_pages: Math.ceil(total / window.limit),
    total_results: total,
  }
}
