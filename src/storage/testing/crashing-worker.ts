import { parentPort } from 'node:worker_threads'
import type { Request } from '../sqlite/messages.ts'

/** Answers calls with themselves, and dies of the call `crash`. For the test of `thread.ts`. */
parentPort?.on('message', (requests: readonly Request<string>[] | null) => {
  if (requests === null) return parentPort?.close()
  if (requests.some(({ call }) => call === 'crash')) throw new Error('crashed')
  parentPort?.postMessage(requests.map(({ id, call }) => ({ id, result: call })))
})
