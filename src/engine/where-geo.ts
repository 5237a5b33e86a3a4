import type { Condition } from '../storage/port.ts'
import { badWhere } from './bad-where.ts'
import { isPosition } from './custom-fields.ts'
import { isHash, numberOf } from './params.ts'

/** Earth's radius as the API's clients divide by it to get radians. */
const EARTH_RADIUS_M = 6_371_000

type Hash = Readonly<Record<string, unknown>>

/** Operators that compare positions. */
export const GEO_OPERATORS: ReadonlySet<string> = new Set([
  '$nearSphere',
  '$near',
  '$maxDistance',
  '$geoWithin',
  '$within',
])

/** The members that are indexed as positions. */
const POSITIONS = new Set(['coordinates', 'lnglat', 'loc'])

/** @throws {ApiError} `param_invalid` */
export function near(field: string, value: Hash): Condition {
  if (!POSITIONS.has(field)) throw badWhere(`${field} holds no position; coordinates and lnglat do`)
  const other = Object.keys(value).find((operator) => !GEO_OPERATORS.has(operator))
  if (other !== undefined)
    throw badWhere(`${other} of ${field} does not go with a search by distance`)
  const within = value.$geoWithin ?? value.$within
  if (within !== undefined) return centerSphere(field, within)
  const sphere = value.$nearSphere ?? value.$near
  if (isHash(sphere)) return geoJson(field, sphere, value.$maxDistance)
  const maxDistance = value.$maxDistance
  return {
    op: 'near',
    field,
    ...position(field, sphere),
    sorts: true,
    ...radius(field, maxDistance, 1),
  }
}

function geoJson(field: string, sphere: Hash, outerMaxDistance: unknown): Condition {
  const geometry = sphere.$geometry
  if (!isHash(geometry) || geometry.type !== 'Point') {
    throw badWhere(
      `$nearSphere of ${field} needs [longitude, latitude] or a $geometry of type Point`,
    )
  }
  return {
    op: 'near',
    field,
    ...position(field, geometry.coordinates),
    sorts: true,
    ...radius(field, sphere.$maxDistance ?? outerMaxDistance, EARTH_RADIUS_M),
  }
}

function centerSphere(field: string, within: unknown): Condition {
  const sphere = isHash(within) ? within.$centerSphere : undefined
  if (!Array.isArray(sphere) || sphere.length !== 2) {
    throw badWhere(
      `$geoWithin of ${field} needs {"$centerSphere": [[longitude, latitude], radians]}`,
    )
  }
  return {
    op: 'near',
    field,
    ...position(field, sphere[0]),
    sorts: false,
    ...radius(field, sphere[1], 1),
  }
}

function position(field: string, value: unknown): { longitude: number; latitude: number } {
  const [longitude, latitude] =
    Array.isArray(value) && value.length === 2 ? value.map(numberOf) : [Number.NaN, Number.NaN]
  if (longitude === undefined || latitude === undefined || !isPosition(longitude, latitude)) {
    throw badWhere(`${field} needs [longitude, latitude] in degrees`)
  }
  return { longitude, latitude }
}

/** Positions are kept to a centimetre: without this, nothing would be at no distance. */
const POSITION_ERROR_RADIANS = 2e-9

/** @param unitsPerRadian 1 for radians, the Earth's radius in metres for metres */
function radius(
  field: string,
  value: unknown,
  unitsPerRadian: number,
): { maxDistanceRadians: number } | Record<string, never> {
  if (value === undefined || value === null) return {}
  const distance = numberOf(value)
  if (!Number.isFinite(distance) || distance < 0) {
    throw badWhere(`the distance of ${field} must be a number from 0`)
  }
  return { maxDistanceRadians: Math.max(distance / unitsPerRadian, POSITION_ERROR_RADIANS) }
}
