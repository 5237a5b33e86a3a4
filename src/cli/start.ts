import type { Logger } from 'pino'
import { createLogger } from '../http/logger.ts'
import type { Server } from '../manage/server.ts'
import { VERSION } from '../manage/version.ts'
import { defineCommand } from './command.ts'
import { greeting } from './greeting.ts'

export const start = defineCommand({
  name: 'start',
  about: 'Run the server until it is told to stop.',
  options: {},
  takesSettings: true,
  async run({ config: read, output }) {
    const config = await read()
    // The log is the output of a server, except where one JSON object was asked for. What is meant
    // for people goes to stderr, so that a log collector on stdout reads nothing but JSON lines.
    const stream = output.isJson ? 'stderr' : 'stdout'
    const logger = createLogger(config.log.level, { stream, buffered: true })
    endOnUnexpectedErrors(logger)
    const told = firstSignal()

    const { startServer } = await import('../manage/server.ts')
    const server = await startServer(config, logger)
    const publicUrl = config.http.publicUrl ?? server.url
    for (const line of greeting(server.first, publicUrl)) output.talk(line)
    if (output.isJson) output.result(describe(server, publicUrl, config.dataDir), { lines: [] })

    const signal = await told
    logger.info({ signal }, 'stopping')
    await server.stop()
    logger.info({}, 'stopped')
    endForSure(logger)
    return 0
  },
})

function describe({ url, first }: Server, publicUrl: string, dataDir: string) {
  const { backend, setupToken } = first
  const setupUrl = setupToken && `${publicUrl}/setup?token=${setupToken}`
  return { url, publicUrl, dataDir, pid: process.pid, version: VERSION, backend, setupUrl }
}

/** Resolves with the first signal to stop; the second ends the process at once. */
function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let isFirst = true
    const heed = (signal: NodeJS.Signals) => {
      if (!isFirst) process.exit(1)
      isFirst = false
      resolve(signal)
    }
    process.on('SIGTERM', heed)
    process.on('SIGINT', heed)
  })
}

/** After an error that nobody expected the state of the program is unknown: it must not go on. */
function endOnUnexpectedErrors(logger: Logger): void {
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'unexpected error; the server ends')
    logger.flush()
    process.exit(1)
  })
}

const EXIT_WAIT_MS = 1000

/** A handle that some library forgot to close must not keep a stopped server alive. */
function endForSure(logger: Logger): void {
  logger.flush()
  setTimeout(() => process.exit(), EXIT_WAIT_MS).unref()
}
