import { Worker } from 'node:worker_threads'

/**
 * Starts the module `name` beside this file as a worker thread. Compiled it is started as it is;
 * from source the thread has to load the TypeScript loader first, which Node does not pass on.
 */
export function startWorker(name: string, workerData: unknown): Worker {
  const isSource = import.meta.url.endsWith('.ts')
  const url = new URL(`./${name}${isSource ? '.ts' : '.js'}`, import.meta.url)
  if (!isSource) return new Worker(url, { workerData })
  const start = `import('tsx/esm/api').then(({ register }) => {
    register()
    return import(${JSON.stringify(url.href)})
  })`
  return new Worker(start, { eval: true, workerData })
}
