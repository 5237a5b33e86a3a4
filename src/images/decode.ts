import sharp, { type Sharp } from 'sharp'
import { ApiError } from '../errors.ts'

/** A photo's bytes, or the path of its file. */
export type PhotoSource = Uint8Array | string

/** A picture with more pixels is not decoded: its size in memory has no relation to its file's. */
export const PHOTO_PIXELS_MAX = 100_000_000

// One thread of the pool for a picture, and little kept between pictures: they rarely repeat.
sharp.concurrency(1)
sharp.cache({ memory: 32, files: 0, items: 50 })
// No other decoder than these is ever reached, whatever a file's first bytes make of it.
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: ['VipsForeignLoadJpeg', 'VipsForeignLoadPng', 'VipsForeignLoadNsgif'],
})

/** The photo, upright. Of an animation, its first frame. */
export function decode(source: PhotoSource): Sharp {
  const options = { failOn: 'error', limitInputPixels: PHOTO_PIXELS_MAX } as const
  return sharp(source, options).autoOrient()
}

/** @throws {ApiError} `param_invalid` when `work` failed because of the photo */
export async function blamePhoto<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const isOurs = error instanceof Error && error.message.startsWith('Input file is missing')
    if (isOurs || error instanceof ApiError) throw error
    throw invalidPhoto({ cause: error })
  }
}

export function invalidPhoto(options?: ErrorOptions): ApiError {
  return new ApiError('param_invalid', 'Invalid photo file attachment', options)
}
