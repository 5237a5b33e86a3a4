import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Reply } from '../engine/definition.ts'
import type { Input } from '../engine/params.ts'
import { indented } from './envelope.ts'

/** Sends what a method answered: the envelope, or the raw body of a binary value. */
export function finish(
  request: FastifyRequest,
  reply: FastifyReply,
  input: Input,
  result: Reply,
  body: string,
): FastifyReply {
  if (result.sessionCookie !== undefined) reply.header('set-cookie', cookie(result.sessionCookie))
  if (result.raw) return reply.type(result.raw.contentType).send(Buffer.from(result.raw.body))
  const pretty = input.pretty_json
  const isPretty = pretty === 'true' || pretty === '1' || pretty === true || pretty === 1
  const status = result.httpStatus ?? result.status ?? 200
  return send(reply, request.suppressCodes ? 200 : status, isPretty ? indented(body) : body)
}

export function send(reply: FastifyReply, status: number, body: string): FastifyReply {
  return reply.code(status).header('content-type', 'application/json; charset=utf-8').send(body)
}

/** As the original sent it; a token is made of characters that need no escape. */
function cookie(token: string | null): string {
  return token === null
    ? '_session_id=; path=/; HttpOnly; expires=Thu, 01 Jan 1970 00:00:00 GMT'
    : `_session_id=${encodeURIComponent(token)}; path=/; HttpOnly`
}
