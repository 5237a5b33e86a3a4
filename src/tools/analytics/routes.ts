import type { FastifyInstance } from 'fastify'
import type { ToolsContext } from '../context.ts'
import { mountResource, paramsOf, queryOf, sendJson } from '../http/routes.ts'
import { queryPairs } from '../list/query.ts'
import { mountNamed } from '../named/routes.ts'
import { ANYONE } from '../team/access.ts'
import { ANALYTICS_APPS } from './app.ts'
import { countEvents, parseCountQuery } from './counts.ts'

/**
 * What collects the events of backends, and how many there were. Analysts may read it. When an app
 * is removed, the events that it collected stay with their backends; new ones are dropped.
 */
export function mountAnalytics(scope: FastifyInstance, tools: ToolsContext): void {
  mountNamed(scope, tools, { kind: ANALYTICS_APPS, readers: ANYONE })
  mountResource(scope, '/mobilebackends/:id/analytics', {
    GET: {
      ...ANYONE,
      handle: async (request, reply) => {
        const query = parseCountQuery(queryPairs(queryOf(request)), tools.now())
        return sendJson(reply, 200, await countEvents(tools, paramsOf<'id'>(request).id, query))
      },
    },
  })
}
