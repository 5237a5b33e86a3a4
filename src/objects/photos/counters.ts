import { USER_TYPE } from '../../engine/caller.ts'
import type { EngineContext } from '../../engine/context.ts'
import type { StoredRecord, WriteOperation } from '../../storage/port.ts'
import { collectionCounts } from '../collections/counts.ts'
import { photoFolder } from './files.ts'
import { DELETE_FILES_JOB } from './jobs.ts'

type Counted = { readonly collectionId: string | null; readonly sizeBytes: number }

export function countedOf(record: StoredRecord): Counted {
  const data = JSON.parse(record.data) as { collection_id?: string; size?: number }
  return { collectionId: data.collection_id ?? null, sizeBytes: data.size ?? 0 }
}

/**
 * The operations that keep the owner's `stats` and the collections' `counts` right when a photo
 * comes, goes, moves or is replaced. What is gone is not counted in any more.
 */
export async function countPhoto(
  context: EngineContext,
  owner: { readonly backendId: string; readonly ownerId: string | null },
  before: Counted | null,
  after: Counted | null,
): Promise<WriteOperation[]> {
  const operations: WriteOperation[] = []
  const photos = (after ? 1 : 0) - (before ? 1 : 0)
  const bytes = (after?.sizeBytes ?? 0) - (before?.sizeBytes ?? 0)
  if (owner.ownerId !== null && (photos !== 0 || bytes !== 0)) {
    const address = { backendId: owner.backendId, type: USER_TYPE, id: owner.ownerId }
    const add = [
      { path: 'photos_count', key: 'photos_count', by: photos },
      { path: 'storage_used', key: 'storage_used', by: bytes },
    ]
    if (await context.store.get(address)) operations.push({ op: 'increment', address, add })
  }
  const from = before?.collectionId ?? null
  const to = after?.collectionId ?? null
  if (from === to) return operations
  return [
    ...operations,
    ...(await collectionCounts(context, owner.backendId, from, { photos: -1 })),
    ...(await collectionCounts(context, owner.backendId, to, { photos: 1 })),
  ]
}

/** What goes with a deleted photo: its files, as a job, and its place in the counts. */
export async function photoDeletion(
  context: EngineContext,
  record: StoredRecord,
): Promise<WriteOperation[]> {
  const { backendId, id } = record
  const job = {
    backendId,
    id: `files-${id}`,
    kind: DELETE_FILES_JOB,
    payload: JSON.stringify({ folder: photoFolder(backendId, id) }),
    runAt: context.now(),
  }
  const counts = await countPhoto(context, record, countedOf(record), null)
  return [{ op: 'enqueue', job }, ...counts]
}
