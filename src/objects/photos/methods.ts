import { allowWrite } from '../../engine/access.ts'
import { type Call, defineMethod } from '../../engine/definition.ts'
import { type Draft, draftOf, newDraft } from '../../engine/draft.ts'
import { actingUser, fill } from '../../engine/fill.ts'
import { writeParams } from '../../engine/method-params.ts'
import { described, FilePart, id, required, text } from '../../engine/params.ts'
import { load, replyWith, retrying, retryLoop, save } from '../../engine/steps.ts'
import { ApiError } from '../../errors.ts'
import { collectionFor } from '../collections/for-photo.ts'
import { countedOf, countPhoto } from './counters.ts'
import { filesOf, revisionFolder } from './files.ts'
import { processJob } from './jobs.ts'
import { photos } from './photos.ts'
import { PICTURE_PARAMS, type ReceivedPicture, receivePicture } from './receive.ts'

const PARAMS = {
  ...PICTURE_PARAMS,
  collection_id: described(id(), 'The collection to put it in; empty: none.'),
  collection_name: described(text({ max: 255 }), "One of the caller's, made when there is none."),
  ...writeParams(photos),
}

const RETURNS = { key: 'photos', schema: 'Photo' }

export const createPhoto = defineMethod({
  name: 'createPhoto',
  group: 'Photo',
  verb: 'POST',
  path: 'photos/create',
  auth: 'user',
  summary: 'Uploads a photo. Its sizes are made soon after the answer, those asked for before it.',
  params: PARAMS,
  returns: RETURNS,
  async run(call) {
    const ownerId = await actingUser(call)
    const part = call.params.photo
    if (!(part instanceof FilePart)) throw photoMissing()
    const picture = await receivePicture(call, part)
    const record = await retryLoop(async () => {
      const draft = newDraft(picture.photoId, ownerId)
      await fill(call, photos, draft, 'create')
      setPicture(call, draft, picture)
      await setCollection(call, draft)
      await count(call, draft)
      return save(call, photos, draft)
    })
    return replyWith(call, photos, [record])
  },
})

export const updatePhoto = defineMethod({
  name: 'updatePhoto',
  group: 'Photo',
  verb: 'PUT',
  path: 'photos/update',
  auth: 'user',
  summary: 'Changes a photo; a new file takes the place of the present one when it is ready.',
  params: { photo_id: required(id()), ...PARAMS },
  returns: RETURNS,
  async run(call) {
    const actor = await actingUser(call)
    const { photo_id: photoId, photo: part } = call.params
    const record = await retrying(call, photos, photoId, async () => {
      const before = await load(call, photos, photoId)
      await allowWrite(call, photos, before, actor, 'update')
      const draft = draftOf(before)
      await fill(call, photos, draft, 'update')
      if (part instanceof FilePart) {
        setPicture(call, draft, await receivePicture(call, part, photoId))
      }
      await setCollection(call, draft)
      await count(call, draft)
      return save(call, photos, draft)
    })
    return replyWith(call, photos, [record])
  },
})

function photoMissing(): ApiError {
  return new ApiError('param_invalid', 'Photo parameter required for photo upload')
}

/** Sizes of the picture before stay in sight until those of the new one are ready. */
function setPicture(call: Call, draft: Draft, picture: ReceivedPicture): void {
  const { context, backend } = call
  const old = filesOf(draft.hidden)
  // Of a picture that is ready nothing earlier is left.
  const earlier = draft.data.processed === true ? [] : old.outdated
  delete draft.data.exif
  Object.assign(draft.data, picture.data)
  const hadPicture = old.revision !== ''
  const outdated = hadPicture
    ? [...earlier, revisionFolder(backend.id, draft.id, old.revision)]
    : []
  const ready = { ...old.ready, ...picture.files.ready }
  draft.hidden.files = { ...picture.files, ready, outdated }
  const job = processJob(backend.id, draft.id, picture.files.revision, context.now())
  draft.operations.push({ op: 'enqueue', job })
  draft.hasJobs = true
}

type PlaceParams = { readonly collection_id?: string; readonly collection_name?: string }

async function setCollection(call: Call, draft: Draft): Promise<void> {
  const { collection_id: collectionId, collection_name: name } = call.params as PlaceParams
  if (collectionId === '') delete draft.data.collection_id
  if (!collectionId && !name) return
  draft.data.collection_id = await collectionFor(call, draft, collectionId, name)
}

async function count(call: Call, draft: Draft): Promise<void> {
  const owner = { backendId: call.backend.id, ownerId: draft.ownerId }
  const before = draft.before ? countedOf(draft.before) : null
  const collectionId = (draft.data.collection_id as string | undefined) ?? null
  const after = { collectionId, sizeBytes: Number(draft.data.size ?? 0) }
  draft.operations.push(...(await countPhoto(call.context, owner, before, after)))
}
