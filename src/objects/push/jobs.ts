import type { EngineContext } from '../../engine/context.ts'
import type { JobHandler } from '../../jobs/handler.ts'
import { BADGES_JOB, runBadges } from './badges.ts'
import { fanOut } from './fan-out.ts'
import { FAN_OUT_JOB, SEND_JOB } from './notification.ts'
import { sendSlice } from './send.ts'
import { runTick, TICK_JOB } from './tick.ts'

const LONG_MS = 3_600_000

/** What is done for each kind of job that pushes put on the queue. */
export function pushJobHandlers(context: EngineContext): readonly [string, JobHandler][] {
  return [
    [
      FAN_OUT_JOB,
      {
        timeoutMs: LONG_MS,
        run: (payload, { job, signal }) => fanOut(context, job.backendId, payload as never, signal),
      },
    ],
    [
      SEND_JOB,
      {
        run: (payload, { job, signal }) =>
          sendSlice(context, job.backendId, payload as never, signal),
      },
    ],
    [TICK_JOB, { run: (payload, { job }) => runTick(context, job.backendId, payload as never) }],
    [
      BADGES_JOB,
      {
        timeoutMs: LONG_MS,
        run: (payload, { job, signal }) =>
          runBadges(context, job.backendId, payload as never, signal),
      },
    ],
  ]
}
