import type { StoredRecord, WriteOperation } from '../../storage/port.ts'
import { allowWrite } from '../access.ts'
import type { Call, ObjectDefinition, Reply } from '../definition.ts'
import { actingUser } from '../fill.ts'
import { load, retryLoop, unnamed, write } from '../steps.ts'

/** Deletes one object, or those that `ids` lists, all or none. What refers to them stays. */
export async function remove(call: Call, def: ObjectDefinition): Promise<Reply> {
  const actor = await actingUser(call)
  const ids = idsToDelete(call, def)
  await retryLoop(async () => {
    const operations: WriteOperation[] = []
    for (const id of ids) {
      const record = await load(call, def, id)
      await allowWrite(call, def, record, actor, 'delete')
      operations.push(...(await deletion(call, def, record)))
    }
    await write(call, operations)
  })
  if (def.alsoDeletes) call.context.wakeJobs()
  return {}
}

function idsToDelete(call: Call, def: ObjectDefinition): readonly string[] {
  const one = call.params[def.idParam]
  const many = def.idsParam ? call.params[def.idsParam] : undefined
  if (typeof one === 'string' && one !== '') return [one]
  if (Array.isArray(many) && many.length > 0) return [...new Set(many)]
  throw unnamed(def)
}

/** The operations that delete an object and what cannot be without it. */
export async function deletion(
  call: Pick<Call, 'context'>,
  def: ObjectDefinition,
  record: StoredRecord,
): Promise<WriteOperation[]> {
  const { backendId, type, id, version } = record
  const address = { backendId, type, id }
  if (!def.alsoDeletes) return [{ op: 'delete', address }]
  // What goes with it was told by the record as it was read; a change may bring more.
  const also = await def.alsoDeletes(call.context, record)
  return [{ op: 'delete', address, ifVersion: version }, ...also]
}
