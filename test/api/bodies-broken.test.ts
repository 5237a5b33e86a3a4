import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { it } from 'node:test'
import sharp from 'sharp'
import { counts, FORM, fields, JSON_TYPE, MULTIPART, multipart, PLACE } from '../support/bodies.ts'
import { onEachDatabase, type TestUser } from '../support/test-app.ts'

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
