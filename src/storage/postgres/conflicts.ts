import type pg from 'pg'
import { claimChanges, type Effects } from '../effects.ts'
import { WriteConflict } from '../port.ts'
import { columns } from './batch-arrays.ts'

const UNIQUE_VIOLATION = '23505'
const CLAIM_CONSTRAINT = 'claim_key'

type DatabaseError = { readonly code?: string; readonly constraint?: string }

export function isUniqueViolation(error: unknown): boolean {
  return (error as DatabaseError).code === UNIQUE_VIOLATION
}

/**
 * Which operation lost. The database names the first constraint that it came across, so this looks
 * again, after the roll-back: a taken id comes before a taken claim. Should the winner be gone by
 * then, the first operation that could have lost is named.
 */
export async function conflictOf(
  pool: pg.Pool,
  error: unknown,
  effects: Effects,
): Promise<WriteConflict> {
  const inserts = effects.records.flatMap(({ index, before, after }) =>
    after && !before ? [{ index, row: [after.backendId, after.type, after.id] }] : [],
  )
  const taken = await existing(
    pool,
    `SELECT backend_id, type, id FROM record
     WHERE (backend_id, type, id) IN (SELECT * FROM unnest($1::text[], $2::text[], $3::text[]))`,
    inserts.map(({ row }) => row),
  )
  const lost = inserts.find(({ row }) => taken.has(keyOfRow(row)))
  if (lost) return new WriteConflict(lost.index, 'exists')
  // A distributed table appends a number to the names of its parts' constraints.
  const isClaim = (error as DatabaseError).constraint?.startsWith(CLAIM_CONSTRAINT) ?? false
  return isClaim
    ? claimConflict(pool, effects)
    : new WriteConflict(inserts[0]?.index ?? 0, 'exists')
}

async function claimConflict(pool: pg.Pool, { records }: Effects): Promise<WriteConflict> {
  const claims = records.flatMap((change) =>
    claimChanges(change).add.map(({ scope, value }) => ({
      index: change.index,
      scope,
      row: [change.after?.backendId ?? '', scope, value],
    })),
  )
  const taken = await existing(
    pool,
    `SELECT backend_id, scope, value FROM claim
     WHERE (backend_id, scope, value) IN (SELECT * FROM unnest($1::text[], $2::text[], $3::text[]))`,
    claims.map(({ row }) => row),
  )
  const lost = claims.find(({ row }) => taken.has(keyOfRow(row))) ?? claims[0]
  return new WriteConflict(lost?.index ?? 0, 'claimed', lost?.scope)
}

async function existing(
  pool: pg.Pool,
  text: string,
  rows: readonly (readonly string[])[],
): Promise<Set<string>> {
  const result = await pool.query<never[]>({ text, values: columns(3, rows), rowMode: 'array' })
  return new Set(result.rows.map(keyOfRow))
}

function keyOfRow(row: readonly string[]): string {
  return JSON.stringify(row)
}
