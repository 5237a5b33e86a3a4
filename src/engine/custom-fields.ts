import { ApiError } from '../errors.ts'
import { formatDate, parseZonedDate } from '../lib/dates.ts'
import { isObjectId } from '../lib/ids.ts'
import type { Draft } from './draft.ts'
import { isHash, numberOf } from './params.ts'

/**
 * `[ACS_User]owner_id`, `[CUSTOM_boat]boats_ids`: the target's kind, its name, the member's. What no
 * class can be called names none.
 */
const RELATION = /^\[(ACS|CUSTOM)_([A-Za-z_][A-Za-z0-9_-]{0,99})\](\w+?)_ids?$/

/** Names that would mean something else to a language, a query or a path. */
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype'])

export type Relation = { readonly kind: 'ACS' | 'CUSTOM'; readonly target: string }

export function relationOf(name: string): Relation | null {
  const match = RELATION.exec(name)
  if (!match) return null
  return { kind: match[1] as Relation['kind'], target: match[2] ?? '' }
}

/**
 * Lays the sent custom fields over the present ones: what is not named stays, `null` removes, one
 * `{"$inc": n}` adds. Names that cannot be kept are ignored, as the original service did.
 *
 * @param target the hash to change: `custom_fields`, or the object itself
 * @param reserved names that the object keeps for itself
 */
export function applyCustomFields(
  draft: Draft,
  target: Record<string, unknown>,
  changes: Readonly<Record<string, unknown>>,
  reserved: ReadonlySet<string>,
): void {
  for (const [name, value] of Object.entries(changes)) {
    if (!isUsableName(name) || reserved.has(name)) continue
    if (value === null) delete target[name]
    else if (isIncrement(value)) increment(draft, target, name, value.$inc)
    else target[name] = storedValue(name, value)
  }
}

function isUsableName(name: string): boolean {
  return name !== '' && !name.startsWith('$') && !name.includes('.') && !FORBIDDEN.has(name)
}

function isIncrement(value: unknown): value is { readonly $inc: unknown } {
  return isHash(value) && Object.hasOwn(value, '$inc')
}

function increment(draft: Draft, target: Record<string, unknown>, name: string, by: unknown): void {
  if (draft.hasIncrement) {
    throw new ApiError('param_invalid', '$inc operation only support to increase one field once.')
  }
  const amount = typeof by === 'string' && by.trim() !== '' ? Number(by) : by
  if (typeof amount !== 'number' || !Number.isFinite(amount)) {
    throw new ApiError('param_invalid', `Invalid $inc of ${name}; value must be a number`)
  }
  const present = Object.hasOwn(target, name) ? target[name] : 0
  if (typeof present !== 'number') {
    throw new ApiError('param_invalid', `Invalid $inc of ${name}; the field is not a number`)
  }
  if (!Number.isFinite(present + amount)) {
    throw new ApiError('param_invalid', `Invalid $inc of ${name}; the sum is too large`)
  }
  target[name] = present + amount
  draft.hasIncrement = true
}

/** The value as it is kept: dates in output form, positions as a list of pairs, ids checked. */
function storedValue(name: string, value: unknown): unknown {
  if (name === 'coordinates') return coordinatePairs(value)
  if (relationOf(name)) return relationIds(name, value)
  return normalised(value)
}

function normalised(value: unknown): unknown {
  if (typeof value === 'string') {
    const instant = parseZonedDate(value)
    return instant === null ? value : formatDate(instant)
  }
  if (Array.isArray(value)) return value.map(normalised)
  if (!isHash(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, normalised(one)]))
}

function relationIds(name: string, value: unknown): string | string[] {
  const ids = Array.isArray(value) ? value : [value]
  const valid = ids.every((one) => typeof one === 'string' && isObjectId(one))
  if (!valid) throw new ApiError('param_invalid', `Illegal objectid format: ${name}`)
  return Array.isArray(value) ? (ids as string[]) : String(value)
}

/**
 * One `[longitude, latitude]` in degrees, or several, as a list of pairs.
 * @throws {ApiError} `param_invalid` for anything else
 */
export function coordinatePairs(value: unknown): [number, number][] {
  const list = Array.isArray(value) && Array.isArray(value[0]) ? value : [value]
  return list.map((pair: unknown) => {
    const [longitude, latitude] = Array.isArray(pair) && pair.length === 2 ? pair.map(numberOf) : []
    if (longitude === undefined || latitude === undefined || !isPosition(longitude, latitude)) {
      throw new ApiError(
        'param_invalid',
        'Invalid coordinates; value must be [longitude, latitude] in degrees, or a list of these',
      )
    }
    return [longitude, latitude]
  })
}

export function isPosition(longitude: number, latitude: number): boolean {
  return Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90
}
