import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { buildApp } from '../app.ts'
import type { Config } from '../config.ts'
import { type Context, closeContext, openContext } from '../context.ts'
import { removeServerFile, writeServerFile } from './data-dir/server-file.ts'
import { completeFirstStart, type FirstStart } from './first-start.ts'
import { Refused } from './refused.ts'
import { scheduleUpkeep } from './upkeep.ts'
import { VERSION } from './version.ts'

export type Server = {
  /** Where this machine reaches it. */
  readonly url: string
  readonly first: FirstStart
  /** Ends in good order; see {@link stopServer}. */
  stop(): Promise<void>
}

/**
 * Opens everything, listens, and tells commands where the server is.
 * @throws {Refused} `port_in_use`, or what `openContext` refuses
 */
export async function startServer(config: Config, logger: Logger): Promise<Server> {
  const context = await openContext(config, logger)
  try {
    const app = await buildApp(context)
    context.closers.add(() => app.close())
    const url = await listen(app, config)
    // After listening: what a first start makes is told once, and a taken port would end it before.
    const first = await completeFirstStart(context)
    announceToCommands(context, url)
    scheduleUpkeep(context)
    context.jobs.start()
    context.lifecycle.beginService()
    logger.info({ url, version: VERSION, dataDir: config.dataDir }, 'ready')
    return { url, first, stop: () => stopServer(app, context) }
  } catch (error) {
    await closeContext(context)
    throw error
  }
}

async function listen(app: FastifyInstance, { http: { host, port } }: Config): Promise<string> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error
    const why = code === 'EACCES' ? 'needs a privilege' : 'is taken'
    throw new Refused(
      code === 'EACCES' ? 'port_forbidden' : 'port_in_use',
      `Port ${port} on ${host} ${why}. Choose another with --port or HOMEPORT_PORT.`,
      { cause: error },
    )
  }
  return localUrl(host, (app.server.address() as AddressInfo).port)
}

/** "Every address" is no address to call; the loopback one of the same family is. */
function localUrl(host: string, port: number): string {
  const callable = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host
  return `http://${callable.includes(':') ? `[${callable}]` : callable}:${port}`
}

function announceToCommands({ config, closers, manageToken, now }: Context, url: string): void {
  const token = manageToken.reveal()
  const startedAt = now()
  writeServerFile(config.dataDir, { pid: process.pid, url, token, version: VERSION, startedAt })
  closers.add(() => removeServerFile(config.dataDir, token))
}

/**
 * Takes no more calls, lets those that run and the jobs end within the drain time, then closes
 * everything.
 */
async function stopServer(app: FastifyInstance, context: Context): Promise<void> {
  const graceMs = context.config.http.drainTimeoutMs
  context.lifecycle.beginStop()
  await Promise.all([drain(app, graceMs), context.jobs.stop({ graceMs })])
  await closeContext(context)
}

async function drain(app: FastifyInstance, graceMs: number): Promise<void> {
  // Whoever is still connected then has had their time.
  const timer = setTimeout(() => app.server.closeAllConnections(), graceMs)
  await app.close()
  clearTimeout(timer)
}
