import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Backend } from '../../engine/backend.ts'
import { userFacts } from '../../engine/caller.ts'
import { backendWith } from '../../engine/effective-backend.ts'
import { ApiError } from '../../errors.ts'
import type { Acting } from '../../tools/audit/entry.ts'
import { accessOf, readJson } from '../../tools/http/routes.ts'
import { requireAccess } from '../../tools/team/access.ts'
import { type Caller, memberOf } from '../../tools/team/bearer.ts'
import type { PlatformContext } from '../context.ts'
import { enter, namedBackend } from './enter.ts'
import { sendPlatformProblem } from './problem.ts'

/** A call by those who run an app and not by the app: for which backend, and who makes it. */
export type Errand = { readonly backend: Backend; readonly acting: Acting }

const errands = new WeakMap<FastifyRequest, Errand>()

export function errandOf(request: FastifyRequest): Errand {
  const errand = errands.get(request)
  if (!errand) throw new ApiError('token_required')
  return errand
}

/**
 * The form of `/mobile/system`: the token of a team member, and the header that names the backend.
 *
 * @param letsAdministrators whether application administrators may, too, with what opens the
 *   platform: servers that have no token of the team
 */
export function speakSystem(
  scope: FastifyInstance,
  context: PlatformContext,
  { letsAdministrators }: { readonly letsAdministrators: boolean },
): void {
  readJson(scope)
  scope.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store')
    if (request.method === 'OPTIONS') return
    const errand =
      (await teamErrand(context, request)) ??
      (letsAdministrators ? await administratorErrand(context, request) : null)
    if (!errand) throw new ApiError('token_required')
    errands.set(request, errand)
  })
  scope.setErrorHandler(sendPlatformProblem)
}

/** `null` for the token of anybody else. */
async function teamErrand(
  context: PlatformContext,
  request: FastifyRequest,
): Promise<Errand | null> {
  const caller = await memberOf(context.tools, request.headers.authorization).catch(asNobody)
  if (!caller) return null
  requireAccess(caller, accessOf(request))
  const header = request.headers['oracle-mobile-backend-id']
  const named = await namedBackend(context, header)
  const backend = named ?? (await backendWith(context, String(header).trim().toLowerCase()))
  if (!backend) throw new ApiError('asset_unknown')
  const { login: actor, token } = caller
  const trace = {
    ...{ requestId: request.id, tokenId: token.id },
    ...(token.name !== null && { tokenName: token.name }),
  }
  return { backend, acting: { actor, trace } }
}

function asNobody(error: unknown): Caller | null {
  if (error instanceof ApiError && error.code === 'token_required') return null
  throw error
}

/** @throws {ApiError} `admin_required` for other users, and for the key that every app has */
async function administratorErrand(
  context: PlatformContext,
  request: FastifyRequest,
): Promise<Errand> {
  const { backend, user } = await enter(context, request.headers)
  const facts = user && (await userFacts(context, backend.id, user.id))
  if (!user || !facts?.admin) throw new ApiError('admin_required')
  return { backend, acting: { actor: user.username, trace: { requestId: request.id } } }
}
