import { existsSync } from 'node:fs'
import { Kysely, SqliteDialect, type SqliteStatement, sql } from 'kysely'
import { type MigrationStatus, migrate, statusOf } from '../migrate.ts'
import { migrations } from '../migrations/index.ts'
import { connect } from './connection.ts'
import type { Database, Value } from './driver.ts'

const MIGRATIONS = migrations({
  text: sql`text`,
  json: sql`text`,
  integer: sql`integer`,
  numbersRows: true,
  keyTableSuffix: sql`without rowid`,
})

/**
 * Creates the file or brings its tables up to date, all in one transaction.
 * @throws {NewerSchemaError}
 */
export async function migrateFile(file: string): Promise<void> {
  const db = connect(file, 'write')
  try {
    db.exec('BEGIN IMMEDIATE')
    await migrate(kyselyOn(db), MIGRATIONS)
    db.exec('COMMIT')
  } finally {
    db.close()
  }
}

/** @throws {NewerSchemaError} */
export async function statusOfFile(file: string): Promise<MigrationStatus> {
  if (!existsSync(file)) return { applied: [], pending: Object.keys(MIGRATIONS) }
  const db = connect(file, 'read')
  try {
    return await statusOf(kyselyOn(db), MIGRATIONS)
  } finally {
    db.close()
  }
}

/** Kysely asks for another driver's interface; this is as much of it as migrations use. */
function kyselyOn(db: Database): Kysely<unknown> {
  const prepare = (text: string): SqliteStatement => {
    const statement = db.prepare(text)
    return {
      reader: /^\s*(select|with|pragma)\b|\breturning\b/i.test(text),
      all: (values) => statement.all(...(values as Value[])),
      run: (values) => statement.run(...(values as Value[])),
      iterate: () => {
        throw new Error('migrations do not stream')
      },
    }
  }
  return new Kysely({
    dialect: new SqliteDialect({ database: { prepare, close: () => undefined } }),
  })
}
