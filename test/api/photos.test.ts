import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import exifr from 'exifr'
import sharp from 'sharp'
import { fileOf, photoFiles } from '../support/photo-files.ts'
import { phonePicture, picture, pixelBomb, tornPicture } from '../support/pictures.ts'
import { onEachDatabase, type TestUser } from '../support/test-app.ts'

const UNKNOWN = '0'.repeat(24)

onEachDatabase('uploading photos', (app) => {
  type Values = Readonly<Record<string, string | Blob>>
  const upload = (values: Values, as?: TestUser | null) =>
    app().upload('POST', 'photos/create', values, as)
  const make = async (values: Values, as: TestUser) => {
    const answer = await upload(values, as)
    assert.equal(answer.status, 200, answer.body.meta.message)
    return answer.body.response.photos[0]
  }
  const show = async (id: string) =>
    (await app().get('photos/show', { photo_id: id })).body.response?.photos[0]
  const measures = async (url: string) => {
    const { width, height, format } = await sharp(await fileOf(app(), url)).metadata()
    return [format, width, height]
  }

  for (const format of ['jpeg', 'png', 'gif'] as const) {
    it(`keeps a ${format} as it came, and shows it when it is processed`, async () => {
      const ann = await app().user()
      const file = await picture(format, 90, 60)
      const { body } = await upload({ photo: file, title: 'Bow', tags: 'sea' }, ann)
      assert.equal(body.meta.method_name, 'createPhoto')
      const [photo] = body.response.photos
      assert.equal(photo.processed, false)
      assert.equal('urls' in photo, false)
      assert.equal(photo.size, file.size)
      assert.match(photo.md5, /^[0-9a-f]{32}$/)
      assert.equal(photo.content_type, `image/${format}`)
      assert.deepEqual([photo.filename, photo.title], ['picture.jpg', 'Bow'])
      assert.deepEqual([photo.tags, photo.user_id], [['sea'], ann.id])

      await app().settle()
      const ready = await show(photo.id)
      assert.equal(ready.processed, true)
      assert.deepEqual(Object.keys(ready.urls), ['original'])
      const stored = await fileOf(app(), ready.urls.original)
      assert.deepEqual(stored, Buffer.from(await file.arrayBuffer()))
    })
  }

  it('makes the asked sizes, fitted or with # cropped, in either form of the parameter', async () => {
    const ann = await app().user()
    const file = await picture('jpeg', 120, 60)
    const named = { 'photo_sizes[small]': '60x60', 'photo_sizes[square]': '40x40#' }
    const hash = { photo_sizes: JSON.stringify({ small: '60x60', square: '40x40#' }) }
    for (const sizes of [named, hash]) {
      const { id } = await make({ photo: file, ...sizes }, ann)
      await app().settle()
      const { urls, processed } = await show(id)
      assert.equal(processed, true)
      assert.deepEqual(Object.keys(urls).sort(), ['original', 'small', 'square'])
      assert.deepEqual(await measures(urls.small), ['jpeg', 60, 30])
      assert.deepEqual(await measures(urls.square), ['jpeg', 40, 40])
      assert.deepEqual(await measures(urls.original), ['jpeg', 120, 60])
    }
  })

  it('never enlarges', async () => {
    const ann = await app().user()
    const sizes = { 'photo_sizes[big]': '500x500' }
    const { id } = await make({ photo: await picture('png', 30, 20), ...sizes }, ann)
    await app().settle()
    assert.deepEqual(await measures((await show(id)).urls.big), ['png', 30, 20])
  })

  it('has the sizes for which the caller waits in the answer', async () => {
    const ann = await app().user()
    const values = {
      photo: await picture('jpeg', 120, 60),
      'photo_sizes[now]': '50x50',
      'photo_sizes[later]': '20x20#',
    }
    for (const name of ['photo_sync_sizes[]', 'photo_sync_sizes']) {
      const photo = await make({ ...values, [name]: 'now' }, ann)
      assert.equal(photo.processed, false)
      assert.deepEqual(Object.keys(photo.urls).sort(), ['now', 'original'])
      assert.deepEqual(await measures(photo.urls.now), ['jpeg', 50, 25])
      await app().settle()
      const ready = await show(photo.id)
      assert.deepEqual(Object.keys(ready.urls).sort(), ['later', 'now', 'original'])
      assert.equal(ready.urls.now, photo.urls.now)
    }
  })

  it('makes the six sizes of old for an early app that names none', async () => {
    const early = await app().newBackend('early', { mbsRelease: '1.1.6' })
    const ann = await app().user('ann', early)
    const names = ['large_1024', 'medium_500', 'medium_640', 'original', 'small_240', 'square_75']
    for (const [sizes, expected] of [
      [{}, [...names, 'thumb_100']],
      [{ 'photo_sizes[x]': '10x10' }, ['original', 'x']],
    ] as const) {
      const values = { photo: await picture('jpeg', 300, 200), ...sizes }
      const answer = await app().upload('POST', 'photos/create', values, ann, early)
      await app().settle()
      const { id } = answer.body.response.photos[0]
      const shown = await app().call('GET', 'photos/show', { photo_id: id }, null, early)
      const { urls } = shown.body.response.photos[0]
      assert.deepEqual(Object.keys(urls).sort(), expected)
      if (urls.square_75) assert.deepEqual(await measures(urls.square_75), ['jpeg', 75, 75])
      if (urls.thumb_100) assert.deepEqual(await measures(urls.thumb_100), ['jpeg', 100, 67])
    }
  })

  it('tells of the camera, and never of the place, which no size holds', async () => {
    const ann = await app().user()
    const values = { photo: await phonePicture(), 'photo_sizes[small]': '50x50' }
    const { id, exif } = await make(values, ann)
    assert.deepEqual([exif.make, exif.model], ['Acme', 'One'])
    assert.deepEqual([exif.create_date, exif.shutter_speed], ['2020-01-02T03:04:05+0000', '1/250'])
    assert.equal(/gps|lat|long/i.test(JSON.stringify(exif)), false)
    await app().settle()
    const { urls } = await show(id)
    const small = await fileOf(app(), urls.small)
    assert.equal(await exifr.parse(small, { gps: true }).catch(() => undefined), undefined)
    assert.equal((await sharp(small).metadata()).exif, undefined)
    // The proof that there was something to be left out.
    const original = await exifr.gps(await fileOf(app(), urls.original))
    assert.equal(original?.latitude, 51.5)
  })

  it('gives files to anyone with the address, whole or in part, and nothing else', async () => {
    const { id } = await make({ photo: await picture() }, await app().user())
    await app().settle()
    const { urls } = await show(id)
    const { pathname } = new URL(urls.original)
    const get = (url: string, headers = {}) => app().app.inject({ url, headers })
    const whole = await get(pathname)
    assert.equal(whole.statusCode, 200)
    assert.equal(whole.headers['content-type'], 'image/jpeg')
    assert.equal(whole.headers['x-content-type-options'], 'nosniff')
    assert.equal(Number(whole.headers['content-length']), whole.rawPayload.length)
    const part = await get(pathname, { range: 'bytes=2-5' })
    assert.equal(part.statusCode, 206)
    assert.deepEqual(part.rawPayload, whole.rawPayload.subarray(2, 6))
    assert.equal((await get(pathname, { range: 'bytes=99999999-' })).statusCode, 416)
    for (const path of [
      pathname.replace('original', 'other'),
      pathname.replace(/[^/]+$/, ''),
      `${pathname}x`,
      '/files/../secrets.json',
      '/files/%2e%2e/secrets.json',
      `/files/${app().backend.id}/photos/`,
    ]) {
      assert.equal((await get(path)).statusCode, 404, path)
    }
  })

  describe('refuses', () => {
    const JPEG = () => picture()
    for (const [why, values, message] of [
      ['no file', { title: 'x' }, /^Photo parameter required for photo upload$/],
      ['a photo that is empty text', { photo: '' }, /^Photo parameter required for photo upload$/],
      ['a photo that is text', { photo: 'x' }, /Invalid photo parameter/],
      ['an empty file', { photo: new Blob([]) }, /^Invalid photo file attachment/],
      [
        'a file that is no picture',
        { photo: new Blob(['hello']) },
        /^Invalid photo file attachment/,
      ],
      [
        'a picture of scripts',
        { photo: new Blob(['<svg xmlns="http://www.w3.org/2000/svg"/>']) },
        /^Invalid photo file/,
      ],
      ['a GIF by its first bytes alone', { photo: new Blob(['GIF89a']) }, /^Invalid photo file/],
      ['a pixel bomb', { photo: pixelBomb(60_000, 60_000) }, /^Invalid photo file attachment/],
      [
        'six sizes',
        {
          photo: JPEG,
          ...Object.fromEntries([1, 2, 3, 4, 5, 6].map((n) => [`photo_sizes[s${n}]`, '9x9'])),
        },
        /at most 5 sizes/,
      ],
      ['a size that is none', { photo: JPEG, 'photo_sizes[a]': 'big' }, /width and a height/],
      ['a name that is a path', { photo: JPEG, 'photo_sizes[../a]': '9x9' }, /1 to 64 letters/],
      ['sizes that are a list', { photo: JPEG, photo_sizes: '[]' }, /must be an object of names/],
      ['a size of its own name', { photo: JPEG, 'photo_sizes[original]': '9x9' }, /cannot be set/],
      [
        'a wait for a size that is not asked for',
        { photo: JPEG, photo_sync_sizes: 'x' },
        /not in photo_sizes/,
      ],
      ['an unknown ACL', { photo: JPEG, acl_name: 'nix' }, /No Acl was found!/],
      [
        'an unknown collection',
        { photo: JPEG, collection_id: UNKNOWN },
        /^Invalid collection id or/,
      ],
      [
        'both of sel and unsel',
        { photo: JPEG, sel: '{"all":["a"]}', unsel: '{"all":["b"]}' },
        /sel/,
      ],
      ['a file where text belongs', { photo: JPEG, title: new Blob(['x']) }, /Invalid title/],
    ] as const) {
      it(`${why}, and keeps nothing of it`, async () => {
        const ann = await app().user()
        const sent = Object.entries(values as Record<string, string | Blob | (() => Promise<Blob>)>)
        const parts = await Promise.all(
          sent.map(async ([name, value]) => [
            name,
            value instanceof Function ? await value() : value,
          ]),
        )
        const count = async () => (await app().get('photos/count')).body.meta.count
        const before = [await count(), (await photoFiles(app())).length]
        const { status, body } = await upload(Object.fromEntries(parts), ann)
        assert.equal(status, 400)
        assert.match(String(body.meta.message), message)
        assert.deepEqual([await count(), (await photoFiles(app())).length], before)
        assert.deepEqual(await app().stagedFiles(), [])
        const me = (await app().get('users/show/me', {}, ann)).body.response.users[0]
        assert.deepEqual(me.stats, { photos: { total_count: 0 }, storage: { used: 0 } })
      })
    }

    it('whoever is not logged in, or acts for another without being an administrator', async () => {
      const [ann, bob, admin] = [await app().user(), await app().user(), await app().admin()]
      const before = await photoFiles(app())
      const photo = await picture()
      assert.equal((await upload({ photo })).status, 401)
      assert.equal((await upload({ photo, su_id: ann.id }, bob)).status, 403)
      assert.deepEqual(await photoFiles(app()), before)
      assert.deepEqual(await app().stagedFiles(), [])
      assert.equal((await make({ photo, su_id: ann.id }, admin)).user_id, ann.id)
      const me = (await app().get('users/show/me', {}, ann)).body.response.users[0]
      assert.equal(me.stats.photos.total_count, 1)
    })
  })

  it('shows a torn picture as it came, since no size can be made of it', async () => {
    const ann = await app().user()
    const values = { photo: await tornPicture(), 'photo_sizes[small]': '50x50' }
    const { id } = await make(values, ann)
    await app().settle()
    const ready = await show(id)
    assert.equal(ready.processed, true)
    assert.deepEqual(Object.keys(ready.urls), ['original'])
    const waited = await upload({ ...values, photo_sync_sizes: 'small' }, ann)
    assert.equal(waited.status, 400)
    assert.match(String(waited.body.meta.message), /^Invalid photo file attachment/)
  })
})

onEachDatabase(
  'uploading photos to a server with a small limit',
  (app) => {
    it('refuses a larger file and keeps nothing of it', async () => {
      const ann = await app().user()
      const photo = new Blob([
        new Uint8Array(await (await picture()).arrayBuffer()),
        'x'.repeat(3000),
      ])
      const { status, body } = await app().upload('POST', 'photos/create', { photo }, ann)
      assert.deepEqual([status, body.meta.reason], [413, 'too_large'])
      assert.equal((await app().get('photos/count')).body.meta.count, 0)
      assert.deepEqual(await app().stagedFiles(), [])
      assert.deepEqual(await photoFiles(app()), [])
      const small = await app().upload('POST', 'photos/create', { photo: await picture() }, ann)
      assert.equal(small.status, 200)
    })
  },
  { HOMEPORT_UPLOAD_MAX_BYTES: '2000' },
)
