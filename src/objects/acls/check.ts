import { defineMethod } from '../../engine/definition.ts'
import { draftOf } from '../../engine/draft.ts'
import { described, id, text } from '../../engine/params.ts'
import { loadAcl, stateOf } from './list.ts'

/** Whether a user may read and write; being a writer does not make a reader. */
export const checkAcl = defineMethod({
  name: 'checkAcl',
  group: 'Acl',
  verb: 'GET',
  path: 'acls/check',
  auth: 'user',
  summary: 'Tells whether a user may read and write what the list guards.',
  params: {
    id: id(),
    name: text({ max: 255 }),
    user_id: described(id(), 'Default: the caller.'),
  },
  returns: { key: 'permission', schema: 'Permission', single: true },
  async run(call) {
    const draft = draftOf(await loadAcl(call))
    const state = stateOf(draft)
    const userId = call.params.user_id || call.caller.userId || ''
    const isOwner = draft.ownerId === userId
    return {
      response: {
        permission: {
          read_permission: isOwner || state.publicRead || state.readers.includes(userId),
          write_permission: isOwner || state.publicWrite || state.writers.includes(userId),
        },
      },
    }
  },
})
