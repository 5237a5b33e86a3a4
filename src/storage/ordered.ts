import { requiresField } from './conditions.ts'
import { countMatching } from './count.ts'
import { indexField } from './entries.ts'
import type { Condition, Order } from './port.ts'
import {
  candidateTable,
  fewCandidates,
  matching,
  type Page,
  type Search,
  selectRecords,
} from './search.ts'
import { type Shapes, shapesOf } from './shapes.ts'
import { join, type Row, Sql, sql } from './sql.ts'
import { walk } from './walk.ts'

/**
 * Finds records in an order. When some condition leaves few, those are fetched and sorted. Else
 * the index of the first field of the order is walked until there are enough; the records without
 * that field come before or after, by a search of their own.
 */
export async function findOrdered(
  search: Search,
  order: readonly Order[],
  page: Page,
): Promise<readonly Row[]> {
  if (page.limit <= 0) return []
  const shapes = await shapesOf(search.connection, search.scope)
  return findWithShapes(search, shapes, order, page)
}

async function findWithShapes(
  search: Search,
  shapes: Shapes,
  order: readonly Order[],
  page: Page,
): Promise<readonly Row[]> {
  const few = await fewCandidates(search, shapes)
  if (few) {
    const from = sql`${candidateTable(few)} CROSS JOIN record r`
    return selectRecords(
      search,
      sql`${from} WHERE ${matching(search)} AND r.id = i.object_id ${orderClause(search, order)} ${limitClause(page)}`,
    )
  }
  const [first = ID_ORDER, ...rest] = order
  if (first.field === 'id') return findById(search, first, page)
  if (mayLack(search, shapes, first.field)) return findInPhases(search, shapes, first, rest, page)
  return walk(search, shapes, first, rest, page)
}

const ID_ORDER: Order = { field: 'id', direction: 'desc' }

function mayLack(search: Search, shapes: Shapes, field: string): boolean {
  return shapes.lacking(field)?.length !== 0 && !requiresField(search.conditions, field)
}

/** The records without the field come first or last, as one group. */
async function findInPhases(
  search: Search,
  shapes: Shapes,
  first: Order,
  rest: readonly Order[],
  page: Page,
): Promise<readonly Row[]> {
  const has: Condition = { op: 'exists', field: first.field }
  const lacking: Search = { ...search, conditions: [...search.conditions, { op: 'not', not: has }] }
  const withoutField = (part: Page): Promise<readonly Row[]> =>
    findWithShapes(lacking, shapes, rest, part)
  const withField = (part: Page): Promise<readonly Row[]> => walk(search, shapes, first, rest, part)
  const present: Search = { ...search, conditions: [...search.conditions, has] }
  return first.direction === 'asc'
    ? oneAfterTheOther(withoutField, withField, lacking, page)
    : oneAfterTheOther(withField, withoutField, present, page)
}

type Phase = (page: Page) => Promise<readonly Row[]>

async function oneAfterTheOther(
  before: Phase,
  after: Phase,
  countsBefore: Search,
  page: Page,
): Promise<readonly Row[]> {
  const rows = await before(page)
  if (rows.length === page.limit) return rows
  // When the page begins in the first phase, it goes on at the beginning of the second.
  const skipped =
    rows.length > 0 || page.offset === 0
      ? page.offset
      : (await countMatching(countsBefore, page.offset)).count
  const more = await after({ limit: page.limit - rows.length, offset: page.offset - skipped })
  return [...rows, ...more]
}

/**
 * In the order of ids: by the index entries of one value, which lie in this order, or else by the
 * records themselves.
 */
function findById(search: Search, order: Order, page: Page): Promise<readonly Row[]> {
  const direction = new Sql([order.direction === 'asc' ? 'ASC' : 'DESC'], [])
  const { scope, conditions } = search
  const driver = conditions.find(isOneValue)
  if (!driver) {
    return selectRecords(
      search,
      sql`record r WHERE ${matching(search)} ORDER BY r.id ${direction} ${limitClause(page)}`,
    )
  }
  const others = conditions.filter((condition) => condition !== driver)
  return selectRecords(
    search,
    sql`record_index i CROSS JOIN record r WHERE i.backend_id = ${scope.backendId} AND i.type = ${scope.type} AND i.field = ${indexField(driver.field)} AND i.value = ${driver.value} AND ${scope.dialect.joinEntry} AND ${matching(search, others, sql`i.object_id`)} ORDER BY i.object_id ${direction} ${limitClause(page)}`,
  )
}

type OneValue = Extract<Condition, { readonly op: 'eq' | 'lt' | 'lte' | 'gt' | 'gte' }>

function isOneValue(condition: Condition): condition is OneValue {
  return condition.op === 'eq' && condition.field !== 'id'
}

function orderClause(search: Search, order: readonly Order[]): Sql {
  const { dialect } = search.scope
  const terms = order.map(({ field, direction }) => {
    if (field === 'id') return direction === 'asc' ? sql`r.id ASC` : sql`r.id DESC`
    const key = dialect.firstKeyOf(field)
    return direction === 'asc'
      ? sql`${key} ASC ${dialect.orderSuffix.asc}`
      : sql`${key} DESC ${dialect.orderSuffix.desc}`
  })
  return sql`ORDER BY ${join(terms, ', ')}`
}

function limitClause({ limit, offset }: Page): Sql {
  return sql`LIMIT ${limit} OFFSET ${offset}`
}
