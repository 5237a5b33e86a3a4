import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError } from '../../errors.ts'
import type { PlatformContext } from '../context.ts'
import { answerPreflight, isPreflight, nameOrigin } from './cors.ts'
import { enter, type Visit } from './enter.ts'
import { sendPlatformProblem } from './problem.ts'

export type { Visit } from './enter.ts'

// A visit is known before the body is read, and needed after.
const visits = new WeakMap<FastifyRequest, Visit>()

/**
 * The backend that serves a request, and who makes it; the scope has seen to it that both may. In a
 * call that was rerouted it is the target, from the beginning of the call to its end.
 */
export function visitOf(request: FastifyRequest): Visit {
  const visit = visits.get(request)
  if (!visit) throw new ApiError('credentials_invalid')
  return visit
}

/**
 * The form that all of the runtime shares, `/mobile/platform` and `/mobile/custom`: an open door, the
 * error body, and what pages on other origins need. Parsers of bodies are each scope's own.
 */
export function speakPlatform(scope: FastifyInstance, context: PlatformContext): void {
  scope.addHook('onRequest', async (request, reply) => {
    // What one user sees is for no other, and copies are asked about before they are used.
    reply.header('cache-control', 'max-age=0, private, must-revalidate')
    await nameOrigin(context.tools, request, reply)
    // A browser asks before it may send credentials.
    if (isPreflight(request)) return answerPreflight(request, reply)
    visits.set(request, await enter(context, request.headers))
  })
  scope.setErrorHandler(sendPlatformProblem)
  scope.setNotFoundHandler(async () => {
    throw new ApiError('not_found')
  })
}
