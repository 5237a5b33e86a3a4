import { type Candidates, candidatesFor } from './candidates.ts'
import type { Core } from './core.ts'
import type { Condition } from './port.ts'
import { fewest } from './probe.ts'
import type { Shapes } from './shapes.ts'
import { allOf, type Row, type Sql, sql } from './sql.ts'
import { isVisible } from './visibility.ts'
import { predicate, type Scope } from './where.ts'

/** A query taken apart, as the ways of answering it want it. */
export type Search = Core & {
  readonly scope: Scope
  /** All have to hold. None is `near`, `and` or `text` any more. */
  readonly conditions: readonly Condition[]
  readonly visibleTo: string | null | undefined
}

/** The rows of the records found, to be read by `rows.ts`. */
export type FoundRows = { readonly rows: readonly Row[]; readonly distancesKm?: readonly number[] }

export type Page = { readonly limit: number; readonly offset: number }

/** The records of the search's type that satisfy `conditions` and that the caller may see. */
export function matching(
  search: Search,
  conditions: readonly Condition[] = search.conditions,
  id: Sql = sql`r.id`,
): Sql {
  const { scope, visibleTo } = search
  return allOf([
    sql`r.backend_id = ${scope.backendId}`,
    sql`r.type = ${scope.type}`,
    ...conditions.map((condition) => predicate(scope, condition, id)),
    ...(visibleTo === undefined ? [] : [isVisible(scope, visibleTo)]),
  ])
}

/** Selects the columns of the record `r`; `rest` begins with what follows `SELECT ... FROM`. */
export function selectRecords(search: Search, rest: Sql): Promise<readonly Row[]> {
  return search.connection.all(sql`SELECT ${search.scope.dialect.recordColumns} FROM ${rest}`)
}

/** The table `i` of each candidate's id, once. */
export function candidateTable(candidates: Candidates): Sql {
  return candidates.isExact
    ? sql`(${candidates.ids}) i`
    : sql`(SELECT DISTINCT c.object_id FROM (${candidates.ids}) c) i`
}

/** The few candidates that a condition leaves, or `null` when all conditions leave many. */
export function fewCandidates(search: Search, shapes: Shapes): Promise<Candidates | null> {
  const candidates = search.conditions.flatMap(
    (condition) => candidatesFor(search.scope, shapes, condition) ?? [],
  )
  return fewest(search.connection, search.memory, candidates)
}
