import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import sharp from 'sharp'
import { onEachDatabase, type TestApp, type TestUser } from '../support/test-app.ts'

const FORM = 'application/x-www-form-urlencoded'
const JSON_TYPE = 'application/json'
const MULTIPART = 'multipart/form-data; boundary=XX'

type Part = { readonly name: string; readonly value: string | Buffer; readonly filename?: string }

/** A multipart body put together by hand, so that it can be as odd as those of old clients. */
function multipart(parts: readonly Part[], boundary = 'XX', ending = '\r\n'): Buffer {
  const texts = parts.flatMap(({ name, value, filename }) => [
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"`),
    Buffer.from(filename === undefined ? '' : `; filename="${filename}"`),
    Buffer.from(filename === undefined ? '\r\n\r\n' : '\r\nContent-Type: image/png\r\n\r\n'),
    Buffer.from(value),
    Buffer.from('\r\n'),
  ])
  return Buffer.concat([...texts, Buffer.from(`--${boundary}--${ending}`)])
}

const fields = (values: Readonly<Record<string, string>>): Part[] =>
  Object.entries(values).map(([name, value]) => ({ name, value }))

const picture = sharp({ create: { width: 9, height: 9, channels: 3, background: 'teal' } })
  .png()
  .toBuffer()

const PLACE = { name: 'Pier 7', city: 'Douglas' }

/** The same parameters as a body of each form. */
const FORMS = [
  [FORM, (values: Record<string, string>) => new URLSearchParams(values).toString()],
  [JSON_TYPE, (values: Record<string, string>) => JSON.stringify(values)],
  [MULTIPART, (values: Record<string, string>) => multipart(fields(values))],
] as const

/** What the server answers to bytes as they are. */
async function overSocket(app: TestApp, request: string): Promise<string> {
  const address = await app.app.listen({ port: 0, host: '127.0.0.1' })
  const socket = connect(Number(new URL(address).port), '127.0.0.1')
  socket.write(request)
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString()
}

async function counts(app: TestApp): Promise<unknown[]> {
  const paths = ['users', 'places', 'photos', 'checkins', 'objects/boat']
  const replies = await Promise.all(paths.map((path) => app.get(`${path}/count`)))
  return replies.map(({ body }) => body.meta.count ?? 0)
}

