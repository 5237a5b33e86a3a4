import type { FastifyInstance } from 'fastify'
import { bodyOf, flagMember, refuseBad } from '../../assets/body.ts'
import type { ToolsContext } from '../../context.ts'
import { changeOptionsOf, mountResource, paramsOf, sendDone, sendJson } from '../../http/routes.ts'
import { readBackend } from '../read.ts'
import { updateBackend } from '../update.ts'
import { changeKeys, type KeySet, keysOf, readKeys } from './keys.ts'
import { readProviderChanges, updateProvider } from './providers.ts'

/** The doors of one backend, and the keys to them. */
export function mountSecurity(scope: FastifyInstance, tools: ToolsContext): void {
  const security = '/mobilebackends/:id/security'
  mountResource(scope, `${security}/basic`, {
    GET: async (request, reply) => {
      const { basicAuth, etag } = await readBackend(tools, paramsOf<'id'>(request).id)
      return sendJson(reply.header('etag', `"${etag}"`), 200, { basicAuth })
    },
    PUT: async (request, reply) => {
      const changes = { basicAuth: basicOf(request.body) }
      const options = { ...changeOptionsOf(request), changes }
      return sendDone(reply, (await updateBackend(tools, paramsOf<'id'>(request).id, options)).etag)
    },
  })
  mountKeys(scope, tools, { url: `${security}/basic/keys`, set: 'basic' })
  mountKeys(scope, tools, { url: `${security}/oauth/keys`, set: 'oauth' })
  mountResource(scope, `${security}/identityproviders`, {
    GET: async (request, reply) => {
      const backend = await readBackend(tools, paramsOf<'id'>(request).id)
      return sendJson(reply.header('etag', `"${backend.etag}"`), 200, backend.identityProviders)
    },
  })
  mountResource(scope, `${security}/identityproviders/:providerId`, {
    PUT: async (request, reply) => {
      const { id, providerId } = paramsOf<'id' | 'providerId'>(request)
      const changes = readProviderChanges(request.body)
      const options = { ...changeOptionsOf(request), providerId, changes }
      return sendDone(reply, (await updateProvider(tools, id, options)).etag)
    },
  })
}

function mountKeys(
  scope: FastifyInstance,
  tools: ToolsContext,
  { url, set }: { readonly url: string; readonly set: KeySet },
): void {
  mountResource(scope, url, {
    GET: async (request, reply) => {
      const { backend, keys } = await readKeys(tools, paramsOf<'id'>(request).id, set)
      return sendJson(reply.header('etag', `"${backend.etag}"`), 200, keys)
    },
    POST: async (request, reply) => {
      const options = { ...changeOptionsOf(request), set, to: 'fresh' } as const
      const backend = await changeKeys(tools, paramsOf<'id'>(request).id, options)
      return sendJson(reply.header('etag', `"${backend.etag}"`), 200, keysOf(backend, set))
    },
    DELETE: async (request, reply) => {
      const options = { ...changeOptionsOf(request), set, to: 'none' } as const
      return sendDone(reply, (await changeKeys(tools, paramsOf<'id'>(request).id, options)).etag)
    },
  })
}

function basicOf(json: unknown): boolean {
  const body = bodyOf(json)
  const basic = flagMember(body, 'basic')
  const value = basic ?? flagMember(body, 'basicAuth')
  if (value === null) body.problems.push("'basic' is required: true or false.")
  refuseBad(body)
  return value === true
}
