import type { FastifyInstance, FastifyReply } from 'fastify'
import type { StoredRecord } from '../../storage/port.ts'
import type { ToolsContext } from '../context.ts'
import { toolsPath } from '../http/paths.ts'
import {
  actorOf,
  changeOptionsOf,
  mountResource,
  paramsOf,
  queryOf,
  sendDone,
  sendJson,
} from '../http/routes.ts'
import { pageReply, parsePageQuery } from '../list/page.ts'
import { queryPairs } from '../list/query.ts'
import { ANYONE } from '../team/access.ts'
import { presentAnalyticsApp, readAnalyticsApp } from './app.ts'
import { countEvents, parseCountQuery } from './counts.ts'
import {
  createAnalyticsApp,
  deleteAnalyticsApp,
  listAnalyticsApps,
  readAnalyticsAppRecord,
  updateAnalyticsApp,
} from './store.ts'

/** What collects the events of backends, and how many there were. Analysts may read it. */
export function mountAnalytics(scope: FastifyInstance, tools: ToolsContext): void {
  mountResource(scope, '/analytics/apps', {
    GET: {
      ...ANYONE,
      handle: async (request, reply) => {
        const pairs = queryPairs(queryOf(request))
        const query = parsePageQuery(pairs)
        const { listLimitMax: limitMax } = tools
        const limit = Math.min(query.limit ?? limitMax, limitMax)
        const { records, total } = await listAnalyticsApps(tools, { limit, offset: query.offset })
        const page = { path: toolsPath('analytics', 'apps'), pairs, query, limitMax }
        const list = pageReply(page, total, () => records.map(presentAnalyticsApp))
        return sendJson(reply, 200, list)
      },
    },
    POST: async (request, reply) => {
      const app = await createAnalyticsApp(tools, readAnalyticsApp(request.body), actorOf(request))
      reply.code(201).header('location', toolsPath('analytics', 'apps', app.id))
      return sendApp(reply, app)
    },
  })
  mountResource(scope, '/analytics/apps/:id', {
    GET: {
      ...ANYONE,
      handle: async (request, reply) =>
        sendApp(reply, await readAnalyticsAppRecord(tools, paramsOf<'id'>(request).id)),
    },
    PUT: async (request, reply) => {
      const fields = readAnalyticsApp(request.body)
      const options = { ...changeOptionsOf(request), ...paramsOf<'id'>(request), fields }
      return sendDone(reply, String((await updateAnalyticsApp(tools, options)).version))
    },
    DELETE: async (request, reply) => {
      await deleteAnalyticsApp(tools, { ...changeOptionsOf(request), ...paramsOf<'id'>(request) })
      return sendDone(reply)
    },
  })
  mountResource(scope, '/mobilebackends/:id/analytics', {
    GET: {
      ...ANYONE,
      handle: async (request, reply) => {
        const query = parseCountQuery(queryPairs(queryOf(request)), tools.now())
        return sendJson(reply, 200, await countEvents(tools, paramsOf<'id'>(request).id, query))
      },
    },
  })
}

function sendApp(reply: FastifyReply, app: StoredRecord): FastifyReply {
  const tagged = reply.header('etag', `"${app.version}"`)
  return sendJson(tagged, reply.statusCode, presentAnalyticsApp(app))
}
