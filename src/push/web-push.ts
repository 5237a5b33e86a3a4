import { Agent, type RequestOptions, request } from 'node:https'
import { publicLookup } from '../lib/public-fetch.ts'
import type { WebPushCredentials } from './credentials.ts'
import { type EndpointRules, endpointRefusal, isTrusted } from './endpoint-guard.ts'
import { jsonOf, retryAfterMs } from './outcomes.ts'
import type { PushMessage, PushOutcome, PushSender } from './port.ts'

/** Bytes before encryption: services take 4096 with it (RFC 8030 §7.2, RFC 8291). */
const BODY_MAX = 3993
/** Seconds; what has no end of its own is kept for so long. */
const TTL_DEFAULT = 2_419_200
const REQUEST_MS = 30_000
const SOCKETS_PER_HOST_MAX = 20
const ANSWER_BYTES_MAX = 16_384

type Options = {
  readonly credentials: WebPushCredentials
  readonly rules: EndpointRules
  readonly ca: readonly string[] | undefined
  readonly now: () => number
}

type Subscription = {
  readonly endpoint: string
  readonly keys: { readonly p256dh: string; readonly auth: string }
}

/** What a browser gave as its subscription, or why that is none. */
export function readSubscription(token: string, rules: EndpointRules): Subscription | string {
  const { endpoint, keys } = jsonOf(token)
  const { p256dh, auth } = Object(keys) as Record<string, unknown>
  const isWhole = typeof endpoint === 'string' && isBase64(p256dh, 65) && isBase64(auth, 16)
  if (!isWhole) return 'it is not the JSON text of a PushSubscription'
  const refusal = endpointRefusal(endpoint, rules)
  return refusal ?? { endpoint, keys: { p256dh: String(p256dh), auth: String(auth) } }
}

function isBase64(value: unknown, bytes: number): boolean {
  return typeof value === 'string' && Buffer.from(value, 'base64url').length === bytes
}

/** Web Push (RFC 8030): encrypted for the browser (RFC 8291), signed with VAPID (RFC 8292). */
export class WebPushSender implements PushSender {
  readonly #options: Options
  readonly #agent: Agent

  constructor(options: Options) {
    this.#options = options
    this.#agent = new Agent({
      keepAlive: true,
      maxSockets: SOCKETS_PER_HOST_MAX,
      ...(options.ca ? { ca: [...options.ca] } : {}),
    })
  }

  async send(message: PushMessage, signal: AbortSignal): Promise<PushOutcome> {
    const { rules } = this.#options
    const subscription = readSubscription(message.token, rules)
    if (typeof subscription === 'string') return refused(subscription)
    if (Buffer.byteLength(message.body) > BODY_MAX) {
      return refused(`the payload has more than ${BODY_MAX} bytes`)
    }
    try {
      const details = await this.#details(message, subscription)
      const url = new URL(subscription.endpoint)
      const answer = await this.#post(url, details, signal)
      return outcomeOf(answer, this.#options.now())
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      // Browsers of many makers: one that is out of reach says nothing about the others.
      return { kind: 'later', scope: 'device', code: null, reason, afterMs: null }
    }
  }

  close(): void {
    this.#agent.destroy()
  }

  async #details(message: PushMessage, subscription: Subscription) {
    const { credentials, now } = this.#options
    const { default: webPush } = await import('web-push')
    const { expiresAt } = message
    const seconds = expiresAt === null ? TTL_DEFAULT : Math.ceil((expiresAt - now()) / 1000)
    const { headers, body } = webPush.generateRequestDetails(
      { endpoint: subscription.endpoint, keys: { ...subscription.keys } },
      message.body,
      {
        vapidDetails: credentials,
        TTL: Math.max(0, Math.min(TTL_DEFAULT, seconds)),
        urgency: message.isSilent ? 'low' : 'high',
        // A second one that waits for the browser takes the place of the first (RFC 8030 §5.4).
        topic: message.notificationId,
      },
    )
    return { headers: headers as Record<string, string>, body }
  }

  #post(
    url: URL,
    { headers, body }: { headers: Record<string, string>; body: Buffer },
    signal: AbortSignal,
  ): Promise<Answer> {
    const isOurs = isTrusted(url, this.#options.rules)
    const options: RequestOptions = {
      method: 'POST',
      headers,
      agent: this.#agent,
      signal,
      timeout: REQUEST_MS,
      ...(isOurs ? {} : { lookup: publicLookup as RequestOptions['lookup'] }),
    }
    return new Promise((resolve, reject) => {
      const sending = request(url, options, (reply) => {
        let bytes = 0
        reply.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          if (bytes > ANSWER_BYTES_MAX) reply.destroy()
        })
        reply.on('error', reject)
        reply.on('close', () =>
          resolve({ status: reply.statusCode ?? 0, retryAfter: reply.headers['retry-after'] }),
        )
      })
      sending.on('timeout', () => sending.destroy(new Error('the push service did not answer')))
      sending.on('error', reject)
      sending.end(body)
    })
  }
}

type Answer = { readonly status: number; readonly retryAfter: string | undefined }

/** A redirect is not followed: it might lead anywhere. */
function outcomeOf({ status, retryAfter }: Answer, now: number): PushOutcome {
  const reason = `status ${status}`
  if (status >= 200 && status < 300) return { kind: 'sent' }
  if (status === 404 || status === 410) return { kind: 'gone', code: null, reason, since: null }
  if (status === 429 || status >= 500) {
    const afterMs = retryAfterMs(retryAfter, now)
    return { kind: 'later', scope: 'device', code: null, reason, afterMs }
  }
  return refused(reason)
}

function refused(reason: string): PushOutcome {
  return { kind: 'refused', scope: 'device', code: null, reason }
}
