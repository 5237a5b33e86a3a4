import type pg from 'pg'
import { addressesToRead, addressKey, type Effects, effectsOf } from '../effects.ts'
import { type RecordAddress, type StoredRecord, type WriteBatch, WriteConflict } from '../port.ts'
import { toRecord } from '../rows.ts'
import type { SequenceMaker } from '../sequence.ts'
import type { Row } from '../sql.ts'
import { columns, logRows, putArrays, removeArrays } from './batch-arrays.ts'
import { conflictOf, isUniqueViolation } from './conflicts.ts'
import {
  ENQUEUE,
  HOLD_ABSENT,
  INSERT_RECORDS,
  LOCK_RECORDS,
  REMOVE,
  UPDATE_RECORDS,
} from './statements.ts'

type Session = pg.Pool | pg.PoolClient

/** Serialization failure and deadlock: the same batch may well succeed the next time. */
const RETRIED_CODES = ['40001', '40P01']
const TRIES_MAX = 5

/** Applies batches, each as one transaction. */
export class BatchWriter {
  readonly #pool: pg.Pool
  readonly #sequences: SequenceMaker

  constructor(pool: pg.Pool, sequences: SequenceMaker) {
    this.#pool = pool
    this.#sequences = sequences
  }

  /** @throws {WriteConflict} */
  async write(batch: WriteBatch): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#writeOnce(batch)
      } catch (error) {
        if (tries === TRIES_MAX || !isRetried(error)) throw error
      }
    }
  }

  /** Inserts alone are one statement, which is a transaction by itself. */
  async #writeOnce(batch: WriteBatch): Promise<void> {
    const isInsertOnly = batch.operations.every(({ op }) => op === 'insert')
    if (!isInsertOnly) return this.#transaction(batch)
    const effects = effectsOf(batch, new Map())
    try {
      await this.#put(this.#pool, effects, batch)
    } catch (error) {
      throw isUniqueViolation(error) ? await conflictOf(this.#pool, error, effects) : error
    }
  }

  async #transaction(batch: WriteBatch): Promise<void> {
    const client = await this.#pool.connect()
    let broken: Error | undefined
    let effects: Effects | undefined
    let violation: unknown
    try {
      await client.query('BEGIN')
      effects = effectsOf(batch, await this.#read(client, batch))
      await this.#holdAbsent(client, batch)
      await this.#remove(client, effects)
      await this.#put(client, effects, batch)
      await this.#enqueue(client, effects, batch.at)
      await client.query('COMMIT')
    } catch (error) {
      broken = await rollBack(client)
      if (!effects || !isUniqueViolation(error)) throw error
      violation = error
    } finally {
      client.release(broken)
    }
    // Only now: whoever asked for a second connection while holding one could wait for ever.
    if (violation && effects) throw await conflictOf(this.#pool, violation, effects)
  }

  async #read(client: Session, batch: WriteBatch): Promise<Map<string, StoredRecord>> {
    const records = new Map<string, StoredRecord>()
    const addresses = addressesToRead(batch)
    if (addresses.length === 0) return records
    const { rows } = await client.query<never[]>({
      name: 'lock-records',
      text: LOCK_RECORDS,
      values: addressColumns(addresses),
      rowMode: 'array',
    })
    for (const [backendId, type, ...row] of rows as unknown as [string, string, ...Row][]) {
      const record = toRecord(backendId, type, row)
      records.set(addressKey(record), record)
    }
    return records
  }

  async #holdAbsent(client: Session, batch: WriteBatch): Promise<void> {
    const absent = batch.operations.flatMap((operation, index) =>
      operation.op === 'check' && operation.is === 'absent'
        ? [{ index, ...operation.address }]
        : [],
    )
    const [first] = absent
    if (!first) return
    const held = columns(
      3,
      absent.map(({ backendId, type, id }) => [backendId, type, id]),
    )
    try {
      await client.query(HOLD_ABSENT, held)
    } catch (error) {
      throw isUniqueViolation(error) ? new WriteConflict(first.index, 'exists') : error
    }
    await client.query(REMOVE, [...held, ...columns(10, [])])
  }

  async #remove(client: Session, { records }: Effects): Promise<void> {
    const values = removeArrays(records)
    if (values.every((column) => column.length === 0)) return
    await client.query({ name: 'remove', text: REMOVE, values })
  }

  /** New records and changed ones are put apart; the log goes with whichever comes. */
  async #put(client: Session, { records, ...effects }: Effects, batch: WriteBatch): Promise<void> {
    const log = logRows({ records, ...effects }, batch, this.#sequences)
    const inserted = records.filter(({ before, after }) => !before && after)
    const updated = records.filter(({ before, after }) => before && after)
    if (updated.length > 0) {
      const values = putArrays(updated, inserted.length > 0 ? [] : log)
      await client.query({ name: 'update-records', text: UPDATE_RECORDS, values })
    }
    if (inserted.length > 0 || (updated.length === 0 && log.length > 0)) {
      const values = putArrays(inserted, log)
      await client.query({ name: 'insert-records', text: INSERT_RECORDS, values })
    }
  }

  async #enqueue(client: Session, { jobs }: Effects, at: number): Promise<void> {
    for (const { index, job } of jobs) {
      const values = [job.backendId, job.id, job.kind, job.payload, job.runAt, at]
      const { rowCount } = await client.query({ name: 'enqueue', text: ENQUEUE, values })
      if (rowCount === 0) throw new WriteConflict(index, 'exists')
    }
  }
}

function addressColumns(addresses: readonly RecordAddress[]): unknown[] {
  return columns(
    3,
    addresses.map(({ backendId, type, id }) => [backendId, type, id]),
  )
}

function isRetried(error: unknown): boolean {
  return RETRIED_CODES.includes((error as { code?: string }).code ?? '')
}

/** @returns what is wrong with the connection, so that the pool does not use it again */
async function rollBack(client: pg.PoolClient): Promise<Error | undefined> {
  try {
    await client.query('ROLLBACK')
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}
