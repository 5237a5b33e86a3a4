import type { Call } from '../engine/definition.ts'
import { ApiError } from '../errors.ts'
import { keyOf } from '../storage/keys.ts'
import type { NewRecord, RecordAddress, WriteOperation } from '../storage/port.ts'

const HOUR_MS = 3_600_000

/** What clients may have an app send in an hour. */
export type Allowance = {
  /** The record type of the counts, which are no object of the API: `$` begins no name of those. */
  readonly type: string
  /** As a text calls them: `mails`. */
  readonly what: string
  readonly max: number
  /** No call may go over it, for which calls at the same time wait. Otherwise these may. */
  readonly isStrict: boolean
}

/**
 * The operations that count `added` against what the app may in this hour, to be written with what
 * they count: so many servers keep one count. Those of hours before are removed with the first.
 *
 * @throws {ApiError} `rate_limited`, and nothing is to be done then
 */
export async function countInHour(
  { context, backend }: Pick<Call, 'context' | 'backend'>,
  allowance: Allowance,
  added: number,
): Promise<readonly WriteOperation[]> {
  const now = context.now()
  const startMs = now - (now % HOUR_MS)
  const address = { backendId: backend.id, type: allowance.type, id: idOf(startMs) }
  const present = await context.store.get(address)
  const before = present ? (JSON.parse(present.data) as { sent: number }).sent : 0
  if (before + added > allowance.max) throw tooMany(allowance, startMs + HOUR_MS - now)
  if (!present) {
    return [insertion(address, startMs, added), ...(await removals({ context }, address))]
  }
  return [
    ...(allowance.isStrict ? [{ op: 'check', address, is: present.version } as const] : []),
    { op: 'increment', address, add: [{ path: 'sent', key: 'sent', by: added }] },
  ]
}

/** The first id of an object that is made in this hour. */
function idOf(startMs: number): string {
  return (startMs / 1000).toString(16).padStart(8, '0') + '0'.repeat(16)
}

function tooMany({ max, what }: Allowance, leftMs: number): ApiError {
  const minutes = Math.ceil(leftMs / 60_000)
  const text = `This app may send ${max} ${what} an hour; try again in ${minutes} minutes.`
  return new ApiError('rate_limited', text, { retryAfterS: Math.ceil(leftMs / 1000) })
}

function insertion(address: RecordAddress, at: number, sent: number): WriteOperation {
  const record: NewRecord = {
    ...{ ...address, ownerId: null, aclId: null, createdAt: at, updatedAt: at },
    ...{ data: JSON.stringify({ sent }), hidden: null, keys: { sent: keyOf(sent) }, claims: [] },
  }
  return { op: 'insert', record }
}

async function removals(
  { context }: Pick<Call, 'context'>,
  { backendId, type, id }: RecordAddress,
): Promise<WriteOperation[]> {
  const where = { op: 'lt', field: 'id', value: id } as const
  const { records } = await context.store.find({ backendId, type, where, limit: 10 })
  return records.map(({ id: old, version }) => {
    return { op: 'delete', address: { backendId, type, id: old }, ifVersion: version }
  })
}
