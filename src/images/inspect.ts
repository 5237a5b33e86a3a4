import { open } from 'node:fs/promises'
import type { Metadata } from 'sharp'
import { ApiError } from '../errors.ts'
import { blamePhoto, decode, invalidPhoto, PHOTO_PIXELS_MAX, type PhotoSource } from './decode.ts'
import { type PhotoExif, readExif } from './exif.ts'
import { type PhotoType, sniffPhoto } from './sniff.ts'

export type PhotoFacts = PhotoType & {
  /** As it is seen: after turning by the Exif orientation. */
  readonly width: number
  readonly height: number
  readonly exif: PhotoExif | undefined
}

/**
 * Looks at a photo's header, which is cheap: the pixels are not decoded, so damage further on shows
 * only when it is resized.
 *
 * @throws {ApiError} `param_invalid` when it is no JPEG, PNG or GIF, or has too many pixels
 */
export async function inspectPhoto(source: PhotoSource): Promise<PhotoFacts> {
  const type = await sniffPhoto(await headOf(source))
  if (!type) throw invalidPhoto()
  const metadata = await blamePhoto(() => decode(source).metadata())
  const { width, height } = uprightSize(metadata)
  const exif = metadata.exif && (await readExif(metadata.exif))
  return { ...type, width, height, exif }
}

/** @throws {ApiError} `param_invalid` when there are too many pixels */
export function uprightSize({ autoOrient: { width, height } }: Metadata): {
  width: number
  height: number
} {
  if (width * height <= PHOTO_PIXELS_MAX) return { width, height }
  const most = PHOTO_PIXELS_MAX / 1e6
  throw new ApiError(
    'param_invalid',
    `Invalid photo file attachment: ${width}x${height} are more than ${most} million pixels`,
  )
}

const HEAD_BYTES = 4100

async function headOf(source: PhotoSource): Promise<Uint8Array> {
  if (typeof source !== 'string') return source.subarray(0, HEAD_BYTES)
  const handle = await open(source, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}
