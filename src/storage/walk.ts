import { narrowed } from './candidates.ts'
import { indexField } from './entries.ts'
import type { Condition, Order } from './port.ts'
import { matching, type Page, type Search, selectRecords } from './search.ts'
import type { Shapes } from './shapes.ts'
import { allOf, join, type Row, Sql, sql } from './sql.ts'
import { type Range, rangeOf, regexRange, within } from './where.ts'

/** Walks the index of the first field of an order: the records that have it, in this order. */
export async function walk(
  search: Search,
  shapes: Shapes,
  first: Order,
  rest: readonly Order[],
  page: Page,
): Promise<readonly Row[]> {
  const path = pathOf(search, shapes, first.field)
  const [next] = rest
  if (next?.field === 'id' && next.direction !== first.direction) {
    return walkAgainstIds(search, path, first, next, page)
  }
  const { dialect } = search.scope
  const others = rest.map(({ field, direction }) => {
    const key = field === 'id' ? sql`i.object_id` : dialect.firstKeyOf(field)
    const suffix = field === 'id' ? sql`` : dialect.orderSuffix[direction]
    return sql`${key} ${word(direction)} ${suffix}`
  })
  const order = join([sql`i.value ${word(first.direction)}`, ...others], ', ')
  return selectRecords(
    search,
    sql`${path} ORDER BY ${order} LIMIT ${page.limit} OFFSET ${page.offset}`,
  )
}

/**
 * The index lists equal values by ascending id, so walked one way it gives ties the wrong way
 * round. Only the last value of the page can be cut: its ties are fetched again, from the other
 * end. Sorting them all instead would take as long as there are ties, which may be half the type.
 */
async function walkAgainstIds(
  search: Search,
  path: Sql,
  first: Order,
  ids: Order,
  page: Page,
): Promise<readonly Row[]> {
  const total = page.offset + page.limit
  const along = word(first.direction)
  const walked = (await search.connection.all(
    sql`SELECT i.value, i.object_id FROM ${path} ORDER BY i.value ${along}, i.object_id ${along} LIMIT ${total}`,
  )) as [string, string][]
  const last = walked.length === total ? walked.at(-1)?.[0] : undefined
  const whole = walked.filter(([value]) => value !== last)
  const cut = await search.connection.all(
    last === undefined
      ? NO_ROWS
      : sql`SELECT i.object_id FROM ${path} AND i.value = ${last} ORDER BY i.object_id ${word(ids.direction)} LIMIT ${total - whole.length}`,
  )
  const ordered = [...reversedTies(whole), ...cut.map(([id]) => id as string)]
  return recordsInOrder(search, ordered.slice(page.offset))
}

const NO_ROWS = sql`SELECT 1 WHERE 1 = 0`

function reversedTies(walked: readonly [value: string, id: string][]): string[] {
  const groups: string[][] = []
  let value: string | undefined
  for (const [next, id] of walked) {
    if (next !== value) groups.push([])
    value = next
    groups.at(-1)?.push(id)
  }
  return groups.flatMap((group) => group.reverse())
}

/** Fetches records by id, in the order given. */
export async function recordsInOrder(
  search: Search,
  ids: readonly string[],
): Promise<readonly Row[]> {
  const { scope } = search
  const rows = await selectRecords(
    search,
    sql`(${scope.dialect.idTable(ids)}) i CROSS JOIN record r WHERE r.backend_id = ${scope.backendId} AND r.type = ${scope.type} AND r.id = i.object_id`,
  )
  const byId = new Map(rows.map((row) => [row[0], row]))
  return ids.flatMap((id) => [byId.get(id) ?? []].filter((row) => row.length > 0))
}

/**
 * The tables `i` and `r` and what has to hold. When no record has several values in the field, the
 * conditions on it become the ends of the walk; else they may hold for another value than the one
 * by which the record sorts.
 */
function pathOf(search: Search, shapes: Shapes, field: string): Sql {
  const { scope, conditions } = search
  const single = !shapes.mayHaveMany(field)
  const bounds = conditions.map((condition) => (single ? boundOf(condition, field) : null))
  const range = bounds.reduce<Range>((all, bound) => (bound ? narrowed(all, bound) : all), {})
  const others = conditions.filter((_, at) => bounds[at] === null)
  return sql`record_index i CROSS JOIN record r WHERE ${allOf([
    sql`i.backend_id = ${scope.backendId}`,
    sql`i.type = ${scope.type}`,
    sql`i.field = ${indexField(field)}`,
    sql`i.first = 1`,
    within(sql`i.value`, range),
    scope.dialect.joinEntry,
    matching(search, others, sql`i.object_id`),
  ])}`
}

/** The condition as a range of the field's values, when it says nothing else. */
function boundOf(condition: Condition, field: string): Range | null {
  if (!('field' in condition) || condition.field !== field) return null
  switch (condition.op) {
    case 'eq':
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
      return rangeOf(condition.op, condition.value)
    case 'exists':
      return {}
    case 'regex':
      return condition.pattern === undefined ? regexRange(condition.prefix) : null
    default:
      return null
  }
}

function word(direction: Order['direction']): Sql {
  return direction === 'asc' ? ASCENDING : DESCENDING
}

const ASCENDING = new Sql(['ASC'], [])
const DESCENDING = new Sql(['DESC'], [])
