import type pg from 'pg'
import type { Connection } from '../dialect.ts'
import { type Row, render, type Sql } from '../sql.ts'
import { postgresDialect } from './dialect.ts'

/** Runs queries that are put together; each on whichever connection of the pool is free. */
export class PostgresConnection implements Connection {
  readonly dialect = postgresDialect
  readonly #pool: pg.Pool

  constructor(pool: pg.Pool) {
    this.#pool = pool
  }

  async all(statement: Sql): Promise<readonly Row[]> {
    const text = render(statement, postgresDialect.placeholder)
    const values = [...statement.values]
    const result = await this.#pool.query<never[]>({ text, values, rowMode: 'array' })
    return result.rows
  }
}
