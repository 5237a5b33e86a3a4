import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Keys } from './port.ts'

/** A row of `record_index`, without the columns that all entries of a record share. */
export type Entry = { readonly field: string; readonly value: string; readonly first: 0 | 1 }

/** Which fields have keys, and which of them have several. Records with the same share a row. */
export type Shape = { readonly id: string; readonly fields: string }

/** What {@link Shape.fields} is the JSON text of. */
export type ShapeFields = { readonly one: readonly string[]; readonly many: readonly string[] }

/** The field under which the index lists each record by its shape. */
export const SHAPE_FIELD = ''

/** The name of a field in the index: the empty name is taken by {@link SHAPE_FIELD}. */
export function indexField(field: string): string {
  return field === '' || field.startsWith('$$') ? `$$${field}` : field
}

/** The index entries of a record, that of its shape included. */
export function entriesOf(keys: Keys): Entry[] {
  const entries: Entry[] = [{ field: SHAPE_FIELD, value: shapeOf(keys).id, first: 1 }]
  for (const [name, key] of Object.entries(keys)) {
    const field = indexField(name)
    if (typeof key === 'string') entries.push({ field, value: key, first: 1 })
    else
      key.forEach((value, at) => {
        entries.push({ field, value, first: at === 0 ? 1 : 0 })
      })
  }
  return entries
}

/** What has to change in the index when a record's keys change. */
export function entryChanges(before: Keys, after: Keys): { remove: Entry[]; add: Entry[] } {
  const old = new Map(entriesOf(before).map((entry) => [entryId(entry), entry]))
  const add = entriesOf(after).filter((entry) => !old.delete(entryId(entry)))
  return { remove: [...old.values()], add }
}

const shapes = new LRUCache<string, Shape>({ max: 1000 })

export function shapeOf(keys: Keys): Shape {
  const one: string[] = []
  const many: string[] = []
  for (const [field, key] of Object.entries(keys)) {
    if (typeof key === 'string' || key.length === 1) one.push(field)
    else if (key.length > 1) many.push(field)
  }
  const fields = JSON.stringify({ one: one.sort(), many: many.sort() } satisfies ShapeFields)
  const known = shapes.get(fields)
  if (known) return known
  const shape = { id: createHash('sha256').update(fields).digest('hex').slice(0, 20), fields }
  shapes.set(fields, shape)
  return shape
}

/** Field names may hold anything, so the parts are quoted and not joined. */
function entryId(entry: Entry): string {
  return JSON.stringify([entry.field, entry.value, entry.first])
}
