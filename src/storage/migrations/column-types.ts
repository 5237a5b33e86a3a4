import type { RawBuilder } from 'kysely'

/** The types that the databases call by different names. */
export type ColumnTypes = {
  /** Text that sorts by code point. */
  readonly text: RawBuilder<unknown>
  /** JSON whose members the database looks at. */
  readonly json: RawBuilder<unknown>
  /** Whole numbers up to 2^53. */
  readonly integer: RawBuilder<unknown>
  /** True where records are found quicker by a number than by their key; see `joinEntry`. */
  readonly numbersRows: boolean
  /** What follows the columns of a table that is nothing but its primary key. */
  readonly keyTableSuffix: RawBuilder<unknown>
}
