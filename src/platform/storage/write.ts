import { randomBytes } from 'node:crypto'
import type { Readable } from 'node:stream'
import { retryLoop } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import type { RecordAddress, StoredRecord, WriteOperation } from '../../storage/port.ts'
import type { PlatformContext } from '../context.ts'
import type { Visit } from '../door/enter.ts'
import { type Conditions, requireConditions } from './conditions.ts'
import { deletesContent } from './content-job.ts'
import {
  contentKey,
  type ObjectFacts,
  objectAddress,
  objectOf,
  objectRecord,
  type Space,
  type StoredObject,
  tombstone,
} from './object.ts'
import { sweepTombstones } from './tombstones.ts'
import { countBytes } from './usage.ts'

export type Target = {
  readonly space: Space
  readonly id: string
  readonly by: Visit['user']
  readonly conditions: Conditions
}

export type Content = {
  /** The display name; `null` keeps that which the object has, or takes its id. */
  readonly name: string | null
  readonly contentType: string
  readonly source: Readable
}

export type Stored = { readonly object: StoredObject; readonly isNew: boolean }

const ANYONE = 'anonymous'

/**
 * Stores bytes under an id, in place of those that were there. They are safe on the medium before
 * the record names them, and those of before go with a job of the same batch.
 *
 * @throws {ApiError} `etag_stale`, `too_large`, `conflict`
 */
export async function storeObject(
  context: PlatformContext,
  target: Target,
  { source, ...content }: Content,
): Promise<Stored> {
  const address = objectAddress(target.space, target.id)
  // Nobody shall send many bytes to learn that they are not wanted.
  requireConditions(target.conditions, objectOf(await context.store.get(address)))
  const staged = await context.blobs.stage(source, context.limits.uploadBytesMax)
  const revision = randomBytes(8).toString('hex')
  const key = contentKey(address, revision)
  try {
    await context.blobs.commit(staged, key)
    const facts = { ...content, contentLength: staged.sizeBytes, revision }
    return await inTurn(context, address, () => replaceObject(context, { target, address, facts }))
  } catch (error) {
    await context.blobs.discard(staged)
    // After a fault nobody knows what was written, and a file too many does no harm.
    if (error instanceof ApiError && error.status < 500) await context.blobs.delete(key)
    throw error
  }
}

type NewContent = Pick<ObjectFacts, 'contentType' | 'contentLength' | 'revision'> &
  Pick<Content, 'name'>

async function replaceObject(
  context: PlatformContext,
  {
    target,
    address,
    facts,
  }: { readonly target: Target; readonly address: RecordAddress; readonly facts: NewContent },
): Promise<Stored> {
  const { space, id, by, conditions } = target
  const record = await context.store.get(address)
  const before = objectOf(record)
  requireConditions(conditions, before)
  const at = context.now()
  const who = by?.username ?? ANYONE
  const after: ObjectFacts = {
    ...facts,
    ...{ id, userId: space.userId, name: facts.name ?? before?.name ?? id },
    ...{ createdBy: before?.createdBy ?? who, createdOn: before?.createdOn ?? at },
    ...{ modifiedBy: who, modifiedOn: at },
  }
  await writeObject(context, {
    ...{ record, before, space, at, actor: by?.id ?? ANYONE },
    operation: record
      ? { op: 'replace', record: objectRecord(address, after), ifVersion: record.version }
      : { op: 'insert', record: objectRecord(address, after) },
    bytes: after.contentLength,
  })
  const version = (record?.version ?? 0) + 1
  return { object: { ...after, version }, isNew: before === null }
}

/** @throws {ApiError} `stored_object_unknown`, `etag_stale`, `conflict` */
export async function deleteObject(context: PlatformContext, target: Target): Promise<void> {
  const { space, by, conditions } = target
  const address = objectAddress(space, target.id)
  await inTurn(context, address, async () => {
    const record = await context.store.get(address)
    const before = objectOf(record)
    if (!record || !before) throw new ApiError('stored_object_unknown')
    requireConditions(conditions, before)
    const at = context.now()
    await writeObject(context, {
      ...{ record, before, space, at, actor: by?.id ?? ANYONE },
      operation: { op: 'replace', record: tombstone(record, at), ifVersion: record.version },
      bytes: 0,
    })
  })
  await sweepTombstones(context, space.collection)
}

type ObjectWrite = {
  readonly record: StoredRecord | null
  readonly before: StoredObject | null
  readonly space: Space
  readonly operation: WriteOperation
  /** How many there are after it. */
  readonly bytes: number
  readonly at: number
  readonly actor: string
}

async function writeObject(context: PlatformContext, write: ObjectWrite): Promise<void> {
  const { record, before, space, operation, bytes, at, actor } = write
  const by = bytes - (before?.contentLength ?? 0)
  const counted = await countBytes(context.store, space.collection, { by, at })
  const removal = record && before ? [deletesContent(record, before.revision, at)] : []
  const operations = [operation, ...counted, ...removal]
  await context.store.write({ operations, actor, at })
  if (removal.length > 0) context.wakeJobs()
}

/** Writers of this process take turns at an object, so only other servers can come first. */
function inTurn<T>(
  { turns }: PlatformContext,
  { backendId, type, id }: RecordAddress,
  attempt: () => Promise<T>,
): Promise<T> {
  return turns.run(`${backendId}:${type}:${id}`, () => retryLoop(attempt))
}
