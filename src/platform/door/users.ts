import { createHmac, randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { type UserFacts, userFacts } from '../../engine/caller.ts'
import { ApiError } from '../../errors.ts'
import { folded } from '../../objects/users/users.ts'
import type { PlatformContext } from '../context.ts'

/** For so long a password that was right needs no hashing again. */
const KNOWN_MS = 5 * 60_000
const KNOWN_MAX = 10_000

/** What a log-in takes of each. */
const LOGIN_MAX = 255
const PASSWORD_MAX = 1024

type Given = { readonly login: string; readonly password: string }

type Proven = { readonly id: string; readonly facts: UserFacts }

type Known = { readonly id: string; readonly proof: string; readonly until: number }

/** By digests with a key that no other process has: who reads this memory finds no passwords. */
const known = new LRUCache<string, Known>({ max: KNOWN_MAX })
const digestKey = randomBytes(32)

/**
 * The user with this name and password. Apps send them with every call, so they are believed for a
 * while without a hash, as long as the user has the same password and the same name.
 *
 * @throws {ApiError} `credentials_invalid`, `not_confirmed`, `rate_limited`
 */
export async function provenUser(
  context: PlatformContext,
  backendId: string,
  given: Given,
): Promise<Proven> {
  const { login, password } = given
  if (login.length > LOGIN_MAX || password.length > PASSWORD_MAX || login.includes('\0')) {
    throw new ApiError('credentials_invalid')
  }
  const key = digestOf([backendId, login, password])
  const recall = () => stillTrue(context, backendId, { key, login })
  // Many calls come at once when an app starts: the first one hashes for all of them.
  return (
    (await recall()) ??
    context.turns.run(
      `door:${key}`,
      async () => (await recall()) ?? prove(context, backendId, { key, ...given }),
    )
  )
}

async function stillTrue(
  context: PlatformContext,
  backendId: string,
  { key, login }: { readonly key: string; readonly login: string },
): Promise<Proven | null> {
  const one = known.get(key)
  if (!one || one.until < context.now()) return null
  const facts = await userFacts(context, backendId, one.id)
  if (facts?.proof !== one.proof || !facts.logins.includes(folded(login))) return null
  return { id: one.id, facts }
}

async function prove(
  context: PlatformContext,
  backendId: string,
  { key, login, password }: Given & { readonly key: string },
): Promise<Proven> {
  const { users } = context.tools
  const proven = await users?.logIn(backendId, { login, password }).catch(hideReason)
  const facts = proven && (await userFacts(context, backendId, proven.userId))
  if (!facts) throw new ApiError('credentials_invalid')
  const until = context.now() + KNOWN_MS
  known.set(key, { id: proven.userId, proof: proven.proof, until })
  return { id: proven.userId, facts }
}

/** Whether it was the key, the name or the password that was wrong is not told. */
function hideReason(error: unknown): never {
  const isFailed = error instanceof ApiError && error.code === 'login_failed'
  throw isFailed ? new ApiError('credentials_invalid', undefined, { cause: error }) : error
}

export function digestOf(texts: readonly string[]): string {
  return createHmac('sha256', digestKey).update(JSON.stringify(texts)).digest('base64')
}
