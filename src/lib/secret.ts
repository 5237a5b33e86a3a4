import { createHash, timingSafeEqual } from 'node:crypto'
import { inspect } from 'node:util'

/** Text that must not end up in a log, an error or a reply by accident: it prints as `***`. */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** The text itself, for the one place that needs it. */
  reveal(): string {
    return this.#value
  }

  /** Compares in a time that does not depend on how much of `guess` is right. */
  equals(guess: string): boolean {
    return timingSafeEqual(digest(this.#value), digest(guess))
  }

  toString(): string {
    return '***'
  }

  toJSON(): string {
    return '***'
  }

  [inspect.custom](): string {
    return '***'
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
