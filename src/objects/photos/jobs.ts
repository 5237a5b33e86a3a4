import type { EngineContext } from '../../engine/context.ts'
import { draftOf } from '../../engine/draft.ts'
import { retryLoop } from '../../engine/steps.ts'
import { resizePhoto } from '../../images/resize.ts'
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
  const made = await makeSizes(context, backendId, payload.photoId, files, files.pending)

  await retryLoop(async () => {
    const current = await context.store.get(address)
    if (!current) return
    const draft = draftOf(current)
    const present = filesOf(draft.hidden)
    if (present.revision !== payload.revision) return
    const ready = { ...present.ready, ...made, original: present.original }
    const data = JSON.stringify({ ...draft.data, processed: true })
    const hidden = JSON.stringify({
      ...draft.hidden,
      files: { ...present, ready, pending: [], outdated: [] } satisfies PhotoFiles,
    })
    const changed = { ...current, data, hidden }
    await context.store.write({
      operations: [{ op: 'replace', record: changed, ifVersion: current.version }],
      actor: 'system',
      at: context.now(),
    })
  })
  for (const folder of files.outdated) await context.blobs.deleteAll(folder)
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
  const keys: Record<string, string> = {}
  for (const { name, bytes } of await resizePhoto(original, sizes)) {
    const key = sizeKey(folder, name, files.extension)
    await context.blobs.put(key, bytes)
    keys[name] = key
  }
  return keys
}
