import {
  BACKEND_TYPE,
  type Backend,
  backendOf,
  clientIdClaim,
  INSTANCE,
} from '../engine/backend.ts'
import type { EngineContext } from '../engine/context.ts'
import { effectiveBackend } from '../engine/effective-backend.ts'
import { CLOCK_SKEW_MAX_S, NONCE_TYPE } from '../engine/nonces.ts'
import type { Input } from '../engine/params.ts'
import { ApiError, type ErrorCode } from '../errors.ts'
import { tokenDigest } from '../lib/ids.ts'
import { WriteConflict } from '../storage/port.ts'
import { isSignedWith, oauthHeader, type SignedCall } from './oauth1.ts'

export type Credentials = Omit<SignedCall, 'header'> & {
  /** The header `key`, which one SDK sends. */
  readonly keyHeader: string | undefined
  readonly authorization: string | undefined
  readonly input: Input
}

/**
 * The backend that a call is for, by its App Key or its OAuth signature. With both, the key counts.
 * It is another one than the key's where calls are rerouted.
 *
 * @throws {ApiError} `app_key_missing`, `app_key_invalid`, `oauth_signature_invalid`,
 *   `backend_inactive`
 */
export function authenticate(
  context: EngineContext,
  credentials: Credentials,
): Backend | Promise<Backend> {
  const { key: sent } = credentials.input
  const key = sent === undefined || sent === '' ? credentials.keyHeader : sent
  if (typeof key === 'string' && key !== '') {
    const enter = (backend: Backend) => effectiveBackend(context, byPlainDoor(backend))
    const backend = openBackend(context, key, 'app_key_invalid')
    return backend instanceof Promise ? backend.then(enter) : enter(backend)
  }
  const header = oauthHeader(credentials.authorization)
  if (!header && credentials.input.oauth_signature === undefined) {
    throw new ApiError('app_key_missing')
  }
  return signedBackend(context, { ...credentials, header: header ?? [] })
}

function byPlainDoor(backend: Backend): Backend {
  if (!backend.basicAuth) throw new ApiError('app_key_missing')
  return backend
}

/** At once when the backend is known, which it nearly always is. */
function openBackend(
  context: EngineContext,
  clientId: string,
  refusal: ErrorCode,
): Backend | Promise<Backend> {
  // No database need be asked for what not every one can hold.
  if (clientId.includes('\0')) throw new ApiError(refusal)
  const claim = clientIdClaim(clientId)
  const found = context.cache.getByClaim(INSTANCE, claim, (record) =>
    record.type === BACKEND_TYPE ? backendOf(record) : null,
  )
  return found instanceof Promise ? found.then((one) => open(one, refusal)) : open(found, refusal)
}

function open(backend: Backend | null, refusal: ErrorCode): Backend {
  if (!backend || backend.inTrash) throw new ApiError(refusal)
  if (backend.inactive) throw new ApiError('backend_inactive')
  return backend
}

async function signedBackend(context: EngineContext, call: SignedCall): Promise<Backend> {
  const refusal = () => new ApiError('oauth_signature_invalid')
  const oauth = new Map([...call.form, ...call.query, ...call.header])
  const consumerKey = oauth.get('oauth_consumer_key') ?? ''
  const signature = oauth.get('oauth_signature') ?? ''
  if (oauth.get('oauth_signature_method') !== 'HMAC-SHA1') throw refusal()

  const backend = await openBackend(context, consumerKey, 'oauth_signature_invalid')
  const secret = backend.clientSecret
  if (!backend.oauth || !secret || !isSignedWith(call, signature, secret.reveal())) throw refusal()
  await useNonce(context, backend, oauth.get('oauth_timestamp'), oauth.get('oauth_nonce'))
  return effectiveBackend(context, backend)
}

/** A signed call counts once, on whichever server it arrives. */
async function useNonce(
  context: EngineContext,
  backend: Backend,
  timestamp = '',
  nonce = '',
): Promise<void> {
  const now = context.now()
  const seconds = /^\d{1,10}$/.test(timestamp) ? Number(timestamp) : Number.NaN
  if (!(Math.abs(now / 1000 - seconds) <= CLOCK_SKEW_MAX_S) || nonce === '') {
    const text =
      'Invalid OAuth signature; the nonce is missing or the timestamp is not the present time'
    throw new ApiError('oauth_signature_invalid', text)
  }
  const id = seconds.toString(16).padStart(8, '0') + tokenDigest(nonce).slice(0, 16)
  const record = {
    ...{ backendId: backend.id, type: NONCE_TYPE, id, ownerId: null, aclId: null },
    ...{ createdAt: now, updatedAt: now, data: '{}', hidden: null, keys: {}, claims: [] },
  }
  try {
    await context.store.write({
      operations: [{ op: 'insert', record }],
      actor: 'system',
      at: now,
    })
  } catch (cause) {
    if (!(cause instanceof WriteConflict)) throw cause
    const text = 'Invalid OAuth signature; the nonce was used before'
    throw new ApiError('oauth_signature_invalid', text, { cause })
  }
}
