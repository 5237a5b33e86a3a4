import type pg from 'pg'
import { sequenceFloor } from '../sequence.ts'
import { LAST_SEQUENCE, LOGGED_TENANTS, TENANT_TABLES } from '../shared-statements.ts'

/** The rare jobs. */
export class Housekeeper {
  readonly #pool: pg.Pool

  constructor(pool: pg.Pool) {
    this.#pool = pool
  }

  async trimChanges(before: number): Promise<number> {
    const tenants = await this.#pool.query<{ id: string }>(LOGGED_TENANTS)
    let trimmed = 0
    for (const { id } of tenants.rows) {
      const { rowCount } = await this.#pool.query(
        'DELETE FROM change_log WHERE backend_id = $1 AND sequence < $2',
        [id, sequenceFloor(before)],
      )
      trimmed += rowCount ?? 0
    }
    return trimmed
  }

  /** @returns how many records are left, or how many other rows once the records are gone */
  async purgeTenant(backendId: string, slice: number): Promise<number> {
    for (const { table, key, share } of TENANT_TABLES) {
      await this.#pool.query(
        `DELETE FROM ${table} WHERE backend_id = $1
           AND (${key}) IN (SELECT ${key} FROM ${table} WHERE backend_id = $1 LIMIT $2)`,
        [backendId, slice * share],
      )
    }
    for (const { table, share } of TENANT_TABLES) {
      const { rows } = await this.#pool.query<{ left: number }>(
        `SELECT count(*) AS left FROM ${table} WHERE backend_id = $1`,
        [backendId],
      )
      const left = rows[0]?.left ?? 0
      if (left > 0) return Math.ceil(left / share)
    }
    return 0
  }

  async lastSequence(): Promise<string | null> {
    const { rows } = await this.#pool.query<{ max: string | null }>(LAST_SEQUENCE)
    return rows[0]?.max ?? null
  }

  async check(at: number): Promise<void> {
    await this.#pool.query(
      `INSERT INTO store_check (backend_id, at) VALUES ('', $1)
       ON CONFLICT (backend_id) DO UPDATE SET at = excluded.at`,
      [at],
    )
  }
}
