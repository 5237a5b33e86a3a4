import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { mountCommon } from '../assets/mount-common.ts'
import { createVersion, readVersionFields } from '../assets/versions.ts'
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
import { mountAssociations } from './associations/routes.ts'
import { type BackendAsset, presentBackend, presentSingleBackend } from './backend.ts'
import { createBackend, readBackendFields } from './create.ts'
import { mountTarget } from './lifecycle/routes.ts'
import { targetOf } from './lifecycle/target.ts'
import { COPIED_BACKENDS } from './lifecycle/versions.ts'
import { readBackend } from './read.ts'
import { mountSecurity } from './security/routes.ts'
import { BACKENDS } from './type.ts'
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
      const fields = readVersionFields(request.body)
      const options = { ...changeOptionsOf(request), ...paramsOf<'id'>(request), ...fields }
      const backend = await createVersion(tools, COPIED_BACKENDS, options)
      return sendCreated(tools, backend, reply)
    },
  })
  mountCommon(scope, tools, BACKENDS)
  mountTarget(scope, tools)
  mountSecurity(scope, tools)
  mountAssociations(scope, tools)
}

async function sendList(
  tools: ToolsContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { reply: list, language } = await listAssets(tools.lists.of(BACKENDS), BACKEND_LIST, {
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
