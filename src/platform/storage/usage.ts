import { numberKey } from '../../storage/keys.ts'
import type { RecordAddress, Store, WriteOperation } from '../../storage/port.ts'
import type { Collection } from './collections.ts'

/** How much a collection holds, as a record of its own: it changes with every object. */
const USAGE_TYPE = 'usage'

function usageAddress({ id }: Pick<Collection, 'id'>): RecordAddress {
  return { backendId: id, type: USAGE_TYPE, id: '0'.repeat(24) }
}

/** The bytes of all objects of a collection. */
export async function bytesIn(store: Store, collection: Pick<Collection, 'id'>): Promise<number> {
  const record = await store.get(usageAddress(collection))
  const { bytes = 0 } = JSON.parse(record?.data ?? '{}') as { bytes?: number }
  return bytes
}

/** Adds to that. Two first ones at once are a conflict, and the second one has to be tried again. */
export async function countBytes(
  store: Store,
  collection: Pick<Collection, 'id'>,
  change: { readonly by: number; readonly at: number },
): Promise<WriteOperation[]> {
  const { by, at } = change
  if (by === 0) return []
  const address = usageAddress(collection)
  if (await store.get(address)) {
    return [{ op: 'increment', address, add: [{ path: 'bytes', key: 'bytes', by }] }]
  }
  const record = {
    ...{ ...address, ownerId: null, aclId: null, createdAt: at, updatedAt: at, hidden: null },
    ...{ data: JSON.stringify({ bytes: by }), keys: { bytes: numberKey(by) }, claims: [] },
  }
  return [{ op: 'insert', record }]
}