onEachDatabase('bodies', (app) => {
  for (const [contentType, encode] of FORMS) {
    const kind = contentType.split(';')[0]

    it(`of ${kind} are read on every verb`, async () => {
      const ann = await app().user()
      const made = await app().raw('POST', 'places/create', contentType, encode(PLACE), ann)
      assert.equal(made.status, 200)
      const id = made.body.response.places[0].id
      const shown = await app().raw('GET', 'places/show', contentType, encode({ place_id: id }))
      assert.equal(shown.body.response.places[0].name, 'Pier 7')
      const change = encode({ place_id: id, name: 'Pier 8' })
      const put = await app().raw('PUT', 'places/update', contentType, change, ann)
      assert.equal(put.body.response.places[0].name, 'Pier 8')
      const gone = encode({ place_id: id })
      assert.equal((await app().raw('DELETE', 'places/delete', contentType, gone, ann)).status, 200)
      assert.equal((await app().get('places/show', { place_id: id })).status, 400)
    })

    it(`of ${kind} may hold key and session`, async () => {
      const ann = await app().user()
      const values = { ...PLACE, key: app().backend.key, _session_id: ann.session }
      const reply = await app().send({
        method: 'POST',
        url: '/v1/places/create.json',
        headers: { 'content-type': contentType },
        payload: encode(values),
      })
      assert.equal(reply.body.response.places[0].user_id, ann.id)
    })

    it(`of ${kind} hold hashes as JSON text`, async () => {
      const ann = await app().user()
      const values = { fields: '{"a":{"b":[1,"x",true]}}' }
      const { body } = await app().raw(
        'POST',
        'objects/boat/create',
        contentType,
        encode(values),
        ann,
      )
      assert.deepEqual(body.response.boat[0].a, { b: [1, 'x', true] })
    })

    it(`of ${kind} keep Unicode as it is`, async () => {
      const ann = await app().user()
      const name = "Ægir's 'pier' + 100% – 桟橋 🚢 é"
      const values = encode({ name, city: 'Douglas' })
      const { body } = await app().raw('POST', 'places/create', contentType, values, ann)
      assert.equal(body.response.places[0].name, name)
    })

    it(`of ${kind} may be empty`, async () => {
      for (const payload of ['', ...(contentType === MULTIPART ? [encode({})] : [])]) {
        const { status } = await app().raw('POST', 'places/query', contentType, payload)
        assert.ok(status === 200 || (contentType === MULTIPART && status === 400), String(status))
      }
    })
  }

  it('may be left out by a client that does not escape its query', async () => {
    const ann = await app().user()
    await app().post('places/create', { ...PLACE, name: 'Unescaped' }, ann)
    const where = '{"name":"Unescaped","city":{"$in":["Douglas"]}}'
    const text = await overSocket(
      app(),
      `GET /v1/places/query.json?key=${app().backend.key}&where=${where} HTTP/1.1\r\n` +
        'Host: x\r\nConnection: close\r\n\r\n',
    )
    assert.match(text, /^HTTP\/1\.1 200/)
    assert.match(text, /"name":"Unescaped"/)
  })

  it('merge with the query, over which they count', async () => {
    const ann = await app().user()
    const query = new URLSearchParams({
      ...{ key: app().backend.key, _session_id: ann.session },
      ...{ city: 'Douglas', name: 'of the query' },
    })
    const url = `/v1/places/create.json?${query}`
    const headers = { 'content-type': FORM }
    const { body } = await app().send({ method: 'POST', url, headers, payload: 'name=of+the+body' })
    assert.equal(body.response.places[0].name, 'of the body')
    assert.equal(body.response.places[0].city, 'Douglas')
  })

  it('of JSON hold values as they are', async () => {
    const ann = await app().user()
    const payload = JSON.stringify({ ...PLACE, latitude: 54.1, longitude: -4.4, tags: ['a', 'b'] })
    const { body } = await app().raw('POST', 'places/create', JSON_TYPE, payload, ann)
    const [place] = body.response.places
    assert.equal(place.latitude, 54.1)
    assert.deepEqual(place.tags, ['a', 'b'])
  })

  it('hold lists as commas, as brackets and as JSON', async () => {
    const ann = await app().user()
    for (const payload of [
      'tags=a,b',
      'tags[]=a&tags[]=b',
      'tags%5B%5D=a&tags%5B%5D=b',
      `tags=${encodeURIComponent('["a","b"]')}`,
    ]) {
      const form = `${new URLSearchParams(PLACE)}&${payload}`
      const { body } = await app().raw('POST', 'places/create', FORM, form, ann)
      assert.deepEqual(body.response.places[0].tags, ['a', 'b'], payload)
    }
  })

  it('hold hashes in brackets', async () => {
    const ann = await app().user()
    const form = 'fields[name]=Ada&fields[speed]=12'
    const { body } = await app().raw('POST', 'objects/boat/create', FORM, form, ann)
    assert.equal(body.response.boat[0].name, 'Ada')
    assert.equal(body.response.boat[0].speed, '12')
  })

  it('of multipart take the file first', async () => {
    const ann = await app().user()
    const file = { name: 'photo', value: await picture, filename: 'a.png' }
    const payload = multipart([file, ...fields({ title: 'first' })])
    const { status, body } = await app().raw('POST', 'photos/create', MULTIPART, payload, ann)
    assert.equal(status, 200)
    assert.equal(body.response.photos[0].title, 'first')
    assert.equal(body.response.photos[0].filename, 'a.png')
  })

  it('of multipart take a bare decimal boundary, and stray text after the end', async () => {
    const ann = await app().user()
    const boundary = '1404.5512345'
    const parts = [...fields(PLACE), { name: 'photo', value: await picture, filename: 'a.png' }]
    for (const ending of ['', '\r\n', 'stray text without a line end', '\r\nmore\r\n']) {
      const payload = multipart(parts, boundary, ending)
      const contentType = `multipart/form-data; boundary=${boundary}`
      const reply = await app().raw('POST', 'places/create', contentType, payload, ann)
      assert.equal(reply.status, 200, JSON.stringify(ending))
      assert.ok(reply.body.response.places[0].photo_id)
    }
    await app().settle()
    assert.deepEqual(await app().stagedFiles(), [])
  })

  it('of multipart take names and JSON that an old client has escaped', async () => {
    const ann = await app().user()
    const parts = fields({ 'photo_sizes%5Btiny%5D': '5x5%23', custom_fields: '%7B%22a%22%3A1%7D' })
    const file = { name: 'photo', value: await picture, filename: 'a.png' }
    const { status, body } = await app().raw(
      ...(['POST', 'photos/create', MULTIPART, multipart([...parts, file]), ann] as const),
    )
    assert.equal(status, 200, body.meta.message)
    assert.deepEqual(body.response.photos[0].custom_fields, { a: 1 })
    await app().settle()
  })

  it('of multipart treat a file without a name as none', async () => {
    const ann = await app().user()
    const file = { name: 'photo', value: '', filename: '' }
    const payload = multipart([...fields(PLACE), file])
    const { status, body } = await app().raw('POST', 'places/create', MULTIPART, payload, ann)
    assert.equal(status, 200)
    assert.equal(body.response.places[0].photo_id, undefined)
    assert.deepEqual(await app().stagedFiles(), [])
  })

  it('of multipart ignore a file under an unknown name, and remove it', async () => {
    const ann = await app().user()
    const file = { name: 'surprise', value: await picture, filename: 'a.png' }
    const payload = multipart([...fields(PLACE), file])
    assert.equal((await app().raw('POST', 'places/create', MULTIPART, payload, ann)).status, 200)
    assert.deepEqual(await app().stagedFiles(), [])
  })
})

