import type { FastifyInstance } from 'fastify'
import type { ToolsContext } from '../context.ts'
import { toolsPath } from '../http/paths.ts'
import { mountResource, queryOf, sendJson } from '../http/routes.ts'
import { queryPairs } from '../list/query.ts'
import { auditPage } from './read.ts'

/** `GET /mobile/tools/1.0/audit`: who changed what, from which value to which. */
export function mountAudit(scope: FastifyInstance, tools: ToolsContext): void {
  mountResource(scope, '/audit', {
    GET: {
      role: 'Administrator',
      handle: async (request, reply) => {
        const pairs = queryPairs(queryOf(request))
        return sendJson(reply, 200, await auditPage(tools, toolsPath('audit'), pairs))
      },
    },
  })
}
