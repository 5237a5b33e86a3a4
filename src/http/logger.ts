import { type DestinationStream, destination, type Logger, pino, stdTimeFunctions } from 'pino'
import { redactedUrl } from './redact-url.ts'

export type LogTarget = {
  readonly stream: 'stdout' | 'stderr'
  /** A server collects lines and writes them off the event loop; they are flushed at its end. */
  readonly buffered: boolean
}

/** The program's logger: one JSON object a line. */
export function createLogger(level: string, target: LogTarget): Logger {
  const fd = target.stream === 'stdout' ? 1 : 2
  return loggerOn(level, destination({ fd, sync: !target.buffered }))
}

export function loggerOn(level: string, stream: DestinationStream): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: errorFields, error: errorFields, req: requestFields },
    },
    stream,
  )
}

/** Names what is taken: headers, with keys and cookies in them, never get in. */
function requestFields(request: { method?: string; url?: string; id?: unknown }) {
  return { method: request.method, url: redactedUrl(request.url ?? ''), id: request.id }
}

/** Other members of an error, such as a query's values or a client's settings, stay out. */
function errorFields(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { code } = error as NodeJS.ErrnoException
  return {
    type: error.name,
    message: error.message,
    ...(code === undefined ? {} : { code }),
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: errorFields(error.cause) }),
  }
}
