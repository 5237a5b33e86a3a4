import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ToolsContext } from '../context.ts'
import { toolsPath } from '../http/paths.ts'
import {
  callerOf,
  changeOptionsOf,
  mountResource,
  queryOf,
  sendDone,
  sendJson,
} from '../http/routes.ts'
import { MAX_FILTERS, PUBLICATION_FILTERS, TRASH_FILTERS } from '../list/filter-types.ts'
import { type ListDefinition, listAssets } from '../list/list.ts'
import { membersOf } from '../list/order.ts'
import { pageReply, parsePageQuery } from '../list/page.ts'
import { queryPairs, valuesOf } from '../list/query.ts'
import { type Problems, quoted, refuseIfAny } from '../problems.ts'
import { listPurges } from '../purge/purge.ts'
import { ADMINISTRATION } from '../team/access.ts'
import { AllAssets } from './all.ts'
import { type Asset, presentAsset } from './asset.ts'
import { readCommand, readQuestion } from './batch/body.ts'
import { runBatch } from './batch/command.ts'
import { type BatchAction, planBatch } from './batch/plan.ts'
import { presentBatch } from './batch/present.ts'
import { presentShort } from './dependencies.ts'
import { isTypeName, lookUpAsset } from './lookup.ts'
import { ASSET_TYPE_NAMES, type AssetTypeName } from './types.ts'

const API_TYPES = ['internal', 'external', 'custom', 'connector']

const BATCHES: readonly (readonly [BatchAction, question: string, command: string])[] = [
  ['trash', 'trashDependencies', 'trashing'],
  ['untrash', 'untrashDependencies', 'untrashing'],
  ['purge', 'purgeDependencies', 'purging'],
]

/** Routes under `/mobile/tools/1.0/assets`: operations on assets of every type. */
export function mountAssets(scope: FastifyInstance, tools: ToolsContext): void {
  const all = new AllAssets()
  mountResource(scope, '/assets', {
    GET: async (request, reply) => sendAssets(tools, all, { request, reply }),
  })
  mountResource(scope, '/assets/lookup', {
    GET: async (request, reply) => {
      const record = await lookUpAsset(tools, queryPairs(queryOf(request)))
      return sendJson(reply.header('etag', `"${record.version}"`), 200, presentShort(record))
    },
  })
  for (const [action, question, command] of BATCHES) {
    mountResource(scope, `/assets/${question}`, {
      POST: {
        // A question in spite of its verb.
        scope: 'read',
        handle: async (request, reply) => {
          const asked = readQuestion(request.body, queryPairs(queryOf(request)))
          const members = await planBatch(tools, { action, ...asked })
          return sendJson(reply, 200, presentBatch(members))
        },
      },
    })
    mountResource(scope, `/assets/${command}`, {
      POST: {
        ...(action === 'purge' && ADMINISTRATION),
        handle: async (request, reply) => {
          const { ifMatch, trace = {} } = changeOptionsOf(request)
          const { hasFormat, ...read } = readCommand(request.body, queryPairs(queryOf(request)))
          const caller = callerOf(request)
          const members = await runBatch(tools, { action, ...read, ifMatch, caller, trace })
          return hasFormat ? sendJson(reply, 200, presentBatch(members)) : sendDone(reply)
        },
      },
      ...(action === 'purge' && {
        GET: async (request: FastifyRequest, reply: FastifyReply) =>
          sendJson(reply, 200, await purgesPage(tools, request)),
      }),
    })
  }
}

type Exchange = { readonly request: FastifyRequest; readonly reply: FastifyReply }

async function sendAssets(
  tools: ToolsContext,
  all: AllAssets,
  { request, reply }: Exchange,
): Promise<FastifyReply> {
  const query = queryOf(request)
  const source = all.of(tools, typesOf(query))
  const { reply: list, language } = await listAssets(source, listOf(all), {
    query,
    acceptLanguage: request.headers['accept-language'],
    nowMs: tools.now(),
    limitMax: tools.listLimitMax,
  })
  reply.header('content-language', language).header('vary', 'Accept-Language')
  return sendJson(reply, 200, list)
}

/** What only its own type has is told of an asset by its own address. */
function listOf(all: AllAssets): ListDefinition<Asset> {
  return {
    path: toolsPath('assets'),
    filterTypes: { ...PUBLICATION_FILTERS, ...TRASH_FILTERS, ...MAX_FILTERS },
    defaults: ['MAX_EXCLUDE'],
    present: (asset) => {
      const type = all.typeOf(asset)
      return { ...presentAsset(asset, type?.links(asset.id) ?? []), type: type?.name }
    },
  }
}

/** The types that a list is to have, or `null` for all. @throws {ApiError} `param_invalid` */
function typesOf(query: string): AssetTypeName[] | null {
  const pairs = queryPairs(query)
  const problems: Problems = []
  const types = membersOf(valuesOf(pairs, 'assetTypes'))
  for (const type of types.filter((one) => !isTypeName(one))) {
    problems.push(`${quoted(type)} is not an assetType; use ${ASSET_TYPE_NAMES.join(', ')}.`)
  }
  for (const type of membersOf(valuesOf(pairs, 'apiTypes'))) {
    if (!API_TYPES.includes(type)) {
      problems.push(`${quoted(type)} is not an apiType; use ${API_TYPES.join(', ')}.`)
    }
  }
  refuseIfAny(problems)
  return types.length === 0 ? null : types.filter(isTypeName)
}

async function purgesPage(tools: ToolsContext, request: FastifyRequest) {
  const pairs = queryPairs(queryOf(request))
  const query = parsePageQuery(pairs)
  const purges = await listPurges(tools)
  const page = { path: toolsPath('assets', 'purging'), pairs, query }
  return pageReply({ ...page, limitMax: tools.listLimitMax }, purges.length, (offset, limit) =>
    purges.slice(offset, offset + limit),
  )
}
