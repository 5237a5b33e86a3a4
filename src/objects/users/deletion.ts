import type { EngineContext } from '../../engine/context.ts'
import { SESSION_TYPE } from '../../engine/sessions.ts'
import { keyOf } from '../../storage/keys.ts'
import type { StoredRecord, WriteOperation } from '../../storage/port.ts'

/** What goes with a user: the sessions. What the user made stays, as documented. */
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
  return records.map(({ type, id }) => ({ op: 'delete', address: { backendId, type, id } }))
}
