import type { Connection } from './dialect.ts'
import { indexField } from './entries.ts'
import { distanceRadians, type Point, rangesAround } from './geo.ts'
import { pointOfKey } from './keys.ts'
import type { Condition } from './port.ts'
import { join, sql } from './sql.ts'
import type { Scope } from './where.ts'

export type Near = Extract<Condition, { readonly op: 'near' }>

/** A record and how far its nearest point is. */
export type Distant = { readonly id: string; readonly distance: number }

/**
 * The condition with every `near` replaced by the ids of the records within its distance, but for
 * `kept`, which is replaced by "has a point": whoever sorts by it measures the distances anyway.
 */
export async function resolveNear(
  connection: Connection,
  scope: Scope,
  where: Condition | undefined,
  kept?: Near,
): Promise<Condition | undefined> {
  if (!where || !hasNear(where)) return where
  const resolve = async (condition: Condition): Promise<Condition> =>
    (await resolveNear(connection, scope, condition, kept)) ?? condition
  switch (where.op) {
    case 'and':
      return { op: 'and', all: await Promise.all(where.all.map(resolve)) }
    case 'or':
      return { op: 'or', any: await Promise.all(where.any.map(resolve)) }
    case 'not':
      return { op: 'not', not: await resolve(where.not) }
    case 'near': {
      const anywhere: Condition = { op: 'exists', field: where.field }
      if (where === kept || where.maxDistanceRadians === undefined) return anywhere
      const within = await pointsWithin(connection, scope, where, where.maxDistanceRadians)
      return { op: 'in', field: 'id', values: within.map(({ id }) => id) }
    }
    default:
      return where
  }
}

function hasNear(condition: Condition): boolean {
  switch (condition.op) {
    case 'and':
      return condition.all.some(hasNear)
    case 'or':
      return condition.any.some(hasNear)
    case 'not':
      return hasNear(condition.not)
    default:
      return condition.op === 'near'
  }
}

/** The records with a point of the field within a distance, each with its nearest. */
export async function pointsWithin(
  connection: Connection,
  scope: Scope,
  near: Near,
  radius: number,
): Promise<Distant[]> {
  const stretches = rangesAround(near, radius).map(
    ({ from, upTo }) =>
      sql`SELECT i.value, i.object_id FROM record_index i WHERE i.backend_id = ${scope.backendId} AND i.type = ${scope.type} AND i.field = ${indexField(near.field)} AND i.value >= ${from} AND i.value <= ${upTo}`,
  )
  const rows = (await connection.all(join(stretches, ' UNION ALL '))) as [string, string][]
  return nearestOfEach(near, rows).filter(({ distance }) => distance <= radius)
}

const POINT_KEY = /^[0-9a-f]{16}$/

export function nearestOfEach(
  centre: Point,
  rows: readonly (readonly [key: string, id: string])[],
): Distant[] {
  const nearest = new Map<string, number>()
  for (const [key, id] of rows) {
    if (!POINT_KEY.test(key)) continue
    const distance = distanceRadians(centre, pointOfKey(key))
    nearest.set(id, Math.min(distance, nearest.get(id) ?? Number.POSITIVE_INFINITY))
  }
  return Array.from(nearest, ([id, distance]) => ({ id, distance }))
}
