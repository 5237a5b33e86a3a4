import { defineMethod } from '../../engine/definition.ts'
import { batchDelete } from '../../engine/methods/batch-delete.ts'
import { required, text } from '../../engine/params.ts'
import { ApiError } from '../../errors.ts'
import { classDefinition } from './definition.ts'

/** Unlike batch_delete, it leaves nothing. */
const ALL = Number.MAX_SAFE_INTEGER

/** Deletes every object of a class, as a job. For others than administrators it is a plain 400. */
export const dropClass = defineMethod({
  name: 'dropCollection',
  group: 'CustomObject',
  verb: 'DELETE',
  path: 'objects/:classname/admin_drop_collection',
  auth: 'user',
  summary: 'Deletes all objects of a class, as a job. Administrators only.',
  params: { classname: required(text({ max: 100 })) },
  returns: {},
  async run(call) {
    if (!call.caller.admin) throw new ApiError('admin_required', undefined, { status: 400 })
    return batchDelete({ ...call, params: {} }, classDefinition(call.params.classname), ALL)
  },
})
