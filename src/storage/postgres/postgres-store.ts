import type pg from 'pg'
import type { Core } from '../core.ts'
import { count } from '../count.ts'
import { find } from '../find.ts'
import { type ChangeListener, changedBy, Listeners } from '../listeners.ts'
import type {
  Change,
  Claim,
  Counted,
  CountQuery,
  FindQuery,
  Found,
  Job,
  RecordAddress,
  Store,
  StoredRecord,
  WriteBatch,
} from '../port.ts'
import { ProbeMemory } from '../probe.ts'
import { toRecords } from '../rows.ts'
import { SequenceMaker } from '../sequence.ts'
import { BatchWriter } from './batch-writer.ts'
import { PostgresConnection } from './connection.ts'
import { Housekeeper } from './housekeeper.ts'
import { JobTable } from './job-table.ts'
import { migrateDatabase } from './migrate-database.ts'
import { Notifier } from './notifier.ts'
import { PointReader } from './point-reader.ts'
import { openPool } from './pool.ts'

export type PostgresOptions = {
  readonly url: string
  readonly poolMax?: number
  /** Up to so many candidates are fetched and sorted; more are walked in order. */
  readonly sortedMax?: number
}

type JobName = Pick<Job, 'backendId' | 'id'>

/** Records in a PostgreSQL database, which several servers may share. */
export class PostgresStore implements Store {
  readonly #pool: pg.Pool
  readonly #core: Core
  readonly #points: PointReader
  readonly #writer: BatchWriter
  readonly #jobs: JobTable
  readonly #housekeeper: Housekeeper
  readonly #listeners = new Listeners()
  readonly #notifier: Notifier

  /** @throws {NewerSchemaError} */
  static async open(options: PostgresOptions): Promise<PostgresStore> {
    const pool = openPool(options.url, options.poolMax)
    try {
      await migrateDatabase(pool)
      const store = new PostgresStore(options, pool, await sequencesOf(pool))
      await store.#notifier.open()
      return store
    } catch (error) {
      await pool.end()
      throw error
    }
  }

  private constructor(options: PostgresOptions, pool: pg.Pool, sequences: SequenceMaker) {
    this.#pool = pool
    this.#core = {
      connection: new PostgresConnection(pool),
      memory: new ProbeMemory(options.sortedMax),
    }
    this.#points = new PointReader(pool)
    this.#writer = new BatchWriter(pool, sequences)
    this.#jobs = new JobTable(pool)
    this.#housekeeper = new Housekeeper(pool)
    this.#notifier = new Notifier(options.url, pool, this.#listeners)
  }

  get(address: RecordAddress): Promise<StoredRecord | null> {
    return this.#points.get(address)
  }

  getMany(backendId: string, type: string, ids: readonly string[]): Promise<StoredRecord[]> {
    return this.#points.getMany(backendId, type, ids)
  }

  getByClaim(backendId: string, claim: Claim): Promise<StoredRecord | null> {
    return this.#points.getByClaim(backendId, claim)
  }

  types(backendId: string): Promise<string[]> {
    return this.#points.types(backendId)
  }

  async find(query: FindQuery): Promise<Found> {
    const { rows, distancesKm } = await find(this.#core, query)
    const records = toRecords(query.backendId, query.type, rows)
    return distancesKm ? { records, distancesKm } : { records }
  }

  count(query: CountQuery): Promise<Counted> {
    return count(this.#core, query)
  }

  async write(batch: WriteBatch): Promise<void> {
    await this.#writer.write(batch)
    const changed = changedBy(batch)
    if (changed.length === 0) return
    this.#listeners.tellOf(changed)
    this.#notifier.tell(changed)
  }

  changesAfter(backendId: string, sequence: string, limit: number): Promise<Change[]> {
    return this.#points.changesAfter(backendId, sequence, limit)
  }

  trimChanges(before: number): Promise<number> {
    return this.#housekeeper.trimChanges(before)
  }

  subscribe(listener: ChangeListener): () => void {
    return this.#listeners.add(listener)
  }

  takeJobs(now: number, limit: number, leaseMs: number): Promise<Job[]> {
    return this.#jobs.take(now, limit, leaseMs)
  }

  extendJob({ backendId, id }: JobName, leaseUntil: number): Promise<void> {
    return this.#jobs.extend(backendId, id, leaseUntil)
  }

  finishJob({ backendId, id }: JobName): Promise<void> {
    return this.#jobs.finish(backendId, id)
  }

  releaseJob({ backendId, id }: JobName, error: string, runAt: number | null): Promise<void> {
    return this.#jobs.release(backendId, id, error, runAt)
  }

  oldestDueJob(now: number): Promise<number | null> {
    return this.#jobs.oldestDue(now)
  }

  purgeTenant(backendId: string, slice: number): Promise<number> {
    return this.#housekeeper.purgeTenant(backendId, slice)
  }

  check(): Promise<void> {
    return this.#housekeeper.check(Date.now())
  }

  async close(): Promise<void> {
    await this.#notifier.close()
    await this.#pool.end()
  }
}

async function sequencesOf(pool: pg.Pool): Promise<SequenceMaker> {
  const sequences = new SequenceMaker()
  const last = await new Housekeeper(pool).lastSequence()
  if (last !== null) sequences.skipTo(last)
  return sequences
}