/** Bodies that no method can use: what is sent, and what the answer says. */
const BROKEN: readonly (readonly [string, string, string | Buffer, number, RegExp])[] = [
  ['JSON cut short', JSON_TYPE, '{"name":', 400, /JSON/],
  ['JSON with two values', JSON_TYPE, '{} {}', 400, /JSON/],
  ['a JSON list', JSON_TYPE, '[{"name":"x"}]', 400, /object/],
  ['a JSON text', JSON_TYPE, '"name"', 400, /object/],
  ['JSON null', JSON_TYPE, 'null', 400, /object/],
  ['JSON nested a million deep', JSON_TYPE, '['.repeat(1e6), 400, /JSON/],
  ['multipart without a boundary', 'multipart/form-data', 'x', 400, /boundary/],
  ['multipart without an end', MULTIPART, '--XX\r\n', 400, /multipart/],
  [
    'multipart that ends inside a file',
    MULTIPART,
    multipart([{ name: 'photo', value: 'x'.repeat(5000), filename: 'a.png' }]).subarray(0, 3000),
    400,
    /multipart/,
  ],
  [
    'multipart that ends inside a field',
    MULTIPART,
    multipart(fields({ name: 'x'.repeat(500) })).subarray(0, 200),
    400,
    /multipart/,
  ],
  [
    '10,000 parts',
    MULTIPART,
    multipart(Array(10_000).fill({ name: 'a', value: 'b' })),
    413,
    /parts/,
  ],
  [
    'ten files',
    MULTIPART,
    multipart(Array(10).fill({ name: 'photo', value: 'x', filename: 'a.png' })),
    413,
    /files/,
  ],
  ['10,000 parameters', FORM, Array(10_000).fill('a=b').join('&'), 400, /2000 parameters/],
  ['a name of 10,000 characters', FORM, `${'n'.repeat(10_000)}=1`, 400, /name/],
  ['plain text', 'text/plain', 'name=x', 415, /multipart/],
  ['XML', 'application/xml', '<name>x</name>', 415, /multipart/],
]

