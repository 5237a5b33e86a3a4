import { tokenDigest } from '../../lib/ids.ts'
import { dateKey, numberKey, textKey } from '../../storage/keys.ts'
import type { Keys, NewRecord, RecordAddress, StoredRecord } from '../../storage/port.ts'
import { platformPath } from '../paths.ts'
import type { Collection } from './collections.ts'

/** The record type of what a collection holds, in the tenant that is the collection's. */
export const OBJECT_TYPE = 'object'

/** Where objects with the same ids do not meet: all of a shared collection, or one user's part. */
export type Space = {
  readonly collection: Collection
  /** The user of an isolated collection; `null` in a shared one. */
  readonly userId: string | null
}

/** What is told of an object. Times are milliseconds since 1970. */
export type ObjectFacts = {
  readonly id: string
  readonly name: string
  readonly contentType: string
  readonly contentLength: number
  readonly createdBy: string
  readonly createdOn: number
  readonly modifiedBy: string
  readonly modifiedOn: number
  /** Whose part of an isolated collection it is in. */
  readonly userId: string | null
  /** Which file holds its bytes: another one with each content. */
  readonly revision: string
}

export type StoredObject = ObjectFacts & {
  /** Counts the changes; as an entity tag it has quotes round it. */
  readonly version: number
}

/**
 * An object is found by the digest of its id, since clients choose that; 96 bits do not meet by
 * accident.
 */
export function objectAddress({ collection, userId }: Space, id: string): RecordAddress {
  const digest = tokenDigest(`${userId ?? ''}\0${id}`).slice(0, 24)
  return { backendId: collection.id, type: OBJECT_TYPE, id: digest }
}

/** The file with an object's bytes. */
export function contentKey({ backendId, id }: RecordAddress, revision: string): string {
  return `${backendId}/objects/${id.slice(0, 2)}/${id.slice(2, 4)}/${id}/${revision}`
}

/** `null` for what was deleted: of that only the count is kept, so that no tag ever comes again. */
export function objectOf(record: StoredRecord | null): StoredObject | null {
  const { gone, ...facts } = JSON.parse(record?.data ?? '{"gone":true}') as ObjectFacts & {
    readonly gone?: boolean
  }
  return record === null || gone ? null : { ...facts, version: record.version }
}

export function objectRecord(address: RecordAddress, facts: ObjectFacts): NewRecord {
  return {
    ...{ ...address, ownerId: facts.userId, aclId: null, hidden: null, claims: [] },
    ...{ createdAt: facts.createdOn, updatedAt: facts.modifiedOn },
    data: JSON.stringify(facts),
    keys: keysOf(facts),
  }
}

/** What is left of a deleted object: see {@link objectOf}. */
export function tombstone(record: StoredRecord, nowMs: number): NewRecord {
  const { version: _, ...before } = record
  const keys = { goneOn: dateKey(nowMs) }
  return { ...before, data: '{"gone":true}', keys, updatedAt: nowMs, ownerId: null }
}

/** The member `searched` is what `q` looks through; a letter before each, for the regular expression. */
function keysOf(facts: ObjectFacts): Keys {
  const { id, name, contentType, createdBy, modifiedBy } = facts
  const texts = [id, name, contentType, createdBy, modifiedBy].map(searchedText)
  return {
    space: textKey(facts.userId ?? ''),
    objectId: textKey(id),
    name: textKey(name),
    contentType: textKey(contentType),
    contentLength: numberKey(facts.contentLength),
    createdBy: textKey(createdBy),
    createdOn: dateKey(facts.createdOn),
    modifiedBy: textKey(modifiedBy),
    modifiedOn: dateKey(facts.modifiedOn),
    searched: [...new Set(texts)].map((text) => textKey(`q${text}`)).sort(),
  }
}

export function searchedText(text: string): string {
  return text.normalize('NFC').toLowerCase()
}

/** In bodies the quotes are a part of the tag. */
export function tagOf({ version }: StoredObject): string {
  return `"${version}"`
}

export function objectPath({ collection, userId }: Space, id: string): string {
  const path = platformPath('storage', 'collections', collection.name, 'objects', id)
  return userId === null ? path : `${path}?user=${userId}`
}

export function presentObject(collection: Collection, object: StoredObject) {
  const href = objectPath({ collection, userId: object.userId }, object.id)
  return {
    id: object.id,
    name: object.name,
    contentLength: object.contentLength,
    contentType: object.contentType,
    eTag: tagOf(object),
    createdBy: object.createdBy,
    createdOn: new Date(object.createdOn).toISOString(),
    modifiedBy: object.modifiedBy,
    modifiedOn: new Date(object.modifiedOn).toISOString(),
    links: [
      { rel: 'canonical', href },
      { rel: 'self', href },
    ],
  }
}
