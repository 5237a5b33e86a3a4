import { type ResourceLimits, Worker } from 'node:worker_threads'

type WorkerOptions = {
  readonly workerData?: unknown
  readonly resourceLimits?: ResourceLimits
}

/**
 * Starts the module `name` beside the file `base` (its `import.meta.url`) as a worker thread.
 * Built, it is a file of that name in `dist/`; from source the thread has to load the TypeScript loader first,
 * which Node does not pass on.
 */
export function startWorker(base: string, name: string, options: WorkerOptions = {}): Worker {
  const isSource = base.endsWith('.ts')
  const url = new URL(`./${name}${isSource ? '.ts' : '.js'}`, base)
  if (!isSource) return new Worker(url, options)
  const start = `import('tsx/esm/api').then(({ register }) => {
    register()
    return import(${JSON.stringify(url.href)})
  })`
  return new Worker(start, { eval: true, ...options })
}
