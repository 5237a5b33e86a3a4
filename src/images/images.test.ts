import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { crc32, deflateSync } from 'node:zlib'
import exifr from 'exifr'
import sharp, { type Exif } from 'sharp'
import { readExif } from './exif.ts'
import { inspectPhoto } from './inspect.ts'
import { resizePhoto } from './resize.ts'
import type { PhotoSize } from './sizes.ts'
import { sniffPhoto } from './sniff.ts'

const INVALID = { code: 'param_invalid', message: /^Invalid photo file attachment/ }

const fit = (name: string, width: number, height: number): PhotoSize => ({
  name,
  width,
  height,
  crop: false,
})
const crop = (name: string, width: number, height: number): PhotoSize => ({
  ...fit(name, width, height),
  crop: true,
})

/** Left half red, right half blue. */
function halves(width: number, height: number) {
  const half = (background: string) =>
    sharp({ create: { width: width / 2, height, channels: 3, background } })
      .png()
      .toBuffer()
  return Promise.all([half('#f00'), half('#00f')]).then(([left, right]) =>
    sharp({ create: { width, height, channels: 3, background: '#fff' } }).composite([
      { input: left, left: 0, top: 0 },
      { input: right, left: width / 2, top: 0 },
    ]),
  )
}

const CAMERA = {
  IFD0: { Make: 'Acme\n', Model: 'One' },
  IFD2: {
    DateTimeOriginal: '2020:01:02 03:04:05',
    ExposureTime: '1/250',
    PixelXDimension: '120',
    PixelYDimension: '80',
  },
  IFD3: {
    GPSLatitudeRef: 'N',
    GPSLatitude: '51/1 30/1 0/1',
    GPSLongitudeRef: 'W',
    GPSLongitude: '0/1 7/1 0/1',
  },
}

/** As a phone makes it: lying, with an orientation, a place and a camera. */
async function phonePhoto(): Promise<Buffer> {
  const picture = await halves(120, 80)
  return picture.jpeg().withMetadata({ orientation: 6 }).withExifMerge(CAMERA).toBuffer()
}

/** A PNG that says it is this large, with next to nothing in it. */
function pngHeader(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data])
    const length = Buffer.alloc(4)
    length.writeUInt32BE(data.length)
    const sum = Buffer.alloc(4)
    sum.writeUInt32BE(crc32(body))
    return Buffer.concat([length, body, sum])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(1000))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

async function colourAt(bytes: Uint8Array, left: number, top: number): Promise<string> {
  const area = sharp(bytes).extract({ left, top, width: 1, height: 1 }).removeAlpha()
  const [red = 0, , blue = 0] = await area.raw().toBuffer()
  return red > blue ? 'red' : 'blue'
}

describe('sniffPhoto', () => {
  it('tells JPEG, PNG and GIF by their content', async () => {
    for (const [format, extension] of [
      ['jpeg', 'jpg'],
      ['png', 'png'],
      ['gif', 'gif'],
    ] as const) {
      const bytes = await (await halves(8, 8)).toFormat(format).toBuffer()
      assert.deepEqual(await sniffPhoto(bytes), { contentType: `image/${format}`, extension })
    }
  })

  it('knows nothing else, whatever it is', async () => {
    const webp = await (await halves(8, 8)).webp().toBuffer()
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    for (const bytes of [webp, svg, Buffer.from('%PDF-1.7'), Buffer.from('hello'), Buffer.alloc(0)])
      assert.equal(await sniffPhoto(bytes), null)
  })
})

