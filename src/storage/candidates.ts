import { indexField, SHAPE_FIELD } from './entries.ts'
import type { Condition } from './port.ts'
import type { Shapes } from './shapes.ts'
import { join, type Sql, sql } from './sql.ts'
import { type Range, rangeOf, regexRange, type Scope, within } from './where.ts'

/**
 * The records that may satisfy a condition, from the index: a query for `object_id`, perhaps with
 * repeats and perhaps with records that do not satisfy it after all.
 */
export type Candidates = {
  readonly ids: Sql
  /** True when each record comes once and satisfies the condition. */
  readonly isExact: boolean
  /** Names the condition in the memory of probes; absent when counting it is free. */
  readonly key?: string
  /** Of a range: where it lies, and which. A wider one has no fewer candidates. */
  readonly stretch?: { readonly place: string; readonly range: Range }
  /** How many there are, where it is known. */
  readonly count?: number
}

/** `null` when the index does not help. */
export function candidatesFor(
  scope: Scope,
  shapes: Shapes,
  condition: Condition,
): Candidates | null {
  switch (condition.op) {
    case 'eq':
      return valueCandidates(scope, condition.field, [condition.value])
    case 'in':
      return valueCandidates(scope, condition.field, [...new Set(condition.values)])
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
      return rangeCandidates(scope, condition.field, rangeOf(condition.op, condition.value))
    case 'exists':
      return rangeCandidates(scope, condition.field, {})
    case 'regex':
      return rangeCandidates(scope, condition.field, regexRange(condition.prefix))
    case 'element': {
      const range = elementRange(condition)
      return range ? rangeCandidates(scope, condition.field, range) : null
    }
    case 'or':
      if (condition.any.length === 0) return idCandidates(scope, [])
      return unionCandidates(condition.any.map((each) => candidatesFor(scope, shapes, each)))
    case 'and':
      return condition.all.map((each) => candidatesFor(scope, shapes, each)).find(Boolean) ?? null
    case 'not':
      return condition.not.op === 'exists' ? lacking(scope, shapes, condition.not.field) : null
    default:
      return null
  }
}

function valueCandidates(scope: Scope, field: string, values: readonly string[]): Candidates {
  if (field === 'id' || values.length === 0) return idCandidates(scope, values)
  return {
    ids: entries(scope, field, scope.dialect.isIn(sql`i.value`, values)),
    isExact: values.length === 1,
    key: JSON.stringify([scope.backendId, scope.type, field, values]),
  }
}

function idCandidates(scope: Scope, ids: readonly string[]): Candidates {
  return { ids: scope.dialect.idTable(ids), isExact: true, count: ids.length }
}

/** Ids are not in the index: a range of them is a stretch of the records themselves. */
function rangeCandidates(scope: Scope, field: string, range: Range): Candidates | null {
  if (field === 'id') return null
  return {
    ids: entries(scope, field, within(sql`i.value`, range)),
    isExact: false,
    key: JSON.stringify([scope.backendId, scope.type, field, range]),
    stretch: { place: JSON.stringify([scope.backendId, scope.type, field]), range },
  }
}

function unionCandidates(branches: readonly (Candidates | null)[]): Candidates | null {
  const known = branches.filter((branch) => branch !== null)
  if (known.length < branches.length) return null
  return {
    ids: join(
      known.map((branch) => branch.ids),
      ' UNION ALL ',
    ),
    isExact: false,
    key: JSON.stringify(known.map((branch) => branch.key ?? branch.ids.values)),
  }
}

function lacking(scope: Scope, shapes: Shapes, field: string): Candidates | null {
  if (field === 'id') return null
  const ids = shapes.lacking(field)
  if (ids === null) return null
  if (ids.length === 0) return idCandidates(scope, [])
  return {
    ids: entriesIn(scope, SHAPE_FIELD, scope.dialect.isIn(sql`i.value`, ids)),
    isExact: true,
    key: JSON.stringify([scope.backendId, scope.type, 'lacking', field]),
  }
}

function entries(scope: Scope, field: string, where: Sql): Sql {
  return entriesIn(scope, indexField(field), where)
}

function entriesIn(scope: Scope, field: string, where: Sql): Sql {
  return sql`SELECT i.object_id FROM record_index i WHERE i.backend_id = ${scope.backendId} AND i.type = ${scope.type} AND i.field = ${field} AND ${where}`
}

/** The narrowest single comparison of those that one element has to satisfy. */
function elementRange(condition: Extract<Condition, { readonly op: 'element' }>): Range | null {
  const useful = condition.all.flatMap(({ op, value }) => (op === 'ne' ? [] : [{ op, value }]))
  const exact = useful.find(({ op }) => op === 'eq')
  if (exact) return rangeOf('eq', exact.value)
  return useful.map(({ op, value }) => rangeOf(op, value)).reduce<Range | null>(narrowed, null)
}

/** Both ranges at once; where both have an end of the same kind, either is right. */
export function narrowed(a: Range | null, b: Range): Range {
  if (!a) return b
  const lower = maxOf(a.from, b.from)
  const upper = minOf(a.upTo, b.upTo)
  const after = maxOf(a.after, b.after)
  const below = minOf(a.below, b.below)
  return {
    ...(lower === undefined ? {} : { from: lower }),
    ...(after === undefined ? {} : { after }),
    ...(below === undefined ? {} : { below }),
    ...(upper === undefined ? {} : { upTo: upper }),
  }
}

/** Compared by bytes, as the database does. */
function maxOf(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) >= 0 ? a : b
}

function minOf(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return maxOf(a, b) === a ? b : a
}
