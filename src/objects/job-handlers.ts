import type { EngineContext } from '../engine/context.ts'
import { BATCH_DELETE_JOB, runBatchDelete } from '../engine/methods/batch-delete.ts'
import { JobFailed, type JobHandler } from '../jobs/handler.ts'
import { MailRefused } from '../mail/port.ts'
import { sendTemplateMail, TEMPLATE_MAIL_JOB } from './emails/send.ts'
import { FOLLOW_PLACE_JOB, followPlace } from './events/follow-place.ts'
import { FILE_JOB, giveUpFile, processFile } from './files/job.ts'
import { END_FRIENDSHIPS_JOB, endAllFriendships } from './friends/deletion.ts'
import { DELETE_FILES_JOB, PROCESS_JOB, processPhoto } from './photos/jobs.ts'
import { pushJobHandlers } from './push/jobs.ts'
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
    [
      FILE_JOB,
      {
        run: (payload, { job, signal }) =>
          processFile(context, job.backendId, payload as never, signal),
        gaveUp: async (payload, { backendId }) => {
          const why = 'its server gives no answer, or none of use'
          await giveUpFile(context, backendId, payload as never, why)
        },
      },
    ],
    [
      FOLLOW_PLACE_JOB,
      {
        timeoutMs: HOUR_MS,
        run: (payload, { job, signal }) =>
          followPlace(context, job.backendId, payload as never, signal),
      },
    ],
    [DELETE_FILES_JOB, { run: (payload) => context.blobs.deleteAll(String(payload.folder)) }],
    [
      END_FRIENDSHIPS_JOB,
      {
        timeoutMs: HOUR_MS,
        run: (payload, { job }) =>
          endAllFriendships(context, job.backendId, String(payload.userId)),
      },
    ],
    [
      MAIL_JOB,
      {
        run: (payload, { job }) =>
          mailOrGiveUp(() => sendUserMail(context, job.backendId, payload as never)),
      },
    ],
    [
      TEMPLATE_MAIL_JOB,
      {
        run: (payload, { job }) =>
          mailOrGiveUp(() => sendTemplateMail(context, job.backendId, payload as never)),
      },
    ],
    ...pushJobHandlers(context),
  ])
}

/** A mailbox that does not exist will not be there the next time either. */
async function mailOrGiveUp(send: () => Promise<void>): Promise<void> {
  try {
    await send()
  } catch (cause) {
    if (cause instanceof MailRefused) throw new JobFailed(cause.message, { cause })
    throw cause
  }
}