describe('inspectPhoto', () => {
  it('gives the type, the upright measures and what the camera noted, but no place', async () => {
    const photo = await phonePhoto()
    assert.ok((await exifr.gps(photo)).latitude > 51, 'the test photo has a place')
    assert.deepEqual(await inspectPhoto(photo), {
      contentType: 'image/jpeg',
      extension: 'jpg',
      width: 80,
      height: 120,
      exif: {
        create_date: '2020-01-02T03:04:05+0000',
        width: 120,
        height: 80,
        shutter_speed: '1/250',
        make: 'Acme',
        model: 'One',
      },
    })
  })

  it('reads a file by its path', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'images-'))
    const path = join(directory, 'upload')
    await writeFile(path, await (await halves(10, 6)).gif().toBuffer())
    const facts = await inspectPhoto(path)
    assert.deepEqual([facts.contentType, facts.width, facts.height], ['image/gif', 10, 6])
    assert.equal(facts.exif, undefined)
    await rm(directory, { recursive: true })
    await assert.rejects(inspectPhoto(path), { code: 'ENOENT' })
  })

  it('refuses a header that promises too many pixels', async () => {
    for (const [width, height] of [
      [30_000, 30_000],
      [2_000_000, 51],
    ] as const) {
      const bomb = pngHeader(width, height)
      assert.ok(bomb.length < 200)
      await assert.rejects(inspectPhoto(bomb), INVALID)
      await assert.rejects(resizePhoto(bomb, [fit('a', 10, 10)]), INVALID)
    }
    assert.equal((await inspectPhoto(pngHeader(10_000, 10_000))).width, 10_000)
  })

  it('refuses what is no photo or a broken one', async () => {
    const jpeg = await phonePhoto()
    const webp = await (await halves(8, 8)).webp().toBuffer()
    for (const bytes of [Buffer.from('hello'), jpeg.subarray(0, 20), webp, Buffer.alloc(0)])
      await assert.rejects(inspectPhoto(bytes), INVALID)
  })
})

describe('readExif', () => {
  const blockOf = async (exif: Exif) => {
    const photo = await (await halves(8, 8)).jpeg().withExif(exif).toBuffer()
    return (await sharp(photo).metadata()).exif ?? Buffer.alloc(0)
  }

  it('heeds the zone of a date, whatever the zone of the server', async () => {
    const IFD2 = { DateTimeOriginal: '2020:01:02 03:04:05', OffsetTimeOriginal: '+02:00' }
    const exif = await readExif(await blockOf({ IFD2 }))
    assert.equal(exif?.create_date, '2020-01-02T01:04:05+0000')
  })

  it('writes long exposures as seconds and leaves out a senseless date', async () => {
    const IFD2 = { ExposureTime: '5/2', DateTimeOriginal: '0000:00:00 00:00:00' }
    const exif = await readExif(await blockOf({ IFD2 }))
    assert.equal(exif?.shutter_speed, '2.5')
    assert.equal(exif?.create_date, undefined)
  })

  it('is undefined for damaged blocks and others without these facts', async () => {
    const block = await blockOf(CAMERA)
    assert.ok(await readExif(block))
    for (const bad of [
      Buffer.alloc(0),
      Buffer.alloc(100),
      block.subarray(0, 12),
      block.subarray(0, 20),
    ])
      assert.equal(await readExif(bad), undefined)
  })
})

