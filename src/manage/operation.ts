import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'

/** What an operation takes: text, text that may be absent, or a switch that is off when absent. */
type FieldValues = {
  readonly text: string
  readonly 'text?': string | undefined
  readonly flag: boolean
}

export type Fields = Readonly<Record<string, keyof FieldValues>>

export type InputOf<F extends Fields> = { readonly [Name in keyof F]: FieldValues[F[Name]] }

/** Something that administrators do. Input and result are JSON, since it may be asked for from afar. */
export type Operation<F extends Fields, Result> = {
  readonly fields: F
  run(context: Context, input: InputOf<F>): Promise<Result>
}

export function operation<const F extends Fields, Result extends object>(
  fields: F,
  run: (context: Context, input: InputOf<F>) => Promise<Result>,
): Operation<F, Result> {
  return { fields, run }
}

/**
 * Input from outside, checked.
 * @throws {ApiError} `param_invalid`
 */
export function readInput<F extends Fields>(fields: F, given: unknown): InputOf<F> {
  if (typeof given !== 'object' || given === null) {
    throw new ApiError('param_invalid', 'Send a JSON object.')
  }
  const members = given as Record<string, unknown>
  const entries = Object.entries(fields).map(([name, field]) => {
    const value = Object.hasOwn(members, name) ? (members[name] ?? undefined) : undefined
    if (!fits(field, value)) {
      throw new ApiError(
        'param_invalid',
        `"${name}" must be ${field === 'flag' ? 'true or false' : 'text'}.`,
      )
    }
    return [name, field === 'flag' ? value === true : value]
  })
  return Object.fromEntries(entries) as InputOf<F>
}

function fits(field: keyof FieldValues, value: unknown): boolean {
  if (field === 'flag') return value === undefined || typeof value === 'boolean'
  return typeof value === 'string' ? value !== '' : value === undefined && field === 'text?'
}
