import { readFileSync } from 'node:fs'
import { UsageError } from './command.ts'

/** The flags of a command that takes a password. */
export const PASSWORD_OPTIONS = {
  password: {
    value: 'TEXT',
    about: 'Password. Others on this machine can see it; prefer the file.',
  },
  'password-file': { value: 'FILE', about: 'File whose first line is the password; - is stdin.' },
} as const

type Given = { readonly password: string | undefined; readonly 'password-file': string | undefined }

/**
 * The password that the flags give, or `undefined`.
 * @throws {UsageError}
 */
export function passwordFrom(given: Given): string | undefined {
  const { password, 'password-file': file } = given
  if (password !== undefined && file !== undefined) {
    throw new UsageError('Give --password or --password-file, not both.')
  }
  if (file === undefined) return password
  const line = readFileSync(file === '-' ? 0 : file, 'utf8').split(/\r?\n/, 1)[0]
  if (!line) throw new UsageError(`The first line of ${file === '-' ? 'stdin' : file} is empty.`)
  return line
}
