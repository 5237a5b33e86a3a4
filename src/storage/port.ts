/**
 * The storage port: what the rest of the program may ask of a database.
 *
 * Everything that Homeport keeps is a record. A record belongs to one tenant (`backendId`) and has
 * a type and an id in it. `data` is text that goes out as it is; `keys` say by which values the
 * record can be found and sorted; `claims` are the names that it holds alone (a username). The
 * store keeps the index and the claims in step with the record, in the same transaction.
 *
 * A write is data, never a closure: a batch of operations that is applied whole or not at all. So
 * many batches can be committed as one, off the event loop, and an acknowledged one survives a
 * power cut. A lost race comes back as a {@link WriteConflict}; the caller reads again and retries.
 */

/** The values by which a record is found: encoded by `keys.ts`. Lists are sorted and unique. */
export type Keys = Readonly<Record<string, string | readonly string[]>>

/** A name that one record holds alone in its tenant, e.g. scope `user.username`, value `ada`. */
export type Claim = { readonly scope: string; readonly value: string }

export type StoredRecord = {
  readonly backendId: string
  /** `place`, `user`, `custom:boat`, `$session` ...: the store attaches no meaning to it. */
  readonly type: string
  /** 24 hex digits or a UUID. Compared as text, so ObjectIds sort by age. */
  readonly id: string
  readonly ownerId: string | null
  /** The record of type `acl` that guards this one; see {@link FindQuery.visibleTo}. */
  readonly aclId: string | null
  /** Milliseconds since 1970, UTC. */
  readonly createdAt: number
  readonly updatedAt: number
  /** 1 after the insert, one more with each change. */
  readonly version: number
  /** JSON text of an object: what anyone who may read the record may see. */
  readonly data: string
  /** JSON text of an object that never goes out as it is (hashes, tokens), or null. */
  readonly hidden: string | null
  readonly keys: Keys
  readonly claims: readonly Claim[]
}

/** A record to be written; the store sets the version. */
export type NewRecord = Omit<StoredRecord, 'version'>

export type RecordAddress = Pick<StoredRecord, 'backendId' | 'type' | 'id'>

export type WriteOperation =
  /** Conflict `exists` when the id is taken, `claimed` when another record holds a claim. */
  | { readonly op: 'insert'; readonly record: NewRecord }
  /** Conflict `missing`, `version` (the record is not at `ifVersion`) or `claimed`. */
  | { readonly op: 'replace'; readonly record: NewRecord; readonly ifVersion: number }
  /**
   * Adds to numeric members of `data` (absent counts as 0) and to their keys, atomically. A path is
   * a member name or `custom_fields.<name>`; `key` is the name in `keys`. Conflict `missing`, or
   * `type` when a member holds something that is not a number.
   */
  | {
      readonly op: 'increment'
      readonly address: RecordAddress
      readonly add: readonly { readonly path: string; readonly key: string; readonly by: number }[]
      readonly updatedAt?: number
    }
  /** Deletes once: conflict `missing` when it is gone already, `version` when `ifVersion` differs. */
  | { readonly op: 'delete'; readonly address: RecordAddress; readonly ifVersion?: number }
  /** Writes nothing; conflict `missing`/`exists`/`version` unless the record is so. */
  | {
      readonly op: 'check'
      readonly address: RecordAddress
      /** A version, `present` for any, `absent` for none. */
      readonly is: number | 'present' | 'absent'
    }
  /** Conflict `exists` when a job with this id waits or runs; see {@link Job}. */
  | { readonly op: 'enqueue'; readonly job: NewJob }

export type WriteBatch = {
  readonly operations: readonly WriteOperation[]
  /** Who caused it, for the change log: a user id, a team member's name, or `system`. */
  readonly actor: string
  /** Milliseconds since 1970. */
  readonly at: number
}

export type ConflictReason = 'exists' | 'missing' | 'version' | 'claimed' | 'type'

/** The batch was not applied: the operation at `index` did not find what it required. */
export class WriteConflict extends Error {
  override readonly name = 'WriteConflict'
  readonly index: number
  readonly reason: ConflictReason
  /** With `claimed`: the scope of the name that is taken. */
  readonly scope: string | undefined

  constructor(index: number, reason: ConflictReason, scope?: string) {
    super(`operation ${index}: ${reason}${scope ? ` (${scope})` : ''}`)
    this.index = index
    this.reason = reason
    this.scope = scope
  }
}

/** Values are encoded keys, except for the field `id`, whose values are ids as they are. */
export type Condition =
  | { readonly op: 'and'; readonly all: readonly Condition[] }
  | { readonly op: 'or'; readonly any: readonly Condition[] }
  | { readonly op: 'not'; readonly not: Condition }
  /** True when any value of the field compares so. `lt` and its kin hold within one type only. */
  | {
      readonly op: 'eq' | 'lt' | 'lte' | 'gt' | 'gte'
      readonly field: string
      readonly value: string
    }
  | { readonly op: 'in'; readonly field: string; readonly values: readonly string[] }
  | { readonly op: 'exists'; readonly field: string }
  /** Some one value of the field satisfies all comparisons. */
  | {
      readonly op: 'element'
      readonly field: string
      readonly all: readonly {
        readonly op: 'eq' | 'ne' | 'lt' | 'lte' | 'gt' | 'gte'
        readonly value: string
      }[]
    }
  /** A text value that begins with `prefix` (not encoded) and matches the checked expression. */
  | {
      readonly op: 'regex'
      readonly field: string
      readonly prefix: string
      /** Absent when the prefix says all. Only the syntax that `lib/safe-regex.ts` lets through. */
      readonly pattern?: string
    }
  /** Within the great-circle distance, in radians, of any point of the field; absent: anywhere. */
  | {
      readonly op: 'near'
      readonly field: string
      readonly longitude: number
      readonly latitude: number
      readonly maxDistanceRadians?: number
      /** Sorts the result by distance, nearest first, unless the query names an order. */
      readonly sorts: boolean
    }
  /** Full text over the words of `$text`: any of `words`, all `phrases`' words, none of `without`. */
  | {
      readonly op: 'text'
      readonly words: readonly string[]
      readonly phrases: readonly (readonly string[])[]
      readonly without: readonly string[]
    }

