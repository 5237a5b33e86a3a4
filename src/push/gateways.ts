import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { PushCredentials } from './credentials.ts'
import type { PushGateways, PushMessage, PushOutcome, PushSender } from './port.ts'
import { readSubscription, WebPushSender } from './web-push.ts'

export type GatewayOptions = {
  /** Instead of Apple's servers, for both environments. */
  readonly apnsUrl: string | null
  readonly fcmUrl: string | null
  readonly tokenUrl: string | null
  /** Hosts of browsers' push services beside the known ones. */
  readonly webHosts: readonly string[]
  /** Certificates (PEM) that are believed besides those that everyone believes. */
  readonly extraCa: string | null
}

/** Connections to the least used services are closed; backends bring keys of their own. */
const SENDERS_MAX = 100

/** The senders in use, each with its connection and its token. */
export class Gateways implements PushGateways {
  readonly #options: GatewayOptions
  readonly #now: () => number
  readonly #senders = new LRUCache<string, Promise<PushSender>>({
    max: SENDERS_MAX,
    dispose: (sender) => void sender.then((one) => one.close()),
  })

  constructor(options: GatewayOptions, now: () => number) {
    this.#options = options
    this.#now = now
  }

  sender(credentials: PushCredentials): Promise<PushSender> {
    const key = createHash('sha256').update(JSON.stringify(credentials)).digest('base64')
    const known = this.#senders.get(key)
    if (known) return known
    const sender = this.#make(credentials).then((one) => new Pausing(one, this.#now))
    this.#senders.set(key, sender)
    return sender
  }

  refusal(token: string): string | null {
    const read = readSubscription(token, { more: this.#options.webHosts })
    return typeof read === 'string' ? read : null
  }

  close(): void {
    this.#senders.clear()
  }

  /** Each kind of sender is loaded when it is first needed: many installations push nothing. */
  async #make(credentials: PushCredentials): Promise<PushSender> {
    const { apnsUrl, fcmUrl, tokenUrl, webHosts } = this.#options
    const ca = await this.#authorities()
    const common = { tls: ca ? { ca: [...ca] } : {}, now: this.#now }
    switch (credentials.service) {
      case 'apns': {
        const { ApnsSender } = await import('./apns.ts')
        return new ApnsSender({ ...common, credentials, origin: apnsUrl })
      }
      case 'fcm': {
        const { FcmSender, FCM_ORIGIN, FCM_TOKEN_URL } = await import('./fcm.ts')
        const origin = fcmUrl ?? FCM_ORIGIN
        return new FcmSender({
          ...common,
          credentials,
          origin,
          tokenUrl: tokenUrl ?? FCM_TOKEN_URL,
        })
      }
      case 'web':
        return new WebPushSender({ credentials, rules: { more: webHosts }, ca, now: this.#now })
    }
  }

  async #authorities(): Promise<readonly string[] | undefined> {
    const { extraCa } = this.#options
    if (extraCa === null) return undefined
    const { rootCertificates } = await import('node:tls')
    return [...rootCertificates, extraCa]
  }
}

/** A service that asks for a pause gets it from all who send by it, and not only from the first. */
class Pausing implements PushSender {
  readonly #sender: PushSender
  readonly #now: () => number
  #until = 0
  #pause: PushOutcome | null = null

  constructor(sender: PushSender, now: () => number) {
    this.#sender = sender
    this.#now = now
  }

  async send(message: PushMessage, signal: AbortSignal): Promise<PushOutcome> {
    const left = this.#until - this.#now()
    if (this.#pause?.kind === 'later' && left > 0) return { ...this.#pause, afterMs: left }
    const outcome = await this.#sender.send(message, signal)
    if (outcome.kind === 'later' && outcome.scope === 'service' && outcome.afterMs !== null) {
      this.#until = this.#now() + outcome.afterMs
      this.#pause = outcome
    }
    return outcome
  }

  close(): void {
    this.#sender.close()
  }
}