onEachDatabase('a body that is', (app) => {
  for (const [what, contentType, payload, wanted, message] of BROKEN) {
    it(`${what} is refused, and nothing is kept of it`, async () => {
      const ann = await app().user()
      const before = await counts(app())
      const { status, body } = await app().raw('POST', 'places/create', contentType, payload, ann)
      assert.equal(status, wanted)
      assert.equal(body.meta.code, wanted)
      assert.match(body.meta.message ?? '', message)
      assert.equal(body.meta.method_name, 'createPlace')
      assert.deepEqual(await counts(app()), before)
      assert.deepEqual(await app().stagedFiles(), [])
    })
  }

  it('multipart at an unknown address, or with a bad query, leaves no file behind', async () => {
    const payload = multipart([{ name: 'photo', value: 'x'.repeat(5000), filename: 'a.png' }])
    const headers = { 'content-type': MULTIPART }
    const many = Array(3000).fill('a=b').join('&')
    for (const [method, url, status] of [
      ['POST', '/v1/nothing/here.json', 404],
      ['PUT', '/v1/places/query.json', 401],
      ['POST', `/v1/places/create.json?key=${app().backend.key}`, 401],
      ['POST', `/v1/places/create.json?${'n'.repeat(300)}=1`, 400],
      ['POST', `/v1/places/create.json?${many}`, 400],
      ['OPTIONS', '/v1/places/create.json', 204],
    ] as const) {
      const reply = await app().send({ method, url, headers, payload })
      assert.equal(reply.status, status, url.slice(0, 60))
      assert.deepEqual(await app().stagedFiles(), [], url.slice(0, 60))
    }
  })

  it('broken off by the client leaves no file behind', async () => {
    const ann = await app().user()
    const address = await app().app.listen({ port: 0, host: '127.0.0.1' })
    const { port } = new URL(address)
    const socket = connect(Number(port), '127.0.0.1')
    const query = `key=${app().backend.key}&_session_id=${ann.session}`
    socket.write(
      `POST /v1/photos/create.json?${query} HTTP/1.1\r\nHost: x\r\nContent-Type: ${MULTIPART}\r\n` +
        'Content-Length: 900000\r\n\r\n' +
        '--XX\r\nContent-Disposition: form-data; name="photo"; filename="a.png"\r\n\r\n' +
        'x'.repeat(100_000),
    )
    await until(async () => (await app().stagedFiles()).length === 1)
    socket.destroy()
    await until(async () => (await app().stagedFiles()).length === 0)
    assert.equal((await app().get('photos/count')).body.meta.count, 0)
  })
})

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (await isSo()) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  assert.fail('it did not come to be so')
}

