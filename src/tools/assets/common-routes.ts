import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError } from '../../errors.ts'
import type { ToolsContext } from '../context.ts'
import { toolsPath } from '../http/paths.ts'
import {
  changeOptionsOf,
  mountResource,
  paramsOf,
  queryOf,
  sendDone,
  sendJson,
} from '../http/routes.ts'
import { pageReply, parsePageQuery } from '../list/page.ts'
import { onlyValue, type QueryPair, queryPairs, valuesOf } from '../list/query.ts'
import { type Problems, quoted } from '../problems.ts'
import type { Asset } from './asset.ts'
import {
  type Body,
  bodyOf,
  objectsMember,
  refuseBad,
  requiredTextMember,
  textMember,
} from './body.ts'
import {
  dependenciesOf,
  dependentsOf,
  holdersOf,
  presentNeeds,
  presentUsers,
} from './dependencies.ts'
import { ACTION_COMMENT } from './fields.ts'
import { readHistory } from './history.ts'
import { type AssetMention, publicationOf, publishAsset } from './publish.ts'
import { readOfType } from './read.ts'
import type { AssetType } from './types.ts'

const ID = { charactersMax: 100 }

/** What hangs together with an asset of any type, what happened to it, and its publication. */
export function mountCommon<A extends Asset>(
  scope: FastifyInstance,
  tools: ToolsContext,
  type: AssetType<A>,
): void {
  const url = `/${type.group}/:id`
  const recordOf = (request: FastifyRequest) => readOfType(tools, type, paramsOf<'id'>(request).id)
  mountResource(scope, `${url}/dependencies`, {
    GET: async (request, reply) => {
      const side = sideOf(request)
      const { assets, parts, roles, unresolved } = await dependenciesOf(
        tools,
        await recordOf(request),
      )
      // Internal is what the team made; roles come from outside.
      const internal = side === 'external' ? {} : { assets, parts, unresolved }
      const external = side === 'internal' ? {} : { roles }
      return sendJson(reply, 200, presentNeeds({ ...internal, ...external }))
    },
  })
  mountResource(scope, `${url}/reverseDependencies`, {
    GET: async (request, reply) => {
      if (valuesOf(queryPairs(queryOf(request)), 'type').length > 0) {
        throw new ApiError('param_invalid', "'type' is not taken here; all are listed.")
      }
      const record = await recordOf(request)
      const users = await Promise.all([dependentsOf(tools, record), holdersOf(tools, record)])
      return sendJson(reply, 200, presentUsers(users.flat()))
    },
  })
  mountResource(scope, `${url}/history`, {
    GET: async (request, reply) => {
      const { id } = await recordOf(request)
      const path = toolsPath(type.group, id, 'history')
      return sendJson(
        reply,
        200,
        await historyPage(tools, { id, path }, queryPairs(queryOf(request))),
      )
    },
  })
  mountPublication(scope, tools, type)
}

function mountPublication<A extends Asset>(
  scope: FastifyInstance,
  tools: ToolsContext,
  type: AssetType<A>,
): void {
  const publish: Parameters<typeof mountResource>[2]['POST'] = async (request, reply) => {
    const body = bodyOf(request.body ?? {})
    const comment = textMember(body, 'actionComment', ACTION_COMMENT)
    const agreed = agreedOf(body)
    refuseBad(body)
    const options = { ...changeOptionsOf(request), ...paramsOf<'id'>(request), comment, agreed }
    return sendDone(reply, (await publishAsset(tools, type, options)).etag)
  }
  mountResource(scope, `/${type.group}/:id/publication`, {
    GET: async (request, reply) =>
      sendJson(reply, 200, await publicationOf(tools, type, paramsOf<'id'>(request).id)),
    POST: publish,
    PUT: publish,
  })
}

function agreedOf(body: Body): AssetMention[] {
  return objectsMember(body, 'dependencies').map((one) => ({
    id: requiredTextMember(one, 'id', ID),
    etag: textMember(one, 'etag', ID),
  }))
}

async function historyPage(
  tools: ToolsContext,
  { id, path }: { readonly id: string; readonly path: string },
  pairs: readonly QueryPair[],
) {
  let direction: 'asc' | 'desc' = 'desc'
  const query = parsePageQuery(pairs, (problems) => {
    direction = directionOf(pairs, problems)
  })
  const limit = Math.min(query.limit ?? tools.listLimitMax, tools.listLimitMax)
  const page = { direction, limit, offset: query.offset }
  const { entries, total } = await readHistory(tools.store, id, page)
  return pageReply({ path, pairs, query, limitMax: tools.listLimitMax }, total, () => entries)
}

/** Entries have one order, which can be reversed. */
function directionOf(pairs: readonly QueryPair[], problems: Problems): 'asc' | 'desc' {
  const order = onlyValue('orderBy', valuesOf(pairs, 'orderBy'), problems)
  if (order === null) return 'desc'
  const [, direction = 'asc'] = /^\s*performedOn\s*(?::\s*(asc|desc)\s*)?$/i.exec(order) ?? []
  const isOrder = /^\s*performedOn\s*(?::\s*(?:asc|desc)\s*)?$/i.test(order)
  if (!isOrder) problems.push(`${quoted(order)} is not an order; use performedOn:asc or :desc.`)
  return direction.toLowerCase() === 'desc' ? 'desc' : 'asc'
}

function sideOf(request: FastifyRequest): 'internal' | 'external' | null {
  const values = [...new Set(valuesOf(queryPairs(queryOf(request)), 'type'))]
  const [type = null] = values
  if (values.length > 1 || (type !== null && type !== 'internal' && type !== 'external')) {
    const sent = values.map(quoted).join(', ')
    throw new ApiError('param_invalid', `${sent} is not a type; use internal or external.`)
  }
  return type
}
