import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { codeOf, type DoorKeys, PlatformApp } from '../support/platform-app.ts'
import { TestCollection } from '../support/platform-storage.ts'
import { onEachDatabase } from '../support/test-app.ts'

const ETAG_STALE = 'MOBILE-10106'
const OBJECT_UNKNOWN = 'MOBILE-10205'
const UPLOAD_MAX = 200_000

onEachDatabase(
  'the storage of the platform',
  (app) => {
    let platform: PlatformApp
    let backend: DoorKeys
    let photos: TestCollection
    before(async () => {
      platform = await PlatformApp.open(app())
      backend = await platform.backend()
      photos = await TestCollection.make(platform, backend, { name: 'Photos', desc: 'Pictures' })
      for (const name of ['ann', 'ben']) await app().user(name, backend)
    })
    const path = (id: string) =>
      `/mobile/platform/storage/collections/${photos.name}/objects/${encodeURIComponent(id)}`
    /** The files that a collection has on the medium. */
    const files = async (collection: TestCollection = photos) => {
      const folder = join(app().context.config.files.directory, collection.id)
      const all = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
      return all.filter((one) => one.isFile()).length
    }

    describe('stores', () => {
      it('bytes under an id of the client, and gives them back as they came', async () => {
        const bytes = randomBytes(100_000)
        const headers = { 'content-type': 'image/png', 'oracle-mobile-name': 'My%20photo%20%C3%A9' }
        const made = await photos.put('/objects/one', 'ann', bytes, headers)
        assert.equal(made.statusCode, 201, made.body)
        assert.equal(made.headers.location, path('one'))
        assert.equal(made.headers.etag, '"1"')
        const { createdOn, modifiedOn, links, ...rest } = made.json()
        assert.deepEqual(rest, {
          ...{ id: 'one', name: 'My photo é', contentLength: 100_000, contentType: 'image/png' },
          ...{ eTag: '"1"', createdBy: 'ann', modifiedBy: 'ann' },
        })
        assert.equal(createdOn, modifiedOn)
        assert.deepEqual(links[0], { rel: 'canonical', href: path('one') })

        const read = await photos.get('/objects/one', 'ben')
        assert.equal(read.statusCode, 200)
        assert.ok(read.rawPayload.equals(bytes))
        const { headers: shown } = read
        assert.deepEqual(
          [shown['content-type'], shown['content-length'], shown.etag, shown['accept-ranges']],
          ['image/png', '100000', '"1"', 'bytes'],
        )
        assert.equal(decodeURIComponent(String(shown['oracle-mobile-name'])), 'My photo é')
        assert.equal(shown['oracle-mobile-created-by'], 'ann')
        assert.equal(shown['oracle-mobile-created-on'], createdOn)
        assert.equal(shown['oracle-mobile-modified-by'], 'ann')
        assert.match(String(shown['cache-control']), /private/)
      })

      it('bytes under an id of its own', async () => {
        const reply = await photos.call('POST', '/objects', {
          as: 'ann',
          payload: Buffer.from('{"a":1}'),
          headers: { 'content-type': 'application/json; charset=utf-8' },
        })
        assert.equal(reply.statusCode, 201, reply.body)
        const { id, name, contentType } = reply.json()
        assert.match(id, /^[0-9a-f-]{36}$/)
        assert.deepEqual([name, contentType], [id, 'application/json; charset=utf-8'])
        assert.equal(reply.headers.location, path(id))
        assert.deepEqual((await photos.get(`/objects/${id}`, 'ann')).json(), { a: 1 })
      })

      for (const [what, contentType, payload] of [
        ['a form', 'application/x-www-form-urlencoded', 'a=1&b=2'],
        ['what looks like a form with files', 'multipart/form-data; boundary=x', '--x\r\nno'],
        ['broken JSON', 'application/json', '{"a":'],
        ['an invented type', 'application/vnd.example+thing', '\0\x01'],
        ['nothing at all', 'text/plain', ''],
      ] as const) {
        it(`${what}, untouched`, async () => {
          const made = await photos.put('/objects/any', 'ann', payload, {
            'content-type': contentType,
          })
          assert.ok(made.statusCode < 300, made.body)
          const read = await photos.get('/objects/any', 'ann')
          assert.deepEqual([read.headers['content-type'], read.body], [contentType, payload])
        })
      }

      it('bytes of no type as bytes', async () => {
        const headers = { 'content-type': undefined }
        const made = await photos.put('/objects/bare', 'ann', Buffer.from([1, 2]), headers)
        assert.equal(made.json().contentType, 'application/octet-stream')
        const empty = await photos.call('PUT', '/objects/empty', { as: 'ann' })
        assert.deepEqual([empty.statusCode, empty.json().contentLength], [201, 0])
        assert.equal((await photos.get('/objects/empty', 'ann')).body, '')
      })

      it('objects with strange ids, each under its own', async () => {
        const ids = [
          'a b',
          'ü',
          'a/b',
          '...',
          '%',
          "'; --",
          'A',
          'a',
          '~',
          'x?y#z',
          '名前'.repeat(40),
        ]
        for (const id of ids) {
          const made = await photos.put(`/objects/${encodeURIComponent(id)}`, 'ann', id)
          assert.equal(made.statusCode, 201, `${id}: ${made.body}`)
          assert.deepEqual([made.json().id, made.headers.location], [id, path(id)])
        }
        for (const id of ids) {
          const read = await photos.get(`/objects/${encodeURIComponent(id)}`, 'ann')
          assert.equal(read.body, id)
        }
      })

      it('what is named anew, and keeps the name of what is not', async () => {
        const name = { 'oracle-mobile-name': 'first' }
        await photos.put('/objects/named', 'ann', '1', name)
        assert.equal((await photos.put('/objects/named', 'ben', '2')).json().name, 'first')
        const named = { 'oracle-mobile-name': 'second' }
        assert.equal((await photos.put('/objects/named', 'ben', '3', named)).json().name, 'second')
      })
    })

    describe('refuses', () => {
      for (const [what, id, headers, status] of [
        ['a name that is not encoded well', 'bad', { 'oracle-mobile-name': '%E0%A4%A' }, 400],
        ['a name with a NUL', 'bad', { 'oracle-mobile-name': 'a%00b' }, 400],
        ['a very long name', 'bad', { 'oracle-mobile-name': 'n'.repeat(256) }, 400],
        ['a type that is none', 'bad', { 'content-type': 'png' }, 415],
        ['a very long type', 'bad', { 'content-type': `a/${'b'.repeat(260)}` }, 400],
        ['an id with a NUL', 'a%00b', {}, 400],
        ['a very long id', 'x'.repeat(256), {}, 400],
        ['a replacement where there is nothing', 'bad', { 'if-match': '*' }, 412],
      ] as const) {
        it(`${what}, and stores nothing`, async () => {
          const before = await files()
          const reply = await photos.put(`/objects/${id}`, 'ann', 'x', { ...headers })
          assert.equal(reply.statusCode, status, reply.body)
          assert.equal(reply.json().status, status)
          assert.deepEqual([await files(), await app().stagedFiles()], [before, []])
          assert.deepEqual(codeOf(await photos.get('/objects/bad', 'ann')), [404, OBJECT_UNKNOWN])
        })
      }

      it('what is too large, whether it says so or not', async () => {
        const before = await files()
        const large = Buffer.alloc(UPLOAD_MAX + 1)
        const reply = await photos.put('/objects/large', 'ann', large)
        assert.equal(reply.statusCode, 413)
        const chunked = { 'content-length': undefined, 'transfer-encoding': 'chunked' }
        const streamed = await photos.put('/objects/large', 'ann', large, chunked)
        assert.equal(streamed.statusCode, 413)
        assert.deepEqual([await files(), await app().stagedFiles()], [before, []])
        assert.equal((await photos.get('/objects/large', 'ann')).statusCode, 404)
        const most = await photos.put('/objects/large', 'ann', large.subarray(1))
        assert.equal(most.statusCode, 201)
      })

      it('verbs that the address does not take', async () => {
        for (const [verb, at] of [
          ['DELETE', ''],
          ['PUT', '/objects'],
          ['PATCH', '/objects/one'],
          ['POST', '/objects/one'],
        ] as const) {
          const reply = await photos.call(verb, at, { as: 'ann' })
          assert.equal(reply.statusCode, 405, `${verb} ${at}`)
          assert.ok(reply.headers.allow)
        }
      })
    })

    describe('replaces', () => {
      it('an object, with the next tag, and removes the bytes of before', async () => {
        const count = await files()
        const first = await photos.put('/objects/twice', 'ann', 'old')
        assert.equal(first.statusCode, 201)
        const second = await photos.put('/objects/twice', 'ben', 'new', {
          'content-type': 'text/html',
        })
        assert.deepEqual([second.statusCode, second.headers.etag], [200, '"2"'])
        assert.equal(second.headers.location, undefined)
        const { createdBy, modifiedBy, createdOn, contentType } = second.json()
        assert.deepEqual([createdBy, modifiedBy, contentType], ['ann', 'ben', 'text/html'])
        assert.equal(createdOn, first.json().createdOn)
        assert.equal((await photos.get('/objects/twice', 'ann')).body, 'new')
        await app().settle()
        assert.equal(await files(), count + 1)
      })

      for (const [what, headers, status] of [
        ['with the tag of now', { 'if-match': '"2"' }, 200],
        ['with the bare tag', { 'if-match': '2' }, 200],
        ['with one of several', { 'if-match': '"7", "2"' }, 200],
        ['whatever it is', { 'if-match': '*' }, 200],
        ['with the tag of before', { 'if-match': '"1"' }, 412],
        ['with no tag of this server', { 'if-match': '"abc"' }, 412],
        ['only if there is none', { 'if-none-match': '*' }, 412],
        ['unless it is in this state', { 'if-none-match': '"2"' }, 412],
        ['unless it is in another state', { 'if-none-match': '"1"' }, 200],
      ] as const) {
        it(`${what}: ${status}`, async () => {
          const id = `/objects/if-${what.replaceAll(' ', '-')}`
          await photos.put(id, 'ann', '1')
          await photos.put(id, 'ann', '2')
          const reply = await photos.put(id, 'ann', '3', headers)
          assert.equal(reply.statusCode, status)
          if (status === 412) assert.equal(codeOf(reply)[1], ETAG_STALE)
          assert.equal((await photos.get(id, 'ann')).body, status === 200 ? '3' : '2')
        })
      }

      it('for one of many with one tag', async () => {
        await photos.put('/objects/race', 'ann', '0')
        const replies = await Promise.all(
          Array.from({ length: 20 }, (_, n) =>
            photos.put('/objects/race', n % 2 ? 'ann' : 'ben', `v${n}`, { 'if-match': '"1"' }),
          ),
        )
        const statuses = replies.map(({ statusCode }) => statusCode)
        assert.equal(statuses.filter((one) => one === 200).length, 1)
        assert.equal(statuses.filter((one) => one === 412).length, 19)
        const { body, headers } = await photos.get('/objects/race', 'ann')
        assert.deepEqual([body, headers.etag], [`v${statuses.indexOf(200)}`, '"2"'])
      })

      it('nothing for all but one that make the same object at once', async () => {
        const replies = await Promise.all(
          Array.from({ length: 20 }, (_, n) =>
            photos.put('/objects/first', 'ann', `v${n}`, { 'if-none-match': '*' }),
          ),
        )
        const statuses = replies.map(({ statusCode }) => statusCode)
        assert.equal(statuses.filter((one) => one === 201).length, 1)
        assert.equal(statuses.filter((one) => one === 412).length, 19)
        await app().settle()
        const { body } = await photos.get('/objects/first', 'ann')
        assert.equal(body, `v${statuses.indexOf(201)}`)
      })

      it('one after the other without a tag, and leaves no bytes behind', async () => {
        const other = await TestCollection.make(platform, backend, { name: 'Busy' })
        const replies = await Promise.all(
          Array.from({ length: 20 }, (_, n) => other.put('/objects/one', 'ann', `v${n}`)),
        )
        assert.ok(replies.every(({ statusCode }) => statusCode < 300))
        assert.equal((await other.get('/objects/one', 'ann')).headers.etag, '"20"')
        await app().settle()
        assert.equal(await files(other), 1)
      })
    })

    describe('deletes', () => {
      it('an object, its bytes, and its place in lists', async () => {
        const count = await files()
        await photos.put('/objects/gone', 'ann', 'x')
        const reply = await photos.call('DELETE', '/objects/gone', {
          as: 'ben',
          headers: { 'if-match': '*' },
        })
        assert.deepEqual([reply.statusCode, reply.body], [204, ''])
        assert.equal((await photos.get('/objects/gone', 'ann')).statusCode, 404)
        assert.equal((await photos.call('HEAD', '/objects/gone', { as: 'ann' })).statusCode, 404)
        assert.deepEqual(await photos.ids('?q=gone', 'ann'), [])
        await app().settle()
        assert.equal(await files(), count)
        const again = await photos.call('DELETE', '/objects/gone', { as: 'ann' })
        assert.deepEqual(codeOf(again), [404, OBJECT_UNKNOWN])
      })

      it('nothing with a tag of before', async () => {
        await photos.put('/objects/kept', 'ann', '1')
        await photos.put('/objects/kept', 'ann', '2')
        const headers = { 'if-match': '"1"' }
        const reply = await photos.call('DELETE', '/objects/kept', { as: 'ann', headers })
        assert.deepEqual(codeOf(reply), [412, ETAG_STALE])
        assert.equal((await photos.get('/objects/kept', 'ann')).body, '2')
      })

      it('so that no tag of before is good for what comes after', async () => {
        await photos.put('/objects/reborn', 'ann', 'old')
        await photos.call('DELETE', '/objects/reborn', { as: 'ann' })
        const made = await photos.put('/objects/reborn', 'ann', 'new', { 'if-none-match': '*' })
        assert.deepEqual([made.statusCode, made.json().createdBy], [201, 'ann'])
        assert.notEqual(made.headers.etag, '"1"')
        const read = await photos.get('/objects/reborn', 'ann', { 'if-none-match': '"1"' })
        assert.deepEqual([read.statusCode, read.body], [200, 'new'])
        const stale = await photos.put('/objects/reborn', 'ann', 'x', { 'if-match': '"1"' })
        assert.equal(stale.statusCode, 412)
      })

      it('and forgets that it did after a long time', async () => {
        const other = await TestCollection.make(platform, backend, { name: 'Brief' })
        const left = async () => {
          const scope = { backendId: other.id, type: 'object' }
          return (await app().context.store.count(scope)).count
        }
        for (const id of ['a', 'b']) await other.put(`/objects/${id}`, 'ann', id)
        await other.call('DELETE', '/objects/a', { as: 'ann' })
        assert.equal(await left(), 2)
        app().advance(91 * 86_400_000)
        await other.call('DELETE', '/objects/b', { as: 'ann' })
        assert.equal(await left(), 1)
      })
    })

    it('removes what a collection holds when that is purged', async () => {
      const other = await TestCollection.make(platform, backend, { name: 'Old' })
      await other.put('/objects/one', 'ann', 'x')
      assert.equal(await files(other), 1)
      await platform.done('DELETE', `/mobilebackends/${backend.id}/collections/${other.id}`)
      const one = { dependencies: [{ asset: { id: other.id } }] }
      await platform.done('POST', '/assets/trashing', one)
      await platform.done('POST', '/assets/purging', one)
      await app().settle()
      assert.equal(await files(other), 0)
      for (const type of ['object', 'usage']) {
        const { count } = await app().context.store.count({ backendId: other.id, type })
        assert.equal(count, 0)
      }
      assert.equal((await other.get('/objects/one', 'ann')).statusCode, 404)
    })
  },
  { HOMEPORT_UPLOAD_MAX_BYTES: String(UPLOAD_MAX) },
)
