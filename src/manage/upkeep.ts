import type { Context } from '../context.ts'
import { removeExpired } from '../engine/upkeep.ts'
import { oldPushLogs } from '../objects/push/retention.ts'
import { oldNotifications } from '../tools/notifications/store.ts'

const HOUR_MS = 3_600_000
/** Caches and clients that were away for longer than this begin anew. */
const CHANGES_KEPT_MS = 7 * 24 * HOUR_MS

/** What every server does now and then; it does no harm when several do. */
export function scheduleUpkeep(context: Context): void {
  const { jobs, store, now, log } = context
  jobs.every('trim the change log', HOUR_MS, async () => {
    const trimmed = await store.trimChanges(now() - CHANGES_KEPT_MS)
    if (trimmed > 0) log.info({ trimmed }, 'trimmed the change log')
  })
  jobs.every('remove what has expired', HOUR_MS, async (signal) => {
    const removed = await removeExpired(context, signal, (time) => [
      ...oldPushLogs(time),
      ...oldNotifications(time),
    ])
    if (removed > 0) log.info({ removed }, 'removed what has expired')
  })
}
