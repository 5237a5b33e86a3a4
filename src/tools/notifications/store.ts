import { backendOf } from '../../engine/backend.ts'
import { ApiError } from '../../errors.ts'
import { isObjectId } from '../../lib/ids.ts'
import { dateKey, textKey } from '../../storage/keys.ts'
import type { Condition, NewRecord, StoredRecord } from '../../storage/port.ts'
import { retrying } from '../assets/change.ts'
import { outcomeOf } from '../assets/lifecycle.ts'
import { type Acting, type AuditEvent, auditInsert, batchBy, byOf } from '../audit/entry.ts'
import { readBackend, readBackendRecord } from '../backends/read.ts'
import type { ToolsContext } from '../context.ts'
import { readNotification } from './body.ts'
import { dataOf, NOTIFICATION_TYPE, newNotification } from './notification.ts'

/** @throws {ApiError} `notification_unknown` */
export async function readNotificationRecord(
  { store }: Pick<ToolsContext, 'store'>,
  backendId: string,
  id: string,
): Promise<StoredRecord> {
  const found = isObjectId(id) ? await store.get(addressOf(backendId, id)) : null
  if (!found) throw new ApiError('notification_unknown')
  return found
}

/**
 * Takes a notification, to be sent now or when its time comes, also after a restart.
 *
 * @param backendId as people write it
 * @throws {ApiError} `asset_unknown`, `asset_frozen` for one in the trash, `param_invalid`,
 *   `provider_unsupported`
 */
export async function sendNotification(
  tools: ToolsContext,
  backendId: string,
  { json, ...acting }: Acting & { readonly json: unknown },
): Promise<NewRecord> {
  outcomeOf(await readBackend(tools, backendId), 'configure')
  const backend = backendOf(await readBackendRecord(tools, backendId))
  const by = byOf(acting, tools.now())
  const wanted = readNotification(json, backend, by.at)
  const { record, operations } = newNotification(wanted, { backendId: backend.id, ...by })
  const entry = auditInsert(eventOf(record, 'NOTIFICATION_SENT'), by)
  await tools.store.write(batchBy(by, [...operations, entry]))
  tools.wakeJobs()
  return record
}

/**
 * Takes back what is not sent yet. One that is not there is as good as taken back.
 *
 * @throws {ApiError} `notification_sent`
 */
export function cancelNotification(
  { store, now }: Pick<ToolsContext, 'store' | 'now'>,
  backendId: string,
  { id, ...acting }: Acting & { readonly id: string },
): Promise<void> {
  return retrying(async () => {
    const record = isObjectId(id) ? await store.get(addressOf(backendId, id)) : null
    if (!record) return
    if (dataOf(record).status !== 'Scheduled') throw new ApiError('notification_sent')
    const by = byOf(acting, now())
    const entry = auditInsert(eventOf(record, 'NOTIFICATION_CANCELLED'), by)
    // Its job finds nothing then, and ends.
    const removal = { op: 'delete', address: record, ifVersion: record.version } as const
    await store.write(batchBy(by, [removal, entry]))
  })
}

function addressOf(backendId: string, id: string) {
  return { backendId, type: NOTIFICATION_TYPE, id }
}

function eventOf(
  { backendId, id, data }: Pick<NewRecord, 'backendId' | 'id' | 'data'>,
  action: string,
): AuditEvent {
  const { tag, sendOn } = JSON.parse(data) as { tag: string | null; sendOn: string | null }
  const told = Object.entries({ id, tag, sendOn }).filter(([, value]) => value !== null)
  return {
    actions: [action],
    target: { type: 'MobileBackend', id: backendId, name: null },
    changes: told.map(([name, to]) => ({ member: `notification.${name}`, from: null, to })),
  }
}

const KEPT_MS = 90 * 86_400_000

/** What is removed of notifications: those that were sent so long ago that their logs are gone. */
export function oldNotifications(now: number): { type: string; where: Condition }[] {
  const where: Condition = {
    op: 'and',
    all: [
      { op: 'not', not: { op: 'eq', field: 'status', value: textKey('Scheduled') } },
      { op: 'lt', field: 'createdOn', value: dateKey(now - KEPT_MS) },
      { op: 'lt', field: 'processedOn', value: dateKey(now - KEPT_MS) },
    ],
  }
  return [{ type: NOTIFICATION_TYPE, where }]
}
