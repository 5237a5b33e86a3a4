import { LRUCache } from 'lru-cache'
import type { Candidates } from './candidates.ts'
import type { Connection } from './dialect.ts'
import { join, sql } from './sql.ts'

/** Fetching and sorting so many takes about as long as walking until a page is full. */
const SORTED_MAX = 1000

const REMEMBERED_MS = 60_000

/** Which conditions had many candidates lately: those need not be counted each time. */
export class ProbeMemory {
  /** Up to this many candidates are fetched and sorted; more are walked in order instead. */
  readonly sortedMax: number
  readonly #many = new LRUCache<string, true>({ max: 2000, ttl: REMEMBERED_MS })

  constructor(sortedMax = SORTED_MAX) {
    this.sortedMax = sortedMax
  }

  isMany(key: string | undefined): boolean {
    return key !== undefined && this.#many.get(key) === true
  }

  rememberMany(key: string | undefined): void {
    if (key !== undefined) this.#many.set(key, true)
  }
}

/** The candidates that are fewest, if they are few at all. */
export async function fewest(
  connection: Connection,
  memory: ProbeMemory,
  candidates: readonly Candidates[],
): Promise<Candidates | null> {
  const { sortedMax } = memory
  const known = candidates.filter((each) => each.count !== undefined)
  const unknown = candidates.filter((each) => each.count === undefined && !memory.isMany(each.key))
  const counted = [...known, ...(await counts(connection, unknown, sortedMax + 1))]
  for (const each of counted) {
    if ((each.count ?? 0) > sortedMax) memory.rememberMany(each.key)
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
