import { LRUCache } from 'lru-cache'

const ATTEMPTS_MAX = 5
export const LOCKED_MS = 60_000

/**
 * Slows down guessing: after five attempts without success a name takes no more of them for a
 * minute. An attempt counts before its password is checked, so that a hundred at once are no way
 * round. Kept in memory by each process; names nobody has are counted too, and tell nothing.
 */
export class Lockout {
  readonly #now: () => number
  readonly #attempts = new LRUCache<string, { count: number; since: number }>({ max: 10_000 })

  constructor(now: () => number) {
    this.#now = now
  }

  /** @returns false when the name is locked, and the password must not be looked at */
  attempt(name: string): boolean {
    const now = this.#now()
    const before = this.#attempts.get(name)
    const current = before && now - before.since < LOCKED_MS ? before : { count: 0, since: now }
    if (current.count >= ATTEMPTS_MAX) return false
    this.#attempts.set(name, { count: current.count + 1, since: now })
    return true
  }

  succeeded(name: string): void {
    this.#attempts.delete(name)
  }
}
