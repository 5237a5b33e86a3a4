import { setTimeout as sleep } from 'node:timers/promises'

const TRIES_MAX = 100

/** Waits for what comes by itself: a mail, a push. */
export async function soon<T>(what: string, find: () => T | undefined): Promise<T> {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const found = find()
    if (found !== undefined) return found
    await sleep(100)
  }
  throw new Error(`waited in vain until ${what}`)
}
