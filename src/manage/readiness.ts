import { statfs } from 'node:fs/promises'
import type { Context } from '../context.ts'

type State = 'ok' | 'down' | 'late'

export type Readiness = {
  readonly status: 'ok' | 'down'
  readonly service: 'starting' | 'ready' | 'stopping'
  readonly database: State
  readonly files: State
  readonly disk: State
  /** `late` does not make the server unready: taking it away would only make the queue longer. */
  readonly queue: State
  /** Seconds for which the oldest due job has been waiting. */
  readonly queueAgeS: number
}

/** Below this much free space a write may fail at any moment. */
export const DISK_FREE_BYTES_MIN = 64 * 1024 * 1024
const QUEUE_LATE_S = 300
const CACHE_MS = 1500
/** A database that takes longer than this to answer is no better than none. */
const CHECK_TIMEOUT_MS = 3000

/** Checks everything that a request needs; the result holds for {@link CACHE_MS}. */
export function readinessOf(context: Context): () => Promise<Readiness> {
  let last: { readonly at: number; readonly result: Promise<Parts> } | undefined
  return async () => {
    const now = performance.now()
    if (!last || now - last.at > CACHE_MS) last = { at: now, result: checkParts(context) }
    const parts = await last.result
    // Never from the cache: a balancer must hear at once that the server stops.
    const service = context.lifecycle.state
    const isUp = [parts.database, parts.files, parts.disk].every((state) => state === 'ok')
    return { status: isUp && service === 'ready' ? 'ok' : 'down', service, ...parts }
  }
}

type Parts = Omit<Readiness, 'status' | 'service'>

async function checkParts(context: Context): Promise<Parts> {
  const [database, files, disk, queueAgeS] = await Promise.all([
    stateOf(context, 'database', context.store.check()),
    stateOf(context, 'files', context.blobs.check()),
    stateOf(context, 'disk', checkSpace(context.config.dataDir)),
    queueAge(context),
  ])
  return { database, files, disk, queue: queueAgeS > QUEUE_LATE_S ? 'late' : 'ok', queueAgeS }
}

async function stateOf(context: Context, part: string, check: Promise<void>): Promise<State> {
  try {
    await withTimeout(check)
    return 'ok'
  } catch (error) {
    context.log.error({ error, part }, 'not ready')
    return 'down'
  }
}

async function queueAge(context: Context): Promise<number> {
  const now = context.now()
  // When the database is down, its own check says so.
  const due = await withTimeout(context.store.oldestDueJob(now)).catch(() => null)
  return due === null ? 0 : Math.max(0, Math.round((now - due) / 1000))
}

/** @throws {Error} when the disk is nearly full */
async function checkSpace(directory: string): Promise<void> {
  const free = await freeBytes(directory)
  if (free < DISK_FREE_BYTES_MIN) throw new Error(`only ${free} bytes are free in ${directory}`)
}

/** What an ordinary user may still write, in bytes. */
export async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory)
  return bavail * bsize
}

async function withTimeout<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), CHECK_TIMEOUT_MS)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
