import type { FastifyInstance, FastifyRequest } from 'fastify'
import { APIS } from '../../apis/api.ts'
import { readAssets } from '../../assets/read.ts'
import { COLLECTIONS } from '../../collections/collection.ts'
import type { ToolsContext } from '../../context.ts'
import {
  changeOptionsOf,
  mountResource,
  paramsOf,
  pathOf,
  queryOf,
  sendDone,
  sendJson,
} from '../../http/routes.ts'
import { pageReply, parsePageQuery } from '../../list/page.ts'
import { queryPairs } from '../../list/query.ts'
import { readBackend } from '../read.ts'
import { type AssociationOptions, associate, type Side } from './associate.ts'

const SIDES: readonly Side[] = [
  { member: 'apiIds', type: APIS, added: 'API_ADDED', removed: 'API_REMOVED' },
  {
    member: 'collectionIds',
    type: COLLECTIONS,
    added: 'COLLECTION_ADDED',
    removed: 'COLLECTION_REMOVED',
  },
]

/** What the apps of one backend reach through it. */
export function mountAssociations(scope: FastifyInstance, tools: ToolsContext): void {
  for (const side of SIDES) {
    const url = `/mobilebackends/:id/${side.type.group}`
    mountResource(scope, url, {
      GET: async (request, reply) =>
        sendJson(reply, 200, await associatedPage(tools, side, request)),
    })
    const associates = (to: AssociationOptions['to']) => async (request: FastifyRequest) =>
      associate(tools, side, {
        ...changeOptionsOf(request),
        ...paramsOf<'id' | 'otherId'>(request),
        to,
      })
    const add = associates('associated')
    const remove = associates('apart')
    mountResource(scope, `${url}/:otherId`, {
      PUT: async (request, reply) => sendDone(reply, (await add(request)).join(',')),
      DELETE: async (request, reply) => sendDone(reply, (await remove(request)).join(',')),
    })
  }
}

async function associatedPage(tools: ToolsContext, side: Side, request: FastifyRequest) {
  const pairs = queryPairs(queryOf(request))
  const query = parsePageQuery(pairs)
  const backend = await readBackend(tools, paramsOf<'id'>(request).id)
  const records = await readAssets(tools, backend[side.member])
  const assets = records.map(side.type.read).sort((a, b) => (a.name < b.name ? -1 : 1))
  const page = { path: pathOf(request), pairs, query, limitMax: tools.listLimitMax }
  return pageReply(page, assets.length, (offset, limit) =>
    assets.slice(offset, offset + limit).map((asset) => side.type.present(asset)),
  )
}
