import type { EngineContext } from '../engine/context.ts'
import { BATCH_DELETE_JOB, runBatchDelete } from '../engine/methods/batch-delete.ts'
import type { JobHandler } from '../jobs/handler.ts'
import { DELETE_FILES_JOB, PROCESS_JOB, processPhoto } from './photos/jobs.ts'
import { MAIL_JOB, sendUserMail } from './users/mail-job.ts'

const HOUR_MS = 3_600_000

/** What is done for each kind of job that the objects put on the queue. */
export function jobHandlers(context: EngineContext): ReadonlyMap<string, JobHandler> {
  return new Map<string, JobHandler>([
    [
      BATCH_DELETE_JOB,
      {
        timeoutMs: HOUR_MS,
        run: (payload, { job, signal }) =>
          runBatchDelete(context, job.backendId, payload as never, signal),
      },
    ],
    [
      PROCESS_JOB,
      { run: (payload, { job }) => processPhoto(context, job.backendId, payload as never) },
    ],
    [DELETE_FILES_JOB, { run: (payload) => context.blobs.deleteAll(String(payload.folder)) }],
    [
      MAIL_JOB,
      { run: (payload, { job }) => sendUserMail(context, job.backendId, payload as never) },
    ],
  ])
}
