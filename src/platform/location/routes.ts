import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from '../../errors.ts'
import { bodyOf } from '../../tools/assets/body.ts'
import {
  mountResource,
  paramsOf,
  pathOf,
  readJson,
  sendDone,
  sendJson,
} from '../../tools/http/routes.ts'
import type { PlatformContext } from '../context.ts'
import { visitOf } from '../door/door.ts'
import { errandOf } from '../door/system.ts'
import { LOCATION_KINDS, type LocationKind, readLocation } from './body.ts'
import { readLocationQuery } from './query.ts'
import { presentLocation } from './record.ts'
import {
  createLocations,
  deleteLocation,
  findLocations,
  readLocationRecord,
  updateLocation,
} from './store.ts'

const ITEMS_MAX = 100

/** Where things are, for apps. */
export function mountLocation(scope: FastifyInstance, context: PlatformContext): void {
  readJson(scope)
  mountResource(scope, '/location/:kind/query', {
    POST: async (request, reply) => {
      const where = { backendId: visitOf(request).backend.id, kind: kindOf(request) }
      const path = pathOf(request).replace(/\/query$/, '')
      return sendFound(context, reply, { where, path, json: request.body })
    },
  })
  mountResource(scope, '/location/:kind/:id', {
    GET: async (request, reply) => {
      const where = { backendId: visitOf(request).backend.id, kind: kindOf(request) }
      const { id } = paramsOf<'id'>(request)
      const record = await readLocationRecord(context, where, id)
      return sendJson(reply, 200, presentLocation(record, pathOf(request)))
    },
  })
}

/** The same for the team, which says what there is. */
export function mountLocationManagement(scope: FastifyInstance, context: PlatformContext): void {
  const whereOf = (request: FastifyRequest) => ({
    backendId: errandOf(request).backend.id,
    kind: kindOf(request),
  })
  mountResource(scope, '/locationManagement/:kind', {
    GET: async (request, reply) => {
      const { limit, offset, ...query } = request.query as Record<string, string>
      const page = {
        ...(limit !== undefined && { limit: Number(limit) }),
        ...(offset !== undefined && { offset: Number(offset) }),
      }
      const json = { format: 'long', ...query, ...page }
      return sendFound(context, reply, { where: whereOf(request), path: pathOf(request), json })
    },
    POST: async (request, reply) => {
      const where = whereOf(request)
      const items = itemsIn(request.body).map((one) => readLocation(one, where.kind))
      const { acting } = errandOf(request)
      const records = await createLocations(context, where, { items, ...acting })
      const path = pathOf(request)
      const shown = records.map((one) => presentLocation(one, `${path}/${one.id}`))
      return sendJson(reply, 201, { items: shown, count: shown.length })
    },
  })
  mountResource(scope, '/locationManagement/:kind/:id', {
    GET: async (request, reply) => {
      const { id } = paramsOf<'id'>(request)
      const record = await readLocationRecord(context, whereOf(request), id)
      return sendJson(reply, 200, presentLocation(record, pathOf(request)))
    },
    PUT: async (request, reply) => {
      const where = whereOf(request)
      const data = readLocation(request.body, where.kind)
      const change = { ...paramsOf<'id'>(request), data, ...errandOf(request).acting }
      const record = await updateLocation(context, where, change)
      return sendJson(reply, 200, presentLocation(record, pathOf(request)))
    },
    DELETE: async (request, reply) => {
      const removal = { ...paramsOf<'id'>(request), ...errandOf(request).acting }
      await deleteLocation(context, whereOf(request), removal)
      return sendDone(reply)
    },
  })
}

type Asked = {
  readonly where: { readonly backendId: string; readonly kind: LocationKind }
  readonly path: string
  readonly json: unknown
}

async function sendFound(
  context: PlatformContext,
  reply: FastifyReply,
  { where, path, json }: Asked,
): Promise<FastifyReply> {
  const query = readLocationQuery(json)
  const { limit, offset, isShort } = query
  const found = await findLocations(context, where, query)
  const items = found
    .slice(0, limit)
    .map((one) => presentLocation(one, `${path}/${one.id}`, isShort))
  const hasMore = found.length > limit
  return sendJson(reply, 200, { items, count: items.length, hasMore, limit, offset })
}

/** @throws {ApiError} `not_found` */
function kindOf(request: FastifyRequest): LocationKind {
  const { kind } = paramsOf<'kind'>(request)
  const found = LOCATION_KINDS.find((one) => one === kind)
  if (!found) throw new ApiError('not_found')
  return found
}

/** @throws {ApiError} `param_invalid` */
function itemsIn(json: unknown): readonly unknown[] {
  const { items } = bodyOf(json).members
  if (Array.isArray(items) && items.length > 0 && items.length <= ITEMS_MAX) return items
  throw new ApiError('param_invalid', `'items' must be a list of 1 to ${ITEMS_MAX}.`)
}
