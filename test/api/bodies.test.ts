import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { it } from 'node:test'
import { FORM, fields, JSON_TYPE, MULTIPART, multipart, PLACE, picture } from '../support/bodies.ts'
import { onEachDatabase, type TestApp } from '../support/test-app.ts'

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
