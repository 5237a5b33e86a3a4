import { textKey } from './keys.ts'
import { findOrdered } from './ordered.ts'
import type { Condition } from './port.ts'
import { matching, type Page, type Search, selectRecords } from './search.ts'
import { type Row, sql } from './sql.ts'

export type Text = Extract<Condition, { readonly op: 'text' }>

/** The search for words that ranks the result: one that every record has to satisfy. */
export function rankingText(where: Condition | undefined): Text | undefined {
  if (where?.op === 'text') return where
  if (where?.op !== 'and') return undefined
  return where.all.map(rankingText).find((text) => text !== undefined)
}

/** Those with the most of the words first, then the newest. */
export async function findByRelevance(
  search: Search,
  text: Text,
  page: Page,
): Promise<readonly Row[]> {
  const words = [...new Set([...text.words, ...text.phrases.flat()])]
  // All that are found have the same number of the words.
  if (words.length < 2 || text.words.length === 0) {
    return findOrdered(search, [{ field: 'id', direction: 'desc' }], page)
  }
  const { scope } = search
  const ranked = sql`(SELECT t.object_id, count(*) AS score FROM record_index t WHERE t.backend_id = ${scope.backendId} AND t.type = ${scope.type} AND t.field = '$text' AND ${scope.dialect.isIn(sql`t.value`, words.map(textKey))} GROUP BY t.object_id) i`
  return selectRecords(
    search,
    sql`${ranked} CROSS JOIN record r WHERE r.id = i.object_id AND ${matching(search)} ORDER BY i.score DESC, r.id DESC LIMIT ${page.limit} OFFSET ${page.offset}`,
  )
}
