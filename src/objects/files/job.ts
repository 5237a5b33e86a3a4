import type { EngineContext } from '../../engine/context.ts'
import { draftOf } from '../../engine/draft.ts'
import { retryLoop } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import { FetchRefused, fetchPublic } from '../../lib/public-fetch.ts'
import { keyOf } from '../../storage/keys.ts'
import type { NewJob, StoredRecord, WriteOperation } from '../../storage/port.ts'
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
  const outcome =
    payload.url === null
      ? { sizeBytes: content.sizeBytes ?? 0 }
      : await fetchContent(context, payload.url, contentKey(backendId, fileId, content), signal)
  const isThere =
    'refusal' in outcome
      ? await giveUpFile(context, backendId, payload, outcome.refusal)
      : await showContent(context, backendId, payload, outcome.sizeBytes)
  if (!isThere) await context.blobs.deleteAll(revisionFolder(backendId, fileId, content))
}

/** A refusal is for good, and the fault of the address and not of this server. */
type Outcome = { readonly sizeBytes: number } | { readonly refusal: string }

async function fetchContent(
  context: EngineContext,
  url: string,
  key: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const { uploadBytesMax } = context.limits
  try {
    const reply = await fetchPublic(url, {
      idleMs: FETCH_IDLE_MS,
      redirectsMax: REDIRECTS_MAX,
      allowsPrivate: context.outside.fetchesPrivate,
      signal,
    })
    try {
      const staged = await context.blobs.stage(reply, uploadBytesMax)
      await context.blobs.commit(staged, key)
      return { sizeBytes: staged.sizeBytes }
    } finally {
      reply.destroy()
    }
  } catch (error) {
    if (error instanceof FetchRefused) return { refusal: error.message }
    if (error instanceof ApiError && error.code === 'too_large') {
      return { refusal: `it has more than ${uploadBytesMax} bytes` }
    }
    throw error
  }
}

/** @returns false when it is gone, or holds something else by now */
function showContent(
  context: EngineContext,
  backendId: string,
  payload: FilePayload,
  sizeBytes: number,
): Promise<boolean> {
  return changeContent(context, backendId, payload, async (current, content) => {
    const { data, hidden } = draftOf(current)
    const shown: FileContent = { ...content, sizeBytes, outdated: [] }
    const record = {
      ...current,
      data: JSON.stringify({ ...data, processed: true }),
      hidden: JSON.stringify({ ...hidden, content: shown }),
      keys: { ...current.keys, processed: keyOf(true) },
    }
    const storage = await countStorage(context, current, sizeBytes - (content.sizeBytes ?? 0))
    return [{ op: 'replace', record, ifVersion: current.version }, ...storage]
  })
}

/**
 * Says in the file why it never will be there, so that nobody waits for it.
 * @returns false when it is gone, or holds something else by now
 */
export function giveUpFile(
  context: EngineContext,
  backendId: string,
  payload: FilePayload,
  why: string,
): Promise<boolean> {
  return changeContent(context, backendId, payload, async (current) => {
    const processing_error = `The file cannot be fetched: ${why}.`
    const data = JSON.stringify({ ...draftOf(current).data, processing_error })
    return [{ op: 'replace', record: { ...current, data }, ifVersion: current.version }]
  })
}

type ContentChange = (
  current: StoredRecord,
  content: FileContent,
) => Promise<readonly WriteOperation[]>

function changeContent(
  context: EngineContext,
  backendId: string,
  { fileId, revision }: FilePayload,
  change: ContentChange,
): Promise<boolean> {
  return retryLoop(async () => {
    const current = await context.store.get({ backendId, type: 'file', id: fileId })
    if (!current) return false
    const content = contentOf(draftOf(current).hidden)
    if (content?.revision !== revision) return false
    const operations = await change(current, content)
    await context.store.write({ operations, actor: 'system', at: context.now() })
    return true
  })
}
