import { Secret } from '../lib/secret.ts'
import { type Kind, kind, pathOf, urlOf } from './kinds.ts'

export type DatabaseChoice =
  /** Without a folder the database stands in the data directory. */
  | { readonly kind: 'sqlite'; readonly directory: string | undefined }
  | { readonly kind: 'postgres'; readonly url: Secret }

/** Not to be given as a flag, since the URL of a server mostly holds a password. */
export const databaseUrl: Kind<DatabaseChoice> = {
  ...kind(
    'sqlite:<folder> or postgres://<user>:<password>@<host>/<name>',
    readDatabase,
    showDatabase,
  ),
  secret: true,
}

function readDatabase(given: string): DatabaseChoice | undefined {
  if (given.startsWith('sqlite:')) {
    const directory = given === 'sqlite:' ? undefined : pathOf(given, 'sqlite:')
    return { kind: 'sqlite', directory }
  }
  if (!/^postgres(ql)?:\/\//.test(given) || !urlOf(given)) return undefined
  return { kind: 'postgres', url: new Secret(given) }
}

/** Passwords stand before the `@` and, with some providers, in the query. */
function showDatabase(chosen: DatabaseChoice): string {
  if (chosen.kind === 'sqlite') return `sqlite:${chosen.directory ?? ''}`
  const url = new URL(chosen.url.reveal())
  if (url.password) url.password = '***'
  if (url.searchParams.has('password')) url.searchParams.set('password', '***')
  return url.href
}
