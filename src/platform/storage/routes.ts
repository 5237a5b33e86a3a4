import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from '../../errors.ts'
import { mountResource, paramsOf, pathOf, queryOf, sendJson } from '../../tools/http/routes.ts'
import { onlyValue, queryPairs, valuesOf } from '../../tools/list/query.ts'
import { refuseIfAny } from '../../tools/problems.ts'
import type { PlatformContext } from '../context.ts'
import { visitOf } from '../door/door.ts'
import { platformPath } from '../paths.ts'
import {
  type Collection,
  collectionNamed,
  collectionsOf,
  rightsIn,
  rightsInEach,
} from './collections.ts'
import { conditionsIn } from './conditions.ts'
import { contentTypeIn, metadataHeaders, nameIn } from './headers.ts'
import { listObjects, pageOf, parseObjectQuery, parsePage, presentPage } from './list.ts'
import { objectPath, presentObject, type Space, tagOf } from './object.ts'
import { sendObject } from './send.ts'
import { type Entry, enterOneSpace, enterSpace } from './space.ts'
import { bytesIn } from './usage.ts'
import { deleteObject, type Stored, storeObject, type Target } from './write.ts'

const OBJECT_ID_MAX = 255

/** The storage of the runtime: collections by their names, and objects of any media type. */
export function mountStorage(scope: FastifyInstance, context: PlatformContext): void {
  readBytes(scope)
  mountCollections(scope, context)
  mountResource(scope, '/storage/collections/:collection/objects', {
    GET: async (request, reply) => {
      const space = await enterSpace(context, entryOf(request, 'read'))
      const pairs = queryPairs(queryOf(request))
      const query = parseObjectQuery(pairs)
      const page = await listObjects(context.store, space, query)
      const items = page.items.map((object) => presentObject(space.collection, object))
      const address = { path: pathOf(request), pairs }
      return sendJson(reply, 200, presentPage({ ...page, items }, query, address))
    },
    POST: async (request, reply) => {
      const space = await enterOneSpace(context, entryOf(request, 'write'))
      const target = targetOf(request, space, randomUUID())
      return sendStored(reply, space, await store(context, request, target))
    },
  })
  mountResource(scope, '/storage/collections/:collection/objects/:object', {
    GET: async (request, reply) => {
      const space = await enterOneSpace(context, entryOf(request, 'read'))
      return sendObject(context, { space, id: objectIdOf(request), request }, reply)
    },
    PUT: async (request, reply) => {
      const space = await enterOneSpace(context, entryOf(request, 'write'))
      const target = targetOf(request, space, objectIdOf(request))
      return sendStored(reply, space, await store(context, request, target))
    },
    DELETE: async (request, reply) => {
      const space = await enterOneSpace(context, entryOf(request, 'write'))
      await deleteObject(context, targetOf(request, space, objectIdOf(request)))
      return reply.code(204).send()
    },
  })
}

/** Bodies of every type go to the store as they come, and never as a whole into memory. */
function readBytes(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (_request, stream, done) => done(null, stream))
}

function mountCollections(scope: FastifyInstance, context: PlatformContext): void {
  mountResource(scope, '/storage/collections', {
    GET: async (request, reply) => {
      const pairs = queryPairs(queryOf(request))
      const query = parsePage(pairs)
      const page = pageOf(await readableOnes(context, request), query)
      const items = await Promise.all(page.items.map((one) => presentCollection(context, one)))
      const address = { path: pathOf(request), pairs }
      return sendJson(reply, 200, presentPage({ ...page, items }, query, address))
    },
  })
  mountResource(scope, '/storage/collections/:collection', {
    GET: async (request, reply) => {
      const visit = visitOf(request)
      const { collection: name } = paramsOf<'collection'>(request)
      const collection = await collectionNamed(context, visit.backend, name)
      const { read } = await rightsIn(context, visit, collection)
      if (!read) throw new ApiError(visit.user ? 'collection_denied' : 'user_required')
      const shown = await presentCollection(context, collection)
      return sendJson(reply.header('etag', shown.eTag), 200, shown)
    },
  })
}

async function readableOnes(
  context: PlatformContext,
  request: FastifyRequest,
): Promise<Collection[]> {
  const visit = visitOf(request)
  const all = await collectionsOf(context, visit.backend)
  const rights = await rightsInEach(context, visit, all)
  return all.filter((_, at) => rights[at]?.read)
}

async function presentCollection({ store }: PlatformContext, collection: Collection) {
  const href = platformPath('storage', 'collections', collection.name)
  return {
    id: collection.name,
    ...(collection.desc !== null && { description: collection.desc }),
    contentLength: await bytesIn(store, collection),
    eTag: `"${collection.etag}"`,
    links: [
      { rel: 'canonical', href },
      { rel: 'self', href },
    ],
  }
}

function entryOf(request: FastifyRequest, verb: Entry['verb']): Entry {
  const { collection: name } = paramsOf<'collection'>(request)
  const problems: string[] = []
  const of = onlyValue('user', valuesOf(queryPairs(queryOf(request)), 'user'), problems)
  refuseIfAny(problems)
  return { visit: visitOf(request), name, verb, of }
}

/** @throws {ApiError} `param_invalid` */
function objectIdOf(request: FastifyRequest): string {
  const { object: id } = paramsOf<'object'>(request)
  if (id !== '' && id.length <= OBJECT_ID_MAX && !id.includes('\0')) return id
  throw new ApiError('param_invalid', `An id has 1 to ${OBJECT_ID_MAX} characters, and no NUL.`)
}

function targetOf(request: FastifyRequest, space: Space, id: string): Target {
  return { space, id, by: visitOf(request).user, conditions: conditionsIn(request.headers) }
}

/** @throws {ApiError} `param_invalid`, `too_large`, `etag_stale` */
async function store(
  context: PlatformContext,
  request: FastifyRequest,
  target: Target,
): Promise<Stored> {
  const { headers, body } = request
  const { uploadBytesMax } = context.limits
  if (Number(headers['content-length']) > uploadBytesMax) {
    throw new ApiError('too_large', `At most ${uploadBytesMax} bytes are taken.`)
  }
  const content = {
    name: nameIn(headers['oracle-mobile-name']),
    contentType: contentTypeIn(headers['content-type']),
    source: body instanceof Readable ? body : Readable.from([]),
  }
  try {
    return await storeObject(context, target, content)
  } catch (cause) {
    if (!request.raw.destroyed || request.raw.complete) throw cause
    throw new ApiError('param_invalid', 'The body ended too early.', { cause })
  }
}

function sendStored(reply: FastifyReply, space: Space, { object, isNew }: Stored): FastifyReply {
  if (isNew) reply.header('location', objectPath(space, object.id))
  const body = presentObject(space.collection, object)
  return sendJson(
    reply.headers(metadataHeaders(object)).header('etag', tagOf(object)),
    isNew ? 201 : 200,
    body,
  )
}
