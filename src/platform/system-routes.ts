import type { FastifyInstance } from 'fastify'
import { mountNotificationsAt } from '../tools/notifications/routes.ts'
import type { PlatformContext } from './context.ts'
import { errandOf, speakSystem } from './door/system.ts'
import { mountLocationManagement } from './location/routes.ts'

/** Where those who run an app reach what the platform keeps for it. */
const SYSTEM_BASE = '/mobile/system'

/** Adds `/mobile/system`, which servers and the team call. */
export function mountSystem(app: FastifyInstance, context: PlatformContext): void {
  app.register(
    async (scope) => {
      speakSystem(scope, context, { letsAdministrators: true })
      mountNotificationsAt(scope, context.tools, {
        url: '/notifications/notifications',
        backendId: async (request) => errandOf(request).backend.id,
        acting: (request) => errandOf(request).acting,
      })
    },
    { prefix: SYSTEM_BASE },
  )
  app.register(
    async (scope) => {
      speakSystem(scope, context, { letsAdministrators: false })
      mountLocationManagement(scope, context)
    },
    { prefix: SYSTEM_BASE },
  )
}
