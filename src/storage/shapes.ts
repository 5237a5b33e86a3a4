import { LRUCache } from 'lru-cache'
import type { Connection } from './dialect.ts'
import type { ShapeFields } from './entries.ts'
import { sql } from './sql.ts'
import type { Scope } from './where.ts'

/** With more shapes than this it is cheaper not to look at them. */
const SHAPES_MAX = 200

/** Which fields the records of a type have. Some shapes may have no record any more. */
export type Shapes = {
  /** The shapes without the field; `null` when there are too many shapes to tell. */
  lacking(field: string): readonly string[] | null
  /** False when no record has several keys in the field. */
  mayHaveMany(field: string): boolean
}

type FieldSets = { readonly all: ReadonlySet<string>; readonly many: ReadonlySet<string> }

/** A shape's name is the hash of its fields, so what it means never changes. */
const meanings = new LRUCache<string, FieldSets>({ max: 2000 })

export async function shapesOf(connection: Connection, scope: Scope): Promise<Shapes> {
  const rows = await connection.all(
    sql`SELECT shape, fields FROM record_shape WHERE backend_id = ${scope.backendId} AND type = ${scope.type} LIMIT ${SHAPES_MAX + 1}`,
  )
  if (rows.length > SHAPES_MAX) return { lacking: () => null, mayHaveMany: () => true }
  const shapes = rows.map(([shape, fields]) => ({
    id: shape as string,
    fields: meaningOf(shape as string, fields as string),
  }))
  return {
    lacking: (field) => shapes.filter((shape) => !shape.fields.all.has(field)).map(({ id }) => id),
    mayHaveMany: (field) => shapes.some((shape) => shape.fields.many.has(field)),
  }
}

function meaningOf(shape: string, text: string): FieldSets {
  const known = meanings.get(shape)
  if (known) return known
  const { one, many } = JSON.parse(text) as ShapeFields
  const sets = { all: new Set([...one, ...many]), many: new Set(many) }
  meanings.set(shape, sets)
  return sets
}
