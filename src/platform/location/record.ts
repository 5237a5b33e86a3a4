import { objectId } from '../../lib/ids.ts'
import { compareText, dateKey, pointKey, textKey } from '../../storage/keys.ts'
import type { Claim, Keys, NewRecord, StoredRecord } from '../../storage/port.ts'
import type { LocationData, LocationKind, Point } from './body.ts'

/** The record type of a kind, in the tenant of the backend. */
export function locationType(kind: LocationKind): string {
  return `$location_${kind}`
}

/** Patterns are looked for behind this, since each needs a beginning. */
export const SEARCH_PREFIX = 'q'

export function foldedText(text: string): string {
  return text.normalize('NFC').toLowerCase()
}

type Stored = LocationData & { readonly createdBy: string; readonly modifiedBy: string }

type Made = { readonly actor: string; readonly at: number }

export function newLocation(
  kind: LocationKind,
  data: LocationData,
  { backendId, ...made }: Made & { readonly backendId: string },
): NewRecord {
  const { at, actor } = made
  return {
    ...{ backendId, type: locationType(kind), id: objectId(at), ownerId: null, aclId: null },
    ...{ createdAt: at, hidden: null },
    ...contentOf(kind, { ...data, createdBy: actor, modifiedBy: actor }, { createdAt: at, at }),
  }
}

export function changedLocation(
  kind: LocationKind,
  data: LocationData,
  { before: { version: _, ...before }, actor, at }: Made & { readonly before: StoredRecord },
): NewRecord {
  const { createdBy } = JSON.parse(before.data) as Stored
  const stored = { ...data, createdBy, modifiedBy: actor }
  return { ...before, ...contentOf(kind, stored, { createdAt: before.createdAt, at }) }
}

type Times = { readonly createdAt: number; readonly at: number }

function contentOf(kind: LocationKind, data: Stored, { createdAt, at }: Times) {
  return {
    ...{ updatedAt: at, data: JSON.stringify(data) },
    ...{ keys: keysFor(data, { createdAt, at }), claims: claimsOf(kind, data) },
  }
}

/** A name, and what a beacon says of itself, are each of one thing only. */
function claimsOf(kind: LocationKind, { name, beacon }: LocationData): Claim[] {
  return [
    { scope: `location.${kind}.name`, value: name },
    ...(beacon ? [{ scope: 'location.beacon', value: JSON.stringify(beacon) }] : []),
  ]
}

function keysFor(data: Stored, { createdAt, at }: Times): Keys {
  const { name, label, description } = data
  const texts = Object.entries({ name, label, description })
  const folded = texts.flatMap(([field, text]): [string, string][] =>
    text === null ? [] : [[field, textKey(`${SEARCH_PREFIX}${foldedText(text)}`)]],
  )
  const points = pointsOf(data)
  const beacon = Object.values(data.beacon ?? {}).flatMap(Object.entries)
  return {
    ...Object.fromEntries(folded.map(([field, key]) => [`searched.${field}`, key])),
    nameKey: textKey(name),
    ...(label !== null && { labelKey: textKey(label) }),
    ...{ createdOn: dateKey(createdAt), modifiedOn: dateKey(at) },
    attributes: sorted(Object.entries(data.attributes).map(pairKey)),
    beacon: sorted(beacon.map(pairKey)),
    ...(data.associatedPlaceId && { place: textKey(data.associatedPlaceId) }),
    ...(data.associatedAssetId && { asset: textKey(data.associatedAssetId) }),
    ...(points.length > 0 && {
      point: sorted(points.map(({ longitude, latitude }) => pointKey(longitude, latitude))),
    }),
  }
}

/** A name and a value that belong together. */
export function pairKey([name, value]: readonly [string, unknown]): string {
  return textKey(JSON.stringify([name, value]))
}

function sorted(keys: readonly string[]): readonly string[] {
  return [...new Set(keys)].sort(compareText)
}

/** Where a place is looked for: the middle of a circle, the corners of a polygon. */
function pointsOf({ address }: LocationData): readonly Point[] {
  const one = address?.gpsPoint ?? address?.gpsCircle
  return one ? [one] : (address?.gpsPolygon?.points ?? [])
}

/** @param path of the thing itself */
export function presentLocation(record: StoredRecord | NewRecord, path: string, isShort = false) {
  const { createdBy, modifiedBy, ...data } = JSON.parse(record.data) as Stored
  const links = [
    { rel: 'canonical', href: path },
    { rel: 'self', href: path },
  ]
  const { name, label, description } = data
  if (isShort) return { id: record.id, name, label, description, links }
  return {
    ...{ id: record.id, ...data },
    createdOn: new Date(record.createdAt).toISOString(),
    createdBy,
    modifiedOn: new Date(record.updatedAt).toISOString(),
    ...{ modifiedBy, links },
  }
}
