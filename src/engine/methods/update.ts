import { allowWrite } from '../access.ts'
import type { Call, ObjectDefinition, Reply } from '../definition.ts'
import { draftOf } from '../draft.ts'
import { actingUser, fill } from '../fill.ts'
import { load, replyWith, retrying, save, unnamed } from '../steps.ts'

/** Changes what is given and leaves the rest; `null` in custom fields removes a member. */
export async function update(call: Call, def: ObjectDefinition): Promise<Reply> {
  const actor = await actingUser(call)
  const id = call.params[def.idParam]
  if (typeof id !== 'string' || id === '') throw unnamed(def)
  const record = await retrying(call, def, id, async () => {
    const before = await load(call, def, id)
    await allowWrite(call, def, before, actor, 'update')
    const draft = draftOf(before)
    await fill(call, def, draft, 'update')
    return save(call, def, draft)
  })
  return replyWith(call, def, [record])
}
