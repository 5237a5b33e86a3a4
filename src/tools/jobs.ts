import type { ToolsContext } from './context.ts'
import { EXPIRY_JOB, type ExpiryPayload, expireUpload } from './packages/expiry.ts'
import { PURGE_JOB, type PurgePayload, runPurge, type TenantFiles } from './purge/purge.ts'

const HOUR_MS = 3_600_000

/** A purge goes on for as long as it takes: whoever ordered it wants the data gone. */
const PURGE_RUNS_MAX = 1000

type Job = {
  readonly timeoutMs: number
  readonly attemptsMax: number
  run(
    payload: Readonly<Record<string, unknown>>,
    run: { readonly signal: AbortSignal },
  ): Promise<void>
}

/** What is done for each kind of job that the tools put on the queue. */
export function toolsJobs(
  tools: Pick<ToolsContext, 'store' | 'now'>,
  files: TenantFiles,
): ReadonlyMap<string, Job> {
  return new Map<string, Job>([
    [
      PURGE_JOB,
      {
        timeoutMs: HOUR_MS,
        attemptsMax: PURGE_RUNS_MAX,
        run: (payload, { signal }) =>
          runPurge(tools, files, { payload: payload as PurgePayload, signal }),
      },
    ],
    [
      EXPIRY_JOB,
      {
        timeoutMs: HOUR_MS,
        attemptsMax: PURGE_RUNS_MAX,
        run: (payload) => expireUpload(tools, files, payload as ExpiryPayload),
      },
    ],
  ])
}
