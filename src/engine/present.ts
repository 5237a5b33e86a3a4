import { formatDate } from '../lib/dates.ts'
import type { StoredRecord } from '../storage/port.ts'
import { ACL_TYPE, mayRead } from './access.ts'
import { relationOf } from './custom-fields.ts'
import type { Call, ObjectDefinition } from './definition.ts'
import { isHash } from './params.ts'
import { referencesOf } from './references.ts'
import { has } from './release.ts'
import { REVIEW_TYPE, reviewsOf } from './review-lists.ts'
import { type Selection, select, selectionOf, selectsAll } from './select.ts'

/** The record type of likes: the claim `like` of `<user>:<type>:<object>` tells who likes what. */
export const LIKE_SCOPE = 'like'

export type ViewOptions = {
  readonly depth: number
  readonly selection: Selection
  readonly showUserLike: boolean
}

type ViewParams = Partial<{
  response_json_depth: number
  sel: Readonly<Record<string, unknown>>
  unsel: Readonly<Record<string, unknown>>
  show_user_like: boolean
}>

/** How the caller wants to see things; older apps see three levels deep by default. */
export function viewOptions(call: Call): ViewOptions {
  const params = call.params as ViewParams
  return {
    depth: params.response_json_depth ?? (has(call.backend, 'shallow') ? 1 : 3),
    selection: selectionOf(params.sel, params.unsel),
    showUserLike: params.show_user_like === true && call.caller.userId !== null,
  }
}

/** JSON texts of objects as they go out. @param extra members to add, one hash for each object */
export function present(
  call: Call,
  def: ObjectDefinition,
  records: readonly StoredRecord[],
  options: ViewOptions = viewOptions(call),
  extra?: readonly Readonly<Record<string, unknown>>[],
): string[] | Promise<string[]> {
  const plain = options.depth === 1 && selectsAll(options.selection) && !options.showUserLike
  if (plain && !def.view && !extra) return records.map((record) => splice(def, record))

  const expansion = startExpansion(call, options)
  const texts = records.map(async (record, i) => {
    const object = await expand(expansion, def, record, options.depth, false)
    return JSON.stringify(select({ ...object, ...extra?.[i] }, options.selection))
  })
  return Promise.all(texts)
}

/**
 * The common case without decoding what is stored: its text goes out as it is, between the id and
 * the members that the record itself holds.
 */
function splice(def: ObjectDefinition, record: StoredRecord): string {
  const members = record.data === '{}' ? '' : `${record.data.slice(1, -1)},`
  const owner = record.ownerId !== null && !def.ownerless ? `,"user_id":"${record.ownerId}"` : ''
  const acl = record.aclId === null ? '' : `,"acl_id":"${record.aclId}"`
  const created = formatDate(record.createdAt)
  const updated = formatDate(record.updatedAt)
  return `{"id":"${record.id}",${members}"created_at":"${created}","updated_at":"${updated}"${owner}${acl}}`
}

type Expansion = {
  readonly call: Call
  readonly options: ViewOptions
  /** Records that this reply has read already, by type and id. */
  readonly loaded: Map<string, Promise<StoredRecord | null>>
  /** The reviews of objects, by the object's id. */
  readonly reviews: Map<string, Promise<readonly StoredRecord[]>>
  /** Characters of objects that may still be put in place of their ids. */
  readonly room: { left: number }
}

/**
 * Objects that refer to many others, level for level, would make a reply that no server can hold.
 * Where the room ends, ids stay ids, as they do at the last level.
 */
const ROOM_CHARACTERS = 10_000_000

/** What an object adds to a reply besides what is stored of it: dates, owner, punctuation. */
const MEMBERS_CHARACTERS = 150

export function startExpansion(call: Call, options: ViewOptions): Expansion {
  const room = { left: ROOM_CHARACTERS }
  return { call, options, loaded: new Map(), reviews: new Map(), room }
}

/** An object with its references expanded to the given depth. */
export async function expand(
  expansion: Expansion,
  def: ObjectDefinition,
  record: StoredRecord,
  depth: number,
  nested: boolean,
): Promise<Record<string, unknown>> {
  const { call, options } = expansion
  const object: Record<string, unknown> = {
    id: record.id,
    ...(await viewOf(call, def, record, nested)),
    created_at: formatDate(record.createdAt),
    updated_at: formatDate(record.updatedAt),
  }
  const owner = def.ownerless ? null : record.ownerId
  if (owner !== null) object.user_id = owner
  if (record.aclId !== null) object.acl_id = record.aclId
  if (depth > 1) {
    await expandReferences(expansion, def, object, depth - 1)
    if (def.counters) await addReviews(expansion, def, object, depth - 1)
  }
  if (options.showUserLike && (await isLiked(call, def, record.id))) {
    object.current_user_liked = true
  }
  return object
}

function viewOf(
  call: Call,
  def: ObjectDefinition,
  record: StoredRecord,
  nested: boolean,
): Record<string, unknown> | Promise<Record<string, unknown>> {
  const data = JSON.parse(record.data) as Record<string, unknown>
  if (!def.view) return data
  const hidden = () => JSON.parse(record.hidden ?? '{}') as Record<string, unknown>
  return def.view({ data, hidden, record, call, nested })
}

