import type { Dialect } from '../dialect.ts'
import { RECORD_COLUMNS } from '../rows.ts'
import { join, Sql, sql } from '../sql.ts'

/** Lists up to this length are written out; longer ones go as one value, so that texts repeat. */
const INLINE_VALUES_MAX = 4

export const sqliteDialect: Dialect = {
  placeholder: () => '?',

  keysOf: (field) =>
    isPlain(field)
      ? sql`json_each(r.keys, ${pathOf(field)}) e`
      : sql`(SELECT v.value FROM json_each(r.keys) k, json_each(CASE k.type WHEN 'array' THEN k.value ELSE json_array(k.value) END) v WHERE k.key = ${field}) e`,

  firstKeyOf: (field) => sql`(SELECT e.value FROM ${sqliteDialect.keysOf(field)} LIMIT 1)`,

  isIn: (expression, values) =>
    values.length <= INLINE_VALUES_MAX
      ? sql`${expression} IN (${join(
          values.map((value) => sql`${value}`),
          ', ',
        )})`
      : sql`${expression} IN (SELECT value FROM json_each(${JSON.stringify(values)}))`,

  // By number: half the time of a search for the id, and mostly in pages that are read anyway.
  joinEntry: sql`r.row = i.row`,

  prefersEntries: false,

  idTable: (ids) => sql`SELECT value AS object_id FROM json_each(${JSON.stringify(ids)})`,

  matches: (text, pattern) => sql`matches(${text}, ${pattern})`,

  // NULL is the lowest value here, as it should be.
  orderSuffix: { asc: sql``, desc: sql`` },

  recordColumns: new Sql([RECORD_COLUMNS.map((column) => `r.${column}`).join(', ')], []),
}

/** A quoted name in a JSON path has no escapes, so a quote or a backslash cannot be said in one. */
function isPlain(field: string): boolean {
  return !/["\\]/.test(field)
}

function pathOf(field: string): string {
  return `$."${field}"`
}
