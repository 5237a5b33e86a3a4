import type { EngineContext } from '../../engine/context.ts'
import { draftOf } from '../../engine/draft.ts'
import { retryLoop } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import { keysOf } from '../../storage/keys.ts'
import type { NewJob } from '../../storage/port.ts'
import { filesOf, type PhotoFiles, revisionFolder, sizeKey } from './files.ts'

/** Makes the sizes of a picture that were not made before the answer. */
export const PROCESS_JOB = 'photo.process'

/** Removes the files of a photo that is gone. */
export const DELETE_FILES_JOB = 'photo.deleteFiles'

export function processJob(
  backendId: string,
  photoId: string,
  revision: string,
  runAt: number,
): NewJob {
  const payload = JSON.stringify({ photoId, revision })
  return { backendId, id: `photo-${photoId}-${revision}`, kind: PROCESS_JOB, payload, runAt }
}

/**
 * Makes each size and then shows them all. Run again after a kill it makes the same files under the
 * same names, so nothing is left half done.
 */
export async function processPhoto(
  context: EngineContext,
  backendId: string,
  payload: { readonly photoId: string; readonly revision: string },
): Promise<void> {
  const address = { backendId, type: 'photo', id: payload.photoId }
  const record = await context.store.get(address)
  const files = record && filesOf(JSON.parse(record.hidden ?? '{}'))
  if (!files || files.revision !== payload.revision) return
  const folder = revisionFolder(backendId, payload.photoId, payload.revision)
  const made = await sizesOrNone(context, backendId, payload.photoId, files)

  const isShown = await retryLoop(async () => {
    const current = await context.store.get(address)
    if (!current) return false
    const draft = draftOf(current)
    const present = filesOf(draft.hidden)
    if (present.revision !== payload.revision) return false
    // Sizes of an earlier picture, which were shown until now, go with it.
    const before = Object.entries(present.ready).filter(([, key]) => key.startsWith(folder))
    const ready = { ...Object.fromEntries(before), ...made, original: present.original }
    const data = JSON.stringify({ ...draft.data, processed: true })
    const hidden = JSON.stringify({
      ...draft.hidden,
      files: { ...present, ready, pending: [] } satisfies PhotoFiles,
    })
    const keys = { ...current.keys, processed: keysOf(true) }
    await context.store.write({
      operations: [
        { op: 'replace', record: { ...current, data, hidden, keys }, ifVersion: current.version },
      ],
      actor: 'system',
      at: context.now(),
    })
    return true
  })
  // The photo was deleted or replaced meanwhile: nobody else knows of what was made.
  if (!isShown) for (const key of Object.values(made)) await context.blobs.delete(key)
  else for (const outdated of files.outdated) await context.blobs.deleteAll(outdated)
}

/** A picture whose pixels turn out to be damaged is shown as it came, without the sizes. */
async function sizesOrNone(
  context: EngineContext,
  backendId: string,
  photoId: string,
  files: PhotoFiles,
): Promise<Record<string, string>> {
  try {
    return await makeSizes(context, backendId, photoId, files, files.pending)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    context.log.warn({ err: error, photoId }, 'a photo is damaged; no sizes are made of it')
    return {}
  }
}

/** @returns the blob keys, by size */
export async function makeSizes(
  context: EngineContext,
  backendId: string,
  photoId: string,
  files: Pick<PhotoFiles, 'original' | 'revision' | 'extension'>,
  sizes: PhotoFiles['pending'],
): Promise<Record<string, string>> {
  if (sizes.length === 0) return {}
  const original = await context.blobs.readBytes(files.original)
  if (!original) throw new Error(`the file of photo ${photoId} is missing`)
  const folder = revisionFolder(backendId, photoId, files.revision)
  // Loaded with the first picture: most of what the library takes is memory.
  const { resizePhoto } = await import('../../images/resize.ts')
  const keys: Record<string, string> = {}
  for (const { name, bytes } of await resizePhoto(original, sizes)) {
    const key = sizeKey(folder, name, files.extension)
    await context.blobs.put(key, bytes)
    keys[name] = key
  }
  return keys
}
