import { RECORD_COLUMNS } from '../rows.ts'
import { LAST_SEQUENCE } from '../shared-statements.ts'
import type { Database, Statement } from './driver.ts'

const COLUMNS = RECORD_COLUMNS.join(', ')
const CONTENT = RECORD_COLUMNS.slice(1)

export type WriteStatements = ReturnType<typeof writeStatements>

/** The fixed statements of the writer thread. */
export function writeStatements(db: Database) {
  const prepare = (text: string): Statement => {
    const statement = db.prepare(text)
    statement.setReturnArrays(true)
    return statement
  }
  return {
    get: prepare(`SELECT ${COLUMNS} FROM record WHERE backend_id = ? AND type = ? AND id = ?`),
    insert: prepare(
      `INSERT INTO record (backend_id, type, ${COLUMNS})
       VALUES (?, ?, ?, ${CONTENT.map(() => '?').join(', ')}) ON CONFLICT DO NOTHING`,
    ),
    update: prepare(
      `UPDATE record SET ${CONTENT.map((column) => `${column} = ?`).join(', ')}
       WHERE backend_id = ? AND type = ? AND id = ?`,
    ),
    remove: prepare('DELETE FROM record WHERE backend_id = ? AND type = ? AND id = ?'),
    addEntry: prepare(
      'INSERT INTO record_index (backend_id, type, field, value, object_id, first) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    removeEntry: prepare(
      'DELETE FROM record_index WHERE backend_id = ? AND type = ? AND field = ? AND value = ? AND object_id = ?',
    ),
    addShape: prepare(
      'INSERT OR IGNORE INTO record_shape (backend_id, type, shape, fields) VALUES (?, ?, ?, ?)',
    ),
    addClaim: prepare(
      'INSERT INTO claim (backend_id, scope, value, type, object_id) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    removeClaim: prepare(
      'DELETE FROM claim WHERE backend_id = ? AND scope = ? AND value = ? AND type = ? AND object_id = ?',
    ),
    log: prepare(
      'INSERT INTO change_log (backend_id, sequence, type, id, operation, actor, at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    lastSequence: prepare(LAST_SEQUENCE),
    // A job that was kept for inspection makes way for a new one of its name.
    enqueue: prepare(
      `INSERT INTO job (backend_id, id, kind, payload, run_at, due_at, attempts, created_at)
       VALUES (?, ?, ?, ?, ?, ?, 0, ?)
       ON CONFLICT (backend_id, id) DO UPDATE SET kind = excluded.kind, payload = excluded.payload,
         run_at = excluded.run_at, due_at = excluded.due_at, attempts = 0, last_error = NULL,
         created_at = excluded.created_at
       WHERE job.due_at IS NULL`,
    ),
  }
}
