import type { FastifyInstance, FastifyRequest } from 'fastify'
import { APIS } from '../../apis/api.ts'
import type { Asset } from '../../assets/asset.ts'
import { readAssets } from '../../assets/read.ts'
import { COLLECTIONS } from '../../collections/collection.ts'
import type { ToolsContext } from '../../context.ts'
import { changeOptionsOf, mountResource, paramsOf, sendDone } from '../../http/routes.ts'
import { partOf, sendPage } from '../../list/routes.ts'
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
        sendPage(tools, { request, reply }, async (part) =>
          partOf(
            await associatedOf(tools, side, paramsOf<'id'>(request).id),
            part,
            side.type.present,
          ),
        ),
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

async function associatedOf(tools: ToolsContext, side: Side, id: string): Promise<Asset[]> {
  const backend = await readBackend(tools, id)
  const records = await readAssets(tools, backend[side.member])
  return records.map(side.type.read).sort((a, b) => (a.name < b.name ? -1 : 1))
}
