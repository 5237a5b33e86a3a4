import type { Asset } from '../assets/asset.ts'
import { type Problems, quoted, refuseIfAny } from '../problems.ts'
import { type FilterTypes, parseFilterTypes } from './filter-types.ts'
import { foldCase } from './fold.ts'
import { type OrderTerm, parseOrder } from './order.ts'
import { parseInt64, parseTimeBound, type TimeBound } from './times.ts'

export type QueryPair = readonly [name: string, value: string]

/** Times of a query, which may be told from now. */
export type TimeBounds = { readonly from: TimeBound | null; readonly to: TimeBound | null }

/** The parameters of a list after checking; `null` and the empty list constrain nothing. */
export type ListQuery = TimeBounds & {
  readonly ids: ReadonlySet<string> | null
  readonly excluded: ReadonlySet<string>
  readonly filterTypes: readonly string[]
  /** Case folded. */
  readonly text: string | null
  readonly order: readonly OrderTerm[]
  readonly limit: number | null
  readonly offset: number
}

/** The parameters of a query in the order received, decoded. A bad escape stands for itself. */
export function queryPairs(query: string): QueryPair[] {
  return [...new URLSearchParams(query)]
}

/**
 * Reads the parameters of a list. Unknown ones are ignored, and an empty one is as good as absent;
 * a filter that is not understood is never ignored, since a list wider than asked is a danger to
 * whoever deletes what it names.
 *
 * @throws {ApiError} `param_invalid`, naming everything that is wrong
 */
export function parseListQuery<A extends Asset>(
  pairs: readonly QueryPair[],
  known: FilterTypes<A>,
  nowMs: number,
): ListQuery {
  const problems: Problems = []
  const all = (name: string) => valuesOf(pairs, name)
  const one = (name: string) => onlyValue(name, all(name), problems)
  const ids = all('id').map((id) => id.toLowerCase())
  const text = one('q')
  const query: ListQuery = {
    ids: ids.length === 0 ? null : new Set(ids),
    excluded: new Set(all('exclude').map((id) => id.toLowerCase())),
    filterTypes: parseFilterTypes(all('filterType'), known, problems),
    ...timeBounds(pairs, nowMs, problems),
    text: text === null || text.trim() === '' ? null : foldCase(text),
    order: parseOrder(all('orderBy'), problems),
    ...pageBounds(pairs, problems),
  }
  refuseIfAny(problems)
  return query
}

/** `fromTime` and `toTime`, which lists take of what has a time. */
export function timeBounds(
  pairs: readonly QueryPair[],
  nowMs: number,
  problems: Problems,
): TimeBounds {
  const one = (name: string) => onlyValue(name, valuesOf(pairs, name), problems)
  return {
    from: timeBound('fromTime', one('fromTime'), nowMs, problems),
    to: timeBound('toTime', one('toTime'), nowMs, problems),
  }
}

/** `limit` and `offset`, which every list takes. */
export function pageBounds(
  pairs: readonly QueryPair[],
  problems: Problems,
): Pick<ListQuery, 'limit' | 'offset'> {
  const one = (name: string) => onlyValue(name, valuesOf(pairs, name), problems)
  return {
    limit: wholeNumber('limit', one('limit'), 1, problems),
    offset: wholeNumber('offset', one('offset'), 0, problems) ?? 0,
  }
}

/** The values of a parameter in the order received; an empty one is as good as absent. */
export function valuesOf(pairs: readonly QueryPair[], name: string): string[] {
  return pairs.filter((pair) => pair[0] === name && pair[1] !== '').map((pair) => pair[1])
}

/** Two different answers to one question cannot both be meant. */
export function onlyValue(
  name: string,
  values: readonly string[],
  problems: Problems,
): string | null {
  if (new Set(values).size > 1) problems.push(`${quoted(name)} is given more than once.`)
  return values[0] ?? null
}

function timeBound(
  name: string,
  text: string | null,
  nowMs: number,
  problems: Problems,
): TimeBound | null {
  const bound = text === null ? null : parseTimeBound(text, nowMs)
  if (text !== null && bound === null) {
    problems.push(
      `${quoted(text)} is not a time for ${quoted(name)}; use milliseconds since 1970, an ISO 8601 date, or -30s, -15m, -2h.`,
    )
  }
  return bound
}

function wholeNumber(
  name: string,
  text: string | null,
  least: number,
  problems: Problems,
): number | null {
  if (text === null) return null
  const value = parseInt64(text)
  if (value !== null && value >= least) return Math.min(value, Number.MAX_SAFE_INTEGER)
  problems.push(`${quoted(name)} must be a whole number from ${least} on, not ${quoted(text)}.`)
  return null
}
