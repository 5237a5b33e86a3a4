import { objectId } from '../../lib/ids.ts'
import type { Call, ObjectDefinition, Reply } from '../definition.ts'
import { newDraft } from '../draft.ts'
import { actingUser, fill } from '../fill.ts'
import { replyWith, retryLoop, save } from '../steps.ts'

/** Makes an object for the caller, or for the user whom an administrator acts for. */
export async function create(call: Call, def: ObjectDefinition): Promise<Reply> {
  const ownerId = await actingUser(call)
  const id = objectId(call.context.now())
  const record = await retryLoop(async () => {
    const draft = newDraft(id, ownerId)
    await fill(call, def, draft, 'create')
    return save(call, def, draft)
  })
  return replyWith(call, def, [record])
}
