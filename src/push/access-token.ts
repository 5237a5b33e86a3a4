import type { FcmCredentials } from './credentials.ts'
import type { Http2Client } from './http2-client.ts'
import { jsonOf, retryAfterMs } from './outcomes.ts'
import type { PushOutcome } from './port.ts'

const SCOPE = 'https://www.googleapis.com/auth/firebase.messaging'
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
/** Renewed so long before its end, so that none ends under way. */
const MARGIN_MS = 5 * 60_000

type Options = {
  readonly credentials: FcmCredentials
  readonly client: Http2Client
  /** Where tokens are given; it is the audience of what we sign too. */
  readonly url: string
  readonly now: () => number
}

type Granted = { readonly token: string; readonly until: number }

/** No token was given; `outcome` says what that means for everything that was to be sent. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused'
  readonly outcome: PushOutcome

  constructor(outcome: PushOutcome & { readonly reason: string }) {
    super(outcome.reason)
    this.outcome = outcome
  }
}

/** The access token of a Google service account (RFC 7523), asked for when one is needed. */
export class AccessToken {
  readonly #options: Options
  #granted: Promise<Granted> | null = null

  constructor(options: Options) {
    this.#options = options
  }

  /** @throws {TokenRefused} */
  async get(signal: AbortSignal): Promise<string> {
    this.#granted ??= this.#ask(signal)
    const asking = this.#granted
    try {
      const { token, until } = await asking
      if (this.#options.now() < until - MARGIN_MS) return token
    } catch (error) {
      if (this.#granted === asking) this.#granted = null
      throw error
    }
    if (this.#granted === asking) this.#granted = null
    return this.get(signal)
  }

  /** To be called with a token that the service did not take. */
  async drop(token: string): Promise<void> {
    const granted = this.#granted
    if ((await granted)?.token === token && this.#granted === granted) this.#granted = null
  }

  async #ask(signal: AbortSignal): Promise<Granted> {
    const { client, url, now } = this.#options
    const assertion = await this.#assertion()
    const response = await client.request({
      method: 'POST',
      path: new URL(url).pathname,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ grant_type: GRANT, assertion }).toString(),
      signal,
    })
    const { access_token: token, expires_in: seconds, error } = jsonOf(response.body)
    if (response.status === 200 && typeof token === 'string') {
      return { token, until: now() + Math.max(MARGIN_MS + 60_000, Number(seconds ?? 3600) * 1000) }
    }
    const reason = `no access token: ${String(error ?? `status ${response.status}`)}`
    if (response.status === 429 || response.status >= 500) {
      const afterMs = retryAfterMs(response.headers['retry-after'], now())
      throw new TokenRefused({ kind: 'later', scope: 'service', code: 3011, reason, afterMs })
    }
    throw new TokenRefused({ kind: 'refused', scope: 'service', code: 3102, reason })
  }

  async #assertion(): Promise<string> {
    const { credentials, url, now } = this.#options
    const { importPKCS8, SignJWT } = await import('jose')
    const seconds = Math.floor(now() / 1000)
    return new SignJWT({ scope: SCOPE })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
      .setIssuer(credentials.clientEmail)
      .setAudience(url)
      .setIssuedAt(seconds)
      .setExpirationTime(seconds + 3600)
      .sign(await importPKCS8(credentials.privateKey, 'RS256'))
  }
}
