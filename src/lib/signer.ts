import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Secret } from './secret.ts'

/** Signs what the server hands out and gets back, such as links that end. */
export class Signer {
  readonly #secret: Secret

  constructor(secret: Secret) {
    this.#secret = secret
  }

  /**
   * HMAC-SHA256, base64url.
   *
   * @param purpose keeps a signature from being good for something else
   */
  sign(purpose: string, text: string): string {
    const content = `${purpose}\0${text}`
    return createHmac('sha256', this.#secret.reveal()).update(content).digest('base64url')
  }

  /** Compares in a time that does not depend on how much of it is right. */
  isSigned(purpose: string, text: string, signature: string): boolean {
    const wanted = Buffer.from(this.sign(purpose, text))
    const given = Buffer.from(signature)
    return wanted.length === given.length && timingSafeEqual(wanted, given)
  }
}
