import { CUSTOM_PREFIX } from '../../engine/catalogue.ts'
import type { Call, ObjectDefinition } from '../../engine/definition.ts'
import { described, id, type Params } from '../../engine/params.ts'
import { ApiError } from '../../errors.ts'
import { isObjectId } from '../../lib/ids.ts'
import type { StoredRecord } from '../../storage/port.ts'

/** Parameters that name what is reviewed, and the kinds of objects that they name. */
const TARGETS: Readonly<Record<string, string>> = {
  post_id: 'Post',
  photo_id: 'Photo',
  user_object_id: 'User',
  event_id: 'Event',
  place_id: 'Place',
  checkin_id: 'Checkin',
  status_id: 'Status',
  custom_object_id: 'CustomObject',
  review_object_id: 'Review',
}

export const TARGET_PARAMS: Params = Object.fromEntries(
  Object.entries(TARGETS).map(([name, title]) => [name, described(id(), `The ${title}.`)]),
)

export type Target = { readonly title: string; readonly id: string }

/** What the call names. On create a review of a review comes as `review_id`. */
export function namedTarget(
  params: Readonly<Record<string, unknown>>,
  aliases: Readonly<Record<string, string>> = {},
): Target | null {
  for (const [name, title] of [...Object.entries(TARGETS), ...Object.entries(aliases)]) {
    const value = params[name]
    if (typeof value === 'string' && value !== '') return { title, id: value }
  }
  return null
}

export type FoundTarget = { readonly def: ObjectDefinition; readonly record: StoredRecord }

/**
 * The reviewed object. Custom objects are named by id alone, so the classes of the app are asked.
 * @throws {ApiError} `object_unknown`: "Invalid place id"
 */
export async function loadTarget(call: Call, target: Target): Promise<FoundTarget> {
  const found = await findTarget(call, target)
  if (found) return found
  if (target.title === 'CustomObject') {
    throw new ApiError('object_unknown', 'custom_object not found')
  }
  throw new ApiError('object_unknown', `Invalid ${target.title.toLowerCase()} id`)
}

export async function findTarget(call: Call, target: Target): Promise<FoundTarget | null> {
  const { catalogue, store } = call.context
  if (!isObjectId(target.id)) return null
  if (target.title === 'CustomObject') return findCustomObject(call, target.id)
  const def = catalogue.byTitle(target.title)
  const address = { backendId: call.backend.id, type: def?.name ?? '', id: target.id }
  const record = def ? await store.get(address) : null
  return def && record ? { def, record } : null
}

/** Ids are unique in the whole app, so at most one class has it. */
async function findCustomObject(call: Call, objectId: string): Promise<FoundTarget | null> {
  const { catalogue, store } = call.context
  const backendId = call.backend.id
  for (const type of await store.types(backendId)) {
    if (!type.startsWith(CUSTOM_PREFIX)) continue
    const record = await store.get({ backendId, type, id: objectId })
    if (record) return { def: catalogue.classDefinition(type.slice(CUSTOM_PREFIX.length)), record }
  }
  return null
}
