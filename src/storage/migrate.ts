import { type Kysely, type Migration, Migrator } from 'kysely'

export type MigrationStatus = {
  readonly applied: readonly string[]
  readonly pending: readonly string[]
}

/** The database was written by a newer release, whose tables this one does not know. */
export class NewerSchemaError extends Error {
  override readonly name = 'NewerSchemaError'
  readonly unknown: readonly string[]

  constructor(unknown: readonly string[]) {
    super(
      `the database has migrations that this release does not know (${unknown.join(', ')}): ` +
        'start the newer release, or restore a backup made before the upgrade',
    )
    this.unknown = unknown
  }
}

/**
 * Brings the tables up to date.
 * @throws {NewerSchemaError}
 */
export async function migrate(
  db: Kysely<unknown>,
  migrations: Record<string, Migration>,
): Promise<void> {
  await statusOf(db, migrations)
  const { error } = await migratorOf(db, migrations).migrateToLatest()
  if (error) throw error
}

/**
 * What has been applied and what is still to be, without applying anything.
 * @throws {NewerSchemaError}
 */
export async function statusOf(
  db: Kysely<unknown>,
  migrations: Record<string, Migration>,
): Promise<MigrationStatus> {
  const applied = await appliedNames(db)
  const unknown = applied.filter((name) => !Object.hasOwn(migrations, name))
  if (unknown.length > 0) throw new NewerSchemaError(unknown)
  return { applied, pending: Object.keys(migrations).filter((name) => !applied.includes(name)) }
}

const TABLES = {
  migrationTableName: 'schema_migration',
  migrationLockTableName: 'schema_migration_lock',
} as const

function migratorOf(db: Kysely<unknown>, migrations: Record<string, Migration>): Migrator {
  return new Migrator({ db, provider: { getMigrations: async () => migrations }, ...TABLES })
}

/** Read without the migrator, which refuses to answer when it meets a name it does not know. */
async function appliedNames(db: Kysely<unknown>): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  if (!tables.some((table) => table.name === TABLES.migrationTableName)) return []
  const known = db as Kysely<{ [TABLES.migrationTableName]: { name: string } }>
  const rows = await known
    .selectFrom(TABLES.migrationTableName)
    .select('name')
    .orderBy('name')
    .execute()
  return rows.map((row) => row.name)
}
