import { randomBytes } from 'node:crypto'

const TIME_DIGITS = 12
const COUNT_DIGITS = 6

/**
 * Makes the sequence numbers of the change log: the time, a counter within the millisecond and a
 * part of this process, as text that sorts. They grow even when the clock is set back.
 */
export class SequenceMaker {
  readonly #process = randomBytes(4).toString('hex')
  #ms = 0
  #count = 0

  /** Makes all that follow greater than this one. */
  skipTo(sequence: string): void {
    const ms = Number.parseInt(sequence.slice(0, TIME_DIGITS), 16)
    if (ms >= this.#ms) {
      this.#ms = ms + 1
      this.#count = 0
    }
  }

  next(at: number): string {
    if (at > this.#ms) {
      this.#ms = at
      this.#count = 0
    } else if (++this.#count >= 16 ** COUNT_DIGITS) {
      this.#ms++
      this.#count = 0
    }
    return timePart(this.#ms) + this.#count.toString(16).padStart(COUNT_DIGITS, '0') + this.#process
  }
}

/** The lowest sequence that a change of this time can have. */
export function sequenceFloor(at: number): string {
  return timePart(at)
}

function timePart(ms: number): string {
  return Math.max(0, Math.floor(ms)).toString(16).padStart(TIME_DIGITS, '0')
}
