import type { FastifyInstance, FastifyReply } from 'fastify'
import { APIS } from '../apis/api.ts'
import { mountKind } from '../assets/kind-routes.ts'
import { readOfType } from '../assets/read.ts'
import type { ToolsContext } from '../context.ts'
import { toolsPath } from '../http/paths.ts'
import { changeOptionsOf, mountResource, paramsOf, sendDone, sendJson } from '../http/routes.ts'
import { readUploads, withFile } from '../http/upload.ts'
import { type Exchange, partOf, sendPage } from '../list/routes.ts'
import { setDefault } from './default.ts'
import { IMPLEMENTATIONS } from './implementation.ts'
import { implementationsOf } from './read.ts'
import { implementationRules } from './rules.ts'
import { uploadImplementation } from './upload.ts'

/** Routes under `/mobile/tools/1.0/implementations`, and those of one API. */
export function mountImplementations(scope: FastifyInstance, tools: ToolsContext): void {
  mountKind(scope, tools, IMPLEMENTATIONS, implementationRules(tools))
  // A scope of its own, since only here a form with a large file is read.
  scope.register(async (part) => mountOfApi(part, tools))
  mountResource(scope, '/apis/:id/implementations/default/:implementationId', {
    PUT: async (request, reply) => {
      const { id, implementationId } = paramsOf<'id' | 'implementationId'>(request)
      const options = { ...changeOptionsOf(request), implementationId }
      return sendDone(reply, (await setDefault(tools, id, options)).etag)
    },
  })
}

function mountOfApi(scope: FastifyInstance, tools: ToolsContext): void {
  readUploads(scope, { blobs: tools.blobs, sizeBytesMax: tools.uploadBytesMax })
  mountResource(scope, '/apis/:id/implementations', {
    GET: async (request, reply) => sendImplementations(tools, { request, reply }),
    POST: async (request, reply) => {
      const { id } = paramsOf<'id'>(request)
      return withFile(tools.blobs, request.body, async ({ staged }) => {
        const options = { ...changeOptionsOf(request), staged }
        const { apiEtag, ...uploaded } = await uploadImplementation(tools, id, options)
        reply
          .header('location', toolsPath('implementations', uploaded.implementationId))
          .header('etag', `"${apiEtag}"`)
        return sendJson(reply, 201, uploaded)
      })
    },
  })
}

async function sendImplementations(tools: ToolsContext, exchange: Exchange): Promise<FastifyReply> {
  const { id } = paramsOf<'id'>(exchange.request)
  return sendPage(tools, exchange, async (part) => {
    const api = APIS.read(await readOfType(tools, APIS, id))
    const all = (await implementationsOf(tools, api.id)).map(IMPLEMENTATIONS.read)
    return partOf(all, part, (one) => ({
      ...IMPLEMENTATIONS.present(one),
      default: one.id === api.defaultImplementationId,
    }))
  })
}
