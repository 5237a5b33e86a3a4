type Close = () => void | Promise<void>

/** What is to be closed at the end, last opened first. */
export class Closers {
  #closes: Close[] = []

  add(close: Close): void {
    this.#closes.push(close)
  }

  /** Closes everything, also when some of it fails. @throws the first failure, at the end */
  async close(): Promise<void> {
    const failures: unknown[] = []
    for (let close = this.#closes.pop(); close; close = this.#closes.pop()) {
      try {
        await close()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }
}
