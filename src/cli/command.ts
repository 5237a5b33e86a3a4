import type { Environment } from '../config/sources.ts'
import type { Config } from '../config.ts'
import type { Output } from './output.ts'

/** A flag of a command. With `value` it takes one, named so in the help; without it is a switch. */
export type Option = {
  readonly value?: string
  readonly about: string
  readonly required?: boolean
  /** Takes any number of values, none as well. */
  readonly repeats?: boolean
}

export type Options = Readonly<Record<string, Option>>

type ValueOf<O extends Option> = O extends { readonly value: string }
  ? O extends { readonly repeats: true }
    ? readonly string[]
    : O extends { readonly required: true }
      ? string
      : string | undefined
  : boolean

export type ValuesOf<O extends Options> = { readonly [Name in keyof O]: ValueOf<O[Name]> }

/** What a command is given to work with. */
export type Call<O extends Options = Options> = {
  readonly values: ValuesOf<O>
  readonly positionals: readonly string[]
  readonly output: Output
  readonly env: Environment
  /** Reads the settings, the flags of this call included. @throws {ConfigError} */
  config(): Promise<Config>
}

export type Command<O extends Options = Options> = {
  /** As typed: `backend create`. */
  readonly name: string
  /** One line for the list of commands. */
  readonly about: string
  readonly options: O
  /** Values without a flag, by their names in the help; all are required. */
  readonly positionals?: readonly string[]
  /** The last of them may be given several times. */
  readonly lastRepeats?: boolean
  /** Any setting that is not secret can be given as a flag: `--port 9000`. */
  readonly takesSettings?: boolean
  /** @returns the exit code, 0 if none */
  run(call: Call<O>): Promise<number | undefined>
}

/** Gives `run` the types that its own options say. */
export function defineCommand<const O extends Options>(command: Command<O>): Command {
  // Sound because `run.ts` hands over exactly the values that `options` declares.
  return command as unknown as Command
}

/** The command line is wrong; nothing was done. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
