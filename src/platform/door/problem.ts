import type { FastifyReply, FastifyRequest } from 'fastify'
import { expectedError, problemOf } from '../../tools/http/problem.ts'
import { pathOf, sendJson } from '../../tools/http/routes.ts'

/** Answers a failure in the form of the tools API, but that its details are a list here. */
export async function sendPlatformProblem(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const expected = expectedError(error)
  if (expected.status >= 500) request.log.error({ err: error }, 'a platform call failed')
  // Naming Basic would have browsers ask for a password in a window of their own.
  if (expected.status === 401) reply.header('www-authenticate', 'Bearer realm="homeport"')
  if (expected.retryAfterS !== null) reply.header('retry-after', expected.retryAfterS)
  reply.header('content-language', 'en')
  const { 'o:errorDetails': details, ...problem } = problemOf(expected, request.id, pathOf(request))
  const body = details === undefined ? problem : { ...problem, 'o:errorDetails': [details] }
  return sendJson(reply, expected.status, body)
}
