import type { Dialect } from './dialect.ts'
import { indexField } from './entries.ts'
import { typeBounds } from './keys.ts'
import type { Condition } from './port.ts'
import { allOf, anyOf, type Sql, type SqlValue, sql } from './sql.ts'

/** The records that a query is about. */
export type Scope = {
  readonly dialect: Dialect
  readonly backendId: string
  readonly type: string
}

export type Comparison = 'eq' | 'lt' | 'lte' | 'gt' | 'gte'

/** A half-open or closed stretch of values; absent ends are open. */
export type Range = {
  readonly from?: string
  readonly after?: string
  readonly below?: string
  readonly upTo?: string
}

/**
 * A condition on the record `r` as an SQL expression that is true or false, never NULL: `not` has
 * to be the exact opposite. `id` is the cheapest expression at hand for the record's id.
 *
 * NOTE: EXISTS is said as a scalar subquery throughout. Planners turn it into a join, and then give
 * up the order in which the records are walked; and SQLite 3.53 counts a record for OFFSET as
 * often as the subquery finds a row.
 */
export function predicate(scope: Scope, condition: Condition, id: Sql = sql`r.id`): Sql {
  switch (condition.op) {
    case 'and':
      return allOf(condition.all.map((each) => predicate(scope, each, id)))
    case 'or':
      return anyOf(condition.any.map((each) => predicate(scope, each, id)))
    case 'not':
      return sql`NOT ${predicate(scope, condition.not, id)}`
    case 'text':
      return predicate(scope, textCondition(condition), id)
    case 'near':
      throw new Error('near has to be resolved to ids first')
    default:
      return condition.field === 'id'
        ? idPredicate(scope, condition, id)
        : fieldPredicate(scope, condition, id)
  }
}

type FieldCondition = Extract<Condition, { readonly field: string }>
type PlainCondition = Exclude<FieldCondition, { readonly op: 'near' }>

function fieldPredicate(scope: Scope, condition: PlainCondition, id: Sql): Sql {
  const { dialect } = scope
  switch (condition.op) {
    case 'eq':
      if (!usesEntries(dialect, condition.field)) break
      return hasEntry(scope, condition.field, sql`x.value = ${condition.value}`, id)
    case 'in':
      if (condition.values.length === 0) return sql`1 = 0`
      if (!usesEntries(dialect, condition.field)) break
      return hasEntry(scope, condition.field, dialect.isIn(sql`x.value`, condition.values), id)
    default:
      break
  }
  const key = dialect.keysOf(condition.field)
  const matches = valuePredicate(dialect, condition, sql`e.value`)
  return sql`(SELECT 1 FROM ${key} WHERE ${matches} LIMIT 1) IS NOT NULL`
}

/** The words of a text are too many to be read for each record. */
function usesEntries(dialect: Dialect, field: string): boolean {
  return dialect.prefersEntries || field === '$text'
}

/** Looks the record up in the index. */
function hasEntry(scope: Scope, field: string, matches: Sql, id: Sql): Sql {
  return sql`(SELECT 1 FROM record_index x WHERE x.backend_id = ${scope.backendId} AND x.type = ${
    scope.type
  } AND x.field = ${indexField(field)} AND ${matches} AND x.object_id = ${id} LIMIT 1) IS NOT NULL`
}

function idPredicate(scope: Scope, condition: PlainCondition, id: Sql): Sql {
  switch (condition.op) {
    case 'eq':
      return sql`${id} = ${condition.value}`
    case 'in':
      return scope.dialect.isIn(id, condition.values)
    case 'exists':
      return sql`1 = 1`
    case 'element':
      return allOf(condition.all.map((each) => compared(id, each.op, each.value)))
    case 'regex':
      return allOf([
        within(id, prefixRange(condition.prefix)),
        ...(condition.pattern === undefined ? [] : [scope.dialect.matches(id, condition.pattern)]),
      ])
    default:
      return compared(id, condition.op, condition.value)
  }
}

