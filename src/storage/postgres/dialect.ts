import { portablePattern } from '../../lib/safe-regex.ts'
import type { Dialect } from '../dialect.ts'
import { RECORD_COLUMNS } from '../rows.ts'
import { Sql, sql } from '../sql.ts'

export const postgresDialect: Dialect = {
  placeholder: (position) => `$${position}`,

  keysOf: (field) =>
    sql`(SELECT v.value COLLATE "C" AS value FROM jsonb_array_elements_text(${listOf(field)}) v(value)) e`,

  firstKeyOf: (field) => sql`(${listOf(field)} ->> 0) COLLATE "C"`,

  isIn: (expression, values) => sql`${expression} = ANY(${values}::text[])`,

  joinEntry: sql`r.id = i.object_id`,

  prefersEntries: true,

  idTable: (ids) => sql`SELECT u.id COLLATE "C" AS object_id FROM unnest(${ids}::text[]) u(id)`,

  matches: (text, pattern) => sql`${text} ~ ${portablePattern(pattern)}`,

  // NULL is the highest value here unless told otherwise.
  orderSuffix: { asc: sql`NULLS FIRST`, desc: sql`NULLS LAST` },

  // As text: decoding is left to whoever needs the keys.
  recordColumns: new Sql(
    [
      RECORD_COLUMNS.map((column) => (column === 'keys' ? 'r.keys::text' : `r.${column}`)).join(
        ', ',
      ),
    ],
    [],
  ),
}

/** The keys of a field as a list, whether it has none, one or several. */
function listOf(field: string): Sql {
  const key = sql`(r.keys -> ${field}::text)`
  return sql`(CASE jsonb_typeof${key} WHEN 'array' THEN ${key} WHEN 'string' THEN jsonb_build_array${key} ELSE '[]'::jsonb END)`
}
