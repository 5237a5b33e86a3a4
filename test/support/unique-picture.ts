import { randomBytes } from 'node:crypto'
import sharp from 'sharp'

type Format = 'jpeg' | 'png' | 'gif'

/** A real picture whose file no other equals. */
export function uniquePicture(
  width: number,
  height: number,
  format: Format = 'jpeg',
): Promise<Buffer> {
  const raw = { width, height, channels: 3 } as const
  return sharp(randomBytes(width * height * 3), { raw })
    .toFormat(format)
    .toBuffer()
}
