import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError } from '../../../errors.ts'
import { dependenciesOf, dependentsOf, presentNeeds } from '../../assets/dependencies.ts'
import type { ToolsContext } from '../../context.ts'
import { mountResource, paramsOf, pathOf, queryOf, sendJson } from '../../http/routes.ts'
import { pageReply, parsePageQuery } from '../../list/page.ts'
import { queryPairs, valuesOf } from '../../list/query.ts'
import { quoted } from '../../problems.ts'
import { readBackendRecord } from '../read.ts'

const NOTHING = { assets: [], roles: [], unresolved: [] }

/** What one backend needs, what needs it, and what belongs to it. */
export function mountRelations(scope: FastifyInstance, tools: ToolsContext): void {
  mountResource(scope, '/mobilebackends/:id/dependencies', {
    GET: async (request, reply) => {
      const type = typeOf(request)
      const record = await readBackendRecord(tools, paramsOf<'id'>(request).id)
      const needs = await dependenciesOf(tools, record)
      // Internal is what the team made; roles come from outside.
      const internal = type === 'external' ? NOTHING : { ...needs, roles: [] }
      const roles = type === 'internal' ? [] : needs.roles
      return sendJson(reply, 200, presentNeeds({ ...internal, roles }))
    },
  })
  mountResource(scope, '/mobilebackends/:id/reverseDependencies', {
    GET: async (request, reply) => {
      if (valuesOf(queryPairs(queryOf(request)), 'type').length > 0) {
        throw new ApiError('param_invalid', "'type' is not taken here; all are listed.")
      }
      const record = await readBackendRecord(tools, paramsOf<'id'>(request).id)
      const users = await dependentsOf(tools, record)
      const assets = users.map((user) => user.record)
      return sendJson(reply, 200, { ...presentNeeds({ ...NOTHING, assets }), clients: [] })
    },
  })
  for (const [kind, what] of [
    ['apis', 'API'],
    ['collections', 'storage collection'],
  ] as const) {
    mountEmptyList(scope, tools, `/mobilebackends/:id/${kind}`)
    const associate = async (request: FastifyRequest) => {
      await readBackendRecord(tools, paramsOf<'id'>(request).id)
      throw new ApiError('asset_unknown', `There is no ${what} with this id.`)
    }
    mountResource(scope, `/mobilebackends/:id/${kind}/:otherId`, {
      PUT: associate,
      DELETE: associate,
    })
  }
  mountEmptyList(scope, tools, '/notifications/mobilebackends/:id/notifications')
}

/** A list that has nothing in it until the service behind it is there. */
function mountEmptyList(scope: FastifyInstance, tools: ToolsContext, url: string): void {
  mountResource(scope, url, {
    GET: async (request, reply) => {
      const pairs = queryPairs(queryOf(request))
      const query = parsePageQuery(pairs)
      await readBackendRecord(tools, paramsOf<'id'>(request).id)
      const page = { path: pathOf(request), pairs, query, limitMax: tools.listLimitMax }
      return sendJson(
        reply,
        200,
        pageReply(page, 0, () => []),
      )
    },
  })
}

function typeOf(request: FastifyRequest): 'internal' | 'external' | null {
  const values = [...new Set(valuesOf(queryPairs(queryOf(request)), 'type'))]
  const [type = null] = values
  if (values.length > 1 || (type !== null && type !== 'internal' && type !== 'external')) {
    const sent = values.map(quoted).join(', ')
    throw new ApiError('param_invalid', `${sent} is not a type; use internal or external.`)
  }
  return type
}
