import { sequenceFloor } from '../sequence.ts'
import { LOGGED_TENANTS, TENANT_TABLES } from '../shared-statements.ts'
import type { Database, Statement } from './driver.ts'

/** The rare jobs of the writer thread. */
export class Housekeeper {
  readonly #purges: {
    readonly remove: Statement
    readonly left: Statement
    readonly share: number
  }[]
  readonly #tenants: Statement
  readonly #trim: Statement
  readonly #touch: Statement

  constructor(db: Database) {
    this.#purges = TENANT_TABLES.map(({ table, key, share }) => ({
      remove: db.prepare(
        `DELETE FROM ${table} WHERE backend_id = ? AND (${key}) IN (SELECT ${key} FROM ${table} WHERE backend_id = ? LIMIT ?)`,
      ),
      left: arrays(db.prepare(`SELECT count(*) FROM ${table} WHERE backend_id = ?`)),
      share,
    }))
    this.#tenants = arrays(db.prepare(LOGGED_TENANTS))
    this.#trim = db.prepare(
      `DELETE FROM change_log WHERE backend_id = ?1 AND (backend_id, sequence) IN (
         SELECT backend_id, sequence FROM change_log WHERE backend_id = ?1 AND sequence < ?2 LIMIT ?3)`,
    )
    this.#touch = db.prepare(
      "INSERT INTO store_check (backend_id, at) VALUES ('', ?) ON CONFLICT DO UPDATE SET at = excluded.at",
    )
  }

  /** Forgets up to `limit` changes. @returns how many; 0 when there are no older ones left */
  trimChanges(before: number, limit: number): number {
    const floor = sequenceFloor(before)
    let trimmed = 0
    for (const [id] of this.#tenants.all() as [string][]) {
      if (trimmed >= limit) break
      trimmed += Number(this.#trim.run(id, floor, limit - trimmed).changes)
    }
    return trimmed
  }

  /** @returns how many records are left, or how many other rows once the records are gone */
  purgeTenant(backendId: string, slice: number): number {
    for (const { remove, share } of this.#purges) remove.run(backendId, backendId, slice * share)
    for (const { left, share } of this.#purges) {
      const [count] = left.get(backendId) as [number]
      if (count > 0) return Math.ceil(count / share)
    }
    return 0
  }

  check(at: number): void {
    this.#touch.run(at)
  }
}

function arrays(statement: Statement): Statement {
  statement.setReturnArrays(true)
  return statement
}
