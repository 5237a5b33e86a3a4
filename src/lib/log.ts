/**
 * What the program's parts need of a logger; pino's loggers fit. `fields` must never hold a
 * secret, a key, a mail's text or a job's payload.
 */
export interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
