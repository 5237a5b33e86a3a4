import sharp, { type Sharp } from 'sharp'
import { gate } from '../lib/gate.ts'
import { blamePhoto, decode, invalidPhoto, type PhotoSource } from './decode.ts'
import { uprightSize } from './inspect.ts'
import type { PhotoSize } from './sizes.ts'

export type ResizedPhoto = {
  readonly name: string
  readonly bytes: Uint8Array
  readonly width: number
  readonly height: number
}

/** The shared intermediate picture is held in memory as it is: 4 bytes for each pixel. */
const INTERMEDIATE_PIXELS_MAX = 25_000_000

// A picture keeps a thread of libuv's pool busy for a tenth of a second and more, and takes memory
// by the hundred megabytes at worst.
const resizing = gate(1)

/**
 * Makes the sizes of a photo, in its own format (of an animated GIF: its first frame), upright and
 * without metadata, so without the place where it was taken. The original file is not touched.
 *
 * A photo is never enlarged. Fitted, a smaller one stays as it is; cropped, it gives the largest
 * piece of the asked shape, from its centre.
 *
 * @throws {ApiError} `param_invalid` when the photo cannot be read
 */
export function resizePhoto(
  source: PhotoSource,
  sizes: readonly PhotoSize[],
): Promise<ResizedPhoto[]> {
  return resizing.run(() => blamePhoto(() => resizeAll(source, sizes)))
}

async function resizeAll(
  source: PhotoSource,
  sizes: readonly PhotoSize[],
): Promise<ResizedPhoto[]> {
  const metadata = await decode(source).metadata()
  const photo = uprightSize(metadata)
  const write = WRITERS[metadata.format]
  if (!write) throw invalidPhoto()

  const targets = sizes.map((size) => targetOf(size, photo))
  const intermediate = await intermediateOf(source, photo, targets)
  const resized: ResizedPhoto[] = []
  for (const target of targets) {
    const from = target.scale <= intermediate.scale ? intermediate.open() : decode(source)
    const { name, width, height } = target
    // What is fitted has its exact measures already; `cover` scales and crops about the centre.
    from.resize({ width, height, fit: target.crop ? 'cover' : 'fill' })
    resized.push({ name, bytes: await write(from).toBuffer(), width, height })
  }
  return resized
}

const WRITERS: Readonly<Record<string, (picture: Sharp) => Sharp>> = {
  jpeg: (picture) => picture.jpeg({ quality: 82 }),
  png: (picture) => picture.png(),
  gif: (picture) => picture.gif(),
}

type Measures = { readonly width: number; readonly height: number }

type Target = PhotoSize & {
  /** How large the whole photo would be in this size: 1 is its own size, and the most. */
  readonly scale: number
}

/** @returns the size with the measures that it really gets */
function targetOf(size: PhotoSize, photo: Measures): Target {
  const across = photo.width / size.width
  const down = photo.height / size.height
  if (!size.crop) {
    const scale = Math.min(1, 1 / across, 1 / down)
    return { ...size, ...scaled(photo, scale), scale }
  }
  const piece = scaled(size, Math.min(1, across, down))
  const scale = Math.max(piece.width / photo.width, piece.height / photo.height)
  return { ...size, ...piece, scale }
}

function scaled({ width, height }: Measures, by: number): Measures {
  return {
    width: Math.max(1, Math.round(width * by)),
    height: Math.max(1, Math.round(height * by)),
  }
}

type Intermediate = { readonly scale: number; readonly open: () => Sharp }

/**
 * The photo decoded once, in the largest size that serves others: five sizes of a photo of a phone
 * then cost little more than one. Pixels, not a file, so nothing is compressed twice.
 */
async function intermediateOf(
  source: PhotoSource,
  photo: Measures,
  targets: readonly Target[],
): Promise<Intermediate> {
  const none = { scale: 0, open: () => decode(source) }
  if (targets.length < 2) return none

  const bound = Math.sqrt(INTERMEDIATE_PIXELS_MAX / (photo.width * photo.height))
  const scale = Math.max(0, ...targets.map((t) => t.scale).filter((s) => s <= bound))
  if (scale === 0) return none

  const whole = decode(source).resize({ ...scaled(photo, scale), fit: 'fill' })
  const { data, info } = await whole.raw().toBuffer({ resolveWithObject: true })
  const raw = { width: info.width, height: info.height, channels: info.channels }
  return { scale, open: () => sharp(data, { raw }) }
}
