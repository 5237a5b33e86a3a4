import type { Config } from '../config.ts'
import type { Context } from '../context.ts'
import { readServerFile, type ServerFile } from './data-dir/server-file.ts'
import type { InputOf } from './operation.ts'
import type { OPERATIONS, OperationName } from './operations.ts'
import { Refused } from './refused.ts'
import { callServer } from './remote.ts'

type FieldsOf<N extends OperationName> = (typeof OPERATIONS)[N]['fields']
export type InputFor<N extends OperationName> = InputOf<FieldsOf<N>>
export type ResultFor<N extends OperationName> = Awaited<ReturnType<(typeof OPERATIONS)[N]['run']>>

/** Does management operations, wherever they are best done. */
export type Manager = {
  run<N extends OperationName>(name: N, input: InputFor<N>): Promise<ResultFor<N>>
  close(): Promise<void>
}

/**
 * Through the running server, where there is one: it has the caches and, mostly, the lock. Else by
 * opening the data here, which nothing else may do meanwhile.
 * @throws {Refused}
 */
export async function openManager(config: Config): Promise<Manager> {
  const running = await runningServer(config.dataDir)
  if (running) return remoteManager(running)
  try {
    return await localManager(config)
  } catch (error) {
    // A server that was just starting had the lock already, and can be asked by now.
    const started = isInUse(error) ? await runningServer(config.dataDir) : null
    if (!started) throw error
    return remoteManager(started)
  }
}

/** The server that `server.json` names, if that is what answers there. */
export async function runningServer(dataDir: string): Promise<ServerFile | null> {
  const server = readServerFile(dataDir)
  if (!server) return null
  return (await callServer(server, 'server.status', {})) ? server : null
}

function isInUse(error: unknown): boolean {
  return error instanceof Refused && error.code === 'data_dir_in_use'
}

type Run = (context: Context, input: object) => Promise<object>

function remoteManager(server: ServerFile): Manager {
  const run = async (name: OperationName, input: object) => {
    const result = await callServer(server, name, input)
    if (!result) throw new Error('The server has just stopped; try again.')
    return result
  }
  // Sound: the server runs the very operation whose types these are.
  return { run: run as Manager['run'], close: async () => undefined }
}

async function localManager(config: Config): Promise<Manager> {
  const { openContext, closeContext } = await import('../context.ts')
  const { OPERATIONS } = await import('./operations.ts')
  const { createLogger } = await import('../http/logger.ts')
  // Only what goes wrong is told, and not on stdout, which is the command's.
  const logger = createLogger('warn', { stream: 'stderr', buffered: false })
  const context = await openContext(config, logger)
  const run = (name: OperationName, input: object) => (OPERATIONS[name].run as Run)(context, input)
  return { run: run as Manager['run'], close: () => closeContext(context) }
}