async function expandReferences(
  expansion: Expansion,
  def: ObjectDefinition,
  object: Record<string, unknown>,
  depth: number,
): Promise<void> {
  for (const [name, { type, listAs, idsAs, without = [] }] of referencesOf(def)) {
    if (idsAs) {
      await expandList(expansion, object, { name, type, idsAs, without }, depth)
      continue
    }
    const id = object[`${name}_id`]
    if (typeof id !== 'string') continue
    const target = await load(expansion, type, id, depth)
    if (!target) continue // A reference may dangle: the id stays.
    for (const member of without) delete target[member]
    delete object[`${name}_id`]
    if (listAs) object[listAs] = [target]
    else object[name] = target
  }
  await expandAcl(expansion, object, depth)
  await expandRelations(expansion, def.open ? object : object.custom_fields, depth)
}

async function expandAcl(
  expansion: Expansion,
  object: Record<string, unknown>,
  depth: number,
): Promise<void> {
  if (typeof object.acl_id !== 'string') return
  const acls = await loadAll(expansion, ACL_TYPE, [object.acl_id], depth)
  if (!acls) return
  delete object.acl_id
  if (acls.length > 0) object.acls = acls
}

/** The newest reviews, where there are any and room for them. */
async function addReviews(
  expansion: Expansion,
  def: ObjectDefinition,
  object: Record<string, unknown>,
  depth: number,
): Promise<void> {
  const { call, reviews, room } = expansion
  const reviewDef = call.context.catalogue.byType(REVIEW_TYPE)
  if (!reviewDef || !(Number(object.reviews_count) > 0) || room.left <= 0) return
  const id = String(object.id)
  const pending = reviews.get(id) ?? reviewsOf(call, def, id)
  reviews.set(id, pending)
  const records = await pending
  for (const { data } of records) room.left -= data.length + MEMBERS_CHARACTERS
  if (records.length === 0 || room.left <= 0) return
  object.reviews = await Promise.all(
    records.map((record) => expand(expansion, reviewDef, record, depth, true)),
  )
}

/** Those that are gone are left out, as no id of theirs can stand in a list of objects. */
async function expandList(
  expansion: Expansion,
  object: Record<string, unknown>,
  { name, type, idsAs, without }: ListReference,
  depth: number,
): Promise<void> {
  const ids = object[idsAs]
  if (!Array.isArray(ids)) return
  const targets = await loadAll(expansion, type, ids.map(String), depth)
  if (!targets) return
  for (const target of targets) for (const member of without) delete target[member]
  delete object[idsAs]
  object[name] = targets
}

type ListReference = {
  readonly name: string
  readonly type: string
  readonly idsAs: string
  readonly without: readonly string[]
}

/** Relations keep their bracketed names and become lists of objects; what is gone is left out. */
async function expandRelations(
  expansion: Expansion,
  fields: unknown,
  depth: number,
): Promise<void> {
  if (!isHash(fields)) return
  const { catalogue } = expansion.call.context
  for (const [name, value] of Object.entries(fields)) {
    const relation = relationOf(name)
    if (!relation) continue
    const def =
      relation.kind === 'CUSTOM'
        ? catalogue.classDefinition(relation.target)
        : catalogue.byTitle(relation.target)
    if (!def) continue
    const ids = (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string')
    fields[name] = (await loadAll(expansion, def.name, ids, depth)) ?? value
  }
}

/** Those of the objects that are there, or `null` when there is no room for them all. */
async function loadAll(
  expansion: Expansion,
  type: string,
  ids: readonly string[],
  depth: number,
): Promise<Record<string, unknown>[] | null> {
  if (expansion.room.left <= 0) return null
  const targets = await Promise.all(ids.map((id) => load(expansion, type, id, depth)))
  return expansion.room.left > 0 ? targets.filter((target) => target !== null) : null
}

/** `null` for what is gone, what its ACL hides from the caller, and what there is no room for. */
async function load(
  expansion: Expansion,
  type: string,
  id: string,
  depth: number,
): Promise<Record<string, unknown> | null> {
  const { call, loaded, room } = expansion
  const def = call.context.catalogue.byType(type)
  if (!def || room.left <= 0) return null
  const key = `${type}:${id}`
  const pending = loaded.get(key) ?? readVisible(call, def, id)
  loaded.set(key, pending)
  const record = await pending
  if (!record) return null
  room.left -= record.data.length + MEMBERS_CHARACTERS
  return room.left > 0 ? expand(expansion, def, record, depth, true) : null
}

async function readVisible(
  call: Call,
  def: ObjectDefinition,
  id: string,
): Promise<StoredRecord | null> {
  const record = await call.context.store.get({ backendId: call.backend.id, type: def.name, id })
  if (!record) return null
  const viewers = call.caller.admin ? null : (def.seenOnlyBy?.(record) ?? null)
  if (viewers !== null && !viewers.includes(call.caller.userId ?? '')) return null
  return (await mayRead(call, record)) ? record : null
}

async function isLiked(call: Call, def: ObjectDefinition, id: string): Promise<boolean> {
  const value = `${call.caller.userId}:${def.title}:${id}`
  const claim = { scope: LIKE_SCOPE, value }
  return (await call.context.store.getByClaim(call.backend.id, claim)) !== null
}
