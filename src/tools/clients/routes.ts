import type { FastifyInstance } from 'fastify'
import { mountKind } from '../assets/kind-routes.ts'
import type { ToolsContext } from '../context.ts'
import { CLIENTS } from './client.ts'
import { clientRules } from './rules.ts'

/** Routes under `/mobile/tools/1.0/clients`. */
export function mountClients(scope: FastifyInstance, tools: ToolsContext): void {
  mountKind(scope, tools, CLIENTS, clientRules(tools))
}
