import type { Kysely, Migration } from 'kysely'
import { createTables } from './0001-tables.ts'
import type { ColumnTypes } from './column-types.ts'

type Step = (db: Kysely<unknown>, types: ColumnTypes) => Promise<void>

/**
 * All migrations, oldest first. A list and not a folder that is read, so that a compiled or bundled
 * server has them too. A name that was released never changes, and neither does its step.
 */
const STEPS: readonly (readonly [name: string, step: Step])[] = [['0001-tables', createTables]]

export function migrations(types: ColumnTypes): Record<string, Migration> {
  return Object.fromEntries(STEPS.map(([name, step]) => [name, { up: (db) => step(db, types) }]))
}
