import { objectId } from '../../lib/ids.ts'
import { dateKey, textKey } from '../../storage/keys.ts'
import type { Keys, NewRecord, StoredRecord, WriteOperation } from '../../storage/port.ts'
import type { PushPart } from './content.ts'

/** The record type of what the team sends, in the tenant of the backend. */
export const NOTIFICATION_TYPE = '$hub_notification'

/** The time of a notification has come. */
export const NOTIFY_JOB = 'hub.notify'

/** `Warning`: some devices could not be told; `Error`: none could, though there were some. */
export const STATUSES = ['Scheduled', 'New', 'Sending', 'Sent', 'Warning', 'Error'] as const

export type Status = (typeof STATUSES)[number]

export type Failure = {
  /** `null`: it is about all. */
  readonly deviceId: string | null
  readonly code: number | null
  readonly reason: string
}

/** What became of a notification. */
export type Progress = {
  readonly status: Status
  /** ISO 8601: when the sending began. */
  readonly processedOn: string | null
  readonly deviceCount: number
  readonly sentCount: number
  readonly failedCount: number
  /** Devices that are there no more; they were deregistered. */
  readonly goneCount: number
  /** The first ones. */
  readonly failures: readonly Failure[]
}

/** What was asked for, as it is shown. */
export type Asked = {
  readonly tag: string | null
  readonly content: Readonly<Record<string, unknown>>
  readonly users: readonly string[] | null
  readonly roles: readonly string[] | null
  readonly tokenCount: number | null
  readonly platform: string | null
  readonly provider: string | null
  readonly sendOn: string | null
}

export type NotificationData = Asked & Progress & { readonly createdBy: string }

/** What only the server needs. */
export type NotificationHidden = {
  readonly parts: readonly PushPart[]
  /** Digests of device tokens. */
  readonly devices: readonly string[] | null
  /** The pushes that it became. */
  readonly pushIds: readonly string[]
}

export type NewNotification = Asked & Pick<NotificationHidden, 'parts' | 'devices'>

type Made = { readonly backendId: string; readonly actor: string; readonly at: number }

/** A notification that is to be sent, and the job that does it, for one batch. */
export function newNotification(
  { parts, devices, ...asked }: NewNotification,
  { backendId, actor, at }: Made,
): { readonly record: NewRecord; readonly operations: WriteOperation[] } {
  const id = objectId(at)
  const data: NotificationData = {
    ...asked,
    ...{ status: asked.sendOn === null ? 'New' : 'Scheduled', processedOn: null },
    ...{ deviceCount: 0, sentCount: 0, failedCount: 0, goneCount: 0, failures: [] },
    createdBy: actor,
  }
  const record: NewRecord = {
    ...{ backendId, type: NOTIFICATION_TYPE, id, ownerId: null, aclId: null, claims: [] },
    ...{ createdAt: at, updatedAt: at, data: JSON.stringify(data) },
    hidden: JSON.stringify({ parts, devices, pushIds: [] } satisfies NotificationHidden),
    keys: keysOf(data, { id, at }),
  }
  const runAt = data.sendOn === null ? at : Date.parse(data.sendOn)
  const payload = JSON.stringify({ id })
  const job = { backendId, id: `${NOTIFY_JOB}:${id}`, kind: NOTIFY_JOB, payload, runAt }
  return {
    record,
    operations: [
      { op: 'insert', record },
      { op: 'enqueue', job },
    ],
  }
}

/** The same notification, further on. */
export function movedOn(
  before: StoredRecord,
  progress: Partial<Progress>,
  { at, pushIds }: { readonly at: number; readonly pushIds?: readonly string[] },
): WriteOperation {
  const data = { ...dataOf(before), ...progress }
  const hidden = pushIds ? JSON.stringify({ ...hiddenOf(before), pushIds }) : before.hidden
  const { version: ifVersion, ...record } = before
  const keys = keysOf(data, { id: before.id, at: before.createdAt })
  const after = { ...record, updatedAt: at, data: JSON.stringify(data), hidden, keys }
  return { op: 'replace', record: after, ifVersion }
}

export function dataOf({ data }: StoredRecord | NewRecord): NotificationData {
  return JSON.parse(data) as NotificationData
}

export function hiddenOf({ hidden }: StoredRecord): NotificationHidden {
  return JSON.parse(hidden ?? '{}') as NotificationHidden
}

function keysOf(data: NotificationData, { id, at }: { id: string; at: number }): Keys {
  const { status, tag, platform, sendOn, processedOn } = data
  return {
    notificationId: textKey(id),
    status: textKey(status),
    createdOn: dateKey(at),
    ...(tag !== null && { tag: textKey(tag), searched: textKey(searchedTag(tag)) }),
    ...(platform !== null && { platform: textKey(platform) }),
    ...(sendOn !== null && { sendOn: dateKey(Date.parse(sendOn)) }),
    ...(processedOn !== null && { processedOn: dateKey(Date.parse(processedOn)) }),
  }
}

/** Patterns are looked for behind this, since each needs a beginning. */
export const SEARCH_PREFIX = 'q'

function searchedTag(tag: string): string {
  return `${SEARCH_PREFIX}${foldedTag(tag)}`
}

export function foldedTag(text: string): string {
  return text.normalize('NFC').toLowerCase()
}

/** @param path of the list that it stands in */
export function presentNotification(record: StoredRecord | NewRecord, path: string) {
  const { content, createdBy, failures, ...data } = dataOf(record)
  const href = `${path.replace(/\/$/, '')}/${record.id}`
  return {
    id: record.id,
    ...data,
    ...content,
    failures,
    createdOn: new Date(record.createdAt).toISOString(),
    createdBy,
    links: [
      { rel: 'canonical', href },
      { rel: 'self', href },
    ],
  }
}
