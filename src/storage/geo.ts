/** Circles on the sphere, and the stretches of the Z-order curve (see `keys.ts`) that cover them. */

/** Mean radius. */
export const EARTH_RADIUS_KM = 6371

export type Point = { readonly longitude: number; readonly latitude: number }

/** Both ends belong to it: 16 hex digits each. */
export type CurveRange = { readonly from: string; readonly upTo: string }

const RANGES_PER_BOX_MAX = 8
const LEVELS = 32

/** Great-circle distance. */
export function distanceRadians(a: Point, b: Point): number {
  const latitudeA = radians(a.latitude)
  const latitudeB = radians(b.latitude)
  const sinLatitude = Math.sin((latitudeB - latitudeA) / 2)
  const sinLongitude = Math.sin(radians(b.longitude - a.longitude) / 2)
  const h = sinLatitude ** 2 + Math.cos(latitudeA) * Math.cos(latitudeB) * sinLongitude ** 2
  return 2 * Math.asin(Math.min(1, Math.sqrt(h)))
}

/** At most 16 stretches of the curve that hold every point of a circle, and some around it. */
export function rangesAround(centre: Point, radiusRadians: number): CurveRange[] {
  return boxesAround(centre, radiusRadians).flatMap(rangesOfBox)
}

type Box = {
  readonly west: number
  readonly east: number
  readonly south: number
  readonly north: number
}

/** A hair more than the circle, for rounding. */
const MARGIN = 1e-9

function boxesAround({ longitude, latitude }: Point, radiusRadians: number): Box[] {
  const reach = degrees(radiusRadians) + MARGIN
  const south = Math.max(-90, latitude - reach)
  const north = Math.min(90, latitude + reach)
  // Around a pole every longitude is near.
  if (south <= -90 || north >= 90) return [{ west: -180, east: 180, south, north }]
  const ratio = Math.sin(radiusRadians) / Math.cos(radians(latitude))
  if (ratio >= 1) return [{ west: -180, east: 180, south, north }]
  const side = degrees(Math.asin(ratio)) + MARGIN
  const west = longitude - side
  const east = longitude + side
  if (west < -180) {
    return [
      { west: west + 360, east: 180, south, north },
      { west: -180, east, south, north },
    ]
  }
  if (east > 180) {
    return [
      { west, east: 180, south, north },
      { west: -180, east: east - 360, south, north },
    ]
  }
  return [{ west, east, south, north }]
}

type Cell = { readonly code: bigint; readonly x: number; readonly y: number }

/** Halves the cells that meet the box, as long as they form few stretches. */
function rangesOfBox(box: Box): CurveRange[] {
  let cells: Cell[] = [{ code: 0n, x: 0, y: 0 }]
  let ranges = stretches(cells, 0)
  for (let level = 1; level <= LEVELS; level++) {
    cells = cells.flatMap((cell) => childrenIn(cell, level, box))
    const next = stretches(cells, level)
    if (next.length > RANGES_PER_BOX_MAX || cells.length > RANGES_PER_BOX_MAX ** 2) break
    ranges = next
  }
  return ranges
}

/** In the order of the curve: the bit of the longitude comes before that of the latitude. */
function childrenIn(cell: Cell, level: number, box: Box): Cell[] {
  const width = 360 / 2 ** level
  const height = 180 / 2 ** level
  return [0, 1, 2, 3].flatMap((child) => {
    const x = cell.x * 2 + (child >> 1)
    const y = cell.y * 2 + (child & 1)
    const west = x * width - 180
    const south = y * height - 90
    const meets =
      west <= box.east &&
      west + width >= box.west &&
      south <= box.north &&
      south + height >= box.south
    return meets ? [{ code: cell.code * 4n + BigInt(child), x, y }] : []
  })
}

function stretches(cells: readonly Cell[], level: number): CurveRange[] {
  const shift = BigInt(2 * (LEVELS - level))
  const ranges: { from: bigint; upTo: bigint }[] = []
  for (const { code } of cells) {
    const last = ranges.at(-1)
    if (last && last.upTo + 1n === code) last.upTo = code
    else ranges.push({ from: code, upTo: code })
  }
  return ranges.map(({ from, upTo }) => ({
    from: hex(from << shift),
    upTo: hex(((upTo + 1n) << shift) - 1n),
  }))
}

function hex(code: bigint): string {
  return code.toString(16).padStart(16, '0')
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180
}

function degrees(radians: number): number {
  return (radians * 180) / Math.PI
}
