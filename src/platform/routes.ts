import type { FastifyInstance } from 'fastify'
import { mountEvents } from './analytics/routes.ts'
import { mountAppConfig } from './appconfig/routes.ts'
import type { PlatformContext } from './context.ts'
import { mountCustom } from './custom/routes.ts'
import { mountDevices } from './devices/routes.ts'
import { speakPlatform } from './door/door.ts'
import { mountLocation } from './location/routes.ts'
import { PLATFORM_BASE } from './paths.ts'
import { mountProfiles } from './profiles/routes.ts'
import { mountStorage } from './storage/routes.ts'
import { mountSystem } from './system-routes.ts'
import { mountUsers } from './users/routes.ts'

/** Adds the runtime of the Hub, which apps call. Parts that read bodies are scopes of their own. */
export function mountPlatform(app: FastifyInstance, context: PlatformContext): void {
  mountCustom(app, context)
  mountSystem(app, context)
  mountProfiles(app, context)
  app.register(
    async (scope) => {
      speakPlatform(scope, context)
      mountAppConfig(scope)
      scope.register(async (part) => mountUsers(part, context))
      scope.register(async (part) => mountDevices(part, context))
      scope.register(async (part) => mountEvents(part, context))
      scope.register(async (part) => mountLocation(part, context))
      scope.register(async (part) => mountStorage(part, context))
    },
    { prefix: PLATFORM_BASE },
  )
}
