import { ApiError } from '../../errors.ts'
import { dateKey, textKey } from '../../storage/keys.ts'
import type { Condition } from '../../storage/port.ts'
import { readBackend } from '../backends/read.ts'
import type { ToolsContext } from '../context.ts'
import { onlyValue, type QueryPair, valuesOf } from '../list/query.ts'
import { parseTimeBound } from '../list/times.ts'
import { namedFieldsOf } from '../named/named.ts'
import { type Problems, quoted, refuseIfAny } from '../problems.ts'
import { ANALYTICS_APPS, dayIn } from './app.ts'
import { analyticsAppFor } from './for-backend.ts'

/** The record type of events, in the tenant of the backend that they came through. */
export const EVENT_TYPE = '$analytics_event'

const DAY_MS = 86_400_000
const DEFAULT_DAYS = 30
const DAYS_MAX = 366
const DAYS_AT_ONCE = 20

type Query = {
  readonly name: string | null
  readonly from: number
  readonly to: number
  readonly byDay: boolean
}

/** @throws {ApiError} `param_invalid` */
export function parseCountQuery(pairs: readonly QueryPair[], now: number): Query {
  const problems: Problems = []
  const one = (name: string) => onlyValue(name, valuesOf(pairs, name), problems)
  const time = (name: string) => {
    const text = one(name)
    const bound = text === null ? null : parseTimeBound(text, now)
    if (text !== null && !bound) {
      problems.push(`${quoted(text)} is not a time for ${quoted(name)}; use an ISO 8601 date.`)
    }
    return bound?.ms ?? null
  }
  const to = time('to') ?? now
  const from = time('from') ?? to - DEFAULT_DAYS * DAY_MS
  const by = one('by')
  if (by !== null && by !== 'day') problems.push("'by' must be day.")
  if (from > to) problems.push("'from' must not be after 'to'.")
  else if (to - from > DAYS_MAX * DAY_MS) problems.push(`At most ${DAYS_MAX} days can be counted.`)
  const query = { name: one('name'), from, to, byDay: by === 'day' }
  refuseIfAny(problems)
  return query
}

/**
 * How many events came through a backend, `from` and `to` included; by days as its analytics app
 * has them.
 *
 * @throws {ApiError} `asset_unknown`, `analytics_app_unknown` when it has none
 */
export async function countEvents(tools: ToolsContext, id: string, query: Query) {
  const backend = await readBackend(tools, id)
  const app = await analyticsAppFor(tools, backend)
  if (!app) throw new ApiError('analytics_app_unknown', 'The backend has no analytics app.')
  const { timeZone } = namedFieldsOf(ANALYTICS_APPS, app)
  const { name, from, to, byDay } = query
  const where: Condition[] = [
    { op: 'eq', field: 'app', value: textKey(app.id) },
    { op: 'gte', field: 'at', value: dateKey(from) },
    { op: 'lte', field: 'at', value: dateKey(to) },
    ...(name === null ? [] : [{ op: 'eq', field: 'name', value: textKey(name) } as const]),
  ]
  const count = async (more: readonly Condition[] = []) => {
    const all = [...where, ...more]
    const scope = { backendId: backend.id, type: EVENT_TYPE, where: { op: 'and', all } as const }
    return (await tools.store.count(scope)).count
  }
  const countDay = async (day: string) => ({
    day,
    count: await count([{ op: 'eq', field: 'day', value: textKey(day) }]),
  })
  const items: { readonly day: string; readonly count: number }[] = []
  const days = byDay ? daysBetween(timeZone, from, to) : []
  for (let at = 0; at < days.length; at += DAYS_AT_ONCE) {
    items.push(...(await Promise.all(days.slice(at, at + DAYS_AT_ONCE).map(countDay))))
  }
  return {
    ...{ analyticsAppGuid: app.id, timeZone, name },
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    count: await count(),
    ...(byDay && { items }),
  }
}

function daysBetween(timeZone: string, from: number, to: number): string[] {
  const days = new Set<string>()
  // Steps shorter than any day that the clocks are put forward on.
  for (let at = from; at < to; at += DAY_MS / 2) days.add(dayIn(timeZone, at))
  return [...days.add(dayIn(timeZone, to))]
}