export type Order = { readonly field: string; readonly direction: 'asc' | 'desc' }

export type FindQuery = {
  readonly backendId: string
  readonly type: string
  readonly where?: Condition
  /**
   * Absent: every record (administrators, and the server itself). Otherwise only records without a
   * guard, or owned by this user, or whose `acl` record lists the user or everyone under the key
   * `readers`, or whose `acl` record is gone. `null` is a caller who is not logged in.
   */
  readonly visibleTo?: string | null
  /**
   * Ties go by id, descending. Default: id descending (newest first). Missing values come first
   * ascending and last descending; a list sorts by its first value.
   */
  readonly orderBy?: readonly Order[]
  readonly limit: number
  readonly offset?: number
}

/** Which field means "visible to everyone" in an acl record's `readers` and `writers` keys. */
export const EVERYONE = '*'

export type Found = {
  readonly records: readonly StoredRecord[]
  /** Kilometres, one for each record, when the query sorted by distance. */
  readonly distancesKm?: readonly number[]
}

/** `exact` is false when there are more than `upTo`; `count` is then `upTo`. */
export type Counted = { readonly count: number; readonly exact: boolean }

export type CountQuery = Pick<FindQuery, 'backendId' | 'type' | 'where' | 'visibleTo'> & {
  readonly upTo?: number
}

/** A change as the log keeps it, and as subscribers hear of it. */
export type Change = {
  readonly backendId: string
  /** Grows with time within a tenant; text that sorts. */
  readonly sequence: string
  readonly type: string
  readonly id: string
  readonly operation: 'insert' | 'replace' | 'delete'
  readonly actor: string
  readonly at: number
}

export type NewJob = {
  readonly backendId: string
  /** Unique in the tenant while the job exists: enqueueing it twice is a conflict. */
  readonly id: string
  readonly kind: string
  /** JSON text of an object. */
  readonly payload: string
  /** Milliseconds since 1970: not before. */
  readonly runAt: number
}

export type Job = NewJob & {
  /** How often it was taken, this time included. */
  readonly attempts: number
  readonly lastError: string | null
}

export interface Store {
  /** `null` when there is none. */
  get(address: RecordAddress): Promise<StoredRecord | null>
  /** Those that exist, in the order of `ids`. */
  getMany(backendId: string, type: string, ids: readonly string[]): Promise<StoredRecord[]>
  /** The record that holds a claim. */
  getByClaim(backendId: string, claim: Claim): Promise<StoredRecord | null>
  find(query: FindQuery): Promise<Found>
  count(query: CountQuery): Promise<Counted>

  /** The types that a tenant has or had records of, in order. */
  types(backendId: string): Promise<string[]>

  /**
   * Resolves when the batch is durable.
   * @throws {WriteConflict} and nothing of the batch was written
   */
  write(batch: WriteBatch): Promise<void>

  /** Changes after `sequence` ('' for the beginning), oldest first. */
  changesAfter(backendId: string, sequence: string, limit: number): Promise<Change[]>
  /** Forgets changes older than `before` (milliseconds), of every tenant. @returns how many */
  trimChanges(before: number): Promise<number>
  /**
   * Calls `listener` after each committed write, of this process and of others that share the
   * database, with what changed. For caches: it may be late for other processes' writes, and an
   * empty list means that some may have been missed, so forget everything.
   * @returns a function that ends it
   */
  subscribe(
    listener: (changes: readonly Pick<Change, 'backendId' | 'type' | 'id'>[]) => void,
  ): () => void

  /** Takes up to `limit` due jobs and leases each until `now + leaseMs`; nobody else gets them. */
  takeJobs(now: number, limit: number, leaseMs: number): Promise<Job[]>
  /** Renews the lease of a job that is being worked on. */
  extendJob(job: Pick<Job, 'backendId' | 'id'>, leaseUntil: number): Promise<void>
  /** Removes a job that is done. */
  finishJob(job: Pick<Job, 'backendId' | 'id'>): Promise<void>
  /** Gives a job back, to be taken again at `runAt`; `null` keeps it for inspection, not to be run. */
  releaseJob(job: Pick<Job, 'backendId' | 'id'>, error: string, runAt: number | null): Promise<void>
  /** When the oldest due job became due, or `null`: the age of the queue. */
  oldestDueJob(now: number): Promise<number | null>

  /** Deletes everything of a tenant, in slices. @returns how many records are left to do */
  purgeTenant(backendId: string, slice: number): Promise<number>

  /** Rejects unless the database answers and takes writes. */
  check(): Promise<void>
  close(): Promise<void>
}
