import type pg from 'pg'
import type { Job } from '../port.ts'

type JobRow = [string, string, string, string, number, number, string | null]

/**
 * Over all tenants at once: whoever is due longest comes first. What another server is taking at
 * the moment is passed over.
 */
const TAKE = `UPDATE job SET due_at = $1, attempts = attempts + 1
  WHERE (backend_id, id) IN (
    SELECT backend_id, id FROM job WHERE due_at <= $2
    ORDER BY due_at, backend_id, id LIMIT $3 FOR UPDATE SKIP LOCKED
  )
  RETURNING backend_id, id, kind, payload, run_at, attempts, last_error`

export class JobTable {
  readonly #pool: pg.Pool

  constructor(pool: pg.Pool) {
    this.#pool = pool
  }

  async take(now: number, limit: number, leaseMs: number): Promise<Job[]> {
    const values = [now + leaseMs, now, limit]
    const { rows } = await this.#pool.query<never[]>({ text: TAKE, values, rowMode: 'array' })
    return (rows as unknown as JobRow[])
      .map(([backendId, id, kind, payload, runAt, attempts, lastError]) => ({
        backendId,
        id,
        kind,
        payload,
        runAt,
        attempts,
        lastError,
      }))
      .sort((a, b) => a.runAt - b.runAt)
  }

  async extend(backendId: string, id: string, leaseUntil: number): Promise<void> {
    await this.#pool.query(
      'UPDATE job SET due_at = $1 WHERE backend_id = $2 AND id = $3 AND due_at IS NOT NULL',
      [leaseUntil, backendId, id],
    )
  }

  async finish(backendId: string, id: string): Promise<void> {
    await this.#pool.query('DELETE FROM job WHERE backend_id = $1 AND id = $2', [backendId, id])
  }

  async release(backendId: string, id: string, error: string, runAt: number | null): Promise<void> {
    await this.#pool.query(
      `UPDATE job SET due_at = $1::int8, run_at = coalesce($1::int8, run_at), last_error = $2
       WHERE backend_id = $3 AND id = $4`,
      [runAt, error, backendId, id],
    )
  }

  async oldestDue(now: number): Promise<number | null> {
    const result = await this.#pool.query<{ due: number | null }>(
      'SELECT min(due_at) AS due FROM job WHERE due_at <= $1',
      [now],
    )
    return result.rows[0]?.due ?? null
  }
}
