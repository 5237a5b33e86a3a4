/** Lets only so many tasks run at once; the others wait in the order in which they came. */
export type Gate = {
  /** Runs `task` when there is room, and gives its result or failure. */
  run<T>(task: () => Promise<T>): Promise<T>
  /** How many tasks wait for room: for load shedding and metrics. */
  waiting(): number
}

/**
 * For work that is heavy on the thread pool or on memory (password hashes, pictures), so that a
 * burst of it leaves threads for files and name look-ups.
 */
export function gate(runningMax: number): Gate {
  let running = 0
  const queue: (() => void)[] = []

  const enter = (): Promise<void> | undefined => {
    if (running >= runningMax) return new Promise((resolve) => queue.push(resolve))
    running++
    return undefined
  }
  const leave = () => {
    const next = queue.shift()
    // The place goes straight to the next in line, so a newcomer cannot slip in between.
    if (next) next()
    else running--
  }

  return {
    async run(task) {
      await enter()
      try {
        return await task()
      } finally {
        leave()
      }
    },
    waiting: () => queue.length,
  }
}