describe('resizePhoto', () => {
  it('fits inside with the shape kept, and crops to the exact measures', async () => {
    const photo = await (await halves(1200, 800)).jpeg().toBuffer()
    const sizes = [
      crop('square', 75, 75),
      fit('thumb', 100, 100),
      fit('low', 9999, 40),
      crop('tall', 20, 100),
      fit('large', 600, 600),
    ]
    const resized = await resizePhoto(photo, sizes)
    assert.deepEqual(
      resized.map((r) => [r.name, r.width, r.height]),
      [
        ['square', 75, 75],
        ['thumb', 100, 67],
        ['low', 60, 40],
        ['tall', 20, 100],
        ['large', 600, 400],
      ],
    )
    for (const { bytes, width, height } of resized) {
      const actual = await sharp(bytes).metadata()
      assert.deepEqual([actual.format, actual.width, actual.height], ['jpeg', width, height])
    }
  })

  it('crops about the centre', async () => {
    const photo = await (await halves(400, 100)).png().toBuffer()
    const [square] = await resizePhoto(photo, [crop('square', 50, 50)])
    assert.ok(square)
    assert.equal(await colourAt(square.bytes, 5, 25), 'red')
    assert.equal(await colourAt(square.bytes, 45, 25), 'blue')
  })

  it('never enlarges, and keeps the shape that was asked for when it crops', async () => {
    const photo = await (await halves(80, 60)).png().toBuffer()
    const sizes = [fit('large', 500, 500), crop('square', 100, 100), crop('wide', 160, 80)]
    const measures = (await resizePhoto(photo, sizes)).map((r) => [r.width, r.height])
    assert.deepEqual(measures, [
      [80, 60],
      [60, 60],
      [80, 40],
    ])
  })

  it('turns a photo upright and leaves all metadata out, the place first of all', async () => {
    const photo = await phonePhoto()
    const sizes = [fit('same', 500, 500), fit('half', 60, 60), crop('square', 40, 40)]
    const resized = await resizePhoto(photo, sizes)
    assert.deepEqual(
      resized.map((r) => [r.width, r.height]),
      [
        [80, 120],
        [40, 60],
        [40, 40],
      ],
    )
    for (const { bytes, width, height } of resized) {
      assert.equal(await colourAt(bytes, Math.floor(width / 2), 3), 'red')
      assert.equal(await colourAt(bytes, Math.floor(width / 2), height - 4), 'blue')
      const { exif, orientation, icc, xmp } = await sharp(bytes).metadata()
      assert.deepEqual([exif, orientation, icc, xmp], [undefined, undefined, undefined, undefined])
    }
  })

  it('keeps the transparency of a PNG', async () => {
    const clear = { r: 255, g: 0, b: 0, alpha: 0.25 }
    const create = { width: 40, height: 40, channels: 4 as const, background: clear }
    const photo = await sharp({ create }).png().toBuffer()
    for (const { bytes } of await resizePhoto(photo, [fit('a', 20, 20), fit('b', 10, 10)])) {
      const [, , , alpha] = await sharp(bytes).ensureAlpha().raw().toBuffer()
      assert.equal(alpha, 64)
    }
  })

  it('shows the first frame of an animated GIF', async () => {
    const frames = Buffer.concat([Buffer.alloc(20 * 20 * 3, 255), Buffer.alloc(20 * 20 * 3, 0)])
    const raw = { width: 20, height: 40, channels: 3 as const, pageHeight: 20 }
    const photo = await sharp(frames, { raw }).gif().toBuffer()
    assert.equal((await sharp(photo).metadata()).pages, 2)
    const [small] = await resizePhoto(photo, [fit('small', 10, 10)])
    const { format, pages } = await sharp(small?.bytes).metadata()
    assert.deepEqual([format, pages ?? 1], ['gif', 1])
    assert.deepEqual([...(await sharp(small?.bytes).raw().toBuffer())].slice(0, 3), [255, 255, 255])
  })

  it('takes grey, 16-bit and CMYK pictures', async () => {
    const grey = await (await halves(60, 40)).toColourspace('b-w').png().toBuffer()
    const deep = await (await halves(60, 40)).toColourspace('rgb16').png().toBuffer()
    const cmyk = await (await halves(60, 40)).toColourspace('cmyk').jpeg().toBuffer()
    for (const photo of [grey, deep, cmyk]) {
      const [a, b] = await resizePhoto(photo, [fit('a', 30, 30), crop('b', 10, 10)])
      assert.ok(a && b)
      assert.equal((await sharp(a.bytes).metadata()).width, 30)
    }
    const [a, b] = await resizePhoto(cmyk, [fit('a', 30, 30), fit('b', 15, 15)])
    assert.equal((await sharp(b?.bytes).metadata()).space, 'srgb')
    assert.equal(await colourAt(a?.bytes ?? Buffer.alloc(0), 2, 5), 'red')
  })

  it('refuses a photo that ends midway', async () => {
    const noise = Buffer.from(Array.from({ length: 200 * 200 * 3 }, (_, i) => (i * 7919) % 251))
    const raw = { width: 200, height: 200, channels: 3 as const }
    for (const format of ['jpeg', 'png'] as const) {
      const photo = await sharp(noise, { raw }).toFormat(format).toBuffer()
      const half = photo.subarray(0, photo.length / 2)
      await assert.rejects(resizePhoto(half, [fit('a', 50, 50)]), INVALID)
      await assert.rejects(resizePhoto(half, [fit('a', 50, 50), fit('b', 9, 9)]), INVALID)
    }
  })

  it('does not take a missing file for a bad photo', async () => {
    const missing = join(tmpdir(), 'no-such-photo.jpg')
    await assert.rejects(resizePhoto(missing, [fit('a', 9, 9)]), /missing/)
  })

  it('makes nothing of no sizes', async () => {
    assert.deepEqual(await resizePhoto(await phonePhoto(), []), [])
  })
})
