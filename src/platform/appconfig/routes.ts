import type { FastifyInstance } from 'fastify'
import { mountResource, sendJson } from '../../tools/http/routes.ts'
import { visitOf } from '../door/door.ts'

/** What the team decided for the apps of a backend: the behaviour that needs no new version. */
export function mountAppConfig(scope: FastifyInstance): void {
  mountResource(scope, '/appconfig/client', {
    GET: async (request, reply) => sendJson(reply, 200, visitOf(request).backend.appPolicies),
  })
}
