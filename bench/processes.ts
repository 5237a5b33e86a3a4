import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import type { LoadOptions, LoadResult } from './load.ts'

const run = promisify(execFile)

/** The servers get one core and the load generator the other, so that neither takes from either. */
const SERVER_CORE = '0'
const LOAD_CORE = '1'

export type Running = { readonly url: string; readonly child: ChildProcess }

/** Starts a server on its core and waits for the line that holds its address. */
export async function startServer(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Running> {
  const child = spawn('taskset', ['-c', SERVER_CORE, process.execPath, ...args], {
    // biome-ignore lint/style/noProcessEnv: the child needs the path and the like.
    env: { ...process.env, NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })
  for await (const line of lines) {
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0]
    if (!url) continue
    lines.close()
    child.stdout.resume()
    return { url, child }
  }
  throw new Error('a server ended before it was ready')
}

export async function stop({ child }: Running): Promise<void> {
  if (child.exitCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

export async function load(options: LoadOptions): Promise<LoadResult> {
  const args = ['--import', 'tsx', 'bench/load.ts', JSON.stringify(options)]
  const { stdout } = await run('taskset', ['-c', LOAD_CORE, process.execPath, ...args])
  const result = JSON.parse(stdout) as LoadResult
  if (result.failures > 0) throw new Error(`${result.failures} requests failed`)
  return result
}

/** Resident memory of a process, in megabytes. */
export async function residentMb({ child }: Running): Promise<number> {
  const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(child.pid)])
  return Number(stdout.trim()) / 1024
}
