import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { describe, it } from 'node:test'
import OAuth from 'oauth-1.0a'
import { BACKEND_TYPE, INSTANCE } from '../../src/engine/backend.ts'
import { NONCE_TYPE } from '../../src/engine/nonces.ts'
import { onEachDatabase, type TestApp, type TestBackend } from '../support/test-app.ts'

const NO_KEY = '401 Unauthorized request. Please provide a valid App key or Oauth key.'
const FORM = 'application/x-www-form-urlencoded'
const HOST = 'http://localhost'

type Signed = { readonly url: string; readonly method: string; readonly data?: object }
type Doors = { oauth?: boolean; basicAuth?: boolean; inactive?: boolean; inTrash?: boolean }

/** A signer that shares nothing with the server but the standard. */
function signer(backend: TestBackend, options: Partial<OAuth.Options> = {}): OAuth {
  return new OAuth({
    consumer: { key: backend.key, secret: backend.secret },
    signature_method: 'HMAC-SHA1',
    hash_function: (base, key) => createHmac('sha1', key).update(base).digest('base64'),
    ...options,
  })
}

function headerOf(oauth: OAuth, request: Signed): { authorization: string } {
  return { authorization: oauth.toHeader(oauth.authorize(request)).Authorization }
}

/** The signature over exactly these pairs, for what the signer above cannot do. */
function signatureOf(backend: TestBackend, url: string, pairs: readonly [string, string][]) {
  const encoded = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)
  const joined = pairs.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).sort()
  const base = ['GET', encoded(url), encoded(joined.join('&'))].join('&')
  return createHmac('sha1', `${encoded(backend.secret)}&`)
    .update(base)
    .digest('base64')
}

function freshMembers(backend: TestBackend): [string, string][] {
  return [
    ['oauth_consumer_key', backend.key],
    ['oauth_nonce', Math.random().toString(36).slice(2)],
    ['oauth_signature_method', 'HMAC-SHA1'],
    ['oauth_timestamp', String(Math.floor(Date.now() / 1000))],
    ['oauth_version', '1.0'],
  ]
}

function asHeader(members: readonly [string, string][]): { authorization: string } {
  const listed = members.map(([name, value]) => `${name}="${encodeURIComponent(value)}"`)
  return { authorization: `OAuth ${listed.join(', ')}` }
}

async function backendWith(app: TestApp, name: string, doors: Doors): Promise<TestBackend> {
  const backend = await app.newBackend(name)
  const { store } = app.context
  const address = { backendId: INSTANCE, type: BACKEND_TYPE, id: backend.id }
  const record = await store.get(address)
  assert.ok(record)
  const changed = { ...record, data: JSON.stringify({ ...JSON.parse(record.data), ...doors }) }
  await store.write({
    operations: [{ op: 'replace', record: changed, ifVersion: record.version }],
    actor: 'test',
    at: 1,
  })
  return backend
}

