import type { MigrationStatus } from './migrate.ts'
import type { Store } from './port.ts'
import type { PostgresOptions } from './postgres/postgres-store.ts'
import type { SqliteOptions } from './sqlite/sqlite-store.ts'

export type StoreOptions =
  | ({ readonly kind: 'sqlite' } & SqliteOptions)
  | ({ readonly kind: 'postgres' } & PostgresOptions)

/**
 * Opens the store and brings its tables up to date. Only the database in use is loaded: drivers take
 * time and memory.
 * @throws {NewerSchemaError} when a newer release has written the database
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  if (options.kind === 'sqlite') {
    const { SqliteStore } = await import('./sqlite/sqlite-store.ts')
    return SqliteStore.open(options)
  }
  const { PostgresStore } = await import('./postgres/postgres-store.ts')
  return PostgresStore.open(options)
}

/**
 * What {@link openStore} would do to the tables, without doing it.
 * @throws {NewerSchemaError}
 */
export async function migrationStatus(options: StoreOptions): Promise<MigrationStatus> {
  if (options.kind === 'sqlite') {
    const { databaseFile } = await import('./sqlite/sqlite-store.ts')
    const { statusOfFile } = await import('./sqlite/migrate-file.ts')
    return statusOfFile(databaseFile(options.directory))
  }
  const { openPool } = await import('./postgres/pool.ts')
  const { statusOfDatabase } = await import('./postgres/migrate-database.ts')
  const pool = openPool(options.url, 1)
  try {
    return await statusOfDatabase(pool)
  } finally {
    await pool.end()
  }
}
