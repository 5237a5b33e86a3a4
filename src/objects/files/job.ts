import type { EngineContext } from '../../engine/context.ts'
import { draftOf } from '../../engine/draft.ts'
import { retryLoop } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import { JobFailed } from '../../jobs/handler.ts'
import { FetchRefused, fetchPublic } from '../../lib/public-fetch.ts'
import { keyOf } from '../../storage/keys.ts'
import type { NewJob } from '../../storage/port.ts'
import { contentKey, contentOf, type FileContent, revisionFolder } from './content.ts'
import { countStorage } from './storage-used.ts'

/** Brings a file into its place, and then shows its address. */
export const FILE_JOB = 'file.process'

export type FilePayload = {
  readonly fileId: string
  readonly revision: string
  /** Where to fetch it; `null` when it was uploaded. */
  readonly url: string | null
}

/** For connecting, and for each wait for more of a file. */
const FETCH_IDLE_MS = 30_000
const REDIRECTS_MAX = 5

export function fileJob(backendId: string, payload: FilePayload, runAt: number): NewJob {
  return {
    backendId,
    id: `file-${payload.fileId}-${payload.revision}`,
    kind: FILE_JOB,
    payload: JSON.stringify(payload),
    runAt,
  }
}

/** Run again after a kill, it fetches again, to the same place. */
export async function processFile(
  context: EngineContext,
  backendId: string,
  payload: FilePayload,
  signal: AbortSignal,
): Promise<void> {
  const { fileId, revision } = payload
  const record = await context.store.get({ backendId, type: 'file', id: fileId })
  const content = record && contentOf(JSON.parse(record.hidden ?? '{}'))
  if (content?.revision !== revision) return
  // The address of what was there before ends now, whether the new one can be had or not.
  for (const folder of content.outdated) await context.blobs.deleteAll(folder)
  const sizeBytes =
    payload.url === null
      ? (content.sizeBytes ?? 0)
      : await fetchContent(context, payload.url, contentKey(backendId, fileId, content), signal)
  const isShown = await retryLoop(() => showContent(context, backendId, payload, sizeBytes))
  if (!isShown) await context.blobs.deleteAll(revisionFolder(backendId, fileId, content))
}

/** @returns how many bytes it has */
async function fetchContent(
  context: EngineContext,
  url: string,
  key: string,
  signal: AbortSignal,
): Promise<number> {
  try {
    const reply = await fetchPublic(url, {
      idleMs: FETCH_IDLE_MS,
      redirectsMax: REDIRECTS_MAX,
      allowsPrivate: context.outside.fetchesPrivate,
      signal,
    })
    try {
      const staged = await context.blobs.stage(reply, context.limits.uploadBytesMax)
      await context.blobs.commit(staged, key)
      return staged.sizeBytes
    } finally {
      reply.destroy()
    }
  } catch (cause) {
    const isFinal = cause instanceof FetchRefused || cause instanceof ApiError
    if (!isFinal) throw cause
    throw new JobFailed(`the file cannot be fetched: ${cause.message}`, { cause })
  }
}

/** @returns whether it is shown: it may be gone, or hold something else by now */
async function showContent(
  context: EngineContext,
  backendId: string,
  { fileId, revision }: FilePayload,
  sizeBytes: number,
): Promise<boolean> {
  const current = await context.store.get({ backendId, type: 'file', id: fileId })
  if (!current) return false
  const draft = draftOf(current)
  const content = contentOf(draft.hidden)
  if (content?.revision !== revision) return false
  const counted = content.sizeBytes ?? 0
  const shown: FileContent = { ...content, sizeBytes, outdated: [] }
  const record = {
    ...current,
    data: JSON.stringify({ ...draft.data, processed: true }),
    hidden: JSON.stringify({ ...draft.hidden, content: shown }),
    keys: { ...current.keys, processed: keyOf(true) },
  }
  await context.store.write({
    operations: [
      { op: 'replace', record, ifVersion: current.version },
      ...(await countStorage(context, current, sizeBytes - counted)),
    ],
    actor: 'system',
    at: context.now(),
  })
  return true
}
