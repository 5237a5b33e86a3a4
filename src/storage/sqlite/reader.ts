import { setPriority } from 'node:os'
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { count } from '../count.ts'
import { find } from '../find.ts'
import { ProbeMemory } from '../probe.ts'
import { SqliteConnection } from './connection.ts'
import { failureOf } from './failure.ts'
import type { Answer, ReaderCall, Request } from './messages.ts'

/** A reader thread: answers the queries that may take long, one after the other. */
const { file, sortedMax } = workerData as { file: string; sortedMax: number | undefined }
const connection = new SqliteConnection(file)
const core = { connection, memory: new ProbeMemory(sortedMax) }
const port = parentPort as MessagePort
let work: Promise<void> = Promise.resolve()

lowerPriority()

port.on('message', (requests: readonly Request<ReaderCall>[] | null) => {
  if (requests === null) {
    work = work.then(close)
    return
  }
  for (const request of requests) {
    work = work.then(async () => port.postMessage([await answer(request)]))
  }
})

async function answer({ id, call }: Request<ReaderCall>): Promise<Answer> {
  try {
    const result = await connection.snapshot<unknown>(() =>
      call.call === 'find' ? find(core, call.query) : count(core, call.query),
    )
    return { id, result }
  } catch (error) {
    return { id, failure: failureOf(error) }
  }
}

/** A heavy query must not slow down the thread that answers everybody. Linux only, and harmless. */
function lowerPriority(): void {
  try {
    setPriority(0, 10)
  } catch {
    // Not allowed here: then all threads are equal.
  }
}

function close(): void {
  connection.close()
  port.close()
}
