import type { Log } from '../lib/log.ts'

type Task = {
  readonly name: string
  readonly ms: number
  readonly run: (signal: AbortSignal) => Promise<void>
}

/** Tasks that this process repeats while it runs. None overlaps with itself. */
export class Periodic {
  readonly #log: Log
  readonly #tasks: Task[] = []
  readonly #timers = new Map<Task, NodeJS.Timeout>()
  readonly #running = new Set<Promise<void>>()
  readonly #abort = new AbortController()
  #started = false

  constructor(log: Log) {
    this.#log = log
  }

  add(task: Task): void {
    this.#tasks.push(task)
    if (this.#started) this.#schedule(task)
  }

  start(): void {
    this.#started = true
    for (const task of this.#tasks) this.#schedule(task)
  }

  /** Resolves when none runs any more. */
  async stop(): Promise<void> {
    this.#started = false
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
    await Promise.all(this.#running)
  }

  /** Asks those that still run to give up. */
  abort(): void {
    this.#abort.abort()
  }

  #schedule(task: Task): void {
    const timer = setTimeout(() => {
      const running = this.#run(task).finally(() => {
        this.#running.delete(running)
        if (this.#started) this.#schedule(task)
      })
      this.#running.add(running)
    }, task.ms)
    this.#timers.set(task, timer)
  }

  async #run(task: Task): Promise<void> {
    try {
      await task.run(this.#abort.signal)
    } catch (error) {
      this.#log.error({ err: error, task: task.name }, 'a periodic task failed')
    }
  }
}
