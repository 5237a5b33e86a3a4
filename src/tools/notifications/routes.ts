import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Acting } from '../audit/entry.ts'
import { readBackend } from '../backends/read.ts'
import type { ToolsContext } from '../context.ts'
import {
  actorOf,
  mountResource,
  paramsOf,
  pathOf,
  queryOf,
  sendDone,
  sendJson,
} from '../http/routes.ts'
import { queryPairs } from '../list/query.ts'
import { listNotifications } from './list.ts'
import { presentNotification } from './notification.ts'
import { cancelNotification, readNotificationRecord, sendNotification } from './store.ts'

/** Where notifications lie, and how a request there says whose they are and who asks. */
type Place = {
  readonly url: string
  backendId(request: FastifyRequest): Promise<string>
  acting(request: FastifyRequest): Acting
}

/** What the team sends to the devices of a backend. */
export function mountNotifications(scope: FastifyInstance, tools: ToolsContext): void {
  mountNotificationsAt(scope, tools, {
    url: '/notifications/mobilebackends/:id/notifications',
    backendId: async (request) => (await readBackend(tools, paramsOf<'id'>(request).id)).id,
    acting: actorOf,
  })
}

/** The same at another address. */
export function mountNotificationsAt(
  scope: FastifyInstance,
  tools: ToolsContext,
  { url, backendId, acting }: Place,
): void {
  const list = {
    GET: async (request: FastifyRequest, reply: FastifyReply) => {
      const of = { backendId: await backendId(request), path: pathOf(request) }
      const pairs = queryPairs(queryOf(request))
      const window = { pairs, now: tools.now(), limitMax: tools.listLimitMax }
      return sendJson(reply, 200, await listNotifications(tools.store, { ...of, ...window }))
    },
    POST: async (request: FastifyRequest, reply: FastifyReply) => {
      const given = { ...acting(request), json: request.body }
      const record = await sendNotification(tools, await backendId(request), given)
      const shown = presentNotification(record, pathOf(request))
      return sendJson(reply.header('location', shown.links[0]?.href), 201, shown)
    },
  }
  mountResource(scope, url, list)
  // The published address ends with a slash.
  mountResource(scope, `${url}/`, list)
  mountResource(scope, `${url}/:notificationId`, {
    GET: async (request, reply) => {
      const { notificationId } = paramsOf<'notificationId'>(request)
      const record = await readNotificationRecord(tools, await backendId(request), notificationId)
      const path = pathOf(request).replace(/\/[^/]*$/, '')
      return sendJson(reply, 200, presentNotification(record, path))
    },
    DELETE: async (request, reply) => {
      const { notificationId: id } = paramsOf<'notificationId'>(request)
      await cancelNotification(tools, await backendId(request), { id, ...acting(request) })
      return sendDone(reply)
    },
  })
}
