import { ApiError } from '../errors.ts'
import type { StoredRecord } from '../storage/port.ts'
import { ACL_TYPE } from './access.ts'
import { USER_TYPE } from './caller.ts'
import { applyCustomFields } from './custom-fields.ts'
import type { Call, ObjectDefinition } from './definition.ts'
import type { Draft } from './draft.ts'
import { isHash, type Param } from './params.ts'
import { viewOptions } from './present.ts'

/** Members of custom objects that the server keeps for itself. */
const RESERVED = new Set([
  ...['id', '_id', 'created_at', 'updated_at', 'user', 'user_id', 'tags', 'photo', 'photo_id'],
  ...['acls', 'acl_id', 'reviews', 'reviews_count', 'ratings_count', 'ratings_average'],
  ...['ratings_summary', 'likes_count', 'current_user_liked', 'classname'],
])

const NOT_RESERVED: ReadonlySet<string> = new Set()

/**
 * Lays what the caller sent over a draft: members, references, tags, custom fields, the ACL and
 * attachments, each checked.
 *
 * @throws {ApiError} `param_invalid`: "Failed to create place: Validation failed - Name can't be
 *   blank."
 */
export async function fill(
  call: Call,
  def: ObjectDefinition,
  draft: Draft,
  verb: 'create' | 'update',
): Promise<void> {
  // What cannot be shown as asked is refused here, and not after it was written.
  viewOptions(call)
  for (const name of Object.keys(def.fields)) setMember(draft, name, call.params[name])
  await setReferences(call, def, draft)
  if (def.tags) setTags(draft, call.params.tags)
  setCustomFields(call, def, draft)
  if (def.acl) await setAcl(call, draft)
  for (const attachment of def.attachments ?? []) await attachment.apply(call, draft)

  const problems = [...((await def.checkWrite?.(call, draft)) ?? []), ...blanks(def, draft)]
  if (problems.length > 0) {
    throw validationFailed(`${verb} ${def.calledInTexts ?? def.name}`, problems)
  }
}

export function validationFailed(what: string, problems: readonly string[]): ApiError {
  const text = `Failed to ${what}: Validation failed - ${problems.join(', ')}.`
  return new ApiError('param_invalid', text)
}

/** Absent leaves, empty text removes. */
function setMember(draft: Draft, name: string, value: unknown): void {
  if (value === undefined) return
  if (value === '' || value === null) delete draft.data[name]
  else draft.data[name] = value
}

function blanks(def: ObjectDefinition, draft: Draft): string[] {
  const isRequired = ([, param]: [string, Param<unknown>]) => param.required
  const names = Object.entries(def.fields).filter(isRequired)
  return names
    .filter(([name]) => String(draft.data[name] ?? '').trim() === '')
    .map(([name]) => `${humanName(name)} can't be blank`)
}

/** `start_time` as error texts call it: `Start time`. */
export function humanName(name: string): string {
  const words = name.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

async function setReferences(call: Call, def: ObjectDefinition, draft: Draft): Promise<void> {
  for (const [name, reference] of Object.entries(def.references ?? {})) {
    if (reference.readOnly) continue
    const member = `${name}_id`
    const id = call.params[member]
    if (typeof id === 'string' && id !== '') {
      const address = { backendId: call.backend.id, type: reference.type, id }
      const target = await call.context.store.get(address)
      if (!target) throw new ApiError('object_unknown', reference.invalid)
    }
    setMember(draft, member, id)
  }
}

export function setTags(draft: Draft, tags: unknown): void {
  if (!Array.isArray(tags)) return
  if (tags.length === 0) delete draft.data.tags
  else draft.data.tags = [...new Set(tags)]
}

function setCustomFields(call: Call, def: ObjectDefinition, draft: Draft): void {
  if (def.open) {
    const fields = call.params.fields
    if (!isHash(fields)) return
    applyCustomFields(draft, draft.data, fields, RESERVED)
    if (call.params.tags === undefined) setTags(draft, fieldTags(fields.tags))
    return
  }
  const changes = call.params.custom_fields
  if (!def.customFields || !isHash(changes)) return
  const present = draft.data.custom_fields
  const target = isHash(present) ? present : {}
  applyCustomFields(draft, target, changes, NOT_RESERVED)
  if (Object.keys(target).length === 0) delete draft.data.custom_fields
  else draft.data.custom_fields = target
}

/** Tags inside `fields` are a comma list or a list of texts. */
function fieldTags(tags: unknown): string[] | undefined {
  const list = typeof tags === 'string' ? tags.split(',') : tags
  if (!Array.isArray(list)) return undefined
  const texts = list.filter((one) => typeof one === 'string').map((one) => one.trim())
  return texts.filter((one) => one !== '')
}

/** `acl_id` or `acl_name`; empty text takes the ACL away. */
async function setAcl(call: Call, draft: Draft): Promise<void> {
  const { acl_id: id, acl_name: name } = call.params
  if (id !== undefined && name !== undefined) {
    throw new ApiError('param_invalid', 'Send either acl_id or acl_name, not both.')
  }
  if (id === undefined && name === undefined) return
  const actor = draft.before ? await actingUser(call) : draft.ownerId
  if (draft.before) assertMayGuard(call, draft.before, actor)
  if (id === '' || name === '') draft.aclId = null
  else if (typeof id === 'string') draft.aclId = await existingAcl(call, id)
  else if (typeof name === 'string')
    draft.aclId = await aclByName(call, [actor, draft.ownerId], name)
}

/** Who may write an object may not thereby open it to others, or close it to its owner. */
function assertMayGuard(call: Call, before: StoredRecord, actor: string | null): void {
  const actsAsSelf = actor === call.caller.userId
  if (before.ownerId === actor || (call.caller.admin && actsAsSelf)) return
  throw new ApiError('access_denied', 'Only its owner may change the ACL of an object.')
}

async function existingAcl(call: Call, id: string): Promise<string> {
  const acl = await call.context.store.get({ backendId: call.backend.id, type: ACL_TYPE, id })
  if (!acl) throw new ApiError('object_unknown', 'No Acl was found!')
  return acl.id
}

/** The claim by which an owner's ACL is found by its name. */
export function aclNameClaim(ownerId: string, name: string): { scope: string; value: string } {
  return { scope: 'acl.name', value: `${ownerId}:${name}` }
}

/** The list of that name of the user who is acted for comes first, then the object's owner's. */
async function aclByName(
  call: Call,
  owners: readonly (string | null)[],
  name: string,
): Promise<string> {
  for (const ownerId of owners) {
    if (ownerId === null) continue
    const claim = aclNameClaim(ownerId, name)
    const acl = await call.context.store.getByClaim(call.backend.id, claim)
    if (acl) return acl.id
  }
  throw new ApiError('object_unknown', 'No Acl was found!')
}

/**
 * Whom a write is for: the caller, or for an administrator the user that `su_id` names.
 * @throws {ApiError} `admin_required`, or `object_unknown` when there is no such user
 */
export async function actingUser(call: Call): Promise<string> {
  const userId = call.caller.userId
  if (userId === null) throw new ApiError('session_required')
  const suId = call.params.su_id
  if (suId === undefined || suId === '' || suId === userId) return userId
  if (!call.caller.admin) throw new ApiError('admin_required')
  const address = { backendId: call.backend.id, type: USER_TYPE, id: String(suId) }
  const user = await call.context.store.get(address)
  if (!user) throw new ApiError('object_unknown', 'Invalid user id')
  return user.id
}
