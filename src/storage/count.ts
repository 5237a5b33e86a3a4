import { resolveNear } from './area.ts'
import { type Candidates, candidatesFor } from './candidates.ts'
import { conjuncts } from './conditions.ts'
import type { Core } from './core.ts'
import type { Counted, CountQuery } from './port.ts'
import { candidateTable, fewCandidates, matching, type Search } from './search.ts'
import { type Shapes, shapesOf } from './shapes.ts'
import { type Sql, sql } from './sql.ts'

/** Counts records, by the index alone where it can tell. */
export async function count(core: Core, query: CountQuery): Promise<Counted> {
  const { connection } = core
  const scope = { dialect: connection.dialect, backendId: query.backendId, type: query.type }
  const where = await resolveNear(connection, scope, query.where)
  const search = { ...core, scope, conditions: conjuncts(where), visibleTo: query.visibleTo }
  return countMatching(search, query.upTo)
}

export async function countMatching(search: Search, upTo: number | undefined): Promise<Counted> {
  const shapes = await shapesOf(search.connection, search.scope)
  const table = await tableToCount(search, shapes)
  const limited = upTo === undefined ? table : sql`${table} LIMIT ${upTo + 1}`
  const [row] = await search.connection.all(sql`SELECT count(*) FROM (${limited}) counted`)
  const counted = (row?.[0] ?? 0) as number
  const isExact = upTo === undefined || counted <= upTo
  return { count: isExact ? counted : (upTo ?? counted), exact: isExact }
}

async function tableToCount(search: Search, shapes: Shapes): Promise<Sql> {
  const { conditions, visibleTo, scope } = search
  const [only] = conditions
  if (conditions.length === 1 && only && visibleTo === undefined) {
    const exact = candidatesFor(scope, shapes, only)
    if (exact?.isExact && exact.key !== undefined) return exact.ids
  }
  const candidates = (await fewCandidates(search, shapes)) ?? firstExact(search, shapes)
  return candidates
    ? sql`SELECT 1 FROM ${candidateTable(candidates)} CROSS JOIN record r WHERE r.id = i.object_id AND ${matching(search, conditions, sql`i.object_id`)}`
    : sql`SELECT 1 FROM record r WHERE ${matching(search)}`
}

/** Among many and many, entries of one value are at least not all records. */
function firstExact({ conditions, scope }: Search, shapes: Shapes): Candidates | undefined {
  return conditions
    .flatMap((condition) => candidatesFor(scope, shapes, condition) ?? [])
    .find((candidates) => candidates.isExact)
}
