import type pg from 'pg'
import type { Change, Claim, RecordAddress, StoredRecord } from '../port.ts'
import { toRecord, toRecords } from '../rows.ts'
import { typesStatement } from '../shared-statements.ts'
import type { Row } from '../sql.ts'
import { postgresDialect } from './dialect.ts'

const [COLUMNS = ''] = postgresDialect.recordColumns.texts

const GET = `SELECT ${COLUMNS} FROM record r WHERE r.backend_id = $1 AND r.type = $2 AND r.id = $3`
const GET_MANY = `SELECT ${COLUMNS} FROM record r
  WHERE r.backend_id = $1 AND r.type = $2 AND r.id = ANY($3::text[])`
const GET_BY_CLAIM = `SELECT r.type, ${COLUMNS} FROM claim c
  JOIN record r ON r.backend_id = c.backend_id AND r.type = c.type AND r.id = c.object_id
  WHERE c.backend_id = $1 AND c.scope = $2 AND c.value = $3`
const CHANGES = `SELECT sequence, type, id, operation, actor, at FROM change_log
  WHERE backend_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3`

/** The reads whose statements are prepared once for each connection. */
export class PointReader {
  readonly #pool: pg.Pool

  constructor(pool: pg.Pool) {
    this.#pool = pool
  }

  async get({ backendId, type, id }: RecordAddress): Promise<StoredRecord | null> {
    const [row] = await this.#all('get', GET, [backendId, type, id])
    return row ? toRecord(backendId, type, row) : null
  }

  async getMany(backendId: string, type: string, ids: readonly string[]): Promise<StoredRecord[]> {
    if (ids.length === 0) return []
    const rows = await this.#all('get-many', GET_MANY, [backendId, type, ids])
    const records = new Map(toRecords(backendId, type, rows).map((each) => [each.id, each]))
    return ids.flatMap((id) => records.get(id) ?? [])
  }

  async getByClaim(backendId: string, { scope, value }: Claim): Promise<StoredRecord | null> {
    const [row] = await this.#all('get-by-claim', GET_BY_CLAIM, [backendId, scope, value])
    if (!row) return null
    const [type, ...rest] = row
    return toRecord(backendId, type as string, rest)
  }

  async types(backendId: string): Promise<string[]> {
    const rows = await this.#all('types', typesStatement('$1'), [backendId])
    return rows.map(([type]) => type as string)
  }

  async changesAfter(backendId: string, sequence: string, limit: number): Promise<Change[]> {
    const values = [backendId, sequence, limit]
    const { rows } = await this.#pool.query<Omit<Change, 'backendId'>>({
      name: 'changes',
      text: CHANGES,
      values,
    })
    return rows.map((row) => ({ backendId, ...row }))
  }

  async #all(name: string, text: string, values: unknown[]): Promise<readonly Row[]> {
    const result = await this.#pool.query<never[]>({ name, text, values, rowMode: 'array' })
    return result.rows
  }
}
