import type { Call } from '../../engine/definition.ts'
import { ApiError } from '../../errors.ts'
import type { NewRecord, WriteOperation } from '../../storage/port.ts'

/** The record type of the count of an hour. No object of the API: `$` begins no name of those. */
const COUNT_TYPE = '$mail_count'

const HOUR_MS = 3_600_000

/**
 * The operations that count mails against what the app may send in this hour, to be written with
 * the mails: so many servers keep one count. Those of hours before are removed with the first.
 *
 * @throws {ApiError} `rate_limited`, and nothing is to be sent then
 */
export async function countMails(
  { context, backend }: Call,
  mails: number,
): Promise<WriteOperation[]> {
  const now = context.now()
  const startMs = now - (now % HOUR_MS)
  const id =
    Math.floor(startMs / 1000)
      .toString(16)
      .padStart(8, '0') + '0'.repeat(16)
  const address = { backendId: backend.id, type: COUNT_TYPE, id }
  const present = await context.store.get(address)
  const sent = present ? (JSON.parse(present.data) as { sent: number }).sent : 0
  const max = backend.settings.templateMailsPerHour
  if (sent + mails > max) {
    const minutes = Math.ceil((startMs + HOUR_MS - now) / 60_000)
    const text = `This app may send ${max} mails an hour; try again in ${minutes} minutes.`
    throw new ApiError('rate_limited', text)
  }
  const record: NewRecord = {
    ...address,
    ...{ ownerId: null, aclId: null, createdAt: startMs, updatedAt: now },
    ...{ data: JSON.stringify({ sent: sent + mails }), hidden: null, keys: {}, claims: [] },
  }
  if (present) return [{ op: 'replace', record, ifVersion: present.version }]
  const { records } = await context.store.find({
    backendId: backend.id,
    type: COUNT_TYPE,
    where: { op: 'lt', field: 'id', value: id },
    limit: 10,
  })
  const removals = records.map(({ id: old, version }): WriteOperation => {
    return { op: 'delete', address: { ...address, id: old }, ifVersion: version }
  })
  return [{ op: 'insert', record }, ...removals]
}
