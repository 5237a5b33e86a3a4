import type { FastifyInstance, FastifyReply } from 'fastify'
import { bodyOf } from '../assets/body.ts'
import { mountCommon } from '../assets/common-routes.ts'
import { createVersion, readVersionFields } from '../assets/versions.ts'
import type { ToolsContext } from '../context.ts'
import { toolsPath } from '../http/paths.ts'
import {
  actorOf,
  changeOptionsOf,
  mountResource,
  paramsOf,
  sendDone,
  sendJson,
} from '../http/routes.ts'
import { ACTIVITY_FILTERS, PUBLICATION_FILTERS, TRASH_FILTERS } from '../list/filter-types.ts'
import type { ListDefinition } from '../list/list.ts'
import { sendAssets } from '../list/routes.ts'
import { mountAppPolicies } from './app-policies/routes.ts'
import { mountAssociations } from './associations/routes.ts'
import { type BackendAsset, presentBackend, presentSingleBackend } from './backend.ts'
import { createWithAnalytics } from './create-with-analytics.ts'
import { mountTarget } from './lifecycle/routes.ts'
import { targetOf } from './lifecycle/target.ts'
import { COPIED_BACKENDS } from './lifecycle/versions.ts'
import { readBackend } from './read.ts'
import { mountSecurity } from './security/routes.ts'
import { changeSettings, readSettings } from './settings.ts'
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
    GET: async (request, reply) =>
      sendAssets(tools, { request, reply }, { source: tools.lists.of(BACKENDS), ...BACKEND_LIST }),
    POST: async (request, reply) => {
      const backend = await createWithAnalytics(tools, request.body, actorOf(request))
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
  mountSettings(scope, tools)
  mountCommon(scope, tools, BACKENDS)
  mountTarget(scope, tools)
  mountSecurity(scope, tools)
  mountAssociations(scope, tools)
  mountAppPolicies(scope, tools)
}

/** What the owner says of the data API; an address of ours. */
function mountSettings(scope: FastifyInstance, tools: ToolsContext): void {
  mountResource(scope, '/mobilebackends/:id/settings', {
    GET: async (request, reply) => {
      const { etag, settings } = await readSettings(tools, paramsOf<'id'>(request).id)
      return sendJson(reply.header('etag', `"${etag}"`), 200, settings)
    },
    PUT: async (request, reply) => {
      const options = { ...changeOptionsOf(request), changes: bodyOf(request.body).members }
      return sendDone(
        reply,
        (await changeSettings(tools, paramsOf<'id'>(request).id, options)).etag,
      )
    },
  })
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
