import { LRUCache } from 'lru-cache'

/** Failures that lock a name. */
export const ATTEMPTS_MAX = 5
const LOCKED_MS = 60_000

const NAMES_MAX = 10_000

type Attempts = { readonly count: number; readonly last: number }

/**
 * Slows down guessing: after five attempts without success a name takes no more of them for a
 * minute. An attempt counts before its password is checked, so that a hundred at once are no way
 * round. Kept in memory by each process; names nobody has are counted too, and tell nothing.
 */
export class Lockout {
  readonly #attempts = new LRUCache<string, Attempts>({ max: NAMES_MAX })

  /**
   * @param now milliseconds since 1970
   * @returns for how many seconds the name is locked, and the password must not be looked at: 0 when
   *   it is not
   */
  attempt(name: string, now: number): number {
    const lockedS = this.lockedFor(name, now)
    if (lockedS > 0) return lockedS
    this.#attempts.set(name, { count: this.#count(name, now) + 1, last: now })
    return 0
  }

  /** The same number, without an attempt: not 0 after the failure that locked the name. */
  lockedFor(name: string, now: number): number {
    const before = this.#attempts.get(name)
    if (!before || this.#count(name, now) < ATTEMPTS_MAX) return 0
    return Math.ceil((before.last + LOCKED_MS - now) / 1000)
  }

  /** @returns how many attempts had failed before this one */
  succeeded(name: string): number {
    const failed = Math.max(0, (this.#attempts.get(name)?.count ?? 1) - 1)
    this.#attempts.delete(name)
    return failed
  }

  #count(name: string, now: number): number {
    const before = this.#attempts.get(name)
    return before && now - before.last < LOCKED_MS ? before.count : 0
  }
}
