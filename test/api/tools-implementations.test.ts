import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { deflateRawSync } from 'node:zlib'
import { zipOf } from '../../src/lib/zip.ts'
import { createToken } from '../../src/tools/team/tokens.ts'
import { archiveOf, formWith, ORDERS_LINES } from '../support/api-files.ts'
import { type ReplyProblems, validateReplies } from '../support/validate-replies.ts'
import { openToolsApp, STORES, type ToolsApp } from './tools-app.ts'

const UNKNOWN = '57165555-aa10-4838-938a-354c2b3a287a'

const mobile = (dependencies: object, more: object = {}) => ({
  oracleMobile: { dependencies, ...more },
})

/** An archive whose one file has another name than it was packed with; names of the same length. */
const renamed = async (from: string, to: string) => {
  const archive = await archiveOf({}, { 'orders.js': '', [from]: 'x' })
  return Buffer.from(archive.toString('latin1').replaceAll(from, to), 'latin1')
}

/** An archive whose headers say what is not so: `at` counts in a central header. */
const withCentral = async (path: string, at: number, bytes: readonly number[]) => {
  const archive = await archiveOf()
  const start = archive.lastIndexOf(Buffer.from(path)) - 46
  Buffer.from(bytes).copy(archive, start + at)
  return archive
}

const REFUSED: readonly (readonly [what: string, archive: Buffer, reason: RegExp])[] = [
  ['what is no archive', Buffer.from('hello'), /not a ZIP archive/],
  ['an empty file', Buffer.alloc(0), /not a ZIP archive/],
  ['an empty archive', await zipOf([]), /no package.json/],
  [
    'an archive without a manifest',
    await zipOf([{ path: 'a.js', content: '' }]),
    /no package.json/,
  ],
  [
    'a manifest deep inside',
    await zipOf([
      { path: 'a/b/package.json', content: '{}' },
      { path: 'c.js', content: '' },
    ]),
    /no package.json/,
  ],
  [
    'a manifest that is no JSON',
    await zipOf([{ path: 'package.json', content: '{' }]),
    /no JSON object/,
  ],
  [
    'a manifest that is a list',
    await zipOf([{ path: 'package.json', content: '[]' }]),
    /no JSON object/,
  ],
  [
    'a huge manifest',
    await zipOf([{ path: 'package.json', content: `{"a":"${'x'.repeat(300_000)}"}` }]),
    /package.json must have at most/,
  ],
  ['no name', await archiveOf({ name: undefined }), /'name' must begin/],
  ['a name that begins with a digit', await archiveOf({ name: '9lives' }), /'name' must begin/],
  ['no version', await archiveOf({ version: undefined }), /'version' must be/],
  ['a version that is a number', await archiveOf({ version: 1 }), /'version' must be/],
  [
    'a main script that is not there',
    await archiveOf({ main: 'other.js' }),
    /other.js, which is not/,
  ],
  ['no main script at all', await archiveOf({ main: undefined }), /index.js, which is not/],
  ['a main script outside', await archiveOf({ main: '../orders.js' }), /path of a script/],
  [
    'a main script at an absolute path',
    await archiveOf({ main: '/etc/passwd' }),
    /path of a script/,
  ],
  [
    'a section that is a list',
    await archiveOf({ oracleMobile: [] }),
    /'oracleMobile' must be an obj/,
  ],
  ['apis that are a list', await archiveOf(mobile({ apis: [] })), /'apis' must be an object/],
  [
    'an API by its bare name',
    await archiveOf(mobile({ apis: { orders: '1.0' } })),
    /mobile\/custom\/NAME/,
  ],
  [
    'an API among connectors',
    await archiveOf(mobile({ connectors: { '/mobile/custom/a': '1.0' } })),
    /mobile\/connector\/NAME/,
  ],
  [
    'a version of a need that is a number',
    await archiveOf(mobile({ apis: { '/mobile/custom/a': 1 } })),
    /with a version/,
  ],
  [
    'a version of Node that is none',
    await archiveOf(mobile({}, { configuration: { node: 6 } })),
    /a version of Node/,
  ],
  [
    'a path that leads out',
    await renamed('aa/evil.js', '../evil.js'),
    /broken: invalid relative path/,
  ],
  ['an absolute path', await renamed('aetc/evil.js', '/etc/evil.js'), /broken: absolute path/],
  ['a path with a line end', await renamed('a-evil.js', 'a\nevil.js'), /has a name that is none/],
  ['the same path twice', await renamed('orders2js', 'orders.js'), /orders.js is there twice/],
  [
    'a symbolic link',
    await withCentral('orders.js', 38, [0, 0, 0xff, 0xa1]),
    /orders.js is a symbolic link/,
  ],
  ['an encrypted file', await withCentral('orders.js', 8, [1, 8]), /orders.js is encrypted/],
  [
    'a file that is packed too well',
    await archiveOf({}, { 'orders.js': '0'.repeat(2 * 1024 * 1024) }),
    /packed too well/,
  ],
  [
    'files that are too large together',
    await withCentral('orders.js', 20, [0, 0, 0, 0x10, 0, 0, 0, 0x20]),
    /Unpacked it has more than/,
  ],
  [
    'a manifest that is larger than it says',
    await withCentral('package.json', 24, [5, 0, 0, 0]),
    /broken/,
  ],
]

