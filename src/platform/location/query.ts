import { textKey } from '../../storage/keys.ts'
import type { Condition, Order } from '../../storage/port.ts'
import { type Body, bodyOf, objectMember, refuseBad, textMember } from '../../tools/assets/body.ts'
import { quoted } from '../../tools/problems.ts'
import { BEACONS, readAttributes, readCircle, readPoint } from './body.ts'
import { foldedText, pairKey, SEARCH_PREFIX } from './record.ts'

const LIMIT = 40
const LIMIT_MAX = 100
const EARTH_RADIUS_M = 6_371_000

const TEXT = { charactersMax: 200 }

const SEARCHED = ['name', 'label', 'description']

const ORDERS: Readonly<Record<string, string>> = {
  ...{ name: 'nameKey', label: 'labelKey', createdOn: 'createdOn', modifiedOn: 'modifiedOn' },
}

export type LocationQuery = {
  readonly where: readonly Condition[]
  readonly orderBy: readonly Order[]
  /** A device: found is what it is at. */
  readonly associatedDeviceId: string | null
  readonly limit: number
  readonly offset: number
  readonly isShort: boolean
}

/** @throws {ApiError} `param_invalid`, naming every member that is wrong */
export function readLocationQuery(json: unknown): LocationQuery {
  const body = bodyOf(json ?? {})
  const associatedDeviceId = textMember(body, 'associatedDeviceId', TEXT)
  const assetId = textMember(body, 'associatedAssetId', TEXT)
  if (associatedDeviceId !== null && assetId !== null) {
    body.problems.push("Only one of 'associatedDeviceId' and 'associatedAssetId' can be given.")
  }
  const query = {
    where: [
      ...textFilters(body),
      ...attributeFilters(body),
      ...beaconFilters(body),
      ...geoFilters(body),
      ...(assetId === null ? [] : [{ op: 'eq', field: 'asset', value: textKey(assetId) } as const]),
    ],
    ...{ orderBy: orderIn(body), associatedDeviceId },
    limit: Math.min(numberIn(body, 'limit', 1) ?? LIMIT, LIMIT_MAX),
    offset: numberIn(body, 'offset', 0) ?? 0,
    isShort: formatIn(body) === 'short',
  }
  refuseBad(body)
  return query
}

function textFilters(body: Body): Condition[] {
  const search = textMember(body, 'search', TEXT)
  const own = SEARCHED.flatMap((name) => {
    const text = textMember(body, name, TEXT)
    return text === null ? [] : [contains(name, text)]
  })
  if (search === null) return own
  return [...own, { op: 'or', any: SEARCHED.map((name) => contains(name, search)) }]
}

function contains(name: string, text: string): Condition {
  const escaped = foldedText(text).replace(/[\\^$.|?*+()[\]{}]/g, '\\$&')
  const pattern = `^${SEARCH_PREFIX}.*${escaped}`
  return { op: 'regex', field: `searched.${name}`, prefix: SEARCH_PREFIX, pattern }
}

function attributeFilters(body: Body): Condition[] {
  return Object.entries(readAttributes(body)).map((pair) => ({
    ...{ op: 'eq', field: 'attributes', value: pairKey(pair) },
  }))
}

/** `protocol`, and whatever a beacon says. */
function beaconFilters(body: Body): Condition[] {
  const names = [...new Set(Object.values(BEACONS).flatMap((one) => Object.keys(one)))]
  return names.flatMap((name): Condition[] => {
    const value = body.members[name] ?? null
    if (value === null) return []
    const pair = [name, String(value).toLowerCase()] as const
    return [{ op: 'eq', field: 'beacon', value: pairKey(pair) }]
  })
}

function geoFilters(body: Body): Condition[] {
  const fence = objectMember(body, 'inGeoFence')
  const circle = fence && objectMember(fence, 'gpsCircle')
  const nearest = objectMember(body, 'nearestTo')
  const point = nearest && objectMember(nearest, 'gpsPoint')
  if ((fence && !circle) || (nearest && !point)) {
    body.problems.push("'inGeoFence' needs gpsCircle, and 'nearestTo' gpsPoint.")
  }
  if (fence && nearest) body.problems.push("Use 'inGeoFence' or 'nearestTo'.")
  if (circle) {
    const { radius, ...at } = readCircle(circle)
    const maxDistanceRadians = radius / EARTH_RADIUS_M
    return [{ op: 'near', field: 'point', ...at, maxDistanceRadians, sorts: false }]
  }
  return point ? [{ op: 'near', field: 'point', ...readPoint(point), sorts: true }] : []
}

function orderIn(body: Body): Order[] {
  const text = textMember(body, 'orderBy', TEXT)
  if (text === null) return []
  const [name = '', way = 'asc', ...rest] = text.split(':')
  const direction = way.toLowerCase()
  const field = Object.hasOwn(ORDERS, name) && rest.length === 0 ? ORDERS[name] : undefined
  if (field !== undefined && (direction === 'asc' || direction === 'desc')) {
    return [{ field, direction }]
  }
  const names = Object.keys(ORDERS).join(', ')
  body.problems.push(`${quoted(text)} is not an order; use attr:asc or attr:desc of ${names}.`)
  return []
}

function numberIn({ members, problems }: Body, name: string, least: number): number | null {
  const value = members[name] ?? null
  if (value === null) return null
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value
  problems.push(`${quoted(name)} must be a whole number from ${least} on.`)
  return null
}

function formatIn(body: Body): string {
  const format = textMember(body, 'format', TEXT) ?? 'short'
  if (format !== 'short' && format !== 'long') body.problems.push("'format' must be short or long.")
  return format
}
