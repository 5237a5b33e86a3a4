import { type Call, defineMethod } from '../../engine/definition.ts'
import { newDraft } from '../../engine/draft.ts'
import { fill } from '../../engine/fill.ts'
import { described, isHash, json, required, text } from '../../engine/params.ts'
import { recordOf, write } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import { objectId } from '../../lib/ids.ts'
import type { WriteOperation } from '../../storage/port.ts'
import { classDefinition } from './definition.ts'

const OBJECTS_MAX = 100

/** Members that name other objects. They are taken as they are, as documented. */
const REFERENCES = ['acl_id', 'photo_id', 'user_id'] as const

/** Makes up to 100 objects of a class at once; those that are in order are kept. */
export const batchCreate = defineMethod({
  name: 'batchCreateObjects',
  group: 'CustomObject',
  verb: 'POST',
  path: 'objects/:classname/batch_create',
  auth: 'admin',
  summary: 'Makes up to 100 objects of a class from a JSON list.',
  params: {
    classname: required(text({ max: 100 })),
    json_array: described(required(json()), 'A JSON list of hashes.'),
  },
  returns: { meta: { message: { type: 'string' } } },
  async run(call) {
    const list = call.params.json_array
    if (!Array.isArray(list)) {
      throw new ApiError('param_invalid', 'Invalid json_array parameter; value must be a list')
    }
    if (list.length > OBJECTS_MAX) {
      throw new ApiError('param_invalid', `${OBJECTS_MAX} objects batch create limit exceeded`)
    }
    const { operations, firstError } = await insertsOf(call, call.params.classname, list)
    if (operations.length > 0) await write(call, operations)
    return outcome(operations.length, firstError)
  },
})

async function insertsOf(
  call: Call,
  classname: string,
  list: readonly unknown[],
): Promise<{ operations: WriteOperation[]; firstError: ApiError | null }> {
  const operations: WriteOperation[] = []
  let firstError: ApiError | null = null
  for (const members of list) {
    try {
      operations.push(await insertOf(call, classname, members))
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      firstError ??= error
    }
  }
  return { operations, firstError }
}

async function insertOf(call: Call, classname: string, members: unknown): Promise<WriteOperation> {
  if (!isHash(members)) throw new ApiError('param_invalid', 'Each object must be a hash')
  const def = classDefinition(classname)
  const [aclId, photoId, userId] = REFERENCES.map((name) => members[name])
  const ownerId = typeof userId === 'string' ? userId : call.caller.userId
  const draft = newDraft(objectId(call.context.now()), ownerId)
  draft.aclId = typeof aclId === 'string' ? aclId : null
  await fill({ ...call, params: { fields: members } }, def, draft, 'create')
  delete draft.data.tags
  if (typeof photoId === 'string') draft.data.photo_id = photoId
  return { op: 'insert', record: recordOf(call, def, draft) }
}

/** The message holds a printed hash, of which clients read the two numbers. */
function outcome(inserted: number, firstError: ApiError | null) {
  if (!firstError) {
    const message = `{"result"=>{"ok"=>1, "n"=>${inserted}}, "nInserted"=>${inserted}}`
    return { meta: { message } }
  }
  const message = `${inserted} objects created. First error: ${firstError.message}`
  return { meta: { message }, httpStatus: 202 }
}
