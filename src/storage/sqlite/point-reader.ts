import type { Change, Claim, RecordAddress, StoredRecord } from '../port.ts'
import { SHOWN_COLUMNS, toShownRecord } from '../rows.ts'
import { typesStatement } from '../shared-statements.ts'
import type { Row } from '../sql.ts'
import { connect } from './connection.ts'
import type { Database, Statement } from './driver.ts'

/** Reads that take microseconds, on the calling thread. */
export class PointReader {
  readonly #db: Database
  readonly #get: Statement
  readonly #rest: Statement
  readonly #claim: Statement
  readonly #types: Statement
  readonly #changes: Statement
  readonly #oldestJob: Statement

  constructor(file: string) {
    this.#db = connect(file, 'read')
    const columns = SHOWN_COLUMNS.map((column) => `r.${column}`).join(', ')
    this.#get = this.#prepare(
      `SELECT ${columns} FROM record r WHERE r.backend_id = ? AND r.type = ? AND r.id = ?`,
    )
    this.#rest = this.#prepare(
      'SELECT keys, claims FROM record WHERE backend_id = ? AND type = ? AND id = ?',
    )
    this.#claim = this.#prepare(
      'SELECT type, object_id FROM claim WHERE backend_id = ? AND scope = ? AND value = ?',
    )
    this.#types = this.#prepare(typesStatement('?1'))
    this.#changes = this.#prepare(
      `SELECT sequence, type, id, operation, actor, at FROM change_log
       WHERE backend_id = ? AND sequence > ? ORDER BY sequence LIMIT ?`,
    )
    this.#oldestJob = this.#prepare('SELECT min(due_at) FROM job WHERE due_at <= ?')
  }

  get({ backendId, type, id }: RecordAddress): StoredRecord | null {
    const row = this.#get.get(backendId, type, id) as Row | undefined
    if (!row) return null
    const rest = () => this.#rest.get(backendId, type, id) as [string, string] | null
    return toShownRecord({ backendId, type, id }, row, rest)
  }

  /** One by one: a prepared read costs less than putting the ids into one statement. */
  getMany(backendId: string, type: string, ids: readonly string[]): StoredRecord[] {
    return ids.flatMap((id) => this.get({ backendId, type, id }) ?? [])
  }

  getByClaim(backendId: string, { scope, value }: Claim): StoredRecord | null {
    const row = this.#claim.get(backendId, scope, value) as [string, string] | undefined
    return row ? this.get({ backendId, type: row[0], id: row[1] }) : null
  }

  types(backendId: string): string[] {
    return (this.#types.all(backendId) as [string][]).map(([type]) => type)
  }

  changesAfter(backendId: string, sequence: string, limit: number): Change[] {
    const rows = this.#changes.all(backendId, sequence, limit) as ChangeRow[]
    return rows.map(([at, type, id, operation, actor, time]) => ({
      backendId,
      sequence: at,
      type,
      id,
      operation,
      actor,
      at: time,
    }))
  }

  oldestDueJob(now: number): number | null {
    return (this.#oldestJob.get(now) as [number | null])[0]
  }

  /** @throws when the database does not answer */
  check(): void {
    this.#oldestJob.get(0)
  }

  close(): void {
    this.#db.close()
  }

  #prepare(text: string): Statement {
    const statement = this.#db.prepare(text)
    statement.setReturnArrays(true)
    return statement
  }
}

type ChangeRow = [string, string, string, Change['operation'], string, number]
