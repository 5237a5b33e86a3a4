import type { EngineContext } from '../../engine/context.ts'
import { retryLoop } from '../../engine/steps.ts'
import { objectId } from '../../lib/ids.ts'
import { changedBadge, type Payload, parsePayload } from '../../push/payload.ts'
import type { NewRecord, StoredRecord, WriteOperation } from '../../storage/port.ts'
import { devicesOf, SLICE } from './audience.ts'
import {
  DETAIL_TYPE,
  type Delivery,
  type DetailData,
  deliveryOf,
  detailKeys,
  followUp,
  LOG_TYPE,
  logOf,
  SEND_STATUS,
  type Slice,
  type SliceDevice,
  sendJob,
} from './notification.ts'
import { dataOf, withBadge } from './subscriptions.ts'

/**
 * The job: slice by slice, each in one batch with the note of how far it has come. So every device
 * gets into one slice, and has its badge changed once, however often the server is killed.
 */
export async function fanOut(
  context: EngineContext,
  backendId: string,
  { id }: { readonly id: string },
  signal: AbortSignal,
): Promise<void> {
  const address = { backendId, type: LOG_TYPE, id }
  const log = await context.store.get(address)
  if (!log || deliveryOf(log).after === null) return
  const devices = await devicesOf(context, backendId, deliveryOf(log).audience)
  const payload = parsePayload(logOf(log).payload)
  for (;;) {
    const isMore = await retryLoop(async () => {
      const present = await context.store.get(address)
      const after = present && deliveryOf(present).after
      if (!present || after === null) return false
      const records = await devices(after)
      await context.store.write({
        operations: sliceOperations(context, present, payload, records),
        actor: 'system',
        at: context.now(),
      })
      return records.length === SLICE
    })
    context.wakeJobs()
    if (!isMore) return
    signal.throwIfAborted()
  }
}

/** The slice, the job that sends it, the badges, and how far we are with that. */
function sliceOperations(
  context: EngineContext,
  log: StoredRecord,
  payload: Payload,
  records: readonly StoredRecord[],
): WriteOperation[] {
  const now = context.now()
  const delivery = deliveryOf(log)
  const isLast = records.length < SLICE
  const next: Delivery = { ...delivery, after: isLast ? null : (records.at(-1)?.id ?? null) }
  const data = { ...logOf(log), locked_at: logOf(log).locked_at ?? new Date(now).toISOString() }
  const noted = { ...log, data: JSON.stringify(data), hidden: JSON.stringify(next), updatedAt: now }
  const { follower } = delivery
  const note: WriteOperation[] = [
    { op: 'replace', record: noted, ifVersion: log.version },
    ...(isLast && follower ? [followUp(log, 'devices', { follower, now })] : []),
  ]
  if (records.length === 0) return note

  const devices = records.map((one) => sliceDevice(one, payload))
  const detail = detailRecord(log, records, devices, now)
  const job = sendJob(detail, 1, now)
  const badges = records.flatMap((one, i) => {
    const badge = devices[i]?.[1] ?? null
    const record = badge === null ? null : withBadge(one, badge, now)
    return record ? [{ op: 'replace', record, ifVersion: one.version } as const] : []
  })
  return [...note, { op: 'insert', record: detail }, { op: 'enqueue', job }, ...badges]
}

function sliceDevice(record: StoredRecord, { badge }: Payload): SliceDevice {
  const number = badge ? changedBadge(dataOf(record).badge_number, badge) : null
  return [record.id, number, record.ownerId]
}

function detailRecord(
  log: StoredRecord,
  records: readonly StoredRecord[],
  devices: readonly SliceDevice[],
  now: number,
): NewRecord {
  const { app_id, channel } = logOf(log)
  const types: Record<string, number> = {}
  for (const record of records) {
    const { type } = dataOf(record)
    const name = type === 'gcm' ? 'android' : type
    types[name] = (types[name] ?? 0) + 1
  }
  const data: DetailData = {
    ...{ push_id: log.id, app_id, channel, device_count: records.length },
    types: [types],
    android_types: types.android ? [{ GCM: types.android }] : [],
    ...{ send_status: SEND_STATUS.sending, error_message: null },
    ...{ locked_at: null, pem_sent_at: null },
    ...{ sent_count: 0, failed_count: 0, unsubscribed_count: 0, failures: [] },
  }
  return {
    ...{ backendId: log.backendId, type: DETAIL_TYPE, id: objectId(now) },
    ...{ ownerId: log.ownerId, aclId: null, createdAt: now, updatedAt: now, claims: [] },
    data: JSON.stringify(data),
    hidden: JSON.stringify({ devices, results: {}, attempt: 1 } satisfies Slice),
    keys: detailKeys(data, now),
  }
}
