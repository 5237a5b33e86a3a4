import type { Call } from '../../engine/definition.ts'
import { keyOf } from '../../storage/keys.ts'
import type { StoredRecord } from '../../storage/port.ts'
import { COLLECTION_TYPE } from './counts.ts'

/** Collections that are looked into for a photo, before a cover is given up. */
const LOOKED_INTO_MAX = 30

/** The first photo in the collection or below it, for those without a cover of their own. */
export async function coverOf(call: Call, collectionId: string): Promise<string | undefined> {
  const waiting = [collectionId]
  for (let looked = 0; looked < LOOKED_INTO_MAX; looked += 1) {
    const id = waiting.shift()
    if (id === undefined) return undefined
    const [photo] = await oldest(call, 'photo', 'collection_id', id, 1)
    if (photo) return photo.id
    const below = await oldest(call, COLLECTION_TYPE, 'parent_collection_id', id, LOOKED_INTO_MAX)
    waiting.push(...below.map((one) => one.id))
  }
  return undefined
}

async function oldest(
  call: Call,
  type: string,
  field: string,
  value: string,
  limit: number,
): Promise<readonly StoredRecord[]> {
  const { records } = await call.context.store.find({
    backendId: call.backend.id,
    type,
    where: { op: 'eq', field, value: keyOf(value) },
    orderBy: [{ field: 'id', direction: 'asc' }],
    ...(call.caller.admin ? {} : { visibleTo: call.caller.userId }),
    limit,
  })
  return records
}
