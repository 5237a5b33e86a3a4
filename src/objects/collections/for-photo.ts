import type { Call } from '../../engine/definition.ts'
import { type Draft, newDraft } from '../../engine/draft.ts'
import { recordOf } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import { objectId } from '../../lib/ids.ts'
import { collections } from './collections.ts'
import { COLLECTION_TYPE } from './counts.ts'

/**
 * The collection that a photo goes into: by id, or by the name of one of its owner's top-level
 * collections, which is made in the same batch when there is none.
 */
export async function collectionFor(
  call: Call,
  photo: Draft,
  id: string | undefined,
  name: string | undefined,
): Promise<string> {
  const { store } = call.context
  if (id) {
    const found = await store.get({ backendId: call.backend.id, type: COLLECTION_TYPE, id })
    if (found?.ownerId === photo.ownerId) return id
    const text = 'Invalid collection id or collection not owned by current user'
    throw new ApiError('object_unknown', text)
  }
  const draft = newDraft(objectId(call.context.now()), photo.ownerId)
  draft.data.name = name
  // Its counts begin with this photo: there is nothing stored yet that could be added to.
  draft.data.photos_count = 1
  draft.data.total_photos_count = 1
  const record = recordOf(call, collections, draft)
  const claim = record.claims[0]
  const present = claim && (await store.getByClaim(call.backend.id, claim))
  if (present) return present.id
  photo.operations.push({ op: 'insert', record })
  return record.id
}
