import { randomBytes } from 'node:crypto'
import type { Call } from '../../engine/definition.ts'
import { described, type FilePart, file, json, list } from '../../engine/params.ts'
import { has } from '../../engine/release.ts'
import { ApiError } from '../../errors.ts'
import { EARLY_SIZES, type PhotoSize, parsePhotoSizes } from '../../images/sizes.ts'
import { objectId } from '../../lib/ids.ts'
import { type PhotoFiles, revisionFolder, sizeKey } from './files.ts'
import { makeSizes } from './jobs.ts'

/** What every method that takes a picture takes with it. */
export const PICTURE_PARAMS = {
  photo: described(file(), 'A JPEG, PNG or GIF file.'),
  photo_sizes: described(
    json(),
    'Sizes to make: photo_sizes[preview]=75x75#, or one JSON hash. # crops to fill.',
  ),
  photo_sync_sizes: described(list(), 'Names of sizes to make before the answer.'),
}

/** A picture in its place, whose record is still to be written. */
export type ReceivedPicture = {
  readonly photoId: string
  /** What goes out of it. */
  readonly data: Readonly<Record<string, unknown>>
  readonly files: PhotoFiles
}

const received = new WeakMap<FilePart, Promise<ReceivedPicture>>()

/**
 * Checks a picture, gives it its place and makes the sizes that the answer must have. Its file is
 * safe on the medium before any record tells of it. A call that tries again gets the same picture.
 *
 * @param photoId of the photo whose picture is replaced; absent for a new one
 * @throws {ApiError} `param_invalid` for what is no picture, or bad sizes
 */
export function receivePicture(
  call: Call,
  part: FilePart,
  photoId?: string,
): Promise<ReceivedPicture> {
  const known = received.get(part)
  if (known) return known
  const picture = receive(call, part, photoId ?? objectId(call.context.now()))
  received.set(part, picture)
  return picture
}

async function receive(call: Call, part: FilePart, photoId: string): Promise<ReceivedPicture> {
  const { context, backend } = call
  const sizes = askedSizes(call)
  const atOnce = syncSizes(call, sizes)
  const { inspectPhoto } = await import('../../images/inspect.ts')
  const facts = await inspectPhoto(part.staged.path)
  const revision = randomBytes(8).toString('hex')
  const folder = revisionFolder(backend.id, photoId, revision)
  const original = sizeKey(folder, 'original', facts.extension)
  part.undo = () => context.blobs.deleteAll(folder)
  await context.blobs.commit(part.staged, original)

  const file = { original, revision, extension: facts.extension }
  const made = await makeSizes(context, backend.id, photoId, file, atOnce)
  return {
    photoId,
    data: {
      filename: part.filename.slice(-255),
      size: part.staged.sizeBytes,
      md5: part.staged.md5,
      content_type: facts.contentType,
      processed: false,
      ...(facts.exif ? { exif: facts.exif } : {}),
    },
    files: {
      ...file,
      ready: atOnce.length > 0 ? { ...made, original } : {},
      pending: sizes.filter((size) => !atOnce.includes(size)),
      outdated: [],
    },
  }
}

function askedSizes(call: Call): readonly PhotoSize[] {
  const asked = call.params.photo_sizes
  if (asked !== undefined) return parsePhotoSizes(asked)
  return has(call.backend, 'noDefaultSizes') ? [] : EARLY_SIZES
}

function syncSizes(call: Call, sizes: readonly PhotoSize[]): readonly PhotoSize[] {
  const names = (call.params.photo_sync_sizes as readonly string[] | undefined) ?? []
  return names.flatMap((name) => {
    if (name === 'original') return []
    const size = sizes.find((one) => one.name === name)
    if (size) return [size]
    throw new ApiError(
      'param_invalid',
      `photo_sync_sizes names ${name}, which is not in photo_sizes`,
    )
  })
}
