import { RECORD_COLUMNS } from '../rows.ts'
import { LAST_SEQUENCE } from '../shared-statements.ts'
import type { Database, Statement } from './driver.ts'

const COLUMNS = RECORD_COLUMNS.join(', ')
const CONTENT = RECORD_COLUMNS.slice(1)

/** Entries of one record that go in with one statement: the call costs as much as a row. */
export const ENTRIES_AT_ONCE_MAX = 16

function insertEntries(count: number): string {
  const rows = Array.from({ length: count }, (_, at) => {
    const [field, value, first] = [5 + 3 * at, 6 + 3 * at, 7 + 3 * at]
    return `(?1, ?2, ?${field}, ?${value}, ?3, ?${first}, ?4)`
  })
  return `INSERT INTO record_index (backend_id, type, field, value, object_id, first, row) VALUES ${rows.join(', ')}`
}

export type WriteStatements = ReturnType<typeof writeStatements>

/** The fixed statements of the writer thread. */
export function writeStatements(db: Database) {
  const prepare = (text: string): Statement => {
    const statement = db.prepare(text)
    statement.setReturnArrays(true)
    return statement
  }
  // Prepared as records with so many entries come along.
  const addEntries = Array.from({ length: ENTRIES_AT_ONCE_MAX + 1 }, (_, count) => {
    let statement: Statement | undefined
    return () => (statement ??= prepare(insertEntries(count)))
  })
  return {
    get: prepare(`SELECT ${COLUMNS} FROM record WHERE backend_id = ? AND type = ? AND id = ?`),
    rowOf: prepare('SELECT row FROM record WHERE backend_id = ? AND type = ? AND id = ?'),
    insert: prepare(
      `INSERT INTO record (backend_id, type, ${COLUMNS})
       VALUES (?, ?, ?, ${CONTENT.map(() => '?').join(', ')})`,
    ),
    update: prepare(
      `UPDATE record SET ${CONTENT.map((column) => `${column} = ?`).join(', ')}
       WHERE backend_id = ? AND type = ? AND id = ?`,
    ),
    remove: prepare('DELETE FROM record WHERE backend_id = ? AND type = ? AND id = ?'),
    addEntries,
    removeEntry: prepare(
      'DELETE FROM record_index WHERE backend_id = ? AND type = ? AND field = ? AND value = ? AND object_id = ?',
    ),
    addShape: prepare(
      'INSERT OR IGNORE INTO record_shape (backend_id, type, shape, fields) VALUES (?, ?, ?, ?)',
    ),
    addClaim: prepare(
      'INSERT INTO claim (backend_id, scope, value, type, object_id) VALUES (?, ?, ?, ?, ?)',
    ),
    claimHolder: prepare(
      'SELECT type, object_id FROM claim WHERE backend_id = ? AND scope = ? AND value = ?',
    ),
    removeClaim: prepare(
      'DELETE FROM claim WHERE backend_id = ? AND scope = ? AND value = ? AND type = ? AND object_id = ?',
    ),
    log: prepare(
      'INSERT INTO change_log (backend_id, sequence, type, id, operation, actor, at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    lastSequence: prepare(LAST_SEQUENCE),
    isQueued: prepare('SELECT 1 FROM job WHERE backend_id = ? AND id = ? AND due_at IS NOT NULL'),
    // A job that was kept for inspection makes way for a new one of its name.
    enqueue: prepare(
      `INSERT OR REPLACE INTO job (backend_id, id, kind, payload, run_at, due_at, attempts, created_at)
       VALUES (?, ?, ?, ?, ?, ?, 0, ?)`,
    ),
  }
}
