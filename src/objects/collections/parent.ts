import type { Call } from '../../engine/definition.ts'
import type { Draft } from '../../engine/draft.ts'
import { ApiError } from '../../errors.ts'
import { COLLECTION_TYPE, collectionCounts, LEVELS_MAX, parentOf } from './counts.ts'

const NOT_OWNED = 'Invalid collection id or collection not owned by current user'

/**
 * Checks where a collection is put, and keeps the counts of the old and the new place right.
 * @returns what is wrong, for the validation's text
 */
export async function checkParent(call: Call, draft: Draft): Promise<readonly string[]> {
  const to = (draft.data.parent_collection_id as string | undefined) ?? null
  const from = draft.before ? parentOf(draft.before) : null
  if (to === from) return []
  if (to !== null) {
    await assertOwned(call, draft, to)
    if (await isBelow(call, to, draft.id)) return ['Parent collection must not lie in itself']
  }
  const { context, backend } = call
  const totalPhotos = Number(draft.data.total_photos_count ?? 0)
  draft.operations.push(
    ...(await collectionCounts(context, backend.id, from, {
      subcollections: -1,
      totalPhotos: -totalPhotos,
    })),
    ...(await collectionCounts(context, backend.id, to, { subcollections: 1, totalPhotos })),
  )
  return []
}

async function assertOwned(call: Call, draft: Draft, id: string): Promise<void> {
  const address = { backendId: call.backend.id, type: COLLECTION_TYPE, id }
  const parent = await call.context.store.get(address)
  if (!parent || parent.ownerId !== draft.ownerId) throw new ApiError('object_unknown', NOT_OWNED)
}

async function isBelow(call: Call, id: string, ancestor: string): Promise<boolean> {
  let current: string | null = id
  for (let level = 0; current !== null && level < LEVELS_MAX; level += 1) {
    if (current === ancestor) return true
    const address = { backendId: call.backend.id, type: COLLECTION_TYPE, id: current }
    const record = await call.context.store.get(address)
    current = record && parentOf(record)
  }
  return current !== null
}
