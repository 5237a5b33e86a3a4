import { ApiError } from '../../errors.ts'
import { isObjectId } from '../../lib/ids.ts'
import type { StoredRecord } from '../../storage/port.ts'
import { allowRead } from '../access.ts'
import type { Call, ObjectDefinition, Reply } from '../definition.ts'
import { load, replyWith, unknown, unnamed } from '../steps.ts'

const IDS_MAX = 1000

/** One object by its id, or several in the order of the list. */
export async function show(call: Call, def: ObjectDefinition): Promise<Reply> {
  const one = call.params[def.idParam]
  if (typeof one === 'string' && one !== '') {
    const record = await load(call, def, one)
    if (record.aclId !== null) await allowRead(call, record)
    return replyWith(call, def, [record])
  }
  const many = def.idsParam ? call.params[def.idsParam] : undefined
  if (!Array.isArray(many) || many.length === 0) throw unnamed(def)
  const records = await loadAll(call, def, many)
  for (const record of records) await allowRead(call, record)
  return replyWith(call, def, records)
}

async function loadAll(
  call: Call,
  def: ObjectDefinition,
  ids: readonly string[],
): Promise<StoredRecord[]> {
  if (ids.length > IDS_MAX) {
    throw new ApiError('param_invalid', `At most ${IDS_MAX} ids can be shown at once.`)
  }
  const malformed = ids.find((id) => !isObjectId(id))
  if (malformed !== undefined) throw unknown(def, [malformed])
  const records = await call.context.store.getMany(call.backend.id, def.name, ids)
  const known = new Set(records.map((record) => record.id))
  const absent = ids.filter((id) => !known.has(id))
  if (absent.length > 0) throw unknown(def, absent)
  return records
}
