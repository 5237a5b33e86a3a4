type Compare = (a: string, b: string) => number

/** More texts than this beyond those in use, and the forgotten ones are dropped. */
const SPARE_MAX = 1000

/**
 * Texts in a sorted row, so that sorting by a costly comparison becomes sorting by numbers. The row
 * is kept when assets change: one new name costs a dozen comparisons, not a sort of all.
 */
export class Ranking {
  readonly #compare: Compare
  /** Texts that compare as equal share a place. */
  #places: string[][] = []
  #ranks = new Map<string, number>()

  constructor(compare: Compare) {
    this.#compare = compare
  }

  /** Gives every text its place. A rank is good until the next call. */
  learn(texts: readonly string[]): void {
    if (this.#ranks.size > texts.length * 2 + SPARE_MAX) this.#forget()
    const unknown = new Set<string>()
    for (const text of texts) if (!this.#ranks.has(text)) unknown.add(text)
    if (unknown.size === 0) return
    if (this.#places.length === 0) this.#fill([...unknown])
    else for (const text of unknown) this.#insert(text)
    this.#number()
  }

  /** @throws {RangeError} for a text that was never learned */
  rankOf(text: string): number {
    const rank = this.#ranks.get(text)
    if (rank === undefined) throw new RangeError('a text without a rank')
    return rank
  }

  #forget(): void {
    this.#places = []
    this.#ranks = new Map()
  }

  #fill(texts: string[]): void {
    for (const text of texts.sort(this.#compare)) {
      const last = this.#places.at(-1)
      if (last && this.#compare(last[0] ?? '', text) === 0) last.push(text)
      else this.#places.push([text])
    }
  }

  #insert(text: string): void {
    let low = 0
    let high = this.#places.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const place = this.#places[middle] ?? []
      const order = this.#compare(place[0] ?? '', text)
      if (order === 0) {
        place.push(text)
        return
      }
      if (order < 0) low = middle + 1
      else high = middle
    }
    this.#places.splice(low, 0, [text])
  }

  #number(): void {
    for (const [rank, place] of this.#places.entries()) {
      for (const text of place) this.#ranks.set(text, rank)
    }
  }
}
