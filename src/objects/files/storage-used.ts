import { USER_TYPE } from '../../engine/caller.ts'
import type { EngineContext } from '../../engine/context.ts'
import type { WriteOperation } from '../../storage/port.ts'

/** The operations that add to the `stats` of a file's owner. A user who is gone has none. */
export async function countStorage(
  { store }: EngineContext,
  { backendId, ownerId }: { readonly backendId: string; readonly ownerId: string | null },
  bytes: number,
): Promise<WriteOperation[]> {
  if (ownerId === null || bytes === 0) return []
  const address = { backendId, type: USER_TYPE, id: ownerId }
  const add = [{ path: 'storage_used', key: 'storage_used', by: bytes }]
  return (await store.get(address)) ? [{ op: 'increment', address, add }] : []
}
