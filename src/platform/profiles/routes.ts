import type { FastifyInstance } from 'fastify'
import { toolsPath } from '../../tools/http/paths.ts'
import {
  accessOf,
  actorOf,
  mountResource,
  paramsOf,
  sendDone,
  sendJson,
  speakTools,
} from '../../tools/http/routes.ts'
import { partOf, sendPage } from '../../tools/list/routes.ts'
import { requireAccess } from '../../tools/team/access.ts'
import { memberOf } from '../../tools/team/bearer.ts'
import type { PlatformContext } from '../context.ts'
import { deleteProfile, listProfiles, readProfile } from './profiles.ts'

/** A part of the tools API that needs to know how pushes are sent. */
export function mountProfiles(app: FastifyInstance, context: PlatformContext): void {
  const { tools } = context
  app.register(
    async (scope) => {
      speakTools(scope, async (request) => {
        const caller = await memberOf(tools, request.headers.authorization)
        requireAccess(caller, accessOf(request))
        return caller
      })
      mountResource(scope, '', {
        GET: async (request, reply) =>
          sendPage(tools, { request, reply }, async (part) =>
            partOf(await listProfiles(context), part),
          ),
      })
      mountResource(scope, '/:id', {
        GET: async (request, reply) =>
          sendJson(reply, 200, await readProfile(context, paramsOf<'id'>(request).id)),
        DELETE: async (request, reply) => {
          await deleteProfile(context, paramsOf<'id'>(request).id, actorOf(request))
          return sendDone(reply)
        },
      })
    },
    { prefix: toolsPath('clients', 'profiles') },
  )
}
