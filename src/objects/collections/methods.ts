import { allowRead, allowWrite } from '../../engine/access.ts'
import {
  type Call,
  defineMethod,
  type ObjectDefinition,
  type Reply,
} from '../../engine/definition.ts'
import { actingUser } from '../../engine/fill.ts'
import { SU_ID } from '../../engine/method-params.ts'
import { pageMeta, scopeOf } from '../../engine/methods/query.ts'
import { id, required, text } from '../../engine/params.ts'
import { PAGE_PARAMS, type PageValues, pageWindow, VIEW_PARAMS } from '../../engine/query-params.ts'
import { load, replyWith, retryLoop, write } from '../../engine/steps.ts'
import { textCondition } from '../../engine/where.ts'
import { ApiError } from '../../errors.ts'
import { keyOf } from '../../storage/keys.ts'
import type { Condition } from '../../storage/port.ts'
import { photos } from '../photos/photos.ts'
import { COLLECTION_UNNAMED, collections } from './collections.ts'
import { collectionDeletion } from './counts.ts'

const RETURNS = { key: 'collections', schema: 'Collection' }

export const deleteCollection = defineMethod({
  name: 'deleteCollection',
  group: 'Collection',
  verb: 'DELETE',
  path: 'collections/delete',
  auth: 'user',
  summary: 'Deletes a collection that is empty.',
  params: { collection_id: required(id(), COLLECTION_UNNAMED), ...SU_ID },
  returns: {},
  async run(call) {
    const actor = await actingUser(call)
    await retryLoop(async () => {
      const record = await load(call, collections, call.params.collection_id)
      await allowWrite(call, collections, record, actor, 'delete')
      const data = JSON.parse(record.data) as Record<string, number | undefined>
      if ((data.photos_count ?? 0) > 0 || (data.subcollections_count ?? 0) > 0) {
        const message = 'Collection is not empty: delete its photos and subcollections first.'
        throw new ApiError('param_invalid', message)
      }
      const { backendId, type, id: collectionId, version } = record
      await write(call, [
        {
          op: 'delete',
          address: { backendId, type, id: collectionId },
          // Whatever is put into it meanwhile raises its version.
          ifVersion: version,
        },
        ...(await collectionDeletion(call.context, record)),
      ])
    })
    return {}
  },
})

/** A page of what lies in a collection, or belongs to a user, oldest first. */
async function listed(call: Call, def: ObjectDefinition, where: Condition): Promise<Reply> {
  const window = pageWindow(call.backend, call.params as PageValues)
  const scope = scopeOf(call, def, where)
  const { records } = await call.context.store.find({
    ...scope,
    limit: window.limit,
    offset: window.offset,
  })
  const { count } = await call.context.store.count(scope)
  return { ...(await replyWith(call, def, records)), meta: pageMeta(window, count) }
}

export const searchCollections = defineMethod({
  name: 'searchCollections',
  group: 'Collection',
  verb: 'GET',
  path: 'collections/search',
  auth: 'none',
  summary: "A user's top-level collections.",
  params: { user_id: id(), q: text({ max: 1000 }), ...PAGE_PARAMS, ...VIEW_PARAMS },
  returns: RETURNS,
  async run(call) {
    const { user_id: userId, q } = call.params
    if (!userId) throw new ApiError('param_invalid', 'user_id required to search collections')
    const all: Condition[] = [
      { op: 'eq', field: 'user_id', value: keyOf(userId) },
      { op: 'not', not: { op: 'exists', field: 'parent_collection_id' } },
    ]
    if (q !== undefined && q.trim() !== '') all.push(textCondition(q))
    return listed(call, collections, { op: 'and', all })
  },
})

const INSIDE = { collection_id: required(id(), COLLECTION_UNNAMED), ...PAGE_PARAMS, ...VIEW_PARAMS }

async function inside(call: Call, def: ObjectDefinition, field: string): Promise<Reply> {
  const collectionId = String(call.params.collection_id)
  await allowRead(call, await load(call, collections, collectionId))
  return listed(call, def, { op: 'eq', field, value: keyOf(collectionId) })
}

export const showPhotos = defineMethod({
  name: 'showCollectionPhotos',
  group: 'Collection',
  verb: 'GET',
  path: 'collections/show/photos',
  auth: 'none',
  summary: 'The photos of a collection.',
  params: INSIDE,
  returns: { key: 'photos', schema: 'Photo' },
  run: (call) => inside(call, photos, 'collection_id'),
})

export const showSubcollections = defineMethod({
  name: 'showCollectionSubcollections',
  group: 'Collection',
  verb: 'GET',
  path: 'collections/show/subcollections',
  auth: 'none',
  summary: 'The collections that lie in a collection.',
  params: INSIDE,
  returns: RETURNS,
  run: (call) => inside(call, collections, 'parent_collection_id'),
})