/** Of one value of a field, under the name `value`. */
function valuePredicate(
  dialect: Dialect,
  condition: Exclude<PlainCondition, { readonly op: 'eq' | 'in' }> | PlainCondition,
  value: Sql,
): Sql {
  switch (condition.op) {
    case 'exists':
      return sql`1 = 1`
    case 'in':
      return dialect.isIn(value, condition.values)
    case 'element':
      return allOf(
        condition.all.map((each) =>
          each.op === 'ne'
            ? sql`${value} <> ${each.value}`
            : within(value, rangeOf(each.op, each.value)),
        ),
      )
    case 'regex':
      return allOf([
        within(value, regexRange(condition.prefix)),
        ...(condition.pattern === undefined
          ? []
          : [dialect.matches(sql`substr(${value}, 2)`, condition.pattern)]),
      ])
    default:
      return within(value, rangeOf(condition.op, condition.value))
  }
}

/** The keys that compare so with a key: those of its own type only. */
export function rangeOf(op: Comparison, key: string): Range {
  const bounds = typeBounds(key)
  switch (op) {
    case 'eq':
      return { from: key, upTo: key }
    case 'lt':
      return { from: bounds.from, below: key }
    case 'lte':
      return { from: bounds.from, upTo: key }
    case 'gt':
      return { after: key, below: bounds.to }
    case 'gte':
      return { from: key, below: bounds.to }
  }
}

const TEXT_TAG = '2'

/** The keys of the texts that begin with a prefix. */
export function regexRange(prefix: string): Range {
  return prefixRange(TEXT_TAG + prefix)
}

function prefixRange(prefix: string): Range {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0)
  for (let at = points.length - 1; at >= 0; at--) {
    const point = points[at] ?? 0
    if (point === 0x10_ffff) continue
    // Surrogates stand for no character, so the one after U+D7FF is U+E000.
    const next = point === 0xd7ff ? 0xe000 : point + 1
    return { from: prefix, below: String.fromCodePoint(...points.slice(0, at), next) }
  }
  return { from: prefix }
}

export function within(value: Sql, range: Range): Sql {
  if (range.from !== undefined && range.from === range.upTo) return sql`${value} = ${range.from}`
  const ends: Sql[] = []
  if (range.from !== undefined) ends.push(sql`${value} >= ${range.from}`)
  if (range.after !== undefined) ends.push(sql`${value} > ${range.after}`)
  if (range.below !== undefined) ends.push(sql`${value} < ${range.below}`)
  if (range.upTo !== undefined) ends.push(sql`${value} <= ${range.upTo}`)
  return allOf(ends)
}

function compared(value: Sql, op: Comparison | 'ne', other: SqlValue): Sql {
  switch (op) {
    case 'eq':
      return sql`${value} = ${other}`
    case 'ne':
      return sql`${value} <> ${other}`
    case 'lt':
      return sql`${value} < ${other}`
    case 'lte':
      return sql`${value} <= ${other}`
    case 'gt':
      return sql`${value} > ${other}`
    case 'gte':
      return sql`${value} >= ${other}`
  }
}

/** Full text said with the plain operators. A search for nothing but exclusions finds nothing. */
export function textCondition(text: Extract<Condition, { readonly op: 'text' }>): Condition {
  const required = [...new Set(text.phrases.flat())]
  if (text.words.length === 0 && required.length === 0) return { op: 'or', any: [] }
  const all: Condition[] = required.map((word) => ({
    op: 'eq',
    field: '$text',
    value: TEXT_TAG + word,
  }))
  const values = (words: readonly string[]): string[] => words.map((word) => TEXT_TAG + word)
  if (text.words.length > 0) all.push({ op: 'in', field: '$text', values: values(text.words) })
  if (text.without.length > 0) {
    all.push({ op: 'not', not: { op: 'in', field: '$text', values: values(text.without) } })
  }
  return { op: 'and', all }
}
