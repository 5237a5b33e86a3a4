import type { Row, Sql } from './sql.ts'

/** What differs between the databases when records are looked for. */
export type Dialect = {
  /** The bound value at a position, counted from 1. */
  placeholder(position: number): string
  /** A table expression with the one column `value`: all keys of a field of the record `r`. */
  keysOf(field: string): Sql
  /** The key by which the record `r` sorts, or NULL. */
  firstKeyOf(field: string): Sql
  /** True when the expression is one of the values. */
  isIn(expression: Sql, values: readonly string[]): Sql
  /** Joins the record `r` to its index entry `i`, by the quickest way. */
  joinEntry: Sql
  /** True when looking a value up in the index is cheaper than reading the record's keys. */
  readonly prefersEntries: boolean
  /** A query with the one column `object_id`. */
  idTable(ids: readonly string[]): Sql
  /** True when the text matches the expression, of the syntax of `lib/safe-regex.ts`. */
  matches(text: Sql, pattern: string): Sql
  /** `NULLS FIRST` or `NULLS LAST` where this is not the default. */
  orderSuffix: { readonly asc: Sql; readonly desc: Sql }
  /** The columns of the record `r` that `rows.ts` reads. */
  recordColumns: Sql
}

/** All that looking for records needs of a database. */
export interface Connection {
  readonly dialect: Dialect
  all(statement: Sql): Promise<readonly Row[]>
}