onEachDatabase(
  'a limit of the server',
  (app) => {
    const send = (payload: Buffer | string, contentType: string, as: TestUser, path: string) =>
      app().raw('POST', path, contentType, payload, as)

    it('refuses a body that is too large', async () => {
      const ann = await app().user()
      const name = 'x'.repeat(9000)
      for (const [contentType, payload] of [
        [FORM, `city=Douglas&name=${name}`],
        [JSON_TYPE, JSON.stringify({ city: 'Douglas', name })],
        [MULTIPART, multipart(fields({ city: 'Douglas', name }))],
        // Each part is small enough, but not all of them.
        [
          MULTIPART,
          multipart([
            ...fields(PLACE),
            ...Array(20).fill({ name: 'a', value: name.slice(0, 600) }),
          ]),
        ],
      ] as const) {
        const { status, body } = await send(payload, contentType, ann, 'places/create')
        assert.equal(status, 413, contentType)
        assert.equal(body.meta.code, 413)
        assert.equal(body.meta.method_name, 'createPlace')
      }
      assert.equal((await app().get('places/count')).body.meta.count, 0)
    })

    it('refuses a file that is too large, and keeps nothing of it', async () => {
      const ann = await app().user()
      const file = { name: 'photo', value: Buffer.alloc(60_000), filename: 'a.png' }
      for (const path of ['photos/create', 'places/create']) {
        const payload = multipart([...fields(PLACE), file])
        const { status, body } = await send(payload, MULTIPART, ann, path)
        assert.equal(status, 413)
        assert.match(body.meta.message ?? '', /too large/)
      }
      assert.deepEqual(await app().stagedFiles(), [])
      assert.deepEqual(await counts(app()), [await usersCount(), 0, 0, 0, 0])
    })

    const usersCount = async () => (await app().get('users/count')).body.meta.count

    it('lets a file through that is larger than a body may be', async () => {
      const ann = await app().user()
      const noise = Buffer.from(Array.from({ length: 70 * 70 * 3 }, () => Math.random() * 256))
      const raw = { width: 70, height: 70, channels: 3 } as const
      const value = await sharp(noise, { raw }).png().toBuffer()
      assert.ok(value.length > 8192)
      const payload = multipart([{ name: 'photo', value, filename: 'a.png' }])
      assert.equal((await send(payload, MULTIPART, ann, 'photos/create')).status, 200)
    })
  },
  { HOMEPORT_BODY_MAX_BYTES: '8192', HOMEPORT_UPLOAD_MAX_BYTES: '50000' },
)

