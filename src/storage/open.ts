import type { MigrationStatus } from './migrate.ts'
import type { Store } from './port.ts'
import { statusOfDatabase } from './postgres/migrate-database.ts'
import { openPool } from './postgres/pool.ts'
import { type PostgresOptions, PostgresStore } from './postgres/postgres-store.ts'
import { statusOfFile } from './sqlite/migrate-file.ts'
import { databaseFile, type SqliteOptions, SqliteStore } from './sqlite/sqlite-store.ts'

export type StoreOptions =
  | ({ readonly kind: 'sqlite' } & SqliteOptions)
  | ({ readonly kind: 'postgres' } & PostgresOptions)

/**
 * Opens the store and brings its tables up to date.
 * @throws {NewerSchemaError} when a newer release has written the database
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  return options.kind === 'sqlite' ? SqliteStore.open(options) : PostgresStore.open(options)
}

/**
 * What {@link openStore} would do to the tables, without doing it.
 * @throws {NewerSchemaError}
 */
export async function migrationStatus(options: StoreOptions): Promise<MigrationStatus> {
  if (options.kind === 'sqlite') return statusOfFile(databaseFile(options.directory))
  const pool = openPool(options.url, 1)
  try {
    return await statusOfDatabase(pool)
  } finally {
    await pool.end()
  }
}
