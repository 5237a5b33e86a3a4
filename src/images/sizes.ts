import { ApiError } from '../errors.ts'

export type PhotoSize = {
  /** The key in `urls` and a part of the file's name. */
  readonly name: string
  readonly width: number
  readonly height: number
  /** Filled and cropped to the shape of width to height; otherwise fitted inside, shape kept. */
  readonly crop: boolean
}

const SIZES_MAX = 5
const SIDE_MAX = 10_000
/**
 * Bounds the memory that a picture takes. Each side alone may be larger, since apps write
 * `9999x200` for "200 high".
 */
const PIXELS_MAX = 25_000_000

const NAME = /^[A-Za-z0-9_-]{1,64}$/
const SIZE = /^(\d{1,5})x(\d{1,5})(#?)$/i

/** What an app made before release 1.1.7 gets when it names no sizes. */
export const EARLY_SIZES: readonly PhotoSize[] = [
  { name: 'square_75', width: 75, height: 75, crop: true },
  { name: 'thumb_100', width: 100, height: 67, crop: false },
  { name: 'small_240', width: 240, height: 160, crop: false },
  { name: 'medium_500', width: 500, height: 333, crop: false },
  { name: 'medium_640', width: 640, height: 427, crop: false },
  { name: 'large_1024', width: 1024, height: 683, crop: false },
]

/**
 * Reads `photo_sizes`: an object of names and sizes (`{"preview": "75x75#"}`), or its JSON text.
 *
 * @throws {ApiError} `param_invalid`
 */
export function parsePhotoSizes(value: unknown): PhotoSize[] {
  const entries = Object.entries(objectOf(value))
  if (entries.length > SIZES_MAX) {
    throw invalid(`photo_sizes takes at most ${SIZES_MAX} sizes; ${entries.length} were sent.`)
  }
  return entries.map(([name, size]) => parseSize(name, size))
}

function objectOf(value: unknown): object {
  const found = typeof value === 'string' ? parseJson(value) : value
  if (typeof found === 'object' && found !== null && !Array.isArray(found)) return found
  throw invalid('photo_sizes must be an object of names and sizes, such as {"preview": "75x75#"}.')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function parseSize(name: string, size: unknown): PhotoSize {
  if (!NAME.test(name)) {
    throw invalid('A name in photo_sizes must be 1 to 64 letters, digits, "_" or "-".')
  }
  if (name.toLowerCase() === 'original') {
    throw invalid('photo_sizes[original] cannot be set: it is always the photo as it was sent.')
  }
  const match = typeof size === 'string' ? SIZE.exec(size.trim()) : null
  if (!match) {
    throw invalid(`photo_sizes[${name}] must be a width and a height: 100x80, or 100x80# to crop.`)
  }
  const [width, height] = [Number(match[1]), Number(match[2])]
  if (Math.min(width, height) < 1 || Math.max(width, height) > SIDE_MAX) {
    throw invalid(`photo_sizes[${name}]: a side must be from 1 to ${SIDE_MAX} pixels.`)
  }
  if (width * height > PIXELS_MAX) {
    throw invalid(`photo_sizes[${name}] must not have more than ${PIXELS_MAX} pixels.`)
  }
  return { name, width, height, crop: match[3] === '#' }
}

function invalid(message: string): ApiError {
  return new ApiError('param_invalid', message)
}
