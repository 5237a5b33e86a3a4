import { type Call, defineMethod, type ObjectDefinition } from '../../engine/definition.ts'
import { newDraft } from '../../engine/draft.ts'
import { fill } from '../../engine/fill.ts'
import { described, isHash, json, required, text } from '../../engine/params.ts'
import { recordOf, write } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import { isObjectId, objectId } from '../../lib/ids.ts'
import type { WriteOperation } from '../../storage/port.ts'
import { classDefinition } from './definition.ts'

const OBJECTS_MAX = 100

/** Members that name other objects. Whether these exist is not asked, as documented. */
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
    const def = classDefinition(call.params.classname)
    const { operations, firstError } = await insertsOf(call, def, list)
    if (operations.length > 0) await write(call, operations)
    return outcome(operations.length, firstError)
  },
})

async function insertsOf(
  call: Call,
  def: ObjectDefinition,
  list: readonly unknown[],
): Promise<{ operations: WriteOperation[]; firstError: ApiError | null }> {
  const operations: WriteOperation[] = []
  let firstError: ApiError | null = null
  for (const members of list) {
    try {
      operations.push(await insertOf(call, def, members))
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      firstError ??= error
    }
  }
  return { operations, firstError }
}

async function insertOf(
  call: Call,
  def: ObjectDefinition,
  members: unknown,
): Promise<WriteOperation> {
  if (!isHash(members)) throw new ApiError('param_invalid', 'Each object must be a hash')
  const [aclId, photoId, userId] = REFERENCES.map((name) => reference(members, name))
  const ownerId = userId ?? call.caller.userId
  const draft = newDraft(objectId(call.context.now()), ownerId)
  draft.aclId = aclId ?? null
  await fill({ ...call, params: { fields: members } }, def, draft, 'create')
  delete draft.data.tags
  if (photoId !== undefined) draft.data.photo_id = photoId
  return { op: 'insert', record: recordOf(call, def, draft) }
}

/** What it names need not exist, but must look like an id. */
function reference(members: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = members[name]
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value === 'string' && isObjectId(value)) return value
  throw new ApiError('param_invalid', `Illegal objectid format: ${name}`)
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