/** Values that no field takes: the parameter, the value, and what the answer must name. */
const deep = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`

const BAD_VALUES: readonly (readonly [string, string, Record<string, unknown>, RegExp])[] = [
  ['NUL in a text', 'places/create', { ...PLACE, name: 'a\0b' }, /name/],
  ['half a surrogate pair in a text', 'places/create', { ...PLACE, name: '\ud800' }, /name/],
  ['NUL in a custom field', 'places/create', { ...PLACE, custom_fields: { a: '\0' } }, /custom_f/],
  [
    'NUL in the name of one',
    'places/create',
    { ...PLACE, custom_fields: { 'a\0': 1 } },
    /custom_f/,
  ],
  [
    'half a pair in a custom field',
    'places/create',
    { ...PLACE, custom_fields: { a: ['\udc00'] } },
    /custom_f/,
  ],
  ['NUL in a tag', 'places/create', { ...PLACE, tags: 'a,\0' }, /tags/],
  ['NUL in a field', 'objects/boat/create', { fields: { a: { b: ['\0'] } } }, /fields/],
  ['a hash as text', 'places/create', { ...PLACE, name: { a: 1 } }, /name/],
  ['a list as text', 'places/create', { ...PLACE, name: ['a'] }, /name/],
  ['a text as hash', 'places/create', { ...PLACE, custom_fields: 'text' }, /custom_fields/],
  ['a list as hash', 'places/create', { ...PLACE, custom_fields: '[1]' }, /custom_fields/],
  [
    'hashes nested 40 deep',
    'places/create',
    { ...PLACE, custom_fields: deep(40) },
    /custom_fields/,
  ],
  ['hashes nested 100,000 deep', 'objects/boat/create', { fields: deep(100_000) }, /fields/],
  [
    'an infinite number',
    'places/create',
    { ...PLACE, latitude: '1e999', longitude: 1 },
    /latitude/,
  ],
  ['no number', 'places/create', { ...PLACE, latitude: 'NaN', longitude: 1 }, /latitude/],
  [
    'a latitude past the pole',
    'places/create',
    { ...PLACE, latitude: 90.1, longitude: 1 },
    /latitude/,
  ],
  ['an infinite number in a field', 'objects/boat/create', { fields: '{"a":1e999}' }, /fields/],
  [
    'a hash as number',
    'places/create',
    { ...PLACE, latitude: { toString: 1 }, longitude: 1 },
    /latitude/,
  ],
  ['a hash as boolean', 'places/query', { count: { toString: 1 } }, /count/],
  ['a hash as limit', 'places/query', { limit: { valueOf: 1, toString: 1 } }, /limit/],
  ['a list as limit', 'places/query', { limit: [{ toString: 1 }] }, /limit/],
  ['a hash as skip', 'places/query', { skip: { toString: 1 } }, /skip/],
  ['a hash as order', 'places/query', { order: { toString: 1 } }, /order/],
  ['NUL in order', 'places/query', { order: 'na\0me' }, /order/],
  ['a hash as id', 'places/show', { place_id: { toString: 1 } }, /place_id/],
  ['hashes as ids', 'places/show', { place_ids: [{ toString: 1 }] }, /place_ids/],
  ['NUL in an id', 'places/show', { place_id: '\0' }, /place.id/],
  ['NUL in a reference', 'checkins/create', { place_id: 'a\0' }, /place.id/],
  ['NUL in a photo id', 'places/create', { ...PLACE, photo_id: 'a\0' }, /photo.id/],
  ['NUL in an ACL id', 'places/create', { ...PLACE, acl_id: '\0' }, /acl_id/],
  ['a hash as depth', 'places/query', { response_json_depth: { toString: 1 } }, /depth/],
  ['a depth of 9', 'places/query', { response_json_depth: 9 }, /response_json_depth/],
  ['a depth of 0', 'places/query', { response_json_depth: 0 }, /response_json_depth/],
  ['half a depth', 'places/query', { response_json_depth: 1.5 }, /response_json_depth/],
  ['text where a file is expected', 'photos/create', { photo: 'no file' }, /photo/],
  [
    'hashes as a position',
    'places/create',
    { ...PLACE, custom_fields: { coordinates: [{ toString: 1 }, 2] } },
    /coordinates/,
  ],
  [
    'nothing as a position',
    'places/create',
    { ...PLACE, custom_fields: { coordinates: [null, null] } },
    /coordinates/,
  ],
  [
    'a position off the globe',
    'places/create',
    { ...PLACE, custom_fields: { coordinates: [181, 0] } },
    /coordinates/,
  ],
  [
    'one number as a position',
    'places/create',
    { ...PLACE, custom_fields: { coordinates: [1] } },
    /coordinates/,
  ],
]

onEachDatabase('a value', (app) => {
  describe('that no field takes', () => {
    for (const [what, path, values, message] of BAD_VALUES) {
      it(`is refused by name when it is ${what}, and nothing is written`, async () => {
        const ann = await app().user()
        const before = await counts(app())
        const { status, body } = await app().raw(
          ...(['POST', path, JSON_TYPE, JSON.stringify(values), ann] as const),
        )
        assert.equal(status, 400)
        assert.match(body.meta.message ?? '', message)
        assert.deepEqual(await counts(app()), before)
      })
    }
  })

  it('in brackets is no boolean, no number and no text', async () => {
    for (const form of ['count[a]=1', 'limit[a]=1', 'skip[a]=1', 'order[a]=1', 'where[a][b]=1']) {
      const { status } = await app().raw('POST', 'places/query', FORM, form)
      assert.ok(
        status === 400 || (status === 200 && form.startsWith('where')),
        `${form}: ${status}`,
      )
    }
  })

  for (const name of [
    'name',
    'tags',
    'custom_fields',
    'latitude',
    'photo_id',
    'acl_name',
    'su_id',
  ]) {
    it(`that is a file is refused where ${name} is expected`, async () => {
      const ann = await app().user()
      const before = await counts(app())
      const rest = fields(PLACE).filter((part) => part.name !== name)
      const payload = multipart([...rest, { name, value: 'x', filename: 'a.txt' }])
      const reply = await app().raw('POST', 'places/create', MULTIPART, payload, ann)
      assert.equal(reply.status, 400)
      assert.match(reply.body.meta.message ?? '', new RegExp(`Invalid ${name} parameter`))
      assert.deepEqual(await counts(app()), before)
      assert.deepEqual(await app().stagedFiles(), [])
    })
  }

  it('that is a file inside a hash is refused', async () => {
    const ann = await app().user()
    const payload = multipart([{ name: 'fields[a]', value: 'x', filename: 'a.txt' }])
    const reply = await app().raw('POST', 'objects/boat/create', MULTIPART, payload, ann)
    assert.equal(reply.status, 400)
    assert.match(reply.body.meta.message ?? '', /fields/)
    assert.deepEqual(await app().stagedFiles(), [])
  })

  it('named like a part of the language does no harm', async () => {
    const ann = await app().user()
    const evil =
      '{"__proto__":{"admin":"true"},"constructor":{"prototype":{"x":1}},"toString":5,"ok":1}'
    for (const [contentType, payload] of [
      [JSON_TYPE, `{"fields":${evil},"__proto__":{"fields":{"x":1}},"constructor":"x"}`],
      [FORM, new URLSearchParams({ fields: evil, '__proto__[admin]': 'true' }).toString()],
      [
        MULTIPART,
        multipart(fields({ fields: evil, '__proto__[admin]': 'true', constructor: 'x' })),
      ],
    ] as const) {
      const { status, body } = await app().raw(
        'POST',
        'objects/boat/create',
        contentType,
        payload,
        ann,
      )
      assert.equal(status, 200, contentType)
      const { id, created_at, updated_at, user_id, ...members } = body.response.boat[0]
      assert.deepEqual(members, { toString: 5, ok: 1 })
      assert.equal(({} as Record<string, unknown>).admin, undefined)
    }
    const where = { toString: 5, hasOwnProperty: { $exists: false } }
    const found = await app().get('objects/boat/query', { where, order: 'toString,constructor' })
    assert.equal(found.body.response.boat.length, 3)
  })

  it('named so below the top is kept as it is', async () => {
    const ann = await app().user()
    const form = { fields: '{"a":{"__proto__":{"b":1},"constructor":2}}' }
    const { body } = await app().post('objects/raft/create', form, ann)
    const shown = await app().app.inject(
      `/v1/objects/raft/show.json?key=${app().backend.key}&id=${body.response.raft[0].id}`,
    )
    assert.match(shown.body, /"a":\{"__proto__":\{"b":1\},"constructor":2\}/)
  })

  it('of a picture that is refused late leaves neither photo nor file', async () => {
    const ann = await app().user()
    const before = await counts(app())
    const file = { name: 'photo', value: await picture, filename: 'a.png' }
    for (const more of [
      { custom_fields: 'text' },
      { photo_sizes: '{"a":"huge"}' },
      { acl_name: 'there is none' },
      { custom_fields: '{"coordinates":"x"}' },
      { name: '' },
      { sel: '{"none":1}' },
    ]) {
      const payload = multipart([file, ...fields({ ...PLACE, ...more } as Record<string, string>)])
      const reply = await app().raw('POST', 'places/create', MULTIPART, payload, ann)
      assert.equal(reply.status, 400, JSON.stringify(more))
    }
    assert.deepEqual(await counts(app()), before)
    assert.deepEqual(await app().stagedFiles(), [])
  })

  it('of a photo that is no picture is refused, and nothing is kept', async () => {
    const ann = await app().user()
    const before = await counts(app())
    for (const value of [
      '',
      'no picture',
      '<svg xmlns="http://www.w3.org/2000/svg"/>',
      '\x89PNG\r\n',
    ]) {
      const payload = multipart([{ name: 'photo', value, filename: 'a.png' }])
      const reply = await app().raw('POST', 'photos/create', MULTIPART, payload, ann)
      assert.equal(reply.status, 400)
    }
    assert.deepEqual(await counts(app()), before)
    assert.deepEqual(await app().stagedFiles(), [])
  })
})
