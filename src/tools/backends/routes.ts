import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Asset } from '../assets/asset.ts'
import type { ToolsContext } from '../context.ts'
import { toolsPath } from '../http/paths.ts'
import { callerOf, mountResource, queryOf, sendJson } from '../http/routes.ts'
import { ACTIVITY_FILTERS, PUBLICATION_FILTERS, TRASH_FILTERS } from '../list/filter-types.ts'
import { type ListDefinition, listAssets } from '../list/list.ts'
import { type BackendAsset, presentBackend, presentSingleBackend } from './backend.ts'
import { createBackend, readBackendFields } from './create.ts'
import { readBackend } from './read.ts'

const BACKEND_LIST: ListDefinition<BackendAsset> = {
  path: toolsPath('mobilebackends'),
  filterTypes: { ...PUBLICATION_FILTERS, ...TRASH_FILTERS, ...ACTIVITY_FILTERS },
  present: presentBackend,
}

/** Routes under `/mobile/tools/1.0/mobilebackends`; the scope has seen to token and role. */
export function mountBackends(scope: FastifyInstance, tools: ToolsContext): void {
  mountResource(scope, '/mobilebackends', {
    GET: async (request, reply) => {
      const { reply: list, language } = await listAssets(tools.backends, BACKEND_LIST, {
        query: queryOf(request),
        acceptLanguage: request.headers['accept-language'],
        nowMs: tools.now(),
        limitMax: tools.listLimitMax,
      })
      reply.header('content-language', language).header('vary', 'Accept-Language')
      return sendJson(reply, 200, list)
    },
    POST: async (request, reply) => {
      const { login } = callerOf(request)
      const backend = await createBackend(tools, readBackendFields(request.body), login)
      reply.header('location', toolsPath('mobilebackends', backend.id))
      return sendAsset(reply, 201, backend, presentSingleBackend(backend))
    },
  })
  mountResource(scope, '/mobilebackends/:id', {
    GET: async (request, reply) => {
      const { id } = request.params as { id: string }
      const backend = await readBackend(tools, id)
      return sendAsset(reply, 200, backend, presentSingleBackend(backend))
    },
  })
}

/** Sends one asset with its counter as the entity tag. */
function sendAsset(reply: FastifyReply, status: number, asset: Asset, body: object): FastifyReply {
  return sendJson(reply.header('etag', `"${asset.etag}"`), status, body)
}
