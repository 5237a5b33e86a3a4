import type { EngineContext } from '../../engine/context.ts'
import type { StoredRecord, WriteOperation } from '../../storage/port.ts'

export const COLLECTION_TYPE = 'collection'

/** Albums in albums in albums: more levels than anyone makes. */
export const LEVELS_MAX = 50

type Amounts = {
  /** Photos that lie in it. */
  readonly photos?: number
  /** Photos that lie in it or below, where that differs. */
  readonly totalPhotos?: number
  readonly subcollections?: number
}

/** The operations that add to the `counts` of a collection, and to the totals of those above it. */
export async function collectionCounts(
  context: EngineContext,
  backendId: string,
  collectionId: string | null,
  amounts: Amounts,
): Promise<WriteOperation[]> {
  const operations: WriteOperation[] = []
  const total = amounts.totalPhotos ?? amounts.photos ?? 0
  let id = collectionId
  for (let level = 0; id !== null && level < LEVELS_MAX; level += 1) {
    const address = { backendId, type: COLLECTION_TYPE, id }
    const record = await context.store.get(address)
    if (!record) break
    const own = level === 0 ? amounts : {}
    const add = [
      counter('photos_count', own.photos ?? 0),
      counter('total_photos_count', total),
      counter('subcollections_count', own.subcollections ?? 0),
    ].filter(({ by }) => by !== 0)
    if (add.length > 0) operations.push({ op: 'increment', address, add })
    id = parentOf(record)
  }
  return operations
}

/** A collection that goes is not counted in the ones above it any more, nor is what lies in it. */
export function collectionDeletion(
  context: EngineContext,
  record: StoredRecord,
): Promise<WriteOperation[]> {
  const data = JSON.parse(record.data) as { total_photos_count?: number }
  const totalPhotos = -(data.total_photos_count ?? 0)
  const amounts = { subcollections: -1, totalPhotos }
  return collectionCounts(context, record.backendId, parentOf(record), amounts)
}

function counter(name: string, by: number): { path: string; key: string; by: number } {
  return { path: name, key: name, by }
}

export function parentOf(record: StoredRecord): string | null {
  const data = JSON.parse(record.data) as { parent_collection_id?: string }
  return data.parent_collection_id ?? null
}
