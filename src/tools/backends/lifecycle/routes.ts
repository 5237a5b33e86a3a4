import type { FastifyInstance } from 'fastify'
import {
  type Body,
  bodyOf,
  objectsMember,
  refuseBad,
  requiredTextMember,
  textMember,
} from '../../assets/body.ts'
import { ACTION_COMMENT } from '../../assets/fields.ts'
import { readHistory } from '../../assets/history.ts'
import type { ToolsContext } from '../../context.ts'
import { toolsPath } from '../../http/paths.ts'
import {
  changeOptionsOf,
  mountResource,
  paramsOf,
  queryOf,
  sendDone,
  sendJson,
} from '../../http/routes.ts'
import { pageReply, parsePageQuery } from '../../list/page.ts'
import { onlyValue, type QueryPair, queryPairs, valuesOf } from '../../list/query.ts'
import { type Problems, quoted } from '../../problems.ts'
import { readBackendRecord } from '../read.ts'
import { type AssetMention, publicationOf, publishBackend } from './publish.ts'
import { setTarget } from './target.ts'

const ID = { charactersMax: 100 }

/** History, publication and the target of one backend. */
export function mountLifecycle(scope: FastifyInstance, tools: ToolsContext): void {
  mountResource(scope, '/mobilebackends/:id/history', {
    GET: async (request, reply) => {
      const { id } = await readBackendRecord(tools, paramsOf<'id'>(request).id)
      return sendJson(reply, 200, await historyPage(tools, id, queryPairs(queryOf(request))))
    },
  })
  mountPublication(scope, tools)
  mountResource(scope, '/mobilebackends/:id/target', {
    PUT: async (request, reply) => {
      const body = bodyOf(request.body)
      // To be rid of a target one must say so.
      if (!Object.hasOwn(body.members, 'id')) body.problems.push("'id' is required; null for none.")
      const targetId = textMember(body, 'id', ID)
      refuseBad(body)
      const options = { ...changeOptionsOf(request), targetId }
      return sendDone(reply, (await setTarget(tools, paramsOf<'id'>(request).id, options)).etag)
    },
  })
}

function mountPublication(scope: FastifyInstance, tools: ToolsContext): void {
  const publish: Parameters<typeof mountResource>[2]['POST'] = async (request, reply) => {
    const body = bodyOf(request.body ?? {})
    const comment = commentOf(body)
    const agreed = agreedOf(body)
    refuseBad(body)
    const options = { ...changeOptionsOf(request), comment, agreed }
    return sendDone(reply, (await publishBackend(tools, paramsOf<'id'>(request).id, options)).etag)
  }
  mountResource(scope, '/mobilebackends/:id/publication', {
    GET: async (request, reply) =>
      sendJson(reply, 200, await publicationOf(tools, paramsOf<'id'>(request).id)),
    POST: publish,
    PUT: publish,
  })
}

function commentOf(body: Body): string | null {
  return textMember(body, 'actionComment', ACTION_COMMENT)
}

function agreedOf(body: Body): AssetMention[] {
  return objectsMember(body, 'dependencies').map((one) => ({
    id: requiredTextMember(one, 'id', ID),
    etag: textMember(one, 'etag', ID),
  }))
}

async function historyPage(tools: ToolsContext, id: string, pairs: readonly QueryPair[]) {
  let direction: 'asc' | 'desc' = 'desc'
  const query = parsePageQuery(pairs, (problems) => {
    direction = directionOf(pairs, problems)
  })
  const limit = Math.min(query.limit ?? tools.listLimitMax, tools.listLimitMax)
  const page = { direction, limit, offset: query.offset }
  const { entries, total } = await readHistory(tools.store, id, page)
  const path = toolsPath('mobilebackends', id, 'history')
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
