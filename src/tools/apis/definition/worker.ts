import { parentPort } from 'node:worker_threads'
import { parseDefinition } from './parse.ts'

/** Reads definitions, one after the other; see `reader.ts`. */
parentPort?.on('message', (text: string) => parentPort?.postMessage(parseDefinition(text)))
