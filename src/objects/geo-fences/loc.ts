import { coordinatePairs } from '../../engine/custom-fields.ts'
import type { Call } from '../../engine/definition.ts'
import { isHash, numberOf } from '../../engine/params.ts'
import { find } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import { places } from '../places.ts'

/** A circle: where its middle is, and its radius in radians, as it was sent. */
export type Loc = {
  readonly coordinates: readonly [number, number]
  readonly radius: number | string
  readonly place_id?: string
}

/**
 * A circle as a client sends it, around `coordinates` or the place of `place_id`. On update what is
 * not sent stays.
 *
 * @throws {ApiError} `param_invalid`, "Invalid place id"
 */
export async function locOf(call: Call, sent: unknown, before: Loc | undefined): Promise<Loc> {
  if (!isHash(sent)) throw bad('loc must be a hash with radius, and coordinates or place_id')
  const radius = sent.radius === undefined ? before?.radius : radiusOf(sent.radius)
  if (radius === undefined) throw bad('loc needs a radius')
  if (sent.place_id !== undefined) return { ...(await aroundPlace(call, sent.place_id)), radius }
  if (sent.coordinates === undefined) {
    if (before) return { ...before, radius }
    throw bad('loc needs coordinates or place_id')
  }
  const [middle, ...others] = coordinatePairs(sent.coordinates)
  if (!middle || others.length > 0) throw bad('loc has one pair of coordinates')
  return { coordinates: middle, radius }
}

async function aroundPlace(call: Call, id: unknown): Promise<Omit<Loc, 'radius'>> {
  const place = await find(call, places, String(id))
  if (!place) throw new ApiError('object_unknown', 'Invalid place id')
  const { longitude, latitude } = JSON.parse(place.data) as Record<string, number | undefined>
  if (longitude === undefined || latitude === undefined) throw bad('the place has no coordinates')
  return { coordinates: [longitude, latitude], place_id: place.id }
}

/** A number, or the text of one or of a quotient: `10/3959` are ten miles. */
function radiusOf(sent: unknown): number | string {
  const parts = typeof sent === 'string' ? sent.split('/').map(numberOf) : [numberOf(sent)]
  const [numerator = Number.NaN, denominator = 1] = parts
  const radians = numerator / denominator
  const isRight = parts.length <= 2 && radians > 0 && radians <= Math.PI
  if (isRight && (typeof sent === 'string' || typeof sent === 'number')) return sent
  throw bad('radius must be in radians: a number, or a quotient such as "10/3959"')
}

export function bad(why: string): ApiError {
  return new ApiError('param_invalid', `Invalid geo_fence parameter; ${why}.`)
}
