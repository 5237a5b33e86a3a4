import {
  type Body,
  bodyOf,
  objectMember,
  objectsMember,
  refuseBad,
  requiredTextMember,
  textMember,
} from '../../tools/assets/body.ts'

export const LOCATION_KINDS = ['places', 'assets', 'devices'] as const

/** Where something can be, what can be there, and what tells that it is. */
export type LocationKind = (typeof LOCATION_KINDS)[number]

type Scalar = string | number | boolean

export type Point = { readonly latitude: number; readonly longitude: number }

/** One of the three. */
export type Address = {
  readonly gpsPoint?: Point
  /** Metres. */
  readonly gpsCircle?: Point & { readonly radius: number }
  readonly gpsPolygon?: { readonly points: readonly Point[] }
}

export type LocationData = {
  readonly name: string
  readonly label: string | null
  readonly description: string | null
  readonly attributes: Readonly<Record<string, Scalar>>
  /** Of places. */
  readonly address?: Address | null
  readonly parentPlace?: string | null
  /** Of devices: what they say of themselves, under the name of how they say it. */
  readonly beacon?: Readonly<Record<string, Readonly<Record<string, string>>>> | null
  readonly associatedPlaceId?: string | null
  readonly associatedAssetId?: string | null
}

const NAME = { charactersMax: 100, pattern: /\S/, form: 'more than blanks' }
const LABEL = { charactersMax: 255 }
const DESCRIPTION = { charactersMax: 1000 }
const ATTRIBUTES_MAX = 50
const POINTS_MAX = 500
const ID = { charactersMax: 24, pattern: /^[0-9a-f]{24}$/, form: 'an id' }

/** What each protocol has, and in what form. */
export const BEACONS: Readonly<Record<string, Readonly<Record<string, RegExp>>>> = {
  iBeacon: { uuid: /^[0-9a-f-]{32,36}$/, major: /^\d{1,5}$/, minor: /^\d{1,5}$/ },
  altBeacon: { id1: /^[0-9a-f-]{32,36}$/, id2: /^\d{1,5}$/, id3: /^\d{1,5}$/ },
  eddystone: { namespace: /^[0-9a-f]{20}$/, instance: /^[0-9a-f]{12}$/, url: /^https?:\S{1,100}$/ },
}

/** @throws {ApiError} `param_invalid`, naming every member that is wrong */
export function readLocation(json: unknown, kind: LocationKind): LocationData {
  const body = bodyOf(json)
  const data = {
    name: requiredTextMember(body, 'name', NAME),
    label: textMember(body, 'label', LABEL),
    description: textMember(body, 'description', DESCRIPTION),
    attributes: readAttributes(body),
    ...(kind === 'places' && {
      address: readAddress(body),
      parentPlace: textMember(body, 'parentPlace', ID),
    }),
    ...(kind === 'devices' && readDeviceMembers(body)),
  }
  refuseBad(body)
  return data
}

export function readAttributes(body: Body): Readonly<Record<string, Scalar>> {
  const members = objectMember(body, 'attributes')?.members ?? {}
  const entries = Object.entries(members)
  const isRight = ([name, value]: [string, unknown]) =>
    name.length <= 100 &&
    !/[\0\p{Surrogate}]/u.test(name + String(value)) &&
    (typeof value === 'number' ||
      typeof value === 'boolean' ||
      (typeof value === 'string' && value.length <= 500))
  if (entries.length > ATTRIBUTES_MAX || !entries.every(isRight)) {
    const form = 'text of at most 500 characters, numbers, true or false'
    body.problems.push(`'attributes' must be at most ${ATTRIBUTES_MAX}: ${form}.`)
  }
  return members as Record<string, Scalar>
}

/** @throws nothing; problems are noted */
export function readPoint(body: Body): Point {
  const { latitude, longitude } = body.members
  const isWithin = (value: unknown, most: number) =>
    typeof value === 'number' && Math.abs(value) <= most
  if (!isWithin(latitude, 90) || !isWithin(longitude, 180)) {
    body.problems.push("'latitude' and 'longitude' must be numbers of degrees.")
  }
  return { latitude: Number(latitude), longitude: Number(longitude) }
}

export function readCircle(body: Body): Point & { readonly radius: number } {
  const { radius } = body.members
  if (typeof radius !== 'number' || radius <= 0 || radius > 20_000_000) {
    body.problems.push("'radius' must be a number of metres.")
  }
  return { ...readPoint(body), radius: Number(radius) }
}

function readAddress(body: Body): Address | null {
  const address = objectMember(body, 'address')
  if (!address) return null
  const point = objectMember(address, 'gpsPoint')
  const circle = objectMember(address, 'gpsCircle')
  const polygon = objectMember(address, 'gpsPolygon')
  if ([point, circle, polygon].filter((one) => one !== null).length !== 1) {
    body.problems.push("'address' must have one of gpsPoint, gpsCircle and gpsPolygon.")
  }
  if (point) return { gpsPoint: readPoint(point) }
  if (circle) return { gpsCircle: readCircle(circle) }
  const points = polygon ? objectsMember(polygon, 'points') : []
  if (polygon && (points.length < 3 || points.length > POINTS_MAX)) {
    body.problems.push(`'points' must be 3 to ${POINTS_MAX}.`)
  }
  return { gpsPolygon: { points: points.slice(0, POINTS_MAX).map(readPoint) } }
}

function readDeviceMembers(body: Body) {
  const associatedPlaceId = textMember(body, 'associatedPlaceId', ID)
  const associatedAssetId = textMember(body, 'associatedAssetId', ID)
  if (associatedPlaceId !== null && associatedAssetId !== null) {
    body.problems.push("Only one of 'associatedPlaceId' and 'associatedAssetId' can be given.")
  }
  return { beacon: readBeacon(body), associatedPlaceId, associatedAssetId }
}

function readBeacon(body: Body): NonNullable<LocationData['beacon']> | null {
  const beacon = objectMember(body, 'beacon')
  if (!beacon) return null
  const [protocol = '', ...others] = Object.keys(beacon.members)
  const rules = Object.hasOwn(BEACONS, protocol) ? BEACONS[protocol] : undefined
  const own = rules && objectMember(beacon, protocol)
  if (!rules || !own || others.length > 0) {
    body.problems.push(`'beacon' must have one of ${Object.keys(BEACONS).join(', ')}.`)
    return null
  }
  const values = Object.entries(rules).flatMap(([name, pattern]): [string, string][] => {
    const value = own.members[name] ?? null
    if (value === null) return []
    const text = String(value).toLowerCase()
    if (!pattern.test(text)) body.problems.push(`'${name}' of '${protocol}' is malformed.`)
    return [[name, text]]
  })
  if (values.length === 0) body.problems.push(`'${protocol}' says nothing.`)
  return { [protocol]: Object.fromEntries(values) }
}
