import type { FastifyInstance } from 'fastify'
import { toolsPath } from '../../tools/http/paths.ts'
import {
  accessOf,
  actorOf,
  mountResource,
  paramsOf,
  queryOf,
  sendDone,
  sendJson,
  speakTools,
} from '../../tools/http/routes.ts'
import { pageReply, parsePageQuery } from '../../tools/list/page.ts'
import { queryPairs } from '../../tools/list/query.ts'
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
        GET: async (request, reply) => {
          const pairs = queryPairs(queryOf(request))
          const query = parsePageQuery(pairs)
          const profiles = await listProfiles(context)
          const path = toolsPath('clients', 'profiles')
          const page = { path, pairs, query, limitMax: tools.listLimitMax }
          const cut = (offset: number, limit: number) => profiles.slice(offset, offset + limit)
          return sendJson(reply, 200, pageReply(page, profiles.length, cut))
        },
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
