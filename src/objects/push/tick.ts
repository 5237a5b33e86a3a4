import type { EngineContext } from '../../engine/context.ts'
import { retryLoop } from '../../engine/steps.ts'
import type { NewJob, RecordAddress, StoredRecord } from '../../storage/port.ts'
import { newNotification } from './notification.ts'
import { nextTick } from './recurrence.ts'
import { audienceOf, type Plan, payloadText, planOf } from './schedule-plan.ts'

/** A schedule's time has come. */
export const TICK_JOB = 'push.tick'

/** The record type of schedules; `schedules.ts` declares the object. */
const SCHEDULE_TYPE = 'push_schedule'

type Tick = { readonly id: string; readonly round: number; readonly at: number }

type Hidden = { readonly round: number; readonly next: number | null }

/** The job of the first time after `after`; `null` when there is none. Its id is that time's own. */
export function tickJob(
  { backendId, id }: Pick<RecordAddress, 'backendId' | 'id'>,
  plan: Plan,
  round: number,
  after: number,
): NewJob | null {
  const at = nextTick(plan.rhythm, after)
  if (at === null) return null
  const payload = JSON.stringify({ id, round, at } satisfies Tick)
  return { backendId, id: `${TICK_JOB}:${id}:${round}:${at}`, kind: TICK_JOB, payload, runAt: at }
}

/**
 * The job: the notification, the next time's job and the note that this one is done are one batch,
 * so a time comes once, however many servers there are. Times that passed while no server ran are
 * made up for by one notification.
 */
export async function runTick(
  context: EngineContext,
  backendId: string,
  tick: Tick,
): Promise<void> {
  await retryLoop(async () => {
    const record = await context.store.get({ backendId, type: SCHEDULE_TYPE, id: tick.id })
    const hidden = JSON.parse(record?.hidden ?? '{}') as Hidden
    if (!record || hidden.round !== tick.round || hidden.next !== tick.at) return
    const plan = planOf(record)
    const now = context.now()
    const next = tickJob(record, plan, tick.round, Math.max(now, tick.at))
    const after = { ...record, hidden: JSON.stringify({ ...hidden, next: next?.runAt ?? null }) }
    await context.store.write({
      operations: [
        { op: 'replace', record: after, ifVersion: record.version },
        ...notificationOf(context, record, plan, tick.at),
        ...(next ? [{ op: 'enqueue', job: next } as const] : []),
      ],
      actor: record.ownerId ?? 'system',
      at: now,
    })
  })
  context.wakeJobs()
}

function notificationOf(context: EngineContext, record: StoredRecord, plan: Plan, at: number) {
  const { channels, userIds, expireAfterS, loc, payload } = plan
  return newNotification(context, record.backendId, {
    ...{ channels, expireAfterS, userId: record.ownerId, audience: audienceOf(plan) },
    payload: payloadText(payload),
    toIds: userIds?.join(',') ?? 'everyone',
    geoCondition: loc === null ? null : JSON.stringify(loc),
    schedule: { id: record.id, at },
  }).operations
}
