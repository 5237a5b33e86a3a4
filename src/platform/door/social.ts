import type { IncomingHttpHeaders } from 'node:http'
import { LRUCache } from 'lru-cache'
import type { Backend } from '../../engine/backend.ts'
import { ApiError } from '../../errors.ts'
import { userOfAccount } from '../../objects/social/login.ts'
import type { PlatformContext } from '../context.ts'
import { digestOf } from './users.ts'

/** For so long the provider is not asked about a token again. */
const KNOWN_MS = 5 * 60_000
const KNOWN_MAX = 10_000

type Known = { readonly userId: string; readonly until: number }

const known = new LRUCache<string, Known>({ max: KNOWN_MAX })

export type SocialCaller = { readonly provider: string; readonly token: string }

/** Whom somebody else vouches for, if the call says so. @throws {ApiError} `param_invalid` */
export function socialHeaders(headers: IncomingHttpHeaders): SocialCaller | null {
  const provider = String(headers['oracle-mobile-social-identity-provider'] ?? '').trim()
  const token = String(headers['oracle-mobile-social-access-token'] ?? '').trim()
  if (provider === '' && token === '') return null
  if (provider !== '' && token !== '') return { provider: provider.toLowerCase(), token }
  const text =
    'Oracle-Mobile-Social-Identity-Provider and Oracle-Mobile-Social-Access-Token go together.'
  throw new ApiError('param_invalid', text)
}

/**
 * The user behind a token of an identity provider; the first time it makes one, as a log-in of the
 * data API does.
 *
 * @throws {ApiError} `credentials_invalid` when the backend does not take the provider, or the
 *   provider not the token
 */
export async function socialUser(
  context: PlatformContext,
  backend: Backend,
  { provider, token }: SocialCaller,
): Promise<string> {
  if (!backend.identityProviders.includes(provider)) {
    const text = 'This identity provider is not switched on for the backend.'
    throw new ApiError('credentials_invalid', text)
  }
  if (provider === 'facebook' && backend.settings.facebookAppId === null) {
    const text = "Facebook cannot be asked: the backend's setting facebookAppId is not set."
    throw new ApiError('credentials_invalid', text)
  }
  const key = digestOf([backend.id, backend.settings.facebookAppId ?? '', provider, token])
  return context.turns.run(`door:${key}`, async () => {
    const before = known.get(key)
    if (before && before.until > context.now()) return before.userId
    const account = { type: provider, token }
    const userId = await userOfAccount(context, backend.id, account).catch(asRefusal)
    known.set(key, { userId, until: context.now() + KNOWN_MS })
    return userId
  })
}

function asRefusal(error: unknown): never {
  const isFailed = error instanceof ApiError && error.code === 'login_failed'
  if (!isFailed) throw error
  const text = 'The identity provider does not know this token, or it is for another app.'
  throw new ApiError('credentials_invalid', text, { cause: error })
}
