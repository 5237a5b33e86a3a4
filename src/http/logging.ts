import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  LogController,
} from 'fastify'
import { redactedUrl } from './redact-url.ts'

/** Ids that proxies and clients make: nothing that could break a log line, or fill it. */
const SANE_ID = /^[\w.:/+=-]{1,128}$/

/** What Fastify must be told, so that each request has one id and one line in the log. */
export function loggingOptions(logger: FastifyBaseLogger) {
  return {
    loggerInstance: logger,
    // Its own lines hold the whole address, and there would be two of them.
    logController: new LogController({
      disableRequestLogging: true,
      requestIdLogLabel: 'requestId',
    }),
    requestIdHeader: false,
    genReqId: requestIdOf,
    // A logger for each request costs as much as a read of the database; our lines name the request.
    childLoggerFactory: () => logger,
  } satisfies FastifyServerOptions
}

function requestIdOf(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && SANE_ID.test(given) ? given : randomUUID()
}

type Levels = { isLevelEnabled(level: string): boolean }

/** Gives every reply its request id, and every request its line: method, address, status, time. */
export function mountAccessLog(app: FastifyInstance, logger: Levels): void {
  const isLogged = logger.isLevelEnabled('info')
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    if (isLogged) logRequest(request, reply)
    done()
  })
}

function logRequest(request: FastifyRequest, reply: FastifyReply): void {
  const { id: requestId, method, url } = request
  const durationMs = Math.round(reply.elapsedTime * 10) / 10
  const line = { requestId, method, url: redactedUrl(url), durationMs }
  if (reply.raw.writableEnded) request.log.info({ ...line, status: reply.statusCode }, 'request')
  else request.log.info(line, 'request given up by the client')
}
