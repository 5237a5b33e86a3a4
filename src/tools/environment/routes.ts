import type { FastifyInstance } from 'fastify'
import type { ToolsContext } from '../context.ts'
import { baseOf, mountResource, sendJson } from '../http/routes.ts'
import { environmentOf } from './environment.ts'

/** `GET /mobile/tools/1.0/environment`: how clients find the token endpoint. */
export function mountEnvironment(scope: FastifyInstance, tools: ToolsContext): void {
  mountResource(scope, '/environment', {
    GET: async (request, reply) => {
      const { version: _, ...environment } = await environmentOf(tools, baseOf(request))
      return sendJson(reply, 200, environment)
    },
  })
}
