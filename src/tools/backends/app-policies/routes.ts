import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ToolsContext } from '../../context.ts'
import { changeOptionsOf, mountResource, paramsOf, sendDone, sendJson } from '../../http/routes.ts'
import type { BackendAsset } from '../backend.ts'
import { readBackend } from '../read.ts'
import { appPolicyIn, changeAppPolicies, readAppPolicies, readAppPolicy } from './app-policies.ts'

/** Named values that the apps of one backend read at run time. */
export function mountAppPolicies(scope: FastifyInstance, tools: ToolsContext): void {
  const change = async (
    request: FastifyRequest,
    become: (backend: BackendAsset) => BackendAsset['appPolicies'],
  ) => {
    const options = { ...changeOptionsOf(request), change: become }
    return (await changeAppPolicies(tools, paramsOf<'id'>(request).id, options)).etag
  }
  mountResource(scope, '/mobilebackends/:id/appPolicies', {
    GET: async (request, reply) => {
      const { appPolicies, etag } = await readBackend(tools, paramsOf<'id'>(request).id)
      return sendJson(reply.header('etag', `"${etag}"`), 200, appPolicies)
    },
    PUT: async (request, reply) => {
      const policies = readAppPolicies(request.body)
      return sendDone(reply, await change(request, () => policies))
    },
    DELETE: async (request, reply) => sendDone(reply, await change(request, () => ({}))),
  })
  mountResource(scope, '/mobilebackends/:id/appPolicies/:name', {
    GET: async (request, reply) => {
      const { id, name } = paramsOf<'id' | 'name'>(request)
      const backend = await readBackend(tools, id)
      const body = { [name]: appPolicyIn(backend, name) }
      return sendJson(reply.header('etag', `"${backend.etag}"`), 200, body)
    },
    PUT: async (request, reply) => {
      const { name } = paramsOf<'name'>(request)
      const value = readAppPolicy(request.body, name)
      const etag = await change(request, ({ appPolicies }) => ({ ...appPolicies, [name]: value }))
      return sendDone(reply, etag)
    },
    DELETE: async (request, reply) => {
      const { name } = paramsOf<'name'>(request)
      const etag = await change(request, (backend) => {
        appPolicyIn(backend, name)
        const { [name]: _, ...rest } = backend.appPolicies
        return rest
      })
      return sendDone(reply, etag)
    },
  })
}
