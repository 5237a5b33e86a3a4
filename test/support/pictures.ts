import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'

type Format = 'jpeg' | 'png' | 'gif'

/** A picture of one colour, as a file to upload. */
export async function picture(format: Format = 'jpeg', width = 60, height = 40): Promise<Blob> {
  const plain = sharp({ create: { width, height, channels: 3, background: '#07a' } })
  return asFile(await plain.toFormat(format).toBuffer())
}

/** As a phone makes it: with a camera, a time and the place where it was taken. */
export async function phonePicture(width = 120, height = 80): Promise<Blob> {
  const plain = sharp({ create: { width, height, channels: 3, background: '#c40' } })
  const exif = {
    IFD0: { Make: 'Acme', Model: 'One' },
    IFD2: { DateTimeOriginal: '2020:01:02 03:04:05', ExposureTime: '1/250' },
    IFD3: {
      GPSLatitudeRef: 'N',
      GPSLatitude: '51/1 30/1 0/1',
      GPSLongitudeRef: 'W',
      GPSLongitude: '0/1 7/1 0/1',
    },
  }
  return asFile(await plain.jpeg().withExif(exif).toBuffer())
}

/** A PNG of a few bytes that says it is so many pixels large. */
export function pixelBomb(width: number, height: number): Blob {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const chunks = [chunk('IHDR', header), chunk('IDAT', deflateSync(Buffer.alloc(100)))]
  return asFile(Buffer.concat([signature, ...chunks, chunk('IEND', Buffer.alloc(0))]))
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

/** The first half of a picture's file: it looks right until it is decoded. */
export async function tornPicture(): Promise<Blob> {
  const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const
  const create = { width: 200, height: 200, channels: 3, background: '#fff', noise } as const
  const whole = await sharp({ create }).jpeg().toBuffer()
  return asFile(whole.subarray(0, whole.length / 2))
}

function asFile(bytes: Uint8Array): Blob {
  return new Blob([new Uint8Array(bytes)])
}

/** Width and height of the picture at an address. */
export async function sizeAt(url: string): Promise<(number | undefined)[]> {
  const { width, height } = await sharp(await (await fetch(url)).arrayBuffer()).metadata()
  return [width, height]
}
