import type { Call, Reply } from '../../engine/definition.ts'
import { draftOf } from '../../engine/draft.ts'
import { pageMeta } from '../../engine/methods/query.ts'
import { present } from '../../engine/present.ts'
import { type PageValues, pageWindow, REACH } from '../../engine/query-params.ts'
import { find, recordOf, write } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import { keyOf } from '../../storage/keys.ts'
import type { Condition, StoredRecord, WriteOperation } from '../../storage/port.ts'
import { messages, type Status } from './messages.ts'

/** What a user may find among all copies: his own. */
export function ownBy(userId: string | null): Condition {
  return { op: 'eq', field: 'user_id', value: keyOf(userId) }
}

export function withStatus(...statuses: readonly Status[]): Condition {
  return { op: 'in', field: 'status', values: statuses.map(keyOf) }
}

export function inThread(threadId: string): Condition {
  return { op: 'eq', field: 'thread_id', value: keyOf(threadId) }
}

/**
 * A copy of the user's own; others' are as good as not there.
 * @throws {ApiError} `object_unknown`: "Invalid message id"
 */
export async function ownCopy(call: Call, userId: string, id: string): Promise<StoredRecord> {
  const record = await find(call, messages, id)
  if (record?.ownerId === userId) return record
  throw new ApiError('object_unknown', 'Invalid message id')
}

export function statusOf(record: StoredRecord): Status {
  return (JSON.parse(record.data) as { status: Status }).status
}

/** The operation that changes a copy's status, and the copy as it will be. */
export function withNewStatus(
  call: Call,
  before: StoredRecord,
  status: Status,
): { record: StoredRecord; operation: WriteOperation } {
  const draft = draftOf(before)
  draft.data.status = status
  const record = recordOf(call, messages, draft)
  const operation = { op: 'replace', record, ifVersion: before.version } as const
  return { record: { ...record, version: before.version + 1 }, operation }
}

/** What the caller sees he has read. @throws {WriteConflict} */
export async function markRead(
  call: Call,
  records: readonly StoredRecord[],
): Promise<StoredRecord[]> {
  const operations: WriteOperation[] = []
  const seen = records.map((before) => {
    if (statusOf(before) !== 'unread') return before
    const { record, operation } = withNewStatus(call, before, 'read')
    operations.push(operation)
    return record
  })
  if (operations.length > 0) await write(call, operations)
  return seen
}

type Page = { readonly records: readonly StoredRecord[]; readonly meta: Record<string, number> }

/** A page of the caller's copies, newest first. */
export async function pageOf(
  call: Call<PageValues>,
  conditions: readonly Condition[],
): Promise<Page> {
  const { context, backend, caller, params } = call
  const window = pageWindow(backend, params)
  const where: Condition = { op: 'and', all: [ownBy(caller.userId), ...conditions] }
  const scope = { backendId: backend.id, type: messages.name, where }
  const { records } = await context.store.find({
    ...scope,
    limit: Math.max(0, Math.min(window.limit, REACH - window.offset)),
    offset: window.offset,
  })
  const { count } = await context.store.count({ ...scope, upTo: REACH })
  return { records, meta: pageMeta(window, count) }
}

export async function replyWithPage(call: Call, { records, meta }: Page): Promise<Reply> {
  const texts = await present(call, messages, records)
  return { meta, items: { key: messages.collection, texts } }
}
