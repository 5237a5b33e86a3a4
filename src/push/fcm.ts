import type { SecureClientSessionOptions } from 'node:http2'
import { AccessToken, TokenRefused } from './access-token.ts'
import type { FcmCredentials } from './credentials.ts'
import { Http2Client, type Http2Response } from './http2-client.ts'
import { jsonOf, retryAfterMs, unreachable } from './outcomes.ts'
import type { PushMessage, PushOutcome, PushSender } from './port.ts'

export const FCM_ORIGIN = 'https://fcm.googleapis.com'
export const FCM_TOKEN_URL = 'https://oauth2.googleapis.com/token'

/** Bytes of a message's data. */
const BODY_MAX = 4096
/** Seconds; Google keeps nothing for longer than four weeks. */
const TTL_MAX = 2_419_200
/** When Google names no time after which to come again, it asks for at least this. */
const QUOTA_MS = 60_000

const DEVICE_QUOTA = 3001
const INVALID_ID = 3003
const TOO_LARGE = 3005
const SENDER_MISMATCH = 3006
const NO_ID = 3008
const UNINSTALLED = 3009
const SENDER_QUOTA = 3010
const UNAVAILABLE = 3011
const NO_RESULT = 3101
const NO_KEY = 3102
const INTERNAL = 3104
const BAD_JSON = 3105

type Options = {
  readonly credentials: FcmCredentials
  readonly origin: string
  readonly tokenUrl: string
  readonly tls: SecureClientSessionOptions
  readonly now: () => number
}

/** Firebase Cloud Messaging, HTTP v1: one request for each device, all on one connection. */
export class FcmSender implements PushSender {
  readonly #options: Options
  readonly #client: Http2Client
  readonly #tokenClient: Http2Client
  readonly #token: AccessToken

  constructor(options: Options) {
    const { credentials, origin, tokenUrl, tls, now } = options
    this.#options = options
    this.#client = new Http2Client(origin, tls)
    this.#tokenClient = new Http2Client(new URL(tokenUrl).origin, tls)
    this.#token = new AccessToken({ credentials, client: this.#tokenClient, url: tokenUrl, now })
  }

  async send(message: PushMessage, signal: AbortSignal): Promise<PushOutcome> {
    if (message.token === '') return refused(NO_ID, 'the device token is empty')
    if (Buffer.byteLength(message.body) > BODY_MAX) {
      return refused(TOO_LARGE, `the payload has more than ${BODY_MAX} bytes`)
    }
    try {
      return await this.#deliver(message, signal, true)
    } catch (error) {
      return error instanceof TokenRefused ? error.outcome : unreachable(UNAVAILABLE, error)
    }
  }

  close(): void {
    this.#client.close()
    this.#tokenClient.close()
  }

  async #deliver(
    message: PushMessage,
    signal: AbortSignal,
    mayRenew: boolean,
  ): Promise<PushOutcome> {
    const token = await this.#token.get(signal)
    const { credentials, now } = this.#options
    const response = await this.#client.request({
      method: 'POST',
      path: `/v1/projects/${encodeURIComponent(credentials.projectId)}/messages:send`,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ message: messageOf(message, now()) }),
      signal,
    })
    if (response.status === 401 && errorOf(response) !== 'THIRD_PARTY_AUTH_ERROR' && mayRenew) {
      await this.#token.drop(token)
      return this.#deliver(message, signal, false)
    }
    return outcomeOf(response, now())
  }
}

/** Data alone, under the name that published client modules read: they show it themselves. */
function messageOf({ token, body, isSilent, expiresAt }: PushMessage, now: number) {
  const seconds = expiresAt === null ? null : Math.ceil((expiresAt - now) / 1000)
  return {
    token,
    data: { payload: body },
    android: {
      priority: isSilent ? 'NORMAL' : 'HIGH',
      ...(seconds === null ? {} : { ttl: `${Math.min(TTL_MAX, Math.max(0, seconds))}s` }),
    },
  }
}

/** FCM's own code stands among the details; the code of Google's APIs is the next best. */
function errorOf({ body }: Http2Response): string {
  const error = (jsonOf(body).error ?? {}) as { status?: unknown; details?: unknown }
  const details = Array.isArray(error.details) ? error.details : []
  const own = details.map((one) => Object(one).errorCode).find((one) => typeof one === 'string')
  return String(own ?? error.status ?? '')
}

function outcomeOf(response: Http2Response, now: number): PushOutcome {
  const { status, headers, body } = response
  if (status === 200) {
    if (typeof jsonOf(body).name === 'string') return { kind: 'sent' }
    return refused(NO_RESULT, 'the answer names no message')
  }
  const code = errorOf(response)
  const reason = code || `status ${status}`
  const after = retryAfterMs(headers['retry-after'], now)
  if (code === 'UNREGISTERED') return { kind: 'gone', code: UNINSTALLED, reason, since: null }
  if (status === 429 || code === 'QUOTA_EXCEEDED') return overQuota(response, after)
  if (status === 503) {
    return { kind: 'later', scope: 'service', code: UNAVAILABLE, reason, afterMs: after }
  }
  if (status >= 500) {
    return { kind: 'later', scope: 'device', code: INTERNAL, reason, afterMs: after }
  }
  if (status === 401) return { kind: 'refused', scope: 'service', code: NO_KEY, reason }
  if (code === 'SENDER_ID_MISMATCH') return refused(SENDER_MISMATCH, reason)
  if (status === 403) return { kind: 'refused', scope: 'service', code: SENDER_MISMATCH, reason }
  const isToken = /registration token/i.test(body)
  return refused(isToken || status === 404 ? INVALID_ID : BAD_JSON, reason)
}

/** There is a limit for each device and one for the project; Google's text tells which it was. */
function overQuota({ body }: Http2Response, after: number | null): PushOutcome {
  const isDevice = /device|message rate/i.test(String(Object(jsonOf(body).error).message))
  return {
    kind: 'later',
    scope: isDevice ? 'device' : 'service',
    code: isDevice ? DEVICE_QUOTA : SENDER_QUOTA,
    reason: 'QUOTA_EXCEEDED',
    afterMs: after ?? QUOTA_MS,
  }
}

function refused(code: number, reason: string): PushOutcome {
  return { kind: 'refused', scope: 'device', code, reason }
}
