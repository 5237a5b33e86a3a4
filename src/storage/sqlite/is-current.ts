import { existsSync } from 'node:fs'
import { MIGRATION_NAMES } from '../migrations/names.ts'
import { connect } from './connection.ts'

/**
 * True when a file has just the migrations that this release knows: then what runs migrations need
 * not be loaded, which takes time and memory at every start.
 */
export function isCurrent(file: string): boolean {
  if (!existsSync(file)) return false
  const db = connect(file, 'read')
  try {
    const table = db
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'schema_migration'")
      .get()
    if (!table) return false
    const rows = db.prepare('SELECT name FROM schema_migration ORDER BY name').all()
    const names = (rows as { name: string }[]).map(({ name }) => name)
    return names.join() === MIGRATION_NAMES.join()
  } finally {
    db.close()
  }
}
