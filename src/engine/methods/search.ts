import { ApiError } from '../../errors.ts'
import { keyOf } from '../../storage/keys.ts'
import type { Condition } from '../../storage/port.ts'
import type { Call, ObjectDefinition, Reply } from '../definition.ts'
import { decimal, described, id, type ParamValues, text } from '../params.ts'
import { present, viewOptions } from '../present.ts'
import { PAGE_PARAMS, pageWindow, REACH, VIEW_PARAMS } from '../query-params.ts'
import { has } from '../release.ts'
import { textCondition } from '../where.ts'
import { pageMeta, scopeOf } from './query.ts'

const EARTH_RADIUS_KM = 6371

export const SEARCH_PARAMS = {
  q: described(text({ max: 1000 }), 'Words, in any case.'),
  user_id: described(id(), 'Only what this user owns.'),
  latitude: decimal({ min: -90, max: 90, unit: 'degrees' }),
  longitude: decimal({ min: -180, max: 180, unit: 'degrees' }),
  distance: decimal({ min: 0, max: 20_100, unit: 'kilometres' }),
  ...PAGE_PARAMS,
  ...VIEW_PARAMS,
}

type SearchValues = ParamValues<typeof SEARCH_PARAMS>

/** Ranked by nearness when a position is given, else by how many of the words are met. */
export function search(call: Call, def: ObjectDefinition): Promise<Reply> {
  return searchBy(call, def, [])
}

/** The same within what the method's own conditions leave. */
export async function searchBy(
  call: Call,
  def: ObjectDefinition,
  within: readonly Condition[],
): Promise<Reply> {
  if (def.searchRetired && has(call.backend, 'noSearch')) {
    throw new ApiError('deprecated', 'search.json has been deprecated. Please use $text query')
  }
  const params = call.params as SearchValues
  const window = pageWindow(call.backend, params)
  const scope = scopeOf(call, def, { op: 'and', all: [...within, ...searchConditions(params)] })
  const { records, distancesKm } = await call.context.store.find({
    ...scope,
    limit: Math.max(0, Math.min(window.limit, REACH - window.offset)),
    offset: window.offset,
  })
  const { count } = await call.context.store.count({ ...scope, upTo: REACH })
  const extra = distancesKm?.map((distance) => ({ distance }))
  const texts = await present(call, def, records, viewOptions(call), extra)
  return { meta: pageMeta(window, count), items: { key: def.collection, texts } }
}

function searchConditions(params: SearchValues): Condition[] {
  const all: Condition[] = []
  const { q, latitude, longitude, distance } = params
  if (q !== undefined && q.trim() !== '') all.push(textCondition(q))
  if (params.user_id) all.push({ op: 'eq', field: 'user_id', value: keyOf(params.user_id) })
  if ((latitude === undefined) !== (longitude === undefined)) {
    throw new ApiError('param_invalid', 'latitude and longitude go together.')
  }
  if (latitude !== undefined && longitude !== undefined) {
    const reach = distance === undefined ? {} : { maxDistanceRadians: distance / EARTH_RADIUS_KM }
    all.push({ op: 'near', field: 'lnglat', longitude, latitude, sorts: true, ...reach })
  }
  return all
}
