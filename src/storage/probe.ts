import { LRUCache } from 'lru-cache'
import type { Candidates } from './candidates.ts'
import type { Connection } from './dialect.ts'
import { compareText } from './keys.ts'
import { join, sql } from './sql.ts'
import type { Range } from './where.ts'

/** Fetching and sorting so many takes about as long as walking until a page is full. */
const SORTED_MAX = 1000

const REMEMBERED_MS = 60_000
const STRETCHES_MAX = 8

/** Which conditions had many candidates lately: those need not be counted each time. */
export class ProbeMemory {
  /** Up to this many candidates are fetched and sorted; more are walked in order instead. */
  readonly sortedMax: number
  readonly #keys = new LRUCache<string, true>({ max: 2000, ttl: REMEMBERED_MS })
  /** Of each field some ranges with many candidates, the latest first. */
  readonly #stretches = new LRUCache<string, readonly Range[]>({ max: 500, ttl: REMEMBERED_MS })

  constructor(sortedMax = SORTED_MAX) {
    this.sortedMax = sortedMax
  }

  isMany({ key, stretch }: Candidates): boolean {
    if (!stretch) return key !== undefined && this.#keys.get(key) === true
    const known = this.#stretches.get(stretch.place) ?? []
    return known.some((range) => includes(stretch.range, range))
  }

  rememberMany({ key, stretch }: Candidates): void {
    if (!stretch) {
      if (key !== undefined) this.#keys.set(key, true)
      return
    }
    const { place, range } = stretch
    const others = (this.#stretches.get(place) ?? []).filter((other) => !includes(other, range))
    this.#stretches.set(place, [range, ...others].slice(0, STRETCHES_MAX))
  }
}

/** True when everything in the range `inner` is in `outer`, as far as its ends tell. */
function includes(outer: Range, inner: Range): boolean {
  return startsBefore(outer, inner) && endsAfter(outer, inner)
}

function startsBefore(outer: Range, inner: Range): boolean {
  const from = outer.from ?? outer.after
  const other = inner.from ?? inner.after
  if (from === undefined || other === undefined) return from === undefined
  const order = compareText(from, other)
  return order < 0 || (order === 0 && (outer.from !== undefined || inner.from === undefined))
}

function endsAfter(outer: Range, inner: Range): boolean {
  const upTo = outer.upTo ?? outer.below
  const other = inner.upTo ?? inner.below
  if (upTo === undefined || other === undefined) return upTo === undefined
  const order = compareText(upTo, other)
  return order > 0 || (order === 0 && (outer.upTo !== undefined || inner.upTo === undefined))
}

/** The candidates that are fewest, if they are few at all. */
export async function fewest(
  connection: Connection,
  memory: ProbeMemory,
  candidates: readonly Candidates[],
): Promise<Candidates | null> {
  const { sortedMax } = memory
  const known = candidates.filter((each) => each.count !== undefined)
  const unknown = candidates.filter((each) => each.count === undefined && !memory.isMany(each))
  const counted = [...known, ...(await counts(connection, unknown, sortedMax + 1))]
  for (const each of counted) {
    if ((each.count ?? 0) > sortedMax) memory.rememberMany(each)
  }
  const best = counted.sort((a, b) => (a.count ?? 0) - (b.count ?? 0))[0]
  // A list of ids is no longer than what the caller gave, so it is always worth following.
  return best && ((best.count ?? 0) <= sortedMax || known.includes(best)) ? best : null
}

async function counts(
  connection: Connection,
  candidates: readonly Candidates[],
  limit: number,
): Promise<Candidates[]> {
  if (candidates.length === 0) return []
  const counted = candidates.map(
    ({ ids }) => sql`(SELECT count(*) FROM (SELECT * FROM (${ids}) p LIMIT ${limit}) q)`,
  )
  const [row = []] = await connection.all(sql`SELECT ${join(counted, ', ')}`)
  return candidates.map((each, at) => ({ ...each, count: row[at] as number }))
}
