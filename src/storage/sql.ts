/** What a statement may bind. A list binds as one value; each dialect says how it reads it. */
export type SqlValue = string | number | null | readonly string[]

/** A row as the list of its columns: cheaper to read and to hand between threads than objects. */
export type Row = readonly (string | number | null)[]

/**
 * A piece of SQL with its values. Kysely's `sql` template does the same in three times the time, for
 * every query anew; and its pieces carry types that say nothing here, where no table is typed.
 */
export class Sql {
  /** The texts around the values: always one more than there are values. */
  readonly texts: readonly string[]
  readonly values: readonly SqlValue[]

  constructor(texts: readonly string[], values: readonly SqlValue[]) {
    this.texts = texts
    this.values = values
  }
}

/** A template of SQL: pieces are put in as they are, anything else becomes a bound value. */
export function sql(strings: TemplateStringsArray, ...parts: readonly (Sql | SqlValue)[]): Sql {
  const texts: string[] = []
  const values: SqlValue[] = []
  let text = strings[0] ?? ''
  parts.forEach((part, index) => {
    if (part instanceof Sql) {
      text += part.texts[0] ?? ''
      part.values.forEach((value, inner) => {
        texts.push(text)
        values.push(value)
        text = part.texts[inner + 1] ?? ''
      })
    } else {
      texts.push(text)
      values.push(part)
      text = ''
    }
    text += strings[index + 1] ?? ''
  })
  texts.push(text)
  return new Sql(texts, values)
}

/** Joins pieces with a separator, which is SQL text. */
export function join(pieces: readonly Sql[], separator: string): Sql {
  const between = new Sql([separator], [])
  return pieces.reduce(
    (joined, piece, index) => (index === 0 ? piece : sql`${joined}${between}${piece}`),
    NOTHING,
  )
}

/** Conditions that all have to hold. */
export function allOf(pieces: readonly Sql[]): Sql {
  return pieces.length === 0 ? sql`1 = 1` : sql`(${join(pieces, ' AND ')})`
}

/** Conditions of which one has to hold. */
export function anyOf(pieces: readonly Sql[]): Sql {
  return pieces.length === 0 ? sql`1 = 0` : sql`(${join(pieces, ' OR ')})`
}

/** The text of a statement, its values numbered from 1 by `placeholder`. */
export function render(statement: Sql, placeholder: (position: number) => string): string {
  return statement.texts.reduce((text, next, index) => text + placeholder(index) + next)
}

const NOTHING = new Sql([''], [])
