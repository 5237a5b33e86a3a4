import { Kysely, PostgresDialect, sql } from 'kysely'
import type pg from 'pg'
import { type MigrationStatus, migrate, statusOf } from '../migrate.ts'
import { migrations } from '../migrations/index.ts'

const MIGRATIONS = migrations({
  // Sorted by code point whatever the database's own collation is.
  text: sql`text collate "C"`,
  json: sql`jsonb`,
  integer: sql`bigint`,
  numbersRows: false,
  keyTableSuffix: sql``,
})

/**
 * Brings the tables up to date; of several servers that start at once one does it and the others
 * wait.
 * @throws {NewerSchemaError}
 */
export async function migrateDatabase(pool: pg.Pool): Promise<void> {
  await migrate(kyselyOn(pool), MIGRATIONS)
}

/** @throws {NewerSchemaError} */
export async function statusOfDatabase(pool: pg.Pool): Promise<MigrationStatus> {
  return statusOf(kyselyOn(pool), MIGRATIONS)
}

/** Never destroyed: that would end the pool. */
function kyselyOn(pool: pg.Pool): Kysely<unknown> {
  return new Kysely({ dialect: new PostgresDialect({ pool }) })
}
