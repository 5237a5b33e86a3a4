import type { FastifyInstance } from 'fastify'
import { ApiError } from '../../errors.ts'
import { asFile } from '../artifacts/routes.ts'
import { mountKind } from '../assets/kind-routes.ts'
import { readOfType } from '../assets/read.ts'
import type { ToolsContext } from '../context.ts'
import { mountResource, paramsOf, readMultipart, sendJson, sendsText } from '../http/routes.ts'
import { defaultVersion } from '../policies/known.ts'
import { APIS } from './api.ts'
import { definitionOf } from './check.ts'
import { readContent, textOf } from './content.ts'
import { previewOf } from './preview.ts'
import { apiRules } from './rules.ts'
import { scaffoldOf } from './scaffold/scaffold.ts'

/** Routes under `/mobile/tools/1.0/apis`; those of implementations are mounted by themselves. */
export function mountApis(scope: FastifyInstance, tools: ToolsContext): void {
  mountKind(scope, tools, APIS, apiRules(tools))
  // A scope of its own, since only here a form with a small file is read.
  scope.register(async (part) => mountPreview(part, tools))
  mountScaffold(scope, tools)
}

function mountPreview(scope: FastifyInstance, tools: ToolsContext): void {
  readMultipart(scope)
  mountResource(scope, '/apis/raml', {
    POST: {
      // A question in spite of its verb.
      scope: 'read',
      handle: async (request, reply) => {
        const file = request.body instanceof FormData ? request.body.get('file') : null
        if (file === null) {
          throw new ApiError('param_invalid', "Send a form as multipart/form-data with a 'file'.")
        }
        const text = typeof file === 'string' ? file : await (file as Blob).text()
        const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
        const parsed = await tools.definitions.read(textOf(lines))
        const version = await defaultVersion(tools)
        return sendJson(reply, 200, previewOf(parsed, { lines, defaultVersion: version }))
      },
    },
  })
}

function mountScaffold(scope: FastifyInstance, tools: ToolsContext): void {
  const url = '/apis/:id/scaffold'
  sendsText(scope, url)
  mountResource(scope, url, {
    GET: async (request, reply) => {
      const api = APIS.read(await readOfType(tools, APIS, paramsOf<'id'>(request).id))
      const { apiDefn } = (await readContent(tools, api.id)).content
      const archive = await scaffoldOf({
        api,
        definition: await definitionOf(tools, api),
        text: apiDefn === null ? null : textOf(apiDefn),
      })
      const name = `${api.name}-${api.version}.zip`
      return asFile(reply, { name, contentType: 'application/zip' }).send(archive)
    },
  })
}
