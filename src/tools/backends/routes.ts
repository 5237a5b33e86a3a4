import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ToolsContext } from '../context.ts'
import { toolsPath } from '../http/paths.ts'
import {
  callerOf,
  changeOptionsOf,
  mountResource,
  paramsOf,
  queryOf,
  sendDone,
  sendJson,
} from '../http/routes.ts'
import { ACTIVITY_FILTERS, PUBLICATION_FILTERS, TRASH_FILTERS } from '../list/filter-types.ts'
import { type ListDefinition, listAssets } from '../list/list.ts'
import { defaultVersion } from '../policies/known.ts'
import { type BackendAsset, presentBackend, presentSingleBackend } from './backend.ts'
import { createBackend, readBackendFields } from './create.ts'
import { mountLifecycle } from './lifecycle/routes.ts'
import { targetOf } from './lifecycle/target.ts'
import { createVersion, readVersionFields } from './lifecycle/versions.ts'
import { readBackend } from './read.ts'
import { mountRelations } from './relations/routes.ts'
import { mountSecurity } from './security/routes.ts'
import { readBackendChanges, updateBackend } from './update.ts'

const BACKEND_LIST: ListDefinition<BackendAsset> = {
  path: toolsPath('mobilebackends'),
  filterTypes: { ...PUBLICATION_FILTERS, ...TRASH_FILTERS, ...ACTIVITY_FILTERS },
  present: presentBackend,
}

/** Routes under `/mobile/tools/1.0/mobilebackends`; the scope has seen to token and role. */
export function mountBackends(scope: FastifyInstance, tools: ToolsContext): void {
  mountResource(scope, '/mobilebackends', {
    GET: async (request, reply) => sendList(tools, request, reply),
    POST: async (request, reply) => {
      const fields = readBackendFields(request.body, await defaultVersion(tools))
      const backend = await createBackend(tools, fields, callerOf(request).login)
      return sendCreated(tools, backend, reply)
    },
  })
  mountResource(scope, '/mobilebackends/:id', {
    GET: async (request, reply) => {
      const backend = await readBackend(tools, paramsOf<'id'>(request).id)
      return sendBackend(tools, backend, reply)
    },
    PUT: async (request, reply) => {
      const changes = readBackendChanges(request.body)
      const options = { ...changeOptionsOf(request), changes }
      const { etag } = await updateBackend(tools, paramsOf<'id'>(request).id, options)
      return sendDone(reply, etag)
    },
  })
  mountResource(scope, '/mobilebackends/:id/versions', {
    POST: async (request, reply) => {
      const options = { ...changeOptionsOf(request), ...readVersionFields(request.body) }
      const backend = await createVersion(tools, paramsOf<'id'>(request).id, options)
      return sendCreated(tools, backend, reply)
    },
  })
  mountLifecycle(scope, tools)
  mountSecurity(scope, tools)
  mountRelations(scope, tools)
}

async function sendList(
  tools: ToolsContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { reply: list, language } = await listAssets(tools.backends, BACKEND_LIST, {
    query: queryOf(request),
    acceptLanguage: request.headers['accept-language'],
    nowMs: tools.now(),
    limitMax: tools.listLimitMax,
  })
  reply.header('content-language', language).header('vary', 'Accept-Language')
  return sendJson(reply, 200, list)
}

/** Sends a backend that has come to be, and where it is. */
function sendCreated(
  tools: ToolsContext,
  backend: BackendAsset,
  reply: FastifyReply,
): Promise<FastifyReply> {
  reply.code(201).header('location', toolsPath('mobilebackends', backend.id))
  return sendBackend(tools, backend, reply)
}

/** Sends one backend with its counter as the entity tag. */
async function sendBackend(
  tools: ToolsContext,
  backend: BackendAsset,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const body = presentSingleBackend(backend, await targetOf(tools, backend))
  return sendJson(reply.header('etag', `"${backend.etag}"`), reply.statusCode, body)
}
