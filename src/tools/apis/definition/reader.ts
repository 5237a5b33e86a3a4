import { createHash } from 'node:crypto'
import type { Worker } from 'node:worker_threads'
import { LRUCache } from 'lru-cache'
import { startWorker } from '../../../lib/start-worker.ts'
import { Turns } from '../../../lib/turns.ts'
import type { ParsedDefinition } from './model.ts'

/** For one text. What takes longer was made to. */
const TIMEOUT_MS = 20_000

/** The thread ends when nobody had a text for so long. */
const IDLE_MS = 30_000

/** How much text, in characters, has its meaning remembered. */
const KNOWN_MAX = 16 * 1024 * 1024

/**
 * Reads definitions in a thread: a text of half a megabyte takes a while, and some are written to
 * take for ever. What was read is remembered by its digest, so that calls of an API need not wait.
 */
export class DefinitionReader {
  readonly #known = new LRUCache<string, ParsedDefinition>({ maxSize: KNOWN_MAX })
  readonly #turns = new Turns()
  #worker: Worker | null = null
  #ending: NodeJS.Timeout | undefined

  async read(text: string): Promise<ParsedDefinition> {
    const digest = digestOf(text)
    return this.known(digest) ?? this.#turns.run('', () => this.#readNow(digest, text))
  }

  /** What a text of this digest means, if it was read of late. */
  known(digest: string): ParsedDefinition | undefined {
    return this.#known.get(digest)
  }

  close(): void {
    clearTimeout(this.#ending)
    void this.#worker?.terminate()
    this.#worker = null
  }

  async #readNow(digest: string, text: string): Promise<ParsedDefinition> {
    // Whoever was in line before may have asked for the same.
    const known = this.known(digest)
    if (known) return known
    const parsed = await this.#ask(text)
    if (!parsed) return TOO_MUCH
    this.#known.set(digest, parsed, { size: text.length + 1 })
    return parsed
  }

  /** `null` when the text is too much for the thread, which is then at an end. */
  async #ask(text: string): Promise<ParsedDefinition | null> {
    clearTimeout(this.#ending)
    this.#worker ??= this.#start()
    const parsed = await answerOf(this.#worker, text)
    if (!parsed) this.close()
    this.#worker?.unref()
    this.#ending = setTimeout(() => this.close(), IDLE_MS).unref()
    return parsed
  }

  #start(): Worker {
    const worker = startWorker(import.meta.url, 'worker', {
      resourceLimits: { maxOldGenerationSizeMb: 256, stackSizeMb: 4 },
    })
    // Whoever waits for an answer hears of it too; an idle thread must not end the process.
    worker.on('error', () => undefined)
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = null
    })
    return worker
  }
}

/** By what a text is known. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

const TOO_MUCH: ParsedDefinition = {
  definition: null,
  findings: [
    {
      severity: 'ERROR',
      message: 'It takes too long to read; make it simpler.',
      path: '',
      line: null,
    },
  ],
}

/** `null` when none came in time. */
function answerOf(worker: Worker, text: string): Promise<ParsedDefinition | null> {
  worker.ref()
  return new Promise((resolve) => {
    const done = (parsed: ParsedDefinition | null) => {
      clearTimeout(timer)
      worker.off('message', done).off('error', died).off('exit', died)
      resolve(parsed)
    }
    const died = () => done(null)
    const timer = setTimeout(died, TIMEOUT_MS)
    worker.on('message', done).on('error', died).on('exit', died)
    worker.postMessage(text)
  })
}
