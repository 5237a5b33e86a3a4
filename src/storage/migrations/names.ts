/** All migrations, oldest first. A name that was released never changes. */
export const MIGRATION_NAMES = ['0001-tables'] as const

export type MigrationName = (typeof MIGRATION_NAMES)[number]
