import { USER_TYPE } from '../../engine/caller.ts'
import type { Attachment, Call } from '../../engine/definition.ts'
import { type Draft, newDraft } from '../../engine/draft.ts'
import { actingUser } from '../../engine/fill.ts'
import { deletion } from '../../engine/methods/delete.ts'
import { described, FilePart, id } from '../../engine/params.ts'
import { find, recordOf } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import type { WriteOperation } from '../../storage/port.ts'
import { countedOf, countPhoto } from './counters.ts'
import { processJob } from './jobs.ts'
import { photos } from './photos.ts'
import { PICTURE_PARAMS, receivePicture } from './receive.ts'

/** The member, out of sight, that tells which photo came in through `photo`. */
const OWN_PHOTO = 'own_photo'

/**
 * A primary photo: `photo` uploads a new one that belongs to the caller, `photo_id` attaches a
 * present one. Empty text detaches, and deletes a photo that had come in through `photo`.
 */
export const photoAttachment: Attachment = {
  params: { ...PICTURE_PARAMS, photo_id: described(id(), 'A photo that exists; empty: none.') },
  references: { photo: { type: 'photo', invalid: 'Invalid photo id', readOnly: true } },
  async apply(call, draft) {
    const { photo, photo_id: photoId } = call.params
    if (photo instanceof FilePart) await attachNew(call, draft, photo)
    else if (photo === '' || photoId === '') await detach(call, draft)
    else if (typeof photoId === 'string') await attach(call, draft, photoId)
  },
}

async function attachNew(call: Call, draft: Draft, part: FilePart): Promise<void> {
  const { context, backend } = call
  const picture = await receivePicture(call, part)
  // Who may write the object of another brings a photo of his own to it.
  const ownerId = draft.before ? await actingUser(call) : draft.ownerId
  const photo = newDraft(picture.photoId, ownerId)
  Object.assign(photo.data, picture.data)
  photo.hidden.files = picture.files
  const owner = { backendId: backend.id, ownerId: photo.ownerId }
  const counted = { collectionId: null, sizeBytes: part.staged.sizeBytes }
  const job = processJob(backend.id, photo.id, picture.files.revision, context.now())
  draft.operations.push(
    { op: 'insert', record: recordOf(call, photos, photo) },
    { op: 'enqueue', job },
    // A user who is being made is not stored yet: his counters begin with this photo.
    ...(draft.id === photo.ownerId ? [] : await countPhoto(context, owner, null, counted)),
  )
  if (draft.id === photo.ownerId) addToOwnCounters(draft, 1, part.staged.sizeBytes)
  draft.hasJobs = true
  draft.data.photo_id = photo.id
  draft.hidden[OWN_PHOTO] = photo.id
}

function addToOwnCounters(user: Draft, photos: number, sizeBytes: number): void {
  user.data.photos_count = Number(user.data.photos_count ?? 0) + photos
  user.data.storage_used = Number(user.data.storage_used ?? 0) + sizeBytes
}

async function attach(call: Call, draft: Draft, photoId: string): Promise<void> {
  const photo = await find(call, photos, photoId)
  if (!photo) throw new ApiError('object_unknown', 'Invalid photo id')
  draft.data.photo_id = photo.id
  delete draft.hidden[OWN_PHOTO]
}

async function detach(call: Call, draft: Draft): Promise<void> {
  const own = draft.hidden[OWN_PHOTO]
  const photo = typeof own === 'string' ? await find(call, photos, own) : null
  if (photo && photo.id === draft.data.photo_id) {
    const isOwnCounter = (one: WriteOperation) =>
      one.op === 'increment' && one.address.type === USER_TYPE && one.address.id === draft.id
    const operations = await deletion(call, photos, photo)
    draft.operations.push(...operations.filter((one) => !isOwnCounter(one)))
    if (operations.some(isOwnCounter)) addToOwnCounters(draft, -1, -countedOf(photo).sizeBytes)
    draft.hasJobs = true
  }
  delete draft.data.photo_id
  delete draft.hidden[OWN_PHOTO]
}
