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
import type { ListDefinition } from '../list/list.ts'
import { membersOf } from '../list/order.ts'
import { queryPairs, valuesOf } from '../list/query.ts'
import { partOf, sendAssets, sendPage } from '../list/routes.ts'
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
    GET: async (request, reply) => {
      const source = all.of(tools, typesOf(queryOf(request)))
      return sendAssets(tools, { request, reply }, { source, ...listOf(all) })
    },
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
          sendPage(tools, { request, reply }, async (part) =>
            partOf(await listPurges(tools), part),
          ),
      }),
    })
  }
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

/**
 * The types that a list is to have, or `null` for all. The APIs that there are as assets are the
 * custom ones: a list of other types of APIs has none.
 *
 * @throws {ApiError} `param_invalid`
 */
function typesOf(query: string): AssetTypeName[] | null {
  const pairs = queryPairs(query)
  const problems: Problems = []
  const types = membersOf(valuesOf(pairs, 'assetTypes'))
  for (const type of types.filter((one) => !isTypeName(one))) {
    problems.push(`${quoted(type)} is not an assetType; use ${ASSET_TYPE_NAMES.join(', ')}.`)
  }
  const apiTypes = membersOf(valuesOf(pairs, 'apiTypes'))
  for (const type of apiTypes) {
    if (!API_TYPES.includes(type)) {
      problems.push(`${quoted(type)} is not an apiType; use ${API_TYPES.join(', ')}.`)
    }
  }
  refuseIfAny(problems)
  const wanted = types.length === 0 ? null : types.filter(isTypeName)
  if (apiTypes.length === 0 || apiTypes.includes('custom')) return wanted
  return (wanted ?? ASSET_TYPE_NAMES).filter((type) => type !== 'API')
}
