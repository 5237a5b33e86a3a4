import type { FastifyInstance } from 'fastify'
import { mountAnalytics } from './analytics/routes.ts'
import { mountApis } from './apis/routes.ts'
import { mountArtifacts } from './artifacts/routes.ts'
import { mountKind } from './assets/kind-routes.ts'
import { mountAssets } from './assets/routes.ts'
import { mountAudit } from './audit/routes.ts'
import { mountBackends } from './backends/routes.ts'
import { mountClients } from './clients/routes.ts'
import { COLLECTIONS } from './collections/collection.ts'
import { CONNECTORS } from './connectors/connector.ts'
import type { ToolsContext } from './context.ts'
import { mountEnvironment } from './environment/routes.ts'
import { TOOLS_BASE } from './http/paths.ts'
import { accessOf, speakTools } from './http/routes.ts'
import { mountImplementations } from './implementations/routes.ts'
import { mountNotifications } from './notifications/routes.ts'
import { mountPackages } from './packages/routes.ts'
import { mountPolicies } from './policies/routes.ts'
import { mountRoles } from './roles/routes.ts'
import { requireAccess } from './team/access.ts'
import { mountTeam } from './team/api/routes.ts'
import { memberOf } from './team/bearer.ts'
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
    requireAccess(caller, accessOf(request))
    return caller
  })
  mountBackends(scope, tools)
  mountKind(scope, tools, COLLECTIONS)
  mountApis(scope, tools)
  mountImplementations(scope, tools)
  mountArtifacts(scope, tools)
  mountKind(scope, tools, CONNECTORS)
  mountClients(scope, tools)
  mountRoles(scope, tools)
  mountAssets(scope, tools)
  mountPackages(scope, tools)
  mountNotifications(scope, tools)
  mountAnalytics(scope, tools)
  mountPolicies(scope, tools)
  mountEnvironment(scope, tools)
  mountTeam(scope, tools)
  mountAudit(scope, tools)
}
