import { setMaxListeners } from 'node:events'
import type { EngineContext } from '../../engine/context.ts'
import { bodyFor, isSilent, type Payload, parsePayload } from '../../push/payload.ts'
import type { PushOutcome, PushSender, PushService } from '../../push/port.ts'
import { type StoredRecord, WriteConflict } from '../../storage/port.ts'
import { pushCredentials } from './credentials.ts'
import {
  DETAIL_TYPE,
  type DetailData,
  deliveryOf,
  LOG_TYPE,
  logOf,
  SEND_STATUS,
  type Slice,
  type SliceDevice,
} from './notification.ts'
import { checkpoint, type GroupResult, type Progress } from './progress.ts'
import { dataOf, removal, subscriptions } from './subscriptions.ts'

/** So many go out at once and are noted together: what a crash may send twice at the most. */
const GROUP = 50

const SERVICES = { ios: 'apns', android: 'fcm', gcm: 'fcm', web: 'web' } as const satisfies Record<
  string,
  PushService
>

/** What the log says of devices whose service the app has no credentials for. */
const UNCONFIGURED: Readonly<Record<PushService, PushOutcome>> = {
  apns: { kind: 'refused', scope: 'service', code: 2003, reason: 'no APNs credentials are set' },
  fcm: { kind: 'refused', scope: 'service', code: 3102, reason: 'no FCM credentials are set' },
  web: { kind: 'refused', scope: 'service', code: null, reason: 'no VAPID keys are set' },
}

/** All that sending a slice needs, read once. */
type Sending = {
  readonly context: EngineContext
  readonly backendId: string
  readonly notificationId: string
  readonly payload: Payload
  readonly expiresAt: number | null
  readonly isNowOrNever: boolean
  readonly senders: Map<PushService, PushSender | PushOutcome>
  readonly signal: AbortSignal
}

/**
 * The job: sends to the devices of a slice that are not done yet, group by group, and notes after
 * each what became of it. What a service puts off is left to a job of its own, later.
 */
export async function sendSlice(
  context: EngineContext,
  backendId: string,
  { id, attempt }: { readonly id: string; readonly attempt: number },
  signal: AbortSignal,
): Promise<void> {
  // All requests of a group listen to it at once.
  setMaxListeners(0, signal)
  const detail = await context.store.get({ backendId, type: DETAIL_TYPE, id })
  if (!detail) return
  const data = JSON.parse(detail.data) as DetailData
  const log = await context.store.get({ backendId, type: LOG_TYPE, id: data.push_id })
  const slice = JSON.parse(detail.hidden ?? '{}') as Slice
  const isOver = data.send_status !== SEND_STATUS.sending || slice.attempt !== attempt
  if (!log || isOver) return
  const sending: Sending = {
    ...{ context, backendId, notificationId: log.id, signal, senders: new Map() },
    payload: parsePayload(logOf(log).payload),
    expiresAt: deliveryOf(log).expiresAt,
    isNowOrNever: logOf(log).expire_after_seconds === 0,
  }
  const progress: Progress = {
    detail,
    data,
    slice,
    expiresAt: sending.expiresAt,
    follower: deliveryOf(log).follower,
    left: [],
  }
  const undone = slice.devices.filter(([device]) => slice.results[device] === undefined)
  let done = progress
  for (let i = 0; i === 0 || i < undone.length; i += GROUP) {
    const results = await sendGroup(sending, undone.slice(i, i + GROUP))
    // Whoever is made to stop leaves the end to the next run of the same job.
    const isLast = i + GROUP >= undone.length && !signal.aborted
    done = await checkpoint(context, done, results, isLast)
    signal.throwIfAborted()
  }
  if (progress.follower) context.wakeJobs()
}

async function sendGroup(
  sending: Sending,
  group: readonly SliceDevice[],
): Promise<readonly GroupResult[]> {
  const { context, backendId } = sending
  const ids = group.map(([id]) => id)
  const records = await context.store.getMany(backendId, subscriptions.name, ids)
  const byId = new Map(records.map((record) => [record.id, record]))
  const results = await Promise.all(
    group.map(async ([device, badge, ownerId]): Promise<GroupResult> => {
      const record = byId.get(device)
      const isThere = record && record.ownerId === ownerId
      return {
        device,
        outcome: isThere ? await sendOne(sending, record, badge) : { kind: 'skipped' },
      }
    }),
  )
  await prune(context, results, byId)
  return results
}

async function sendOne(
  sending: Sending,
  record: StoredRecord,
  badge: number | null,
): Promise<PushOutcome> {
  if (isExpired(sending)) return EXPIRED
  const { type, device_token: token } = dataOf(record)
  const service = SERVICES[type]
  const sender = await senderFor(sending, service)
  if (!('send' in sender)) return sender
  const { payload, notificationId, expiresAt, signal, senders } = sending
  const body = bodyFor(type, payload, badge)
  const message = { notificationId, token, body, isSilent: isSilent(payload), expiresAt }
  const outcome = await sender.send(message, signal)
  // What is true of the whole service is not found out again with each device.
  const isGeneral = 'scope' in outcome && outcome.scope === 'service'
  if (isGeneral && !signal.aborted) senders.set(service, outcome)
  return outcome
}

/** "Now or never" still means that it may be tried now. */
const NOW_MS = 60_000

const EXPIRED: PushOutcome = {
  kind: 'later',
  scope: 'device',
  code: null,
  reason: 'expired',
  afterMs: null,
}

function isExpired({ context, expiresAt, isNowOrNever }: Sending): boolean {
  return expiresAt !== null && context.now() > expiresAt + (isNowOrNever ? NOW_MS : 0)
}

async function senderFor(
  { context, backendId, senders }: Sending,
  service: PushService,
): Promise<PushSender | PushOutcome> {
  const known = senders.get(service)
  if (known) return known
  const credentials = await pushCredentials(context, backendId, service)
  const found = credentials ? await context.push.sender(credentials) : UNCONFIGURED[service]
  // Another device of the group may have met a general failure while this one waited.
  const present = senders.get(service) ?? found
  senders.set(service, present)
  return present
}

/** Removes what is gone, unless the device has come back since. */
async function prune(
  context: EngineContext,
  results: readonly GroupResult[],
  byId: ReadonlyMap<string, StoredRecord>,
): Promise<void> {
  const dead = results.flatMap(({ device, outcome }) => {
    const record = byId.get(device)
    if (outcome.kind !== 'gone' || !record) return []
    return outcome.since !== null && record.updatedAt > outcome.since ? [] : [record]
  })
  const remove = (records: readonly StoredRecord[]) =>
    context.store.write({ operations: records.map(removal), actor: 'system', at: context.now() })
  if (dead.length === 0) return
  try {
    await remove(dead)
  } catch (error) {
    if (!(error instanceof WriteConflict)) throw error
    for (const record of dead) await remove([record]).catch(ignoreConflict)
  }
}

/** The device was changed just now: so it lives, and the next push will tell. */
function ignoreConflict(error: unknown): void {
  if (!(error instanceof WriteConflict)) throw error
}
