import exifr from 'exifr'
import { formatDate, parseZonedDate } from '../lib/dates.ts'

/** What a photo's `exif` member shows. Never its position: that stays in the original file. */
export type PhotoExif = {
  readonly create_date?: string
  readonly width?: number
  readonly height?: number
  /** Seconds, as a photographer says it: `1/250` or `2.5`. */
  readonly shutter_speed?: string
  readonly make?: string
  readonly model?: string
}

const BLOCK_BYTES_MAX = 256 * 1024
const TEXT_LENGTH_MAX = 100

const TAGS = [
  'DateTimeOriginal',
  'OffsetTimeOriginal',
  'CreateDate',
  'OffsetTimeDigitized',
  'ExifImageWidth',
  'ExifImageHeight',
  'ImageWidth',
  'ImageHeight',
  'ExposureTime',
  'Make',
  'Model',
]

// `reviveValues` would read times without a zone in the zone of the server.
const OPTIONS = {
  pick: TAGS,
  reviveValues: false,
  gps: false,
  interop: false,
  ifd1: false,
  makerNote: false,
  userComment: false,
}

/**
 * Reads an Exif block as image files hold it. What is damaged is left out, since a photo without
 * these facts is still a photo.
 *
 * @returns `undefined` when nothing of interest is in it
 */
export async function readExif(block: Uint8Array): Promise<PhotoExif | undefined> {
  const tags = await parseTags(block)
  const date = dateOf(tags.DateTimeOriginal, tags.OffsetTimeOriginal)
  const exif = {
    create_date: date ?? dateOf(tags.CreateDate, tags.OffsetTimeDigitized),
    width: pixelsOf(tags.ExifImageWidth) ?? pixelsOf(tags.ImageWidth),
    height: pixelsOf(tags.ExifImageHeight) ?? pixelsOf(tags.ImageHeight),
    shutter_speed: speedOf(tags.ExposureTime),
    make: textOf(tags.Make),
    model: textOf(tags.Model),
  }
  const known = Object.entries(exif).filter(([, value]) => value !== undefined)
  return known.length > 0 ? Object.fromEntries(known) : undefined
}

const MARKER = 'Exif\0\0'

async function parseTags(block: Uint8Array): Promise<Readonly<Record<string, unknown>>> {
  if (block.length > BLOCK_BYTES_MAX) return {}
  const marked = Buffer.from(block.subarray(0, MARKER.length)).toString('latin1') === MARKER
  try {
    return (await exifr.parse(marked ? block.subarray(MARKER.length) : block, OPTIONS)) ?? {}
  } catch {
    return {}
  }
}

const EXIF_DATE = /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)/
const ZONE = /^[+-]\d\d:\d\d$/

/** Most cameras note no zone; their time is then shown as if it were UTC. */
function dateOf(value: unknown, offset: unknown): string | undefined {
  const match = EXIF_DATE.exec(String(value ?? ''))
  if (!match) return undefined
  const [, year, month, day, time] = match
  const zone = typeof offset === 'string' && ZONE.test(offset) ? offset : 'Z'
  const ms = parseZonedDate(`${year}-${month}-${day}T${time}${zone}`)
  return ms === null ? undefined : formatDate(ms)
}

function pixelsOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : undefined
}

function speedOf(value: unknown): string | undefined {
  if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) return undefined
  return value < 0.5 ? `1/${Math.round(1 / value)}` : String(Number(value.toFixed(1)))
}

function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const text = value.replace(/\p{C}/gu, '').trim().slice(0, TEXT_LENGTH_MAX)
  return text === '' ? undefined : text
}
