import type { EngineContext } from '../../engine/context.ts'
import type { PushOutcome } from '../../push/port.ts'
import type { StoredRecord, WriteOperation } from '../../storage/port.ts'
import {
  type DetailData,
  type DetailFailure,
  type DeviceResult,
  detailKeys,
  type Follower,
  followUp,
  SEND_STATUS,
  type Slice,
  sendJob,
} from './notification.ts'

/** What became of a device; `skipped`: it has left the audience meanwhile. */
export type GroupResult = {
  readonly device: string
  readonly outcome: PushOutcome | { readonly kind: 'skipped' }
}

/** How far a slice has come in this attempt. */
export type Progress = {
  /** As it is stored now. */
  readonly detail: StoredRecord
  readonly data: DetailData
  readonly slice: Slice
  readonly expiresAt: number | null
  readonly follower?: Follower | undefined
  /** Devices that this attempt could not serve. */
  readonly left: readonly Postponed[]
}

type Later = Extract<PushOutcome, { kind: 'later' }>
type Postponed = { readonly device: string; readonly outcome: Later }

/** With pauses from 5 seconds on, threefold each time up to an hour, this comes to half a day. */
const ATTEMPTS_MAX = 16
const PAUSE_MS = 5_000
const PAUSE_MAX_MS = 3_600_000

/**
 * Notes what became of a group.
 * @param isLast of this attempt: what is left then gets its next one, or is given up
 * @throws {WriteConflict} when another server works on the slice as well
 */
export async function checkpoint(
  context: EngineContext,
  progress: Progress,
  results: readonly GroupResult[],
  isLast: boolean,
): Promise<Progress> {
  const now = context.now()
  const left = [...progress.left, ...results.flatMap(postponed)]
  const pause = isLast && left.length > 0 ? pauseMs(progress.slice.attempt, left) : null
  const isGivenUp = pause !== null && mustEnd(progress, now + pause)
  const ended = isGivenUp ? left.map(({ device, outcome }) => ({ device, outcome })) : []
  const settled = [...results.filter(({ outcome }) => outcome.kind !== 'later'), ...ended]
  const comesAgain = pause !== null && !isGivenUp
  const slice = noted(progress.slice, settled, comesAgain ? 1 : 0)
  const isDone = isLast && (left.length === 0 || isGivenUp)
  const isOverdue = isGivenUp && progress.expiresAt !== null && progress.expiresAt < now + pause
  const data = changed(progress.data, settled, { now, isDone, isOverdue })
  const { detail } = progress
  const record = {
    ...detail,
    updatedAt: now,
    data: JSON.stringify(data),
    hidden: JSON.stringify(slice),
    keys: detailKeys(data, now),
  }
  const operations: WriteOperation[] = [{ op: 'replace', record, ifVersion: detail.version }]
  if (comesAgain)
    operations.push({ op: 'enqueue', job: sendJob(detail, slice.attempt, now + pause) })
  const { follower } = progress
  if (isDone && follower) {
    const push = { backendId: detail.backendId, id: data.push_id }
    operations.push(followUp(push, detail.id, { follower, now }))
  }
  await context.store.write({ operations, actor: 'system', at: now })
  return { ...progress, detail: { ...record, version: detail.version + 1 }, data, slice, left }
}

function postponed({ device, outcome }: GroupResult): Postponed[] {
  return outcome.kind === 'later' ? [{ device, outcome }] : []
}

/** As long as the service that asked for the longest wait wants, and more with each attempt. */
function pauseMs(attempt: number, left: readonly Postponed[]): number {
  const asked = Math.max(...left.map(({ outcome }) => outcome.afterMs ?? 0))
  return Math.max(asked, Math.min(PAUSE_MAX_MS, PAUSE_MS * 3 ** (attempt - 1)))
}

function mustEnd({ slice, expiresAt }: Progress, next: number): boolean {
  return slice.attempt >= ATTEMPTS_MAX || (expiresAt !== null && expiresAt < next)
}

const RESULTS: Readonly<Record<GroupResult['outcome']['kind'], DeviceResult>> = {
  sent: 'sent',
  gone: 'gone',
  refused: 'failed',
  later: 'failed',
  skipped: 'skipped',
}

function noted(slice: Slice, settled: readonly GroupResult[], attempts: number): Slice {
  const results = settled.map(({ device, outcome }) => [device, RESULTS[outcome.kind]] as const)
  const all = { ...slice.results, ...Object.fromEntries(results) }
  return { ...slice, results: all, attempt: slice.attempt + attempts }
}

type State = { readonly now: number; readonly isDone: boolean; readonly isOverdue: boolean }

function changed(data: DetailData, settled: readonly GroupResult[], state: State): DetailData {
  const count = (result: DeviceResult) =>
    settled.filter(({ outcome }) => RESULTS[outcome.kind] === result).length
  const failures = [...data.failures, ...settled.flatMap(failureOf)]
  const time = new Date(state.now).toISOString()
  const after = {
    ...data,
    locked_at: data.locked_at ?? time,
    sent_count: data.sent_count + count('sent'),
    failed_count: data.failed_count + count('failed'),
    unsubscribed_count: data.unsubscribed_count + count('gone'),
    failures,
    error_message: failures.length > 0 ? summary(failures) : null,
  }
  if (!state.isDone) return after
  return { ...after, pem_sent_at: time, send_status: statusOf(after, state.isOverdue) }
}

/** A failure is one of the slice only where nobody got anything. */
function statusOf({ sent_count, failures }: DetailData, isOverdue: boolean): number {
  if (sent_count > 0 || failures.length === 0) return SEND_STATUS.success
  return isOverdue ? SEND_STATUS.overdue : SEND_STATUS.fail
}

function failureOf({ device, outcome }: GroupResult): DetailFailure[] {
  if (outcome.kind === 'sent' || outcome.kind === 'skipped') return []
  return [{ subscription_id: device, error_code: outcome.code, error_message: outcome.reason }]
}

const SUMMARY_MAX = 500

/** `2006 PayloadTooLarge (3 devices)`, the most frequent first. */
function summary(failures: readonly DetailFailure[]): string {
  const counts = new Map<string, number>()
  for (const { error_code: code, error_message: reason } of failures) {
    const text = code === null ? reason : `${code} ${reason}`
    counts.set(text, (counts.get(text) ?? 0) + 1)
  }
  const sorted = [...counts].sort(([, a], [, b]) => b - a)
  const parts = sorted.map(([text, n]) => `${text} (${n} ${n === 1 ? 'device' : 'devices'})`)
  return parts.join(', ').slice(0, SUMMARY_MAX)
}
