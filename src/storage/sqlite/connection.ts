import { LRUCache } from 'lru-cache'
import type { Connection } from '../dialect.ts'
import { type Row, render, type Sql } from '../sql.ts'
import { sqliteDialect } from './dialect.ts'
import { type Database, openDatabase, type Statement, type Value } from './driver.ts'
import { registerMatches } from './matches.ts'

export type ConnectionRole = 'read' | 'write'

/** Enough for every shape of query that an app uses; a statement is some kilobytes. */
const STATEMENTS_MAX = 500

/** Opens the file with the settings that every connection needs. */
export function connect(file: string, role: ConnectionRole): Database {
  const db = openDatabase(file, { readOnly: role === 'read' })
  // Another process (a command, a backup) may hold the lock for a moment.
  db.exec('PRAGMA busy_timeout = 10000')
  if (role === 'write') {
    db.exec('PRAGMA journal_mode = WAL')
    // An acknowledged write must survive a power cut: WAL alone would only survive a crash.
    db.exec('PRAGMA synchronous = FULL')
    db.exec('PRAGMA foreign_keys = ON')
    // Pages that change often are copied back once for many commits.
    db.exec('PRAGMA wal_autocheckpoint = 4000')
    // After a burst the log would stay as large as it ever was.
    db.exec('PRAGMA journal_size_limit = 67108864')
  }
  // Pages come from the mapped file, which all connections share: no cache needs to be large.
  db.exec('PRAGMA mmap_size = 2147418112')
  db.exec('PRAGMA cache_size = -16000')
  db.exec('PRAGMA temp_store = MEMORY')
  return db
}

/** A connection for queries that are put together, on a thread that may be held up. */
export class SqliteConnection implements Connection {
  readonly dialect = sqliteDialect
  readonly #db: Database
  readonly #statements = new LRUCache<string, Statement>({ max: STATEMENTS_MAX })

  constructor(file: string) {
    this.#db = connect(file, 'read')
    registerMatches(this.#db)
  }

  /** Runs `read` on one snapshot of the database. */
  async snapshot<T>(read: () => Promise<T>): Promise<T> {
    this.#db.exec('BEGIN')
    try {
      return await read()
    } finally {
      this.#db.exec('COMMIT')
    }
  }

  async all(statement: Sql): Promise<readonly Row[]> {
    return this.#prepare(render(statement, sqliteDialect.placeholder)).all(
      ...(statement.values as Value[]),
    ) as Row[]
  }

  close(): void {
    this.#db.close()
  }

  #prepare(text: string): Statement {
    const known = this.#statements.get(text)
    if (known) return known
    const statement = this.#db.prepare(text)
    statement.setReturnArrays(true)
    this.#statements.set(text, statement)
    return statement
  }
}
