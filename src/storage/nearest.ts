import { type Distant, type Near, nearestOfEach, pointsWithin } from './area.ts'
import { indexField } from './entries.ts'
import { EARTH_RADIUS_KM } from './geo.ts'
import { compareText, pointKey } from './keys.ts'
import type { Condition } from './port.ts'
import { type FoundRows, matching, type Page, type Search } from './search.ts'
import { sql } from './sql.ts'
import { recordsInOrder } from './walk.ts'

/** The other side of the Earth. */
const RADIUS_MAX = Math.PI
/** So many neighbours along the curve, on either side, say how far to look. */
const NEIGHBOURS = 64
const CHUNK = 500

/** The search by distance that sorts the result: one that every record has to satisfy. */
export function sortingNear(where: Condition | undefined): Near | undefined {
  if (where?.op === 'near') return where.sorts ? where : undefined
  if (where?.op !== 'and') return undefined
  return where.all.map(sortingNear).find((near) => near !== undefined)
}

/** The nearest first, equally near ones by id, descending. */
export async function findNearest(search: Search, near: Near, page: Page): Promise<FoundRows> {
  const nearest = await collect(search, near, page.offset + page.limit)
  const wanted = nearest.slice(page.offset)
  const rows = await recordsInOrder(
    search,
    wanted.map(({ id }) => id),
  )
  const distances = new Map(wanted.map(({ id, distance }) => [id, distance]))
  return {
    rows,
    distancesKm: rows.map((row) => (distances.get(row[0] as string) ?? 0) * EARTH_RADIUS_KM),
  }
}

export async function nearestIds(search: Search, near: Near, max: number): Promise<string[]> {
  return (await collect(search, near, max)).map(({ id }) => id)
}

/** Looks in growing circles until enough records satisfy the conditions. */
async function collect(search: Search, near: Near, wanted: number): Promise<Distant[]> {
  if (wanted <= 0) return []
  const max = Math.min(near.maxDistanceRadians ?? RADIUS_MAX, RADIUS_MAX)
  const matches = new Map<string, boolean>()
  let radius = Math.min(max, await firstRadius(search, near, wanted))
  for (;;) {
    const around = await pointsWithin(search.connection, search.scope, near, radius)
    const found = await firstMatching(search, around.sort(byDistance), matches, wanted)
    if (found.length >= wanted || radius >= max) return found
    radius = Math.min(max, radius * 2)
  }
}

function byDistance(a: Distant, b: Distant): number {
  return a.distance - b.distance || compareText(b.id, a.id)
}

/**
 * A circle that holds as many points as are wanted, if so many are among the neighbours along the
 * curve: these are real points, so the nearest are at most as far.
 */
async function firstRadius(search: Search, near: Near, wanted: number): Promise<number> {
  const { scope, connection } = search
  const key = pointKey(near.longitude, near.latitude)
  const points = sql`SELECT i.value, i.object_id FROM record_index i WHERE i.backend_id = ${scope.backendId} AND i.type = ${scope.type} AND i.field = ${indexField(near.field)}`
  const rows = await connection.all(
    sql`SELECT * FROM (${points} AND i.value >= ${key} ORDER BY i.value LIMIT ${NEIGHBOURS}) a UNION ALL SELECT * FROM (${points} AND i.value < ${key} ORDER BY i.value DESC LIMIT ${NEIGHBOURS}) b`,
  )
  const neighbours = nearestOfEach(near, rows as [string, string][]).sort(byDistance)
  const farEnough = neighbours[Math.min(wanted, neighbours.length) - 1]
  return farEnough ? Math.max(farEnough.distance * 1.001, 1e-9) : RADIUS_MAX
}

/** The first of the sorted candidates that satisfy the conditions. */
async function firstMatching(
  search: Search,
  candidates: readonly Distant[],
  matches: Map<string, boolean>,
  wanted: number,
): Promise<Distant[]> {
  const found: Distant[] = []
  for (let at = 0; at < candidates.length && found.length < wanted; at += CHUNK) {
    const chunk = candidates.slice(at, at + CHUNK)
    await check(search, chunk, matches)
    found.push(...chunk.filter(({ id }) => matches.get(id)))
  }
  return found.slice(0, wanted)
}

async function check(
  search: Search,
  chunk: readonly Distant[],
  matches: Map<string, boolean>,
): Promise<void> {
  const ids = chunk.flatMap(({ id }) => (matches.has(id) ? [] : [id]))
  if (ids.length === 0) return
  const rows = await search.connection.all(
    sql`SELECT r.id FROM (${search.scope.dialect.idTable(ids)}) i CROSS JOIN record r WHERE r.id = i.object_id AND ${matching(search)}`,
  )
  for (const id of ids) matches.set(id, false)
  for (const [id] of rows) matches.set(id as string, true)
}
