import type { ApnsCredentials } from './credentials.ts'

/** Apple takes a token for an hour and wants no new one within 20 minutes. */
const RENEW_AFTER_MS = 50 * 60_000
const RENEW_AT_THE_EARLIEST_MS = 20 * 60_000

type Signed = { readonly token: string; readonly at: number }
type Proof = Extract<ApnsCredentials['proof'], { kind: 'key' }>

/** The token that proves to Apple who sends; signed anew as rarely as it can be. */
export class ProviderToken {
  readonly #proof: Proof
  readonly #now: () => number
  #signed: Promise<Signed> | null = null

  constructor(proof: Proof, now: () => number) {
    this.#proof = proof
    this.#now = now
  }

  async get(): Promise<string> {
    this.#signed ??= this.#sign()
    const signing = this.#signed
    const { token, at } = await signing
    if (this.#now() - at < RENEW_AFTER_MS) return token
    // Of all who find it old, the first one renews it.
    if (this.#signed === signing) this.#signed = this.#sign()
    return (await this.#signed).token
  }

  /** Apple called this token too old: the clocks differ. @returns false when it is too new for that */
  async renew(expired: string): Promise<boolean> {
    const signing = this.#signed
    const { token, at } = (await signing) ?? { token: '', at: 0 }
    if (token !== expired) return true
    if (this.#now() - at < RENEW_AT_THE_EARLIEST_MS) return false
    if (this.#signed === signing) this.#signed = this.#sign()
    return true
  }

  async #sign(): Promise<Signed> {
    const { importPKCS8, SignJWT } = await import('jose')
    const at = this.#now()
    const token = await new SignJWT({})
      .setProtectedHeader({ alg: 'ES256', kid: this.#proof.keyId })
      .setIssuer(this.#proof.teamId)
      .setIssuedAt(Math.floor(at / 1000))
      .sign(await importPKCS8(this.#proof.key, 'ES256'))
    return { token, at }
  }
}
