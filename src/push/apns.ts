import { createHash } from 'node:crypto'
import type { SecureClientSessionOptions } from 'node:http2'
import type { ApnsCredentials } from './credentials.ts'
import { Http2Client, type Http2Response } from './http2-client.ts'
import { jsonOf, retryAfterMs, unreachable } from './outcomes.ts'
import type { PushMessage, PushOutcome, PushSender } from './port.ts'
import { ProviderToken } from './provider-token.ts'

/** Apple's servers for the two kinds of builds of an app. */
export const APNS_ORIGINS = {
  production: 'https://api.push.apple.com',
  sandbox: 'https://api.sandbox.push.apple.com',
} as const

/** Bytes, as the service's logs documented it. Apple itself takes 4096. */
const BODY_MAX = 2048

const NETWORK = 2002
const NO_CERTIFICATE = 2003
const INVALID_PAYLOAD = 2005
const TOO_LARGE = 2006
const REVOKED = 2007
const EXPIRED = 2008
const INVALID_CERTIFICATE = 2009

const TOKEN_UPDATES_MS = 20 * 60_000

const GONE = new Set(['BadDeviceToken', 'Unregistered', 'ExpiredToken'])

/** What is wrong with all that we send, by Apple's reason. */
const OUR_FAULT: Readonly<Record<string, number>> = {
  BadCertificate: INVALID_CERTIFICATE,
  BadCertificateEnvironment: INVALID_CERTIFICATE,
  BadTopic: INVALID_CERTIFICATE,
  ExpiredProviderToken: EXPIRED,
  Forbidden: REVOKED,
  InvalidProviderToken: INVALID_CERTIFICATE,
  MissingProviderToken: NO_CERTIFICATE,
  MissingTopic: INVALID_CERTIFICATE,
  TopicDisallowed: INVALID_CERTIFICATE,
}

type Options = {
  readonly credentials: ApnsCredentials
  /** Another address than Apple's: a stand-in, or a relay. */
  readonly origin: string | null
  readonly tls: SecureClientSessionOptions
  readonly now: () => number
}

/** Apple Push Notification service over HTTP/2, with a provider token or a certificate. */
export class ApnsSender implements PushSender {
  readonly #options: Options
  readonly #client: Http2Client
  readonly #token: ProviderToken | null

  constructor(options: Options) {
    const { credentials, origin, tls, now } = options
    const { proof, environment } = credentials
    const own =
      proof.kind === 'certificate'
        ? { pfx: Buffer.from(proof.p12, 'base64'), passphrase: proof.password }
        : {}
    this.#options = options
    this.#client = new Http2Client(origin ?? APNS_ORIGINS[environment], { ...tls, ...own })
    this.#token = proof.kind === 'key' ? new ProviderToken(proof, now) : null
  }

  async send(message: PushMessage, signal: AbortSignal): Promise<PushOutcome> {
    // What is not hexadecimal has no place in a path, and Apple would call it the same.
    if (!/^[0-9a-f]{64,200}$/i.test(message.token)) return gone('BadDeviceToken', null)
    if (Buffer.byteLength(message.body) > BODY_MAX) {
      return { kind: 'refused', scope: 'device', code: TOO_LARGE, reason: 'PayloadTooLarge' }
    }
    try {
      return await this.#deliver(message, signal, true)
    } catch (error) {
      return unreachable(NETWORK, error)
    }
  }

  close(): void {
    this.#client.close()
  }

  async #deliver(
    message: PushMessage,
    signal: AbortSignal,
    mayRenew: boolean,
  ): Promise<PushOutcome> {
    const token = await this.#token?.get()
    const response = await this.#client.request({
      method: 'POST',
      path: `/3/device/${message.token}`,
      headers: {
        ...this.#headers(message),
        ...(token ? { authorization: `bearer ${token}` } : {}),
      },
      body: message.body,
      signal,
    })
    const reason = String(jsonOf(response.body).reason ?? `status ${response.status}`)
    const isExpired = reason === 'ExpiredProviderToken' && token !== undefined && mayRenew
    if (isExpired && (await this.#token?.renew(token))) return this.#deliver(message, signal, false)
    return this.#outcomeOf(response, reason)
  }

  #headers({ notificationId, token, isSilent, expiresAt }: PushMessage): Record<string, string> {
    return {
      'apns-topic': this.#options.credentials.topic,
      'apns-push-type': isSilent ? 'background' : 'alert',
      // Apple takes no background notification with the priority 10.
      'apns-priority': isSilent ? '5' : '10',
      ...(expiresAt === null ? {} : { 'apns-expiration': String(Math.floor(expiresAt / 1000)) }),
      // A second delivery, after a crash between sending and noting it, replaces the first one.
      'apns-collapse-id': notificationId,
      'apns-id': uuidOf(`${notificationId}:${token}`),
    }
  }

  #outcomeOf({ status, headers, body }: Http2Response, reason: string): PushOutcome {
    if (status === 200) return { kind: 'sent' }
    if (status === 410 || GONE.has(reason)) {
      const { timestamp } = jsonOf(body)
      return gone(reason, typeof timestamp === 'number' ? timestamp : null)
    }
    const after = retryAfterMs(headers['retry-after'], this.#options.now())
    if (status === 429) return busy(reason, after)
    if (status >= 500) {
      const scope = status === 500 ? 'device' : 'service'
      return { kind: 'later', scope, code: NETWORK, reason, afterMs: after }
    }
    if (status === 413) return { kind: 'refused', scope: 'device', code: TOO_LARGE, reason }
    const ours = Object.hasOwn(OUR_FAULT, reason) ? OUR_FAULT[reason] : undefined
    if (ours !== undefined) return { kind: 'refused', scope: 'service', code: ours, reason }
    return { kind: 'refused', scope: 'device', code: INVALID_PAYLOAD, reason }
  }
}

/** `TooManyRequests` is about one device; the other about how often we sign. */
function busy(reason: string, after: number | null): PushOutcome {
  const isDevice = reason !== 'TooManyProviderTokenUpdates'
  return {
    kind: 'later',
    scope: isDevice ? 'device' : 'service',
    code: NETWORK,
    reason,
    afterMs: after ?? (isDevice ? null : TOKEN_UPDATES_MS),
  }
}

function gone(reason: string, since: number | null): PushOutcome {
  return { kind: 'gone', code: null, reason, since }
}

function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)]
  return [...parts, hex.slice(20, 32)].join('-')
}