for (const stores of STORES) {
  describe(`implementations of APIs on ${stores.name}`, () => {
    let tools: ToolsApp
    let problems: ReplyProblems
    let root = {}
    let names = 0

    before(async () => {
      tools = await openToolsApp(stores)
      problems = validateReplies(tools.app)
      const admin = { role: 'Administrator', name: 'root', ttlMs: null } as const
      root = { authorization: `Bearer ${await createToken(tools.tools, admin)}` }
    })
    after(async () => {
      await tools.close()
      problems.assertNoProblems()
    })

    const call = (method: string, path: string, payload?: object, headers = {}) =>
      tools.call(method, path, { headers, ...(payload && { payload }) })
    const newName = () => {
      names += 1
      return `Impl${names}`
    }
    const newApi = async (members: object = {}) =>
      (await call('POST', '/apis', { name: newName(), ...members })).json()
    const read = async (id: string) => (await call('GET', `/implementations/${id}`)).json()
    const etagOf = async (id: string) => (await call('GET', `/apis/${id}`)).headers.etag
    const list = async (apiId: string) =>
      (await call('GET', `/apis/${apiId}/implementations`)).json().items
    const upload = async (apiId: string, archive: Buffer, headers = {}) => {
      const form = await formWith(archive)
      return tools.call('POST', `/apis/${apiId}/implementations`, {
        payload: form.payload,
        headers: { ...form.headers, ...headers },
      })
    }
    const uploaded = async (apiId: string, manifest: object) => {
      const reply = await upload(apiId, await archiveOf(manifest as Record<string, unknown>))
      assert.equal(reply.statusCode, 201, reply.body)
      return reply.json()
    }
    const setDefault = (apiId: string, id: string, headers = {}) =>
      call('PUT', `/apis/${apiId}/implementations/default/${id}`, undefined, headers)
    const batch = (command: string, ...ids: string[]) =>
      call('POST', `/assets/${command}`, { dependencies: ids.map((id) => ({ asset: { id } })) })
    const setPolicy = (name: string, value: string) =>
      call('PUT', '/policies', { name, value }, root)
    const getPolicy = async (name: string) =>
      (await call('GET', `/policies/${encodeURIComponent(name)}`)).json()[name]

    it('takes an archive, tells what it needs and has it for download', async () => {
      const api = await newApi()
      const name = newName()
      const archive = await archiveOf({
        ...{ name, version: '1.2', description: 'Does it', main: './orders' },
        ...mobile(
          {
            apis: { [`/mobile/custom/${api.name}`]: '1.0', '/mobile/custom/none': '3.0' },
            connectors: { '/mobile/connector/erp': '2.0' },
          },
          { configuration: { node: '20.x' } },
        ),
      })
      const reply = await upload(api.id, archive, { 'if-match': '"1"' })
      assert.equal(reply.statusCode, 201, reply.body)
      const { implementationId: id, artifactId, unresolvedDependencies } = reply.json()
      assert.equal(reply.headers.etag, '"1"')
      assert.equal(reply.headers.location, `/mobile/tools/1.0/implementations/${id}`)
      assert.deepEqual(unresolvedDependencies, [
        { name: 'custom/none', version: '3.0' },
        { name: 'connector/erp', version: '2.0' },
      ])
      const shown = await read(id)
      const { version, desc, mock, main, node, apiId, published } = shown
      assert.deepEqual(
        { name: shown.name, version, desc, mock, main, node, apiId, published, own: shown.default },
        {
          ...{ name, version: '1.2', desc: 'Does it', mock: false, main: 'orders' },
          ...{ node: '20.x', apiId: api.id, published: false, own: false },
        },
      )
      const file = await call('GET', `/artifacts/${artifactId}`, undefined, { accept: '*/*' })
      assert.ok(file.rawPayload.equals(archive))
      assert.equal(file.headers['content-type'], 'application/zip')
      assert.equal(file.headers['content-disposition'], `attachment; filename="${name}-1.2.zip"`)
      const needs = (await call('GET', `/implementations/${id}/dependencies`)).json()
      assert.deepEqual(
        [needs.apis[0].id, needs.unresolvedDependencies],
        [api.id, unresolvedDependencies],
      )
      const users = (await call('GET', `/apis/${api.id}/reverseDependencies`)).json()
      assert.equal(users.implementations[0].id, id)
    })

    it('finds what it needs as soon as it is there', async () => {
      const api = await newApi()
      const connector = newName()
      const needs = mobile({ connectors: { [`/mobile/connector/${connector}`]: '1.0' } })
      const { implementationId: id } = await uploaded(api.id, { name: newName(), ...needs })
      const url = `/implementations/${id}/publication`
      const refused = await call('POST', url, {})
      assert.equal(refused.statusCode, 409)
      assert.match(refused.json().detail, new RegExp(`Nothing matches connector/${connector} 1.0`))
      const made = (await call('POST', '/connectors', { name: connector })).json()
      assert.deepEqual((await call('GET', url)).json().unresolvedDependencies, [])
      const blocked = await batch('trashing', made.id)
      assert.equal(blocked.statusCode, 409)
      const agreed = await call('POST', url, { dependencies: [{ id: made.id }] })
      assert.equal(agreed.statusCode, 204, agreed.body)
      assert.equal((await read(id)).published, true)
    })

    it('leaves out what the platform itself has', async () => {
      const api = await newApi()
      const apis = { '/mobile/platform/storage': '1.0', '/mobile/system/databaseManagement': '1.0' }
      const reply = await uploaded(api.id, { name: newName(), ...mobile({ apis }) })
      assert.deepEqual(reply.unresolvedDependencies, [])
    })

    it('gives names of packages the form of names of assets', async () => {
      const api = await newApi()
      const name = newName()
      const { implementationId: id } = await uploaded(api.id, {
        ...{ name: `@${name}/in-voice`, version: '1.0.0-beta+5' },
      })
      const shown = await read(id)
      assert.deepEqual([shown.name, shown.version], [`${name}_in_voice`, '1.0.0_beta_5'])
    })

    it('may have everything in one folder', async () => {
      const api = await newApi()
      const manifest = { name: newName(), version: '1.0', main: 'lib' }
      const archive = await zipOf([
        { path: 'program/package.json', content: `\uFEFF${JSON.stringify(manifest)}` },
        { path: 'program/lib/index.js', content: '' },
      ])
      assert.equal((await upload(api.id, archive)).statusCode, 201)
    })

    for (const [what, archive, reason] of REFUSED) {
      it(`refuses ${what}, and makes nothing`, async () => {
        const api = await newApi()
        const reply = await upload(api.id, archive)
        assert.equal(reply.statusCode, 400, reply.body)
        assert.equal(reply.json()['o:errorCode'], 'MOBILE-10302')
        assert.match(reply.json().detail, reason)
        assert.equal((await list(api.id)).length, 1)
      })
    }

    it('refuses a file that is too large', async () => {
      const api = await newApi()
      const reply = await upload(api.id, Buffer.alloc(tools.tools.uploadBytesMax + 1))
      assert.equal(reply.statusCode, 413)
      assert.equal((await list(api.id)).length, 1)
    })

    it('refuses a form without a file, what is no form, and an unknown API', async () => {
      const api = await newApi()
      const url = `/apis/${api.id}/implementations`
      const other = await formWith('x', { field: 'archive' })
      assert.equal((await tools.call('POST', url, other)).statusCode, 400)
      assert.equal((await call('POST', url, { file: 'x' })).statusCode, 400)
      const headers = { 'content-type': 'multipart/form-data' }
      assert.equal((await tools.call('POST', url, { payload: 'x', headers })).statusCode, 400)
      assert.equal((await upload(UNKNOWN, await archiveOf())).statusCode, 404)
      assert.equal((await call('POST', '/implementations', { name: 'x' })).statusCode, 405)
    })

    it('refuses an upload for another state of the API', async () => {
      const api = await newApi()
      const stale = await upload(api.id, await archiveOf({ name: newName() }), {
        'if-match': '"9"',
      })
      assert.equal(stale.statusCode, 412)
      await batch('trashing', api.id)
      assert.equal((await upload(api.id, await archiveOf({ name: newName() }))).statusCode, 409)
      assert.equal((await list(api.id)).length, 1)
    })

    it('takes the place of a draft of the same name and version, and of its file', async () => {
      const api = await newApi()
      const name = newName()
      const first = await uploaded(api.id, { name })
      const needs = mobile({ apis: { '/mobile/custom/none': '1.0' } })
      const second = await uploaded(api.id, { name, ...needs })
      assert.equal(second.implementationId, first.implementationId)
      assert.notEqual(second.artifactId, first.artifactId)
      assert.deepEqual(second.unresolvedDependencies, [{ name: 'custom/none', version: '1.0' }])
      const accept = { accept: '*/*' }
      const old = await call('GET', `/artifacts/${first.artifactId}`, undefined, accept)
      assert.equal(old.statusCode, 404)
      const present = await call('GET', `/artifacts/${second.artifactId}`, undefined, accept)
      assert.equal(present.statusCode, 200)
      const shown = await read(first.implementationId)
      assert.deepEqual([shown.etag, shown.artifactId], ['2', second.artifactId])
      assert.equal((await list(api.id)).length, 2)
      const next = await uploaded(api.id, { name, version: '1.1' })
      assert.notEqual(next.implementationId, first.implementationId)
    })

    it('takes the place of nothing that is published, a mock or of another API', async () => {
      const [api, other] = [await newApi(), await newApi()]
      const name = newName()
      const { implementationId: id, artifactId } = await uploaded(api.id, { name })
      await call('POST', `/implementations/${id}/publication`, {})
      for (const [apiId, manifest, reason] of [
        [api.id, { name }, /is published/],
        [other.id, { name }, /is of another API/],
        [api.id, { name: `${api.name}_mock` }, /is the mock/],
      ] as const) {
        const reply = await upload(apiId, await archiveOf(manifest))
        assert.equal(reply.statusCode, 409, reply.body)
        assert.match(reply.json().detail, reason)
      }
      assert.equal((await read(id)).artifactId, artifactId)
    })

    it('takes two uploads of one name at once as one after the other', async () => {
      const api = await newApi()
      const name = newName()
      const replies = await Promise.all(
        Array.from({ length: 4 }, async () => upload(api.id, await archiveOf({ name }))),
      )
      for (const reply of replies) assert.equal(reply.statusCode, 201, reply.body)
      const ids = new Set(replies.map((reply) => reply.json().implementationId))
      assert.equal(ids.size, 1)
      const { artifactId, etag } = await read([...ids][0])
      assert.equal(etag, '4')
      const found = await Promise.all(
        replies.map(async (reply) => {
          const url = `/artifacts/${reply.json().artifactId}`
          return (await call('GET', url, undefined, { accept: '*/*' })).statusCode
        }),
      )
      assert.deepEqual(found.sort(), [200, 404, 404, 404])
      assert.ok(artifactId)
    })

    it('is copied with a file of its own, unless it is a mock', async () => {
      const api = await newApi()
      const { implementationId: id, artifactId } = await uploaded(api.id, { name: newName() })
      const reply = await call('POST', `/implementations/${id}/versions`, { version: '2.0' })
      assert.equal(reply.statusCode, 201, reply.body)
      const copy = reply.json()
      assert.notEqual(copy.artifactId, artifactId)
      const accept = { accept: 'application/zip' }
      const files = await Promise.all(
        [artifactId, copy.artifactId].map((one) =>
          call('GET', `/artifacts/${one}`, undefined, accept),
        ),
      )
      assert.ok(files[0]?.rawPayload.equals(files[1]?.rawPayload ?? Buffer.alloc(0)))
      const mockUrl = `/implementations/${api.defaultImplementationId}/versions`
      assert.equal((await call('POST', mockUrl, { version: '2.0' })).statusCode, 409)
      assert.equal((await list(api.id)).length, 3)
    })

    it('has an address for its program, also when it is published', async () => {
      const api = await newApi()
      const name = newName()
      const { implementationId: id } = await uploaded(api.id, { name })
      const url = `/implementations/${id}`
      const put = (members: object) => call('PUT', url, { name, ...members })
      for (const upstreamUrl of [
        ...['ftp://example.com', 'http://a:b@example.com', 'example.com', 'http://a/?b', 5],
      ]) {
        assert.equal((await put({ upstreamUrl })).statusCode, 400, String(upstreamUrl))
      }
      assert.equal((await put({ upstreamUrl: 'https://example.com/x' })).statusCode, 204)
      await call('POST', `${url}/publication`, {})
      assert.equal((await put({ upstreamUrl: 'http://127.0.0.1:3000' })).statusCode, 204)
      assert.equal((await put({ upstreamUrl: 'http://b', desc: 'y' })).statusCode, 409)
      assert.equal((await read(id)).upstreamUrl, 'http://127.0.0.1:3000')
      assert.equal((await put({ upstreamUrl: null })).statusCode, 204)
      assert.equal((await read(id)).upstreamUrl, null)
    })

    it('answers every link', async () => {
      const api = await newApi({ apiDefn: ORDERS_LINES })
      const { implementationId: id } = await uploaded(api.id, { name: newName() })
      const { links } = await read(id)
      const rels = links.map(({ rel }: { rel: string }) => rel)
      assert.ok(rels.includes('artifact') && rels.includes('api'))
      for (const { href } of links.filter(({ href: to }: { href: string }) => !/assets/.test(to))) {
        const reply = await call('GET', href.replace('/mobile/tools/1.0', ''))
        assert.equal(reply.statusCode, 200, href)
      }
    })

    it('has no file by an id that is none', async () => {
      for (const id of [UNKNOWN, 'x', '..%2f..%2fetc%2fpasswd']) {
        assert.equal((await call('GET', `/artifacts/${id}`)).statusCode, 404)
      }
    })

    describe('the default', () => {
      const binding = ({ name }: { name: string }) => `*.custom/${name}(1.0).Routing_BindApiToImpl`

      it('is chosen by the tag of the API, and shown as its policy', async () => {
        const api = await newApi()
        const name = newName()
        const { implementationId: id } = await uploaded(api.id, { name })
        assert.equal(await getPolicy(binding(api)), `${api.name}_mock(1.0)`)
        const stale = await setDefault(api.id, id, { 'if-match': '"9"' })
        assert.equal(stale.statusCode, 412)
        assert.equal(
          (await list(api.id)).filter((one: { default: boolean }) => one.default).length,
          1,
        )
        const done = await setDefault(api.id, id, { 'if-match': '"1"' })
        assert.deepEqual([done.statusCode, done.headers.etag], [204, '"2"'])
        assert.deepEqual(
          (await list(api.id)).map((one: { name: string; default: boolean }) => [
            one.name,
            one.default,
          ]),
          [
            [`${api.name}_mock`, false],
            [name, true],
          ].sort(),
        )
        assert.equal(await getPolicy(binding(api)), `${name}(1.0)`)
        const all = (await call('GET', '/policies/export?format=json')).json().policies
        assert.equal(all[binding(api)], `${name}(1.0)`)
      })

      it('is set by its policy, and goes back to the mock when that is removed', async () => {
        const api = await newApi()
        const name = newName()
        const { implementationId: id } = await uploaded(api.id, { name })
        assert.equal((await setPolicy(binding(api), `${name}(1.0)`)).statusCode, 204)
        assert.equal((await read(id)).default, true)
        assert.equal(await etagOf(api.id), '"2"')
        // What it is already needs no change.
        assert.equal((await setPolicy(binding(api), `${name}(1.0)`)).statusCode, 204)
        assert.equal(await etagOf(api.id), '"2"')
        const url = `/policies/${encodeURIComponent(binding(api))}`
        assert.equal((await call('DELETE', url, undefined, root)).statusCode, 204)
        assert.equal((await read(id)).default, false)
        assert.equal(await getPolicy(binding(api)), `${api.name}_mock(1.0)`)
        const history = (await call('GET', `/apis/${api.id}/history`)).json().items
        assert.deepEqual(
          history.map((one: { action: string; changed: string[] }) => [one.action, one.changed]),
          [
            ['UPDATED', ['defaultImplementationId']],
            ['UPDATED', ['defaultImplementationId']],
            ['CREATED', undefined],
          ],
        )
      })

      it('is no implementation that the API has not', async () => {
        const [api, other] = [await newApi(), await newApi()]
        const foreign = await setDefault(api.id, other.defaultImplementationId)
        assert.equal(foreign.statusCode, 404)
        assert.equal((await setDefault(api.id, UNKNOWN)).statusCode, 404)
        assert.equal((await setDefault(UNKNOWN, api.defaultImplementationId)).statusCode, 404)
        for (const value of ['none(1.0)', `${other.name}_mock(1.0)`]) {
          const reply = await setPolicy(binding(api), value)
          assert.equal(reply.statusCode, 400)
          assert.match(reply.json().detail, /has no implementation/)
        }
        assert.equal((await setPolicy(binding(api), 'no version')).statusCode, 400)
        assert.equal(await getPolicy(binding(api)), `${api.name}_mock(1.0)`)
      })

      it('is imported with other policies, all or none, and never purged', async () => {
        const api = await newApi()
        const name = newName()
        await uploaded(api.id, { name })
        const send = async (text: string, fields = '') => {
          const { payload, headers } = await formWith(text)
          const form = payload.toString().replace(/(--[-\w]+)--\s*$/, (_, mark) => {
            return fields === ''
              ? `${mark}--`
              : `${mark}\r\nContent-Disposition: form-data; name="${fields}"\r\n\r\ntrue\r\n${mark}--\r\n`
          })
          const all = { ...headers, ...root }
          return tools.call('POST', '/policies/import', { payload: form, headers: all })
        }
        const other = `*.*.Other_${name}`
        const bad = await send(`${other}=1\n${binding(api)}=none(1.0)`)
        assert.equal(bad.statusCode, 400, bad.body)
        assert.equal(await getPolicy(other), undefined)
        const good = await send(`${other}=1\n${binding(api)}=${name}(1.0)`)
        assert.equal(good.json().valid, true, good.body)
        assert.equal(await getPolicy(binding(api)), `${name}(1.0)`)
        assert.equal((await send(`${other}=2`, 'purge')).json().valid, true)
        assert.deepEqual(
          [await getPolicy(other), await getPolicy(binding(api))],
          ['2', `${name}(1.0)`],
        )
      })

      it('cannot go to the trash by itself, while others can and stay there', async () => {
        const api = await newApi()
        const { implementationId: id } = await uploaded(api.id, { name: newName() })
        const mockId = api.defaultImplementationId
        assert.equal((await batch('trashing', mockId)).statusCode, 409)
        await setDefault(api.id, id)
        assert.equal((await batch('trashing', id)).statusCode, 409)
        assert.equal((await batch('trashing', mockId)).statusCode, 204)
        assert.equal((await setDefault(api.id, mockId)).statusCode, 409)
        tools.clock.now += 1000
        await batch('trashing', api.id)
        assert.equal((await batch('untrashing', api.id)).statusCode, 204)
        assert.deepEqual([(await read(mockId)).inTrash, (await read(id)).inTrash], [true, false])
      })

      it('of a published API is a published one', async () => {
        const api = await newApi()
        const mockId = api.defaultImplementationId
        await call('POST', `/apis/${api.id}/publication`, { dependencies: [{ id: mockId }] })
        const { implementationId: id } = await uploaded(api.id, { name: newName() })
        const draft = await setDefault(api.id, id)
        assert.equal(draft.statusCode, 409)
        assert.match(draft.json().detail, /publish that first/)
        await call('POST', `/implementations/${id}/publication`, {})
        assert.equal((await setDefault(api.id, id)).statusCode, 204)
        assert.equal((await read(id)).default, true)
      })

      it('is set by one of two who both saw the same state', async () => {
        const api = await newApi()
        const { implementationId: id } = await uploaded(api.id, { name: newName() })
        const tag = { 'if-match': '"1"' }
        const replies = await Promise.all([
          setDefault(api.id, id, tag),
          setDefault(api.id, api.defaultImplementationId, tag),
        ])
        assert.deepEqual(replies.map((one) => one.statusCode).sort(), [204, 412])
      })

      it('of an API that is not there is kept as any policy, and heeded by none', async () => {
        const name = newName()
        const policy = binding({ name })
        assert.equal((await setPolicy(policy, 'old(1.0)')).statusCode, 204)
        assert.equal(await getPolicy(policy), 'old(1.0)')
        await call('POST', '/apis', { name })
        assert.equal(await getPolicy(policy), `${name}_mock(1.0)`)
      })
    })
  })
}

// A deflated stream of zeros is what a bomb is made of; see that ours is one.
assert.ok(deflateRawSync(Buffer.alloc(2 * 1024 * 1024)).length * 200 < 2 * 1024 * 1024)
