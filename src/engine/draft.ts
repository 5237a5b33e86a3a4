import type { StoredRecord, WriteOperation } from '../storage/port.ts'

/** An object on its way into the store: what a write method fills, step by step, and then saves. */
export type Draft = {
  readonly id: string
  ownerId: string | null
  aclId: string | null
  /** The members that go out. `custom_fields` is one of them, except in custom objects. */
  readonly data: Record<string, unknown>
  /** What never goes out. */
  readonly hidden: Record<string, unknown>
  /** As it was read, or `null` for a new one. */
  readonly before: StoredRecord | null
  /** Other writes that belong in the same batch. */
  readonly operations: WriteOperation[]
  /** A photo, a mail: what goes on the queue with it has been added to `operations`. */
  hasJobs: boolean
  /** A custom field was added to; a call may do that once. */
  hasIncrement: boolean
}

export function newDraft(id: string, ownerId: string | null): Draft {
  return {
    id,
    ownerId,
    aclId: null,
    data: {},
    hidden: {},
    before: null,
    operations: [],
    hasJobs: false,
    hasIncrement: false,
  }
}

export function draftOf(record: StoredRecord): Draft {
  return {
    ...newDraft(record.id, record.ownerId),
    aclId: record.aclId,
    data: JSON.parse(record.data),
    hidden: JSON.parse(record.hidden ?? '{}'),
    before: record,
  }
}
