import type { EngineContext } from '../../engine/context.ts'
import { SESSION_TYPE } from '../../engine/sessions.ts'
import { keyOf } from '../../storage/keys.ts'
import type { StoredRecord, WriteOperation } from '../../storage/port.ts'
import { endFriendships } from '../friends/deletion.ts'
import { devicesToRemove } from '../push/subscriptions.ts'

/**
 * What goes with a user: the sessions, the friendships and the devices' push subscriptions. What the
 * user made stays, as documented.
 */
export async function userDeletion(
  context: EngineContext,
  record: StoredRecord,
): Promise<WriteOperation[]> {
  const { backendId } = record
  const { records } = await context.store.find({
    backendId,
    type: SESSION_TYPE,
    where: { op: 'eq', field: 'user_id', value: keyOf(record.id) },
    limit: 1000,
  })
  const sessions = records.map(
    ({ type, id }): WriteOperation => ({ op: 'delete', address: { backendId, type, id } }),
  )
  const devices = await devicesToRemove(context, record)
  return [...sessions, ...devices, endFriendships(context, record)]
}
