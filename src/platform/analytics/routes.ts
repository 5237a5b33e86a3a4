import type { FastifyInstance } from 'fastify'
import { ANALYTICS_APPS } from '../../tools/analytics/app.ts'
import { analyticsAppFor } from '../../tools/analytics/for-backend.ts'
import { mountResource, readJson, sendJson } from '../../tools/http/routes.ts'
import { namedFieldsOf } from '../../tools/named/named.ts'
import type { PlatformContext } from '../context.ts'
import { visitOf } from '../door/door.ts'
import { eventRecord, readEvents } from './events.ts'

/** What apps tell of their use. A backend without an analytics app takes it and keeps nothing. */
export function mountEvents(scope: FastifyInstance, context: PlatformContext): void {
  readJson(scope)
  mountResource(scope, '/analytics/events', {
    POST: async (request, reply) => {
      const { backend, user } = visitOf(request)
      const now = context.now()
      const header = String(request.headers['oracle-mobile-analytics-session-id'] ?? '').trim()
      const sessionId = header === '' ? null : header.slice(0, 255)
      const events = readEvents(request.body, { now, sessionId })
      const record = await analyticsAppFor(context.tools, backend)
      if (record) {
        const app = { id: record.id, timeZone: namedFieldsOf(ANALYTICS_APPS, record).timeZone }
        const userId = user?.id ?? null
        const source = { backendId: backend.id, userId, app, now }
        const operations = events.map(
          (event) => ({ op: 'insert', record: eventRecord(event, source) }) as const,
        )
        await context.store.write({ operations, actor: userId ?? 'anonymous', at: now })
      }
      return sendJson(reply, 202, {})
    },
  })
}
