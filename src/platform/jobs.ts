import type { EngineContext } from '../engine/context.ts'
import type { JobHandler } from '../jobs/handler.ts'
import { NOTIFY_JOB } from '../tools/notifications/notification.ts'
import { beginNotification, FOLLOW_JOB, followNotification } from './notifications/job.ts'
import { CONTENT_JOB } from './storage/content-job.ts'

/** What is done for each kind of job that the platform puts on the queue. */
export function platformJobs(context: EngineContext): ReadonlyMap<string, JobHandler> {
  const { blobs } = context
  return new Map<string, JobHandler>([
    [CONTENT_JOB, { run: (payload) => blobs.delete(String(payload.key)) }],
    [
      NOTIFY_JOB,
      { run: (payload, { job }) => beginNotification(context, job.backendId, payload as never) },
    ],
    [
      FOLLOW_JOB,
      { run: (payload, { job }) => followNotification(context, job.backendId, payload as never) },
    ],
  ])
}
