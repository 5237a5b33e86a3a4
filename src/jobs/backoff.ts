const FIRST_MS = 5_000
const FACTOR = 3
const MOST_MS = 6 * 60 * 60 * 1000

/**
 * How long to wait after a job's `attempts`-th failure: 5 s, 15 s, 45 s and so on to 6 hours, less
 * up to a third by chance, so that jobs which failed together do not come back together.
 */
export function backoffMs(attempts: number, random: () => number = Math.random): number {
  const whole = Math.min(MOST_MS, FIRST_MS * FACTOR ** Math.max(0, attempts - 1))
  return Math.round(whole * (1 - random() / 3))
}
