import type { EngineContext } from '../../engine/context.ts'
import { objectId } from '../../lib/ids.ts'
import { dateKey, keyOf } from '../../storage/keys.ts'
import type { NewJob, NewRecord, StoredRecord, WriteOperation } from '../../storage/port.ts'
import type { Audience } from './audience.ts'

/** A notification, as it is kept and as administrators see it in the log. */
export const LOG_TYPE = 'push_log'

/** One slice of its devices, and what became of each. */
export const DETAIL_TYPE = 'push_log_detail'

/** Finds the devices of a notification and puts them, in slices, on the queue. */
export const FAN_OUT_JOB = 'push.fanOut'

/** Sends a notification to one slice of its devices. */
export const SEND_JOB = 'push.send'

/** What the log shows besides the id and the dates: names are the API's, and nulls are shown. */
export type LogData = {
  readonly app_id: string
  readonly channel: string | null
  readonly payload: string
  readonly to_ids: string | null
  readonly user_id: string | null
  readonly geo_condition: string | null
  readonly expire_after_seconds: number | null
  readonly push_schedule_id: string | null
  /** ISO 8601 with milliseconds. */
  readonly scheduled_at: string | null
  readonly locked_at: string | null
}

/** What only the server needs of a notification. */
export type Delivery = {
  readonly audience: Audience
  /** Milliseconds since 1970; `null`: never. */
  readonly expiresAt: number | null
  /** How far the fan-out has come: the last device's id, or `null` when it is done. */
  readonly after: string | null
  readonly follower?: Follower
}

/** Whoever wants to hear of each part that is done: a kind of job, and what it is about. */
export type Follower = { readonly kind: string; readonly id: string }

/** The job that tells a follower of a part: a slice, or the finding of the devices. */
export function followUp(
  push: Pick<NewRecord, 'backendId' | 'id'>,
  part: string,
  { follower: { kind, id }, now }: { readonly follower: Follower; readonly now: number },
): WriteOperation {
  const { backendId, id: pushId } = push
  const job = { backendId, id: `${kind}:${id}:${pushId}:${part}`, kind, runAt: now }
  return { op: 'enqueue', job: { ...job, payload: JSON.stringify({ id }) } }
}

export type Wanted = {
  readonly channels: readonly string[] | null
  readonly payload: string
  readonly userId: string | null
  readonly audience: Audience
  readonly expireAfterS: number | null
  /** As the log tells it: the ids, or `everyone`. */
  readonly toIds: string | null
  readonly geoCondition: string | null
  readonly schedule?: { readonly id: string; readonly at: number }
  readonly follower?: Follower
}

export type Notification = { readonly id: string; readonly operations: WriteOperation[] }

/** A new notification and the job that will fan it out, to be written in one batch. */
export function newNotification(
  { now: clock }: Pick<EngineContext, 'now'>,
  backendId: string,
  wanted: Wanted,
): Notification {
  const now = clock()
  const id = objectId(now)
  const { schedule, expireAfterS } = wanted
  const begins = schedule?.at ?? now
  const data: LogData = {
    app_id: backendId,
    channel: wanted.channels?.join(',') ?? null,
    payload: wanted.payload,
    to_ids: wanted.toIds,
    user_id: wanted.userId,
    geo_condition: wanted.geoCondition,
    expire_after_seconds: expireAfterS,
    push_schedule_id: schedule?.id ?? null,
    scheduled_at: schedule ? new Date(schedule.at).toISOString() : null,
    locked_at: null,
  }
  const delivery: Delivery = {
    audience: wanted.audience,
    expiresAt: expireAfterS === null ? null : begins + expireAfterS * 1000,
    after: '',
    ...(wanted.follower && { follower: wanted.follower }),
  }
  const keys = Object.fromEntries(
    Object.entries(data)
      .filter(([name, value]) => value !== null && !UNFOUND.has(name))
      .map(([name, value]) => [name, keyOf(value)]),
  )
  const record: NewRecord = {
    ...{ backendId, type: LOG_TYPE, id, ownerId: wanted.userId, aclId: null },
    ...{ createdAt: now, updatedAt: now, claims: [] },
    data: JSON.stringify(data),
    hidden: JSON.stringify(delivery),
    keys: { ...keys, ...(wanted.channels ? { channel: wanted.channels.map(keyOf).sort() } : {}) },
  }
  const job = { backendId, id: `${FAN_OUT_JOB}:${id}`, kind: FAN_OUT_JOB, runAt: now }
  return {
    id,
    operations: [
      { op: 'insert', record },
      { op: 'enqueue', job: { ...job, payload: JSON.stringify({ id }) } },
    ],
  }
}

/** Members of a log that are shown and not found. */
const UNFOUND = new Set(['payload', 'geo_condition', 'to_ids'])

export function logOf(record: StoredRecord): LogData {
  return JSON.parse(record.data) as LogData
}

export function deliveryOf(record: StoredRecord): Delivery {
  return JSON.parse(record.hidden ?? '{}') as Delivery
}

/** What is kept of one device of a slice: its id, its new badge if it gets one, whose it was. */
export type SliceDevice = readonly [id: string, badge: number | null, ownerId: string | null]

/** `failed` and `gone` are told in the log; a device that left meanwhile is `skipped`. */
export type DeviceResult = 'sent' | 'failed' | 'gone' | 'skipped'

export type Slice = {
  readonly devices: readonly SliceDevice[]
  /** By the device's id: those that are done. */
  readonly results: Readonly<Record<string, DeviceResult>>
  /** The one that is due or under way: a job of an earlier one has been overtaken. */
  readonly attempt: number
}

/** Each attempt at a slice is a job of its own. */
export function sendJob(
  detail: Pick<NewRecord, 'backendId' | 'id'>,
  attempt: number,
  runAt: number,
): NewJob {
  const payload = JSON.stringify({ id: detail.id, attempt })
  const id = `${SEND_JOB}:${detail.id}:${attempt}`
  return { backendId: detail.backendId, id, kind: SEND_JOB, payload, runAt }
}

/** Numbers of the original service. */
export const SEND_STATUS = { sending: 0, success: 1, fail: 2, overdue: 3 } as const

export type DetailFailure = {
  readonly subscription_id: string
  readonly error_code: number | null
  readonly error_message: string
}

export type DetailData = {
  readonly push_id: string
  readonly app_id: string
  readonly channel: string | null
  readonly device_count: number
  readonly types: readonly Readonly<Record<string, number>>[]
  readonly android_types: readonly Readonly<Record<string, number>>[]
  readonly send_status: number
  readonly error_message: string | null
  readonly locked_at: string | null
  readonly pem_sent_at: string | null
  readonly sent_count: number
  readonly failed_count: number
  /** Devices that are there no more; their subscriptions are removed. */
  readonly unsubscribed_count: number
  readonly failures: readonly DetailFailure[]
}

/** The keys of a slice's record. */
export function detailKeys({ push_id, send_status, channel }: DetailData, now: number) {
  return {
    push_id: keyOf(push_id),
    send_status: keyOf(send_status),
    updated_at: dateKey(Math.floor(now / 1000) * 1000),
    ...(channel === null ? {} : { channel: channel.split(',').map(keyOf).sort() }),
  }
}
