import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { FileServer } from '../support/file-server.ts'
import { onEachDatabase, type TestApp, type TestUser } from '../support/test-app.ts'

const UNKNOWN = '0'.repeat(24)
const MIB = 1024 * 1024
const DAY_MS = 86_400_000

type Shown = Record<string, unknown> & { id: string; url?: string; processed: boolean }

function chart(text = 'a chart', name = 'chart.pdf'): File {
  return new File([text], name, { type: 'application/pdf' })
}

/** What a test of this object does over and over. */
function stepsOf(app: () => TestApp) {
  const make = async (values: Record<string, string | Blob>, as: TestUser): Promise<Shown> => {
    const answer = await app().upload('POST', 'files/create', { file: chart(), ...values }, as)
    assert.equal(answer.status, 200, answer.body.meta.message)
    return answer.body.response.files[0]
  }
  const show = async (id: string, as?: TestUser | null, more = {}): Promise<Shown> => {
    const answer = await app().get('files/show', { file_id: id, ...more }, as)
    return answer.body.response?.files[0]
  }
  const download = (url = '', headers: Record<string, string> = {}) => {
    const { pathname, search } = new URL(url)
    return app().app.inject({ url: pathname + search, headers })
  }
  return { make, show, download }
}

onEachDatabase(
  'files',
  (app) => {
    const { make, show, download } = stepsOf(app)

    describe('createFile', () => {
      it('answers at once, and soon has the file where its url says', async () => {
        const ann = await app().user()
        const values = { name: 'Chart', custom_fields: '{"pages":3}' }
        const sent = { file: chart(), ...values }
        const { body } = await app().upload('POST', 'files/create', sent, ann)
        assert.equal(body.meta.method_name, 'createFile')
        const [file] = body.response.files
        const { id, created_at, updated_at } = file
        const expected = { id, name: 'Chart', processed: false, custom_fields: { pages: 3 } }
        assert.deepEqual(file, { ...expected, created_at, updated_at, user_id: ann.id })
        await app().settle()
        const shown = await show(id)
        assert.match(String(shown.url), /\/[0-9a-f]{16}\/chart\.pdf$/)
        assert.deepEqual(shown, { ...file, processed: true, url: shown.url })
        const reply = await download(shown.url)
        assert.deepEqual([reply.statusCode, reply.body], [200, 'a chart'])
        assert.equal(reply.headers['content-type'], 'application/pdf')
        assert.equal(reply.headers['x-content-type-options'], 'nosniff')
        assert.equal(reply.headers['content-disposition'], 'attachment; filename="chart.pdf"')
        assert.match(String(reply.headers['content-security-policy']), /sandbox/)
        const part = await download(shown.url, { range: 'bytes=2-3' })
        assert.deepEqual([part.statusCode, part.body], [206, 'ch'])
        assert.deepEqual(await app().stagedFiles(), [])
      })

      it('is named as its file when nothing else is said, and takes any name', async () => {
        const ann = await app().user()
        for (const [filename, last] of [
          ['../../etc/passwd', 'passwd'],
          ['a b..c.html', 'a_b.c.html'],
          ['...', 'file'],
          ['Übersicht.PDF', '_bersicht.PDF'],
        ] as const) {
          const { id } = await make({ file: chart('x', filename) }, ann)
          await app().settle()
          const { url } = await show(id)
          assert.equal(url?.split('/').at(-1), last)
          const reply = await download(url)
          assert.equal(reply.statusCode, 200)
          assert.doesNotMatch(String(reply.headers['content-type']), /html/)
        }
        const { name } = await make({ file: chart('x', 'chart 7.pdf') }, ann)
        assert.equal(name, 'chart 7.pdf')
      })

      it('counts for the storage of its owner, until it is deleted', async () => {
        const ann = await app().user()
        const used = async () => {
          const { body } = await app().get('users/show/me', {}, ann)
          return body.response.users[0].stats.storage.used
        }
        const { id } = await make({ file: chart('12345') }, ann)
        assert.equal(await used(), 5)
        await app().upload('PUT', 'files/update', { file_id: id, file: chart('123') }, ann)
        await app().settle()
        assert.equal(await used(), 3)
        await app().del('files/delete', { file_id: id }, ann)
        assert.equal(await used(), 0)
      })

      for (const [why, values, status, message] of [
        [
          'nothing is sent',
          { name: 'x' },
          400,
          'Failed to create file: Validation failed - File or url is required.',
        ],
        [
          'the file is no part',
          { file: 'text' },
          400,
          'Invalid file parameter; value must be a file, sent as a part of multipart/form-data',
        ],
        [
          'a file and a url are sent',
          { file: chart(), url: 'http://example.org/' },
          400,
          'Send either file or url, not both.',
        ],
        [
          'the url is no address of the web',
          { url: 'file:///etc/passwd' },
          400,
          'Invalid url parameter; it is no http or https address',
        ],
        [
          'the url has a password',
          { url: 'http://a:b@example.org/' },
          400,
          'Invalid url parameter; it is no http or https address',
        ],
        [
          'the access is unheard of',
          { file: chart(), s3_acl: 'secret' },
          400,
          'Invalid s3_acl parameter; value must be private or public_read',
        ],
        ['its ACL is unknown', { file: chart(), acl_name: 'none' }, 400, 'No Acl was found!'],
        ['it is too large', { file: new Blob([new Uint8Array(2 * MIB + 1)]) }, 413, undefined],
      ] as const) {
        it(`refuses a file when ${why}, and keeps nothing`, async () => {
          const before = await app().get('files/count')
          const ann = await app().user()
          const answer = await app().upload('POST', 'files/create', { ...values }, ann)
          assert.equal(answer.status, status)
          if (message) assert.equal(answer.body.meta.message, message)
          const after = await app().get('files/count')
          assert.equal(after.body.meta.count, before.body.meta.count)
          assert.deepEqual(await app().stagedFiles(), [])
        })
      }

      it('needs a login', async () => {
        const { status } = await app().upload('POST', 'files/create', { file: chart() })
        assert.equal(status, 401)
      })

      it('makes one for another user, when an administrator does', async () => {
        const [ann, admin] = [await app().user(), await app().admin('file-maker')]
        const { user_id } = await make({ su_id: ann.id }, admin)
        assert.equal(user_id, ann.id)
        const sent = { file: chart(), su_id: admin.id }
        assert.equal((await app().upload('POST', 'files/create', sent, ann)).status, 403)
      })
    })

    describe('a file by url', () => {
      const server = new FileServer()
      let base = ''
      before(async () => {
        base = await server.listen()
        server.on('/deep/chart.txt', (_, reply) => reply.end('fetched'))
        server.on('/moved', (_, reply) =>
          reply.writeHead(302, { location: 'deep/chart.txt' }).end(),
        )
        server.on('/loop', (_, reply) => reply.writeHead(301, { location: '/loop' }).end())
        server.on('/away', (_, reply) => reply.writeHead(302, { location: 'file:///x' }).end())
        server.on('/large', (_, reply) => reply.end(Buffer.alloc(2 * MIB + 1)))
        server.on('/busy', (_, reply) => reply.writeHead(503).end())
        server.on('/broken', (_, reply) => {
          reply.writeHead(200, { 'content-length': 100 })
          reply.write('half')
          setTimeout(() => reply.destroy(), 50)
        })
      })
      after(() => server.close())

      const byUrl = async (path: string, as: TestUser): Promise<Shown> => {
        const answer = await app().post('files/create', { url: base + path }, as)
        assert.equal(answer.status, 200, answer.body.meta.message)
        return answer.body.response.files[0]
      }

      for (const path of ['/deep/chart.txt?a=1', '/moved']) {
        it(`is fetched from ${path}`, async () => {
          const ann = await app().user()
          const file = await byUrl(path, ann)
          assert.equal(file.processed, false)
          await app().settle()
          const shown = await show(file.id)
          assert.equal(shown.processed, true)
          assert.equal((await download(shown.url)).body, 'fetched')
          const me = await app().get('users/show/me', {}, ann)
          assert.equal(me.body.response.users[0].stats.storage.used, 7)
        })
      }

      /** The tries that are left of jobs which failed, without the pauses between. */
      const lastTries = async () => {
        const { store } = app().context
        for (;;) {
          const jobs = await store.takeJobs(Date.now() + DAY_MS, 100, 0)
          if (jobs.length === 0) return
          for (const job of jobs) await store.releaseJob(job, '', 0)
          await app().settle()
        }
      }

      const GIVES_NOTHING = 'its server gives no answer, or none of use'
      for (const [path, why] of [
        ['/nothing', 'the server answered with status 404'],
        ['/loop', 'the address is redirected too often'],
        ['/away', 'it is no http or https address'],
        ['/large', `it has more than ${2 * MIB} bytes`],
        ['/broken', GIVES_NOTHING],
        ['/busy', GIVES_NOTHING],
      ] as const) {
        it(`never gets done when it cannot be fetched, as from ${path}, and says why`, async () => {
          const ann = await app().user()
          const { id } = await byUrl(path, ann)
          await app().settle()
          if (why === GIVES_NOTHING) await lastTries()
          const shown = await show(id)
          assert.deepEqual([shown.processed, 'url' in shown], [false, false])
          assert.equal(shown.processing_error, `The file cannot be fetched: ${why}.`)
          assert.deepEqual(await app().stagedFiles(), [])
          assert.equal((await app().del('files/delete', { file_id: id }, ann)).status, 200)
        })
      }

      it('has an error no longer when it gets another content', async () => {
        const ann = await app().user()
        const { id } = await byUrl('/nothing', ann)
        await app().settle()
        assert.match(String((await show(id)).processing_error), /404/)
        const url = `${base}/deep/chart.txt`
        const { body } = await app().put('files/update', { file_id: id, url }, ann)
        assert.equal('processing_error' in body.response.files[0], false)
        await app().settle()
        const shown = await show(id)
        assert.deepEqual([shown.processed, 'processing_error' in shown], [true, false])
      })

      it('takes the place of an uploaded one, whose address ends', async () => {
        const ann = await app().user()
        const { id } = await make({}, ann)
        await app().settle()
        const before = await show(id)
        const values = { file_id: id, url: `${base}/deep/chart.txt` }
        const { body } = await app().put('files/update', values, ann)
        const [file] = body.response.files
        assert.deepEqual([file.processed, 'url' in file, file.name], [false, false, 'chart.pdf'])
        await app().settle()
        assert.equal((await download((await show(id)).url)).body, 'fetched')
        assert.equal((await download(before.url)).statusCode, 404)
      })
    })

    describe('a private file', () => {
      /** Jobs go by another clock, which must not lie behind for long. */
      const later = async (ms: number, check: () => Promise<void>) => {
        app().advance(ms)
        await check().finally(() => app().advance(-ms))
      }

      it('has an address for logged-in users only, and for five minutes', async () => {
        const [ann, bob] = [await app().user(), await app().user()]
        const { id } = await make({ s3_acl: 'private' }, ann)
        await app().settle()
        assert.equal('url' in (await show(id)), false)
        const { url } = await show(id, bob)
        const reply = await download(url)
        assert.deepEqual([reply.statusCode, reply.body], [200, 'a chart'])
        assert.equal(reply.headers['cache-control'], 'private, no-store')
        await later(301_000, async () => assert.equal((await download(url)).statusCode, 404))
      })

      it('has an address for as long as is asked for', async () => {
        const ann = await app().user()
        const { id } = await make({ s3_acl: 'private', name: 'for a while' }, ann)
        await app().settle()
        const asked = await show(id, ann, { expires: 1000 })
        const sent = { where: { name: 'for a while' }, expires: 1 }
        const found = await app().get('files/query', sent, ann)
        assert.equal(found.body.meta.method_name, 'queryFiles')
        const [queried] = found.body.response.files
        assert.equal((await download(queried.url)).statusCode, 200)
        await later(900_000, async () => {
          assert.equal((await download(queried.url)).statusCode, 404)
          assert.equal((await download(asked.url)).statusCode, 200)
        })
        for (const expires of [0, 604_801, 'x']) {
          const { status } = await app().get('files/show', { file_id: id, expires }, ann)
          assert.equal(status, 400)
        }
      })

      it('is not sent by an address that was changed', async () => {
        const ann = await app().user()
        const mine = await make({ s3_acl: 'private' }, ann)
        const other = await make({ s3_acl: 'private' }, ann)
        await app().settle()
        const good = new URL(String((await show(mine.id, ann)).url))
        const { pathname } = new URL(String((await show(other.id, ann)).url))
        const later = good.search.replace(/expires=(\d+)/, (_, at) => `expires=${Number(at) + 9}`)
        for (const url of [
          `${good.origin}${good.pathname}`,
          `${good.origin}${good.pathname}${later}`,
          `${good.origin}${good.pathname}?expires=9999999999&signature=`,
          `${good.origin}${good.pathname.replace('private-', '')}${good.search}`,
          `${good.origin}${pathname}${good.search}`,
          `${good.href}x`,
          `${good.href}&expires=1`,
        ]) {
          assert.equal((await download(url)).statusCode, 404, url)
        }
        assert.equal((await download(good.href)).statusCode, 200)
      })

      it('can be made public with a new content only', async () => {
        const ann = await app().user()
        const { id: file_id } = await make({ s3_acl: 'private' }, ann)
        await app().settle()
        const alone = await app().put('files/update', { file_id, s3_acl: 'public_read' }, ann)
        assert.equal(alone.status, 400)
        const text = 's3_acl can be sent only together with file or url.'
        assert.equal(alone.body.meta.message, text)
        await app().upload('PUT', 'files/update', { file_id, file: chart('again') }, ann)
        await app().settle()
        assert.equal('url' in (await show(file_id)), false)
        const open = { file_id, file: chart('open'), s3_acl: 'public_read' }
        await app().upload('PUT', 'files/update', open, ann)
        await app().settle()
        assert.equal((await download((await show(file_id)).url)).body, 'open')
      })
    })

    describe('updateFile', () => {
      it('changes the name and keeps the file', async () => {
        const ann = await app().user()
        const { id } = await make({}, ann)
        await app().settle()
        const before = await show(id)
        const { body } = await app().put('files/update', { file_id: id, name: 'new' }, ann)
        assert.equal(body.meta.method_name, 'updateFile')
        const [file] = body.response.files
        assert.deepEqual([file.name, file.processed, file.url], ['new', true, before.url])
      })

      it('is done by its owner and by those whom its ACL lets write', async () => {
        const [ann, bob, eve] = [await app().user(), await app().user(), await app().user()]
        const plain = await make({}, ann)
        await app().post('acls/create', { name: 'crew', writer_ids: bob.id }, ann)
        const guarded = await make({ acl_name: 'crew' }, ann)
        const rename = (id: string, as: TestUser | null) =>
          app().put('files/update', { file_id: id, name: 'new' }, as)
        for (const [id, as, status, message] of [
          [plain.id, bob, 400, 'Current user cannot update this file'],
          [plain.id, null, 401, 'You need to sign in or sign up before continuing.'],
          [guarded.id, eve, 401, 'You are not authorized to access this object.'],
          ['', ann, 400, 'Invalid file_id'],
          [UNKNOWN, ann, 400, 'Invalid file id'],
        ] as const) {
          const answer = await rename(id, as)
          assert.deepEqual([answer.status, answer.body.meta.message], [status, message])
        }
        assert.equal((await show(plain.id)).name, 'chart.pdf')
        assert.equal((await rename(guarded.id, bob)).status, 200)
        assert.equal((await app().get('files/show', { file_id: guarded.id }, eve)).status, 401)
        const sent = { where: { user_id: ann.id } }
        const found = await app().get('files/query', sent, eve)
        assert.deepEqual(
          found.body.response.files.map(({ id }: Shown) => id),
          [plain.id],
        )
      })
    })

    describe('deleteFile', () => {
      it('removes the file for good', async () => {
        const [ann, bob] = [await app().user(), await app().user()]
        const { id } = await make({}, ann)
        await app().settle()
        const { url } = await show(id)
        const refused = await app().del('files/delete', { file_id: id }, bob)
        assert.equal(refused.body.meta.message, 'Current user cannot delete this file')
        const { body } = await app().del('files/delete', { file_id: id }, ann)
        assert.equal(body.meta.method_name, 'deleteFile')
        await app().settle()
        assert.equal((await download(url)).statusCode, 404)
        const gone = await app().get('files/show', { file_id: id })
        assert.deepEqual([gone.status, gone.body.meta.message], [400, 'Invalid file id'])
        const unnamed = await app().get('files/show')
        assert.deepEqual([unnamed.status, unnamed.body.meta.message], [400, 'Invalid file_id'])
      })

      it('takes those of a condition, for administrators', async () => {
        const [ann, admin] = [await app().user(), await app().admin('file-sweeper')]
        for (const name of ['bulk', 'bulk', 'kept']) await make({ name }, ann)
        const where = { name: 'bulk' }
        assert.equal((await app().del('files/batch_delete', { where }, ann)).status, 403)
        await app().del('files/batch_delete', { where }, admin)
        await app().settle()
        const left = await app().get('files/query', { where: { user_id: ann.id } })
        assert.deepEqual(
          left.body.response.files.map(({ name }: Shown) => name),
          ['kept'],
        )
      })
    })

    it('are counted, and unknown to another backend', async () => {
      const ann = await app().user()
      const other = await app().newBackend('no files')
      const before = await app().get('files/count')
      const { id } = await make({}, ann)
      const after = await app().get('files/count')
      assert.equal(after.body.meta.method_name, 'filesCount')
      assert.equal(after.body.meta.count, Number(before.body.meta.count) + 1)
      const shown = await app().call('GET', 'files/show', { file_id: id }, null, other)
      assert.equal(shown.status, 400)
      const found = await app().call('GET', 'files/query', {}, null, other)
      assert.deepEqual(found.body.response, { files: [] })
    })
  },
  { HOMEPORT_FETCH_PRIVATE: 'true', HOMEPORT_UPLOAD_MAX_BYTES: String(2 * MIB) },
)

onEachDatabase('files of other servers', (app) => {
  const { show } = stepsOf(app)

  it('are not fetched from addresses that are not public', async () => {
    const server = new FileServer()
    const base = await server.listen()
    server.on('/secret', (_, reply) => reply.end('secret'))
    const ann = await app().user()
    for (const url of [`${base}/secret`, `${base.replace('127.0.0.1', 'localhost')}/secret`]) {
      const { body } = await app().post('files/create', { url }, ann)
      await app().settle()
      assert.equal((await show(body.response.files[0].id)).processed, false)
    }
    assert.deepEqual(server.asked, [])
    await server.close()
  })
})
