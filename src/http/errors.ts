import type { FastifyReply, FastifyRequest } from 'fastify'
import type { EngineContext } from '../engine/context.ts'
import { ApiError } from '../errors.ts'
import { failureBody, indented } from './envelope.ts'
import { send } from './render.ts'

/** The one place where an error of the data API becomes an answer. */
export function refuse(
  context: EngineContext,
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const error = asApiError(thrown)
  if (error.status >= 500) {
    context.log.error({ err: thrown, requestId: request.id }, 'a call failed')
  }
  const methodName = request.called?.method.name
  const suppressed = request.suppressCodes ?? asksFor(request, 'suppress_response_codes')
  const isPretty = request.prettyJson ?? asksFor(request, 'pretty_json')
  const body = failureBody(error, methodName, request.id)
  if (error.retryAfterS !== null) reply.header('retry-after', error.retryAfterS)
  return send(reply, suppressed ? 200 : error.status, isPretty ? indented(body) : body)
}

/** For calls that are refused before their parameters are read. */
function asksFor(request: FastifyRequest, flag: string): boolean {
  const query = request.url.slice(request.url.indexOf('?') + 1)
  return /^(true|1)$/.test(new URLSearchParams(query).getAll(flag).at(-1) ?? '')
}

/** Fastify's own refusals carry a status; anything else unknown is a fault of ours. */
function asApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown
  const status = (thrown as { statusCode?: unknown }).statusCode
  if (status === 413) return new ApiError('too_large', undefined, { cause: thrown })
  if (status === 415) return new ApiError('media_type_unsupported', undefined, { cause: thrown })
  if (typeof status === 'number' && status >= 400 && status < 500) {
    const message = thrown instanceof Error ? thrown.message : undefined
    return new ApiError('param_invalid', message, { cause: thrown })
  }
  return new ApiError('internal', undefined, { cause: thrown })
}
