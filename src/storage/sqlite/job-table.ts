import type { Job } from '../port.ts'
import type { Database, Statement } from './driver.ts'

type JobRow = [string, string, string, string, number, number, string | null]

/** The jobs, as the writer thread sees them: nobody else takes any meanwhile. */
export class JobTable {
  readonly #take: Statement
  readonly #extend: Statement
  readonly #finish: Statement
  readonly #release: Statement

  constructor(db: Database) {
    // Over all tenants at once: whoever is due longest comes first.
    this.#take = db.prepare(
      `UPDATE job SET due_at = ?, attempts = attempts + 1
       WHERE (backend_id, id) IN (
         SELECT backend_id, id FROM job WHERE due_at <= ? ORDER BY due_at, backend_id, id LIMIT ?
       )
       RETURNING backend_id, id, kind, payload, run_at, attempts, last_error`,
    )
    this.#take.setReturnArrays(true)
    this.#extend = db.prepare(
      'UPDATE job SET due_at = ? WHERE backend_id = ? AND id = ? AND due_at IS NOT NULL',
    )
    this.#finish = db.prepare('DELETE FROM job WHERE backend_id = ? AND id = ?')
    this.#release = db.prepare(
      `UPDATE job SET due_at = ?1, run_at = coalesce(?1, run_at), last_error = ?2
       WHERE backend_id = ?3 AND id = ?4`,
    )
  }

  take(now: number, limit: number, leaseMs: number): Job[] {
    const rows = this.#take.all(now + leaseMs, now, limit) as JobRow[]
    return rows
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

  extend(backendId: string, id: string, leaseUntil: number): void {
    this.#extend.run(leaseUntil, backendId, id)
  }

  finish(backendId: string, id: string): void {
    this.#finish.run(backendId, id)
  }

  release(backendId: string, id: string, error: string, runAt: number | null): void {
    this.#release.run(runAt, error, backendId, id)
  }
}
