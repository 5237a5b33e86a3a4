import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type ChangeListener, Listeners } from '../listeners.ts'
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
import { toRecords } from '../rows.ts'
import type { FoundRows } from '../search.ts'
import { isCurrent } from './is-current.ts'
import type { ReaderCall, WriterCall } from './messages.ts'
import { PointReader } from './point-reader.ts'
import { Thread } from './thread.ts'

export type SqliteOptions = {
  readonly directory: string
  /** Threads for queries that may scan. */
  readonly readers?: number
  /** Up to so many candidates are fetched and sorted; more are walked in order. */
  readonly sortedMax?: number
}

const READERS = 2
const TRIM_SLICE = 2000

/**
 * Records in one SQLite file. Reads by id are answered at once on the calling thread, which takes
 * some microseconds; whatever may take longer runs on other threads: one that writes, some that
 * search.
 */
export class SqliteStore implements Store {
  readonly #points: PointReader
  readonly #writer: Thread<WriterCall>
  readonly #readers: readonly Thread<ReaderCall>[]
  readonly #listeners = new Listeners()

  /** @throws {NewerSchemaError} */
  static async open(options: SqliteOptions): Promise<SqliteStore> {
    mkdirSync(options.directory, { recursive: true })
    const file = databaseFile(options.directory)
    if (!isCurrent(file)) {
      const { migrateFile } = await import('./migrate-file.ts')
      await migrateFile(file)
    }
    const store = new SqliteStore(file, options)
    await store.check()
    return store
  }

  private constructor(file: string, { readers = READERS, sortedMax }: SqliteOptions) {
    this.#points = new PointReader(file)
    this.#writer = new Thread('writer', { file }, { gathers: true })
    this.#readers = Array.from({ length: readers }, () => new Thread('reader', { file, sortedMax }))
  }

  async get(address: RecordAddress): Promise<StoredRecord | null> {
    return this.#points.get(address)
  }

  async getMany(backendId: string, type: string, ids: readonly string[]): Promise<StoredRecord[]> {
    return this.#points.getMany(backendId, type, ids)
  }

  async getByClaim(backendId: string, claim: Claim): Promise<StoredRecord | null> {
    return this.#points.getByClaim(backendId, claim)
  }

  async types(backendId: string): Promise<string[]> {
    return this.#points.types(backendId)
  }

  async find(query: FindQuery): Promise<Found> {
    const found = await this.#read<FoundRows>({ call: 'find', query })
    const records = toRecords(query.backendId, query.type, found.rows)
    return found.distancesKm ? { records, distancesKm: found.distancesKm } : { records }
  }

  count(query: CountQuery): Promise<Counted> {
    return this.#read({ call: 'count', query })
  }

  async write(batch: WriteBatch): Promise<void> {
    await this.#writer.call<void>({ call: 'write', batch })
    this.#listeners.tell(batch)
  }

  async changesAfter(backendId: string, sequence: string, limit: number): Promise<Change[]> {
    return this.#points.changesAfter(backendId, sequence, limit)
  }

  /** In slices, so that no other write waits for long. */
  async trimChanges(before: number): Promise<number> {
    let trimmed = 0
    for (;;) {
      const call = { call: 'trimChanges', before, limit: TRIM_SLICE } as const
      const count = await this.#writer.call<number>(call)
      trimmed += count
      if (count < TRIM_SLICE) return trimmed
    }
  }

  subscribe(listener: ChangeListener): () => void {
    return this.#listeners.add(listener)
  }

  takeJobs(now: number, limit: number, leaseMs: number): Promise<Job[]> {
    return this.#writer.call({ call: 'takeJobs', now, limit, leaseMs })
  }

  extendJob({ backendId, id }: Pick<Job, 'backendId' | 'id'>, leaseUntil: number): Promise<void> {
    return this.#writer.call({ call: 'extendJob', backendId, id, leaseUntil })
  }

  finishJob({ backendId, id }: Pick<Job, 'backendId' | 'id'>): Promise<void> {
    return this.#writer.call({ call: 'finishJob', backendId, id })
  }

  releaseJob(
    { backendId, id }: Pick<Job, 'backendId' | 'id'>,
    error: string,
    runAt: number | null,
  ): Promise<void> {
    return this.#writer.call({ call: 'releaseJob', backendId, id, error, runAt })
  }

  async oldestDueJob(now: number): Promise<number | null> {
    return this.#points.oldestDueJob(now)
  }

  purgeTenant(backendId: string, slice: number): Promise<number> {
    return this.#writer.call({ call: 'purgeTenant', backendId, slice })
  }

  async check(): Promise<void> {
    await this.#writer.call<void>({ call: 'check', at: Date.now() })
    this.#points.check()
  }

  async close(): Promise<void> {
    // The writer last: whoever closes the file last tidies up its log.
    await Promise.all(this.#readers.map((reader) => reader.close()))
    this.#points.close()
    await this.#writer.close()
  }

  /** Asks the reader with the least to do. */
  #read<Result>(call: ReaderCall): Promise<Result> {
    const [first, ...others] = this.#readers
    if (!first) throw new Error('a store needs at least one reader thread')
    const idlest = others.reduce((best, each) => (each.load < best.load ? each : best), first)
    return idlest.call(call)
  }
}

export function databaseFile(directory: string): string {
  return join(directory, 'db.sqlite')
}
