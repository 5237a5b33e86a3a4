import type { Worker } from 'node:worker_threads'
import { startWorker } from '../../lib/start-worker.ts'
import { WriteConflict } from '../port.ts'
import type { Answer, Failure, Request } from './messages.ts'

export type ThreadOptions = {
  /**
   * The next calls go over when those before have been answered, all together: for a thread that
   * does many at the cost of one.
   */
  readonly gathers?: boolean
}

type Waiting = {
  readonly resolve: (result: never) => void
  readonly reject: (error: Error) => void
}

/** A thread that did not live this long is not started again: it would die again. */
const LIFETIME_MIN_MS = 1000

/**
 * A worker thread that answers calls. What is asked for within one turn of the event loop goes over
 * as one message. When the thread dies, the calls that it held are rejected and the next call
 * starts another one. An idle thread does not keep the process alive.
 */
export class Thread<Call> {
  readonly #name: string
  readonly #workerData: unknown
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | undefined
  #startedAt = 0
  #failure: Error | undefined
  readonly #gathers: boolean
  #outbox: Request<Call>[] = []
  #isBusy = false
  #nextId = 0
  #whenIdle: (() => void) | undefined

  constructor(name: string, workerData: unknown, { gathers = false }: ThreadOptions = {}) {
    this.#name = name
    this.#workerData = workerData
    this.#gathers = gathers
    this.#start()
  }

  /** How many calls wait for an answer. */
  get load(): number {
    return this.#waiting.size
  }

  call<Result>(call: Call): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      if (this.#failure) return reject(this.#failure)
      if (!this.#worker) this.#start()
      const id = this.#nextId++
      if (this.#waiting.size === 0) this.#worker?.ref()
      this.#waiting.set(id, { resolve, reject })
      if (this.#outbox.push({ id, call }) === 1) setImmediate(() => this.#post())
    })
  }

  /** Lets the calls that wait finish, and ends the thread. */
  async close(): Promise<void> {
    this.#failure ??= new Error('the store is closed')
    if (this.#waiting.size > 0) await new Promise<void>((resolve) => (this.#whenIdle = resolve))
    const worker = this.#worker
    this.#worker = undefined
    if (!worker) return
    worker.ref()
    const ended = new Promise((resolve) => worker.once('exit', resolve))
    worker.postMessage(null)
    await ended
  }

  #start(): void {
    const worker = startWorker(import.meta.url, this.#name, { workerData: this.#workerData })
    worker.on('message', (answers: readonly Answer[]) => this.#settle(answers))
    worker.on('error', (error: Error) => this.#lose(worker, error))
    worker.on('exit', () => this.#lose(worker, new Error(`the ${this.#name} thread ended`)))
    worker.unref()
    this.#worker = worker
    this.#startedAt = Date.now()
  }

  #post(): void {
    if (this.#isBusy || this.#outbox.length === 0) return
    const requests = this.#outbox
    this.#outbox = []
    this.#isBusy = this.#gathers
    this.#worker?.postMessage(requests)
  }

  #settle(answers: readonly Answer[]): void {
    for (const answer of answers) {
      const waiting = this.#waiting.get(answer.id)
      this.#waiting.delete(answer.id)
      if ('failure' in answer) waiting?.reject(errorOf(answer.failure))
      else waiting?.resolve(answer.result as never)
    }
    this.#isBusy = false
    if (this.#outbox.length > 0) setImmediate(() => this.#post())
    if (this.#waiting.size > 0) return
    this.#worker?.unref()
    this.#whenIdle?.()
  }

  #lose(worker: Worker, cause: Error): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    this.#outbox = []
    this.#isBusy = false
    const error = new Error(`the ${this.#name} thread of the database ended unexpectedly`, {
      cause,
    })
    if (Date.now() - this.#startedAt < LIFETIME_MIN_MS) this.#failure = error
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { reject } of waiting) reject(error)
    this.#whenIdle?.()
  }
}

function errorOf(failure: Failure): Error {
  const { conflict } = failure
  if (conflict) return new WriteConflict(conflict.index, conflict.reason, conflict.scope)
  return new Error(failure.message)
}
