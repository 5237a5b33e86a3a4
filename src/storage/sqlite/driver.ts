import { createRequire } from 'node:module'

/** As much of the `node:sqlite` interface as the adapter uses. */
export interface Database {
  exec(sql: string): void
  prepare(sql: string): Statement
  function(
    name: string,
    options: { deterministic: boolean },
    body: (...values: never[]) => unknown,
  ): void
  close(): void
}

export interface Statement {
  run(...values: Value[]): { changes: number | bigint; lastInsertRowid: number | bigint }
  get(...values: Value[]): unknown
  all(...values: Value[]): unknown[]
  setReturnArrays(on: boolean): void
}

export type Value = string | number | null

type Driver = {
  DatabaseSync: new (file: string, options?: { readOnly?: boolean; timeout?: number }) => Database
}

const require = createRequire(import.meta.url)

/**
 * The database that Node brings along, where it does (22.13 and later, with rows as arrays since
 * 22.16); else a package with the same interface. The only place that knows.
 */
export function openDatabase(file: string, options: { readOnly?: boolean } = {}): Database {
  const { DatabaseSync } = loadDriver()
  return new DatabaseSync(file, options)
}

let loaded: Driver | undefined

function loadDriver(): Driver {
  loaded ??= hasOwnDriver() ? (require('node:sqlite') as Driver) : loadPackage()
  return loaded
}

function hasOwnDriver(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  return major > 22 || (major === 22 && minor >= 16)
}

function loadPackage(): Driver {
  return require('@photostructure/sqlite') as Driver
}
