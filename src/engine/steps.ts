import { ApiError } from '../errors.ts'
import { isObjectId } from '../lib/ids.ts'
import {
  type NewRecord,
  type StoredRecord,
  WriteConflict,
  type WriteOperation,
} from '../storage/port.ts'
import type { Call, ObjectDefinition, Reply } from './definition.ts'
import type { Draft } from './draft.ts'
import { indexKeys } from './index-keys.ts'
import { missing } from './params.ts'
import { present } from './present.ts'

/** Races lost to other servers before a caller is told to try again. */
const ATTEMPTS_MAX = 100

/**
 * One object by its id.
 * @throws {ApiError} `object_unknown`: "Invalid place id"
 */
export async function load(call: Call, def: ObjectDefinition, id: string): Promise<StoredRecord> {
  const record = await find(call, def, id)
  if (!record) throw unknown(def, [id])
  return record
}

export async function find(
  call: Call,
  def: ObjectDefinition,
  id: string,
): Promise<StoredRecord | null> {
  if (!isObjectId(id)) return null
  return call.context.store.get({ backendId: call.backend.id, type: def.name, id })
}

/** For a call that says of no object which one it is about. */
export function unnamed(def: ObjectDefinition): ApiError {
  return def.unnamed === undefined
    ? missing(def.idParam)
    : new ApiError('param_invalid', def.unnamed)
}

/** Clients match on these texts; those of custom objects name the ids. */
export function unknown(def: ObjectDefinition, ids: readonly string[]): ApiError {
  const malformed = ids.find((id) => !isObjectId(id))
  if (!def.open) {
    return new ApiError('object_unknown', `Invalid ${def.name} id${ids.length > 1 ? '(s)' : ''}`)
  }
  if (malformed !== undefined) {
    return new ApiError('object_unknown', `Invalid object id: '${malformed}'`)
  }
  return new ApiError('object_unknown', `One or more invalid object id(s): ${JSON.stringify(ids)}`)
}

/**
 * Writes the draft, and what belongs with it, durably.
 * @throws {ApiError} `param_invalid` with the definition's text when a name is taken
 * @throws {WriteConflict} when another writer came first; see {@link retrying}
 */
export async function save(call: Call, def: ObjectDefinition, draft: Draft): Promise<StoredRecord> {
  const { before } = draft
  const record = recordOf(call, def, draft)
  const own: WriteOperation = before
    ? { op: 'replace', record, ifVersion: before.version }
    : { op: 'insert', record }
  try {
    await write(call, [own, ...draft.operations])
  } catch (error) {
    const taken = error instanceof WriteConflict && error.reason === 'claimed'
    const claim = taken ? def.claims?.(draft).find(({ scope }) => scope === error.scope) : undefined
    if (claim) throw new ApiError('param_invalid', claim.taken, { cause: error })
    throw error
  }
  if (draft.hasJobs) call.context.wakeJobs()
  return { ...record, version: (before?.version ?? 0) + 1 }
}

/** The draft as the store keeps it. */
export function recordOf(call: Call, def: ObjectDefinition, draft: Draft): NewRecord {
  const now = call.context.now()
  const claims = def.claims?.(draft) ?? []
  return {
    backendId: call.backend.id,
    type: def.name,
    id: draft.id,
    ownerId: draft.ownerId,
    aclId: draft.aclId,
    createdAt: draft.before?.createdAt ?? now,
    updatedAt: now,
    data: JSON.stringify(draft.data),
    hidden: Object.keys(draft.hidden).length > 0 ? JSON.stringify(draft.hidden) : null,
    keys: indexKeys(def, draft, now),
    claims: claims.map(({ scope, value }) => ({ scope, value })),
  }
}

/** @throws {WriteConflict} */
export async function write(call: Call, operations: readonly WriteOperation[]): Promise<void> {
  const actor = call.caller.userId ?? 'anonymous'
  await call.context.store.write({ operations, actor, at: call.context.now() })
}

/**
 * Reads, changes and writes one object, again from the reading when another writer came first.
 * Writers of this process take turns, so only other servers can come first.
 */
export async function retrying<T>(
  call: Call,
  def: ObjectDefinition,
  id: string,
  attempt: () => Promise<T>,
): Promise<T> {
  return call.context.turns.run(`${call.backend.id}:${def.name}:${id}`, () => retryLoop(attempt))
}

/** The same for a write that has no one object to take turns at. */
export async function retryLoop<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof WriteConflict)) throw error
      if (tries >= ATTEMPTS_MAX) throw new ApiError('conflict', undefined, { cause: error })
      await pause(Math.random() * Math.min(50, 2 * tries))
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}

/** The usual answer: objects under the name of their kind. */
export async function replyWith(
  call: Call,
  def: ObjectDefinition,
  records: readonly StoredRecord[],
): Promise<Reply> {
  return { items: { key: def.collection, texts: await present(call, def, records) } }
}
