import { USER_TYPE } from '../engine/caller.ts'
import type { Attachment } from '../engine/definition.ts'
import { described, id } from '../engine/params.ts'
import { ApiError } from '../errors.ts'

/** `user_id` on update: whoever may write the object may hand it to another user (1.1.12). */
export const ownerAttachment: Attachment = {
  params: { user_id: described(id(), 'On update: the new owner.') },
  async apply(call, draft) {
    const userId = call.params.user_id
    if (!draft.before || typeof userId !== 'string' || userId === '') return
    const address = { backendId: call.backend.id, type: USER_TYPE, id: userId }
    const user = await call.context.store.get(address)
    if (!user) throw new ApiError('object_unknown', 'Invalid user id')
    draft.ownerId = user.id
  },
}
