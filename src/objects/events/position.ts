import type { EngineContext } from '../../engine/context.ts'
import type { Draft } from '../../engine/draft.ts'
import type { StoredRecord, WriteOperation } from '../../storage/port.ts'

/** The place where an event takes place, as it is now; `null` when it has none. */
export async function placeOf(
  { store }: EngineContext,
  backendId: string,
  { data }: Draft,
): Promise<StoredRecord | null> {
  if (typeof data.place_id !== 'string') return null
  return store.get({ backendId, type: 'place', id: data.place_id })
}

/** Refuses the batch when the place has changed since it was read. */
export function isUnchanged({ backendId, type, id, version }: StoredRecord): WriteOperation {
  return { op: 'check', address: { backendId, type, id }, is: version }
}

/**
 * The position that an event is found by: its place's, or else the first of its own coordinates. It
 * is kept out of sight.
 */
export function setPosition({ data, hidden }: Draft, place: StoredRecord | null): void {
  const { longitude, latitude } = positionOf(place) ?? ownPosition(data)
  delete hidden.longitude
  delete hidden.latitude
  if (longitude === undefined || latitude === undefined) return
  hidden.longitude = longitude
  hidden.latitude = latitude
}

type Position = { readonly longitude?: number; readonly latitude?: number }

function positionOf(place: StoredRecord | null): Position | null {
  const position = place ? (JSON.parse(place.data) as Position) : {}
  return position.longitude === undefined ? null : position
}

function ownPosition({ custom_fields: fields }: Draft['data']): Position {
  const { coordinates } = (fields ?? {}) as { coordinates?: readonly (readonly number[])[] }
  const [longitude, latitude] = coordinates?.[0] ?? []
  return longitude === undefined || latitude === undefined ? {} : { longitude, latitude }
}
