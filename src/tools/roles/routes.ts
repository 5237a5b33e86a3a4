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
import { presentRole, readRoleFields } from './role.ts'
import { createRole, deleteRole, listRoles, readRole, updateRole } from './store.ts'

/** Routes under `/mobile/tools/1.0/roles`: the names that users are given, and assets ask for. */
export function mountRoles(scope: FastifyInstance, tools: ToolsContext): void {
  mountResource(scope, '/roles', {
    GET: async (request, reply) => {
      const pairs = queryPairs(queryOf(request))
      const query = parsePageQuery(pairs)
      const { listLimitMax: limitMax } = tools
      const limit = Math.min(query.limit ?? limitMax, limitMax)
      const { records, total } = await listRoles(tools, { limit, offset: query.offset })
      const page = { path: toolsPath('roles'), pairs, query, limitMax }
      return sendJson(
        reply,
        200,
        pageReply(page, total, () => records.map(presentRole)),
      )
    },
    POST: async (request, reply) => {
      const role = await createRole(tools, readRoleFields(request.body), actorOf(request))
      reply.code(201).header('location', toolsPath('roles', role.id))
      return sendRole(reply, role)
    },
  })
  mountResource(scope, '/roles/:id', {
    GET: async (request, reply) =>
      sendRole(reply, await readRole(tools, paramsOf<'id'>(request).id)),
    PUT: async (request, reply) => {
      const fields = readRoleFields(request.body)
      const options = { ...changeOptionsOf(request), ...paramsOf<'id'>(request), fields }
      return sendDone(reply, String((await updateRole(tools, options)).version))
    },
    DELETE: async (request, reply) => {
      await deleteRole(tools, { ...changeOptionsOf(request), ...paramsOf<'id'>(request) })
      return sendDone(reply)
    },
  })
}

function sendRole(reply: FastifyReply, role: StoredRecord): FastifyReply {
  return sendJson(reply.header('etag', `"${role.version}"`), reply.statusCode, presentRole(role))
}
