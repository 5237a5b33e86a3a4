/** One at a time for each key: work on the same key waits its turn, other keys go on. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>()

  /** Resolves as `work` does, which starts when all earlier work on this key has ended. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve()
    const turn = before.then(work, work)
    this.#last.set(key, turn)
    try {
      return await turn
    } finally {
      if (this.#last.get(key) === turn) this.#last.delete(key)
    }
  }
}
