import type { Kysely, Migration } from 'kysely'
import { createTables } from './0001-tables.ts'
import type { ColumnTypes } from './column-types.ts'
import { MIGRATION_NAMES, type MigrationName } from './names.ts'

type Step = (db: Kysely<unknown>, types: ColumnTypes) => Promise<void>

/**
 * What each migration does. A list and not a folder that is read, so that a compiled or bundled
 * server has them too. A step that was released never changes.
 */
const STEPS: Readonly<Record<MigrationName, Step>> = { '0001-tables': createTables }

export function migrations(types: ColumnTypes): Record<string, Migration> {
  return Object.fromEntries(
    MIGRATION_NAMES.map((name) => [name, { up: (db) => STEPS[name](db, types) }]),
  )
}
