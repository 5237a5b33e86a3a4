import type { FastifyInstance } from 'fastify'
import { mountAssets } from './assets/routes.ts'
import { mountBackends } from './backends/routes.ts'
import type { ToolsContext } from './context.ts'
import { mountEnvironment } from './environment/routes.ts'
import { TOOLS_BASE } from './http/paths.ts'
import { speakTools } from './http/routes.ts'
import { mountPolicies } from './policies/routes.ts'
import { memberOf } from './team/bearer.ts'
import { requireRole } from './team/roles.ts'
import { mountSetup, mountTokenEndpoint } from './team/routes.ts'

/**
 * Adds the tools API, its token endpoint and the first administrator's page. Each is a scope with
 * parsers and errors of its own: they differ from each other, and from those of the data API.
 */
export function mountTools(app: FastifyInstance, tools: ToolsContext): void {
  app.register(async (scope) => mountTokenEndpoint(scope, tools))
  app.register(async (scope) => mountSetup(scope, tools))
  app.register(async (scope) => mountToolsApi(scope, tools), { prefix: TOOLS_BASE })
}

function mountToolsApi(scope: FastifyInstance, tools: ToolsContext): void {
  speakTools(scope, async (request) => {
    const caller = await memberOf(tools, request.headers.authorization)
    requireRole(caller.roles, 'Developer')
    return caller
  })
  mountBackends(scope, tools)
  mountAssets(scope, tools)
  mountPolicies(scope, tools)
  mountEnvironment(scope, tools)
}
