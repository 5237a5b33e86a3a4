import { pairsOf, wordsOf } from '../lib/words.ts'
import {
  compareText,
  dateKey,
  keyOf,
  keysOf,
  OPAQUE_KEY,
  pointKey,
  textKey,
} from '../storage/keys.ts'
import type { Keys } from '../storage/port.ts'
import type { ObjectDefinition } from './definition.ts'
import type { Draft } from './draft.ts'
import { isHash } from './params.ts'

/**
 * One object adds at most so many words to the index, and so many pairs of neighbours; a longer text
 * is found by its beginning.
 */
const WORDS_MAX = 200

/** Members that objects of any kind may carry without declaring them. */
const COMMON = [
  'tags',
  'reviews_count',
  'ratings_count',
  'ratings_average',
  'likes_count',
  'photo_id',
] as const

/** Names that a query gives a meaning of its own: a custom field is not found by them. */
const OURS = ['user_id', 'tags_array', 'updated_at', 'lnglat'] as const

/**
 * The values by which clients can find and sort an object. Predefined names win over custom fields
 * of the same name, as the API says.
 */
export function indexKeys(def: ObjectDefinition, draft: Draft, updatedAt: number): Keys {
  const keys: Record<string, string | readonly string[]> = Object.create(null)
  const custom = def.open ? draft.data : draft.data.custom_fields
  if (isHash(custom)) addCustomKeys(keys, custom)

  if (!def.open) {
    for (const name of predefinedNames(def)) {
      delete keys[name]
      const value = draft.data[name]
      if (value !== undefined) keys[name] = memberKeys(value)
    }
  }
  addKeys(keys, def.hiddenKeys?.(draft) ?? {})
  if (draft.ownerId !== null) keys.user_id = keyOf(draft.ownerId)
  if (draft.data.tags !== undefined) keys.tags_array = keysOf(draft.data.tags)
  keys.updated_at = dateKey(Math.floor(updatedAt / 1000) * 1000)
  addPoints(keys, draft, isHash(custom) ? custom.coordinates : undefined)
  addOwnPoints(keys, def, draft)
  const words = indexedWords(def, draft, custom)
  if (words.length > 0) keys.$text = words
  return keys
}

function addCustomKeys(
  keys: Record<string, string | readonly string[]>,
  custom: Readonly<Record<string, unknown>>,
): void {
  addKeys(keys, custom)
  for (const name of OURS) delete keys[name]
}

function predefinedNames(def: ObjectDefinition): string[] {
  const references = Object.entries(def.references ?? {}).map(
    ([name, { idsAs }]) => idsAs ?? `${name}_id`,
  )
  return [...Object.keys(def.fields), ...Object.keys(def.computed ?? {}), ...references, ...COMMON]
}

function addKeys(
  keys: Record<string, string | readonly string[]>,
  values: Readonly<Record<string, unknown>>,
): void {
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) keys[name] = memberKeys(value)
  }
}

/** A list without elements is there all the same. */
function memberKeys(value: unknown): string | readonly string[] {
  const keys = keysOf(value)
  return keys.length === 0 ? OPAQUE_KEY : keys
}

/** An object's own position comes first, and is the only one that `lnglat` finds. */
function addPoints(
  keys: Record<string, string | readonly string[]>,
  draft: Draft,
  coordinates: unknown,
): void {
  const { longitude, latitude } = draft.data.longitude === undefined ? draft.hidden : draft.data
  const own =
    typeof longitude === 'number' && typeof latitude === 'number'
      ? [pointKey(longitude, latitude)]
      : []
  const pairs = Array.isArray(coordinates) ? (coordinates as [number, number][]) : []
  const all = [...own, ...pairs.map(([lng, lat]) => pointKey(lng, lat))]
  delete keys.coordinates
  if (all.length === 0) return
  keys.coordinates = [...new Set(all)].sort(compareText)
  keys.lnglat = all[0] ?? ''
}

function addOwnPoints(
  keys: Record<string, string | readonly string[]>,
  def: ObjectDefinition,
  draft: Draft,
): void {
  for (const [name, [longitude, latitude]] of Object.entries(def.points?.(draft) ?? {})) {
    keys[name] = pointKey(longitude, latitude)
  }
}

function indexedWords(def: ObjectDefinition, draft: Draft, custom: unknown): string[] {
  const texts: unknown[] = def.open
    ? Object.entries(draft.data).map(([name, value]) => (isSystemId(name) ? undefined : value))
    : [...(def.words ?? []).map((name) => draft.data[name] ?? draft.hidden[name])]
  if (!def.open && isHash(custom)) texts.push(...Object.values(custom))
  texts.push(draft.data.tags)
  const words = new Set<string>()
  const pairs = new Set<string>()
  for (const one of texts.flat()) {
    if (typeof one !== 'string') continue
    const found = wordsOf(one)
    addUpToMax(words, found)
    addUpToMax(pairs, pairsOf(found))
    if (words.size >= WORDS_MAX) break
  }
  return [...words, ...pairs].map(textKey).sort(compareText)
}

function addUpToMax(words: Set<string>, more: readonly string[]): void {
  for (const word of more) {
    if (words.size >= WORDS_MAX) return
    words.add(word)
  }
}

function isSystemId(name: string): boolean {
  return name === 'photo_id' || name.startsWith('[')
}