onEachDatabase('app authentication', (app) => {
  describe('the App Key', () => {
    const query = (options: { headers?: Record<string, string>; url?: string }) =>
      app().send({ method: 'GET', url: '/v1/places/query.json', ...options })

    it('is taken from the query', async () => {
      assert.equal((await app().get('places/query')).status, 200)
    })

    it('is taken from the header `key`', async () => {
      assert.equal((await query({ headers: { key: app().backend.key } })).status, 200)
    })

    it('is taken from the header when the query has an empty one', async () => {
      const url = '/v1/places/query.json?key='
      assert.equal((await query({ url, headers: { key: app().backend.key } })).status, 200)
    })

    it('is taken from a body of each form', async () => {
      const { key } = app().backend
      const multipart = `--b\r\ncontent-disposition: form-data; name="key"\r\n\r\n${key}\r\n--b--\r\n`
      for (const [contentType, payload] of [
        [FORM, `key=${key}`],
        ['application/json', JSON.stringify({ key })],
        ['multipart/form-data; boundary=b', multipart],
      ] as const) {
        const headers = { 'content-type': contentType }
        const reply = await app().send({
          method: 'POST',
          url: '/v1/places/query.json',
          headers,
          payload,
        })
        assert.equal(reply.status, 200, contentType)
      }
    })

    it('is asked for when there is none', async () => {
      const { status, body } = await query({})
      assert.equal(status, 401)
      assert.equal(body.meta.message, NO_KEY)
      assert.equal(body.meta.method_name, 'queryPlaces')
      assert.equal(body.response, undefined)
    })

    for (const [what, key] of [
      ['unknown', 'ffffffffffffffffffffffffffffffff'],
      ['cut short', 'ff'],
      ['very long', 'f'.repeat(5000)],
      ['holding NUL', '%00'],
      ['no valid UTF-8', '%ff%fe'],
    ] as const) {
      it(`is refused when it is ${what}`, async () => {
        const { status, body } = await query({ url: `/v1/places/query.json?key=${key}` })
        assert.equal(status, 400)
        assert.equal(body.meta.message, 'Invalid app key')
      })
    }

    it('is no file, no list and no hash', async () => {
      const { key } = app().backend
      for (const name of ['key[]', 'key[a]']) {
        const { status } = await query({ url: `/v1/places/query.json?${name}=${key}` })
        assert.equal(status, 401, name)
      }
      const part = `content-disposition: form-data; name="key"; filename="k"`
      const payload = `--b\r\n${part}\r\n\r\n${key}\r\n--b--\r\n`
      const headers = { 'content-type': 'multipart/form-data; boundary=b' }
      const url = '/v1/places/query.json'
      assert.equal((await app().send({ method: 'POST', url, headers, payload })).status, 401)
      assert.deepEqual(await app().stagedFiles(), [])
    })

    it('counts when a signature is sent too, right or wrong', async () => {
      const headers = { authorization: 'OAuth oauth_consumer_key="x", oauth_signature="y"' }
      const url = `/v1/places/query.json?key=${app().backend.key}`
      assert.equal((await query({ url, headers })).status, 200)
      const wrong = await query({ url: '/v1/places/query.json?key=abc', headers })
      assert.equal(wrong.status, 400)
    })

    it('opens no other backend than its own', async () => {
      const other = await app().newBackend('other')
      const ann = await app().user()
      await app().post('places/create', { name: 'Pier 7', city: 'Douglas' }, ann)
      const { body } = await app().call('GET', 'places/query', {}, ann, other)
      assert.deepEqual(body.response.places, [])
    })
  })

  describe('a signed call', () => {
    const url = `${HOST}/v1/places/query.json`
    const send = (
      method: 'GET' | 'POST' | 'DELETE',
      address: string,
      headers: Record<string, string>,
      payload?: string | Buffer,
    ) =>
      app().send({ method, url: address, headers, ...(payload === undefined ? {} : { payload }) })

    it('is taken with parameters in the query', async () => {
      for (const search of [
        '',
        '?limit=2&order=name',
        '?b=2&a=1&a=0',
        '?where=%7B%22a%22%3A1%7D',
      ]) {
        const address = url + search
        const headers = headerOf(signer(app().backend), { url: address, method: 'GET' })
        assert.equal((await send('GET', address, headers)).status, 200, search)
      }
    })

    it('is taken with a form, whose parameters are signed', async () => {
      const data = { limit: '3', order: '-name' }
      const headers = headerOf(signer(app().backend), { url, method: 'POST', data })
      const form = { ...headers, 'content-type': FORM }
      assert.equal((await send('POST', url, form, 'limit=3&order=-name')).status, 200)
      const again = headerOf(signer(app().backend), { url, method: 'POST', data })
      const changed = await send(
        'POST',
        url,
        { ...again, 'content-type': FORM },
        'limit=4&order=-name',
      )
      assert.equal(changed.status, 401)
      assert.equal(changed.body.meta.message, 'Invalid OAuth signature')
    })

    it('is taken with a form on a GET', async () => {
      const headers = headerOf(signer(app().backend), { url, method: 'GET', data: { limit: '2' } })
      const reply = await send('GET', url, { ...headers, 'content-type': FORM }, 'limit=2')
      assert.equal(reply.status, 200)
    })

    it('is taken with a multipart body, which is not signed', async () => {
      const payload = '--b\r\ncontent-disposition: form-data; name="limit"\r\n\r\n2\r\n--b--\r\n'
      const headers = headerOf(signer(app().backend), { url, method: 'POST' })
      const type = { 'content-type': 'multipart/form-data; boundary=b' }
      assert.equal((await send('POST', url, { ...headers, ...type }, payload)).status, 200)
    })

    it('is taken with the consumer key in query and header, counted once or twice', async () => {
      const { backend } = app()
      const address = `${url}?oauth_consumer_key=${backend.key}`
      for (const times of [1, 2]) {
        const members = freshMembers(backend)
        const extra = members.slice(0, times - 1)
        const signature = signatureOf(backend, url, [...members, ...extra])
        const headers = asHeader([...members, ['oauth_signature', signature]])
        assert.equal((await send('GET', address, headers)).status, 200, `${times} times`)
      }
    })

    it('is taken with all its members in the query and no header', async () => {
      const { backend } = app()
      const members = freshMembers(backend)
      const pairs: [string, string][] = [...members, ['limit', '2']]
      const signature = signatureOf(backend, url, pairs)
      const query = new URLSearchParams([...pairs, ['oauth_signature', signature]])
      assert.equal((await send('GET', `${url}?${query}`, {})).status, 200)
    })

    it('is taken with an empty realm at the head and an empty token', async () => {
      const { backend } = app()
      const members: [string, string][] = [...freshMembers(backend), ['oauth_token', '']]
      const signature = signatureOf(backend, url, members)
      const headers = asHeader([['realm', ''], ...members, ['oauth_signature', signature]])
      assert.equal((await send('GET', url, headers)).status, 200)
    })

    it('is taken with a realm that the signer puts there', async () => {
      const oauth = signer(app().backend, { realm: 'x' })
      const headers = headerOf(oauth, { url, method: 'GET' })
      assert.match(headers.authorization, /realm="x"/)
      assert.equal((await send('GET', url, headers)).status, 200)
    })

    for (const text of ["!*'()", 'ÄÖ ü ßÑ', '日本 語', 'a+b&c=d%20', '🚢']) {
      it(`is taken with ${text} in query and form`, async () => {
        const oauth = signer(app().backend)
        const address = `${url}?note=${oauth.percentEncode(text)}`
        const headers = headerOf(oauth, { url: address, method: 'GET' })
        assert.equal((await send('GET', address, headers)).status, 200)

        const form = headerOf(oauth, { url, method: 'POST', data: { note: text } })
        const payload = new URLSearchParams({ note: text }).toString()
        const reply = await send('POST', url, { ...form, 'content-type': FORM }, payload)
        assert.equal(reply.status, 200)
      })
    }

    it('is taken at any host and port by which the client knows the server', async () => {
      for (const origin of ['http://api.example.org:8080', 'http://API.Example.org']) {
        const address = '/v1/places/query.json'
        const signedUrl = `${origin.toLowerCase()}${address}`
        const headers = headerOf(signer(app().backend), { url: signedUrl, method: 'GET' })
        const host = origin.slice('http://'.length)
        assert.equal((await send('GET', address, { ...headers, host })).status, 200, origin)
      }
    })

    it('is refused, not failed on, when the Host header is no host', async () => {
      const headers = headerOf(signer(app().backend), { url, method: 'GET' })
      const reply = await send('GET', '/v1/places/query.json', { ...headers, host: 'a b:c' })
      assert.equal(reply.status, 401)
    })

    it('is refused when its nonce was used before', async () => {
      const headers = headerOf(signer(app().backend), { url, method: 'GET' })
      assert.equal((await send('GET', url, headers)).status, 200)
      const { status, body } = await send('GET', url, headers)
      assert.equal(status, 401)
      assert.match(body.meta.message ?? '', /^Invalid OAuth signature/)
    })

    it('counts once of many at the same time', async () => {
      const headers = headerOf(signer(app().backend), { url, method: 'GET' })
      const replies = await Promise.all(Array.from({ length: 8 }, () => send('GET', url, headers)))
      assert.equal(replies.filter(({ status }) => status === 200).length, 1)
    })

    for (const [why, change] of [
      ['the secret is another', (b: TestBackend) => signer({ ...b, secret: 'another' })],
      ['the key is unknown', (b: TestBackend) => signer({ ...b, key: 'f'.repeat(32) })],
      ['the key holds NUL', (b: TestBackend) => signer({ ...b, key: '\0' })],
      [
        'the method is PLAINTEXT',
        (b: TestBackend) =>
          signer(b, { signature_method: 'PLAINTEXT', hash_function: () => `${b.secret}&` }),
      ],
    ] as const) {
      it(`is refused when ${why}`, async () => {
        const headers = headerOf(change(app().backend), { url, method: 'GET' })
        const { status, body } = await send('GET', url, headers)
        assert.equal(status, 401)
        assert.equal(body.meta.message, 'Invalid OAuth signature')
      })
    }

    it('is refused when it was signed for another verb, path or query', async () => {
      const oauth = signer(app().backend)
      for (const signed of [
        { url, method: 'POST' },
        { url: `${HOST}/v1/places/count.json`, method: 'GET' },
        { url: `${url}?limit=1`, method: 'GET' },
        { url: 'https://localhost/v1/places/query.json', method: 'GET' },
      ]) {
        assert.equal((await send('GET', url, headerOf(oauth, signed))).status, 401)
      }
    })

    it('is refused when it was signed a quarter of an hour and more ago, or ahead', async () => {
      const { backend } = app()
      for (const [offset, status] of [
        [-840, 200],
        [-960, 401],
        [960, 401],
      ] as const) {
        const stamp = String(Math.floor(Date.now() / 1000) + offset)
        const members = freshMembers(backend).map(([name, value]): [string, string] =>
          name === 'oauth_timestamp' ? [name, stamp] : [name, value],
        )
        const signature = signatureOf(backend, url, members)
        const headers = asHeader([...members, ['oauth_signature', signature]])
        assert.equal((await send('GET', url, headers)).status, status, `${offset} s`)
      }
    })

    it('is refused without a nonce or with a timestamp that is none', async () => {
      const { backend } = app()
      for (const [name, value] of [
        ['oauth_nonce', ''],
        ['oauth_timestamp', 'yesterday'],
        ['oauth_timestamp', '-1'],
        ['oauth_timestamp', '9'.repeat(400)],
      ]) {
        const members = freshMembers(backend).map(([own, old]): [string, string] =>
          own === name ? [own, value ?? ''] : [own, old],
        )
        const signature = signatureOf(backend, url, members)
        const headers = asHeader([...members, ['oauth_signature', signature]])
        assert.equal((await send('GET', url, headers)).status, 401, `${name}=${value}`)
      }
    })

    it('uses no nonce up when it is refused', async () => {
      const other = await app().newBackend('nonces')
      const headers = headerOf(signer({ ...other, secret: 'wrong' }), { url, method: 'GET' })
      await send('GET', url, headers)
      const counted = await app().context.store.count({ backendId: other.id, type: NONCE_TYPE })
      assert.equal(counted.count, 0)
    })

    it('writes nothing when the signature is wrong', async () => {
      const ann = await app().user()
      const address = `${HOST}/v1/places/create.json`
      const before = (await app().get('places/count')).body.meta.count
      const data = { name: 'Pier 7', city: 'Douglas', _session_id: ann.session }
      const oauth = signer({ ...app().backend, secret: 'wrong' })
      const headers = headerOf(oauth, { url: address, method: 'POST', data })
      const payload = new URLSearchParams(data).toString()
      const reply = await send('POST', address, { ...headers, 'content-type': FORM }, payload)
      assert.equal(reply.status, 401)
      assert.equal((await app().get('places/count')).body.meta.count, before)
    })
  })

  describe("a backend's doors", () => {
    const url = `${HOST}/v1/places/query.json`
    const byKey = ({ key }: TestBackend) => app().send({ method: 'GET', url: `${url}?key=${key}` })
    const bySignature = (backend: TestBackend) =>
      app().send({ method: 'GET', url, headers: headerOf(signer(backend), { url, method: 'GET' }) })

    for (const [what, doors, keyStatus, signedStatus] of [
      ['open', {}, 200, 200],
      ['shut for keys', { basicAuth: false }, 401, 200],
      ['shut for signatures', { oauth: false }, 200, 401],
      ['inactive', { inactive: true }, 404, 404],
      ['in the trash', { inTrash: true }, 400, 401],
    ] as const) {
      it(`answer ${keyStatus} to a key and ${signedStatus} to a signature when ${what}`, async () => {
        const backend = await backendWith(app(), what.replaceAll(' ', '-'), doors)
        const withKey = await byKey(backend)
        assert.equal(withKey.status, keyStatus)
        assert.equal((await bySignature(backend)).status, signedStatus)
        if (what === 'shut for keys') assert.equal(withKey.body.meta.message, NO_KEY)
        if (what === 'in the trash') assert.equal(withKey.body.meta.message, 'Invalid app key')
      })
    }
  })
})
