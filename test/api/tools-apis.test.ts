import assert from 'node:assert/strict'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import yauzl from 'yauzl'
import { formWith, ORDERS_LINES, ORDERS_RAML } from '../support/api-files.ts'
import { type ReplyProblems, validateReplies } from '../support/validate-replies.ts'
import { openToolsApp, STORES, type ToolsApp } from './tools-app.ts'

const UNKNOWN = '57165555-aa10-4838-938a-354c2b3a287a'

const REFUSED: readonly (readonly [what: string, members: object, reason: RegExp])[] = [
  ['a base path of another name', { basePath: '/mobile/custom/other' }, /ends with the name/],
  ['a base path elsewhere', { basePath: '/custom/x' }, /ends with the name/],
  ['security without a type', { security: { roles: ['A'] } }, /one of ENTERPRISE/],
  ['security of a type nobody knows', { security: { type: 'NONE' } }, /one of ENTERPRISE/],
  ['roles that are no texts', { security: { type: 'ENTERPRISE', roles: [1] } }, /'roles' must be/],
  ['a switch that is text', { hasBusinessObjects: 'yes' }, /true or false/],
  ['an icon that is text', { icon: 'data:' }, /'icon' must be an object/],
  ['an icon that is huge', { icon: { data: 'x'.repeat(70_000) } }, /'icon' must have at most/],
  ['a definition that is a number', { apiDefn: 5 }, /a list of texts/],
  ['a definition of other things', { apiDefn: ['#%RAML 1.0', 5] }, /a list of texts/],
  ['a definition with a NUL', { apiDefn: ['#%RAML 1.0', 'title: a\0'] }, /NUL/],
  ['a definition that is too long', { apiDefn: ['x'.repeat(524_289)] }, /at most 524288/],
  ['a definition without a title', { apiDefn: ['#%RAML 1.0', '/a: { get: }'] }, /'title' is req/],
  ['a definition that is none', { apiDefn: ['hello'] }, /neither RAML/],
]

for (const stores of STORES) {
  describe(`custom APIs on ${stores.name}`, () => {
    let tools: ToolsApp
    let problems: ReplyProblems
    let names = 0

    before(async () => {
      tools = await openToolsApp(stores)
      problems = validateReplies(tools.app)
    })
    after(async () => {
      await tools.close()
      problems.assertNoProblems()
    })

    const call = (method: string, path: string, payload?: object, headers = {}) =>
      tools.call(method, path, { headers, ...(payload && { payload }) })
    const newName = () => {
      names += 1
      return `Api${names}`
    }
    const create = async (members: object = {}) => {
      const reply = await call('POST', '/apis', { name: newName(), ...members })
      assert.equal(reply.statusCode, 201, reply.body)
      return reply.json()
    }
    const read = async (id: string) => (await call('GET', `/apis/${id}`)).json()
    const implementations = async (id: string) =>
      (await call('GET', `/apis/${id}/implementations`)).json().items
    const batch = (command: string, ...ids: string[]) =>
      call('POST', `/assets/${command}`, { dependencies: ids.map((id) => ({ asset: { id } })) })

    it('makes a draft, shows it with its definition, and lists it without', async () => {
      const name = newName()
      const members = {
        basePath: `/mobile/custom/${name}`,
        security: { type: 'ENTERPRISE', roles: ['Clerk'] },
        hasBusinessObjects: true,
        businessObjectsDefn: '<bo/>',
        icon: { data: 'AAAA' },
        apiDefn: ORDERS_LINES,
      }
      const reply = await call('POST', '/apis', { name, ...members })
      const made = reply.json()
      assert.equal(reply.statusCode, 201, reply.body)
      assert.equal(reply.headers.etag, '"1"')
      assert.equal(reply.headers.location, `/mobile/tools/1.0/apis/${made.id}`)
      assert.deepEqual([made.namespace, made.category, made.published], ['custom', 'CUSTOM', false])
      for (const [member, value] of Object.entries(members)) {
        assert.deepEqual(made[member], value, member)
      }
      assert.deepEqual(await read(made.id), made)

      const { items } = (await call('GET', `/apis?id=${made.id}`)).json()
      const { apiDefn, businessObjectsDefn, icon, ...listed } = made
      assert.deepEqual(items, [listed])
    })

    it('makes one of no more than a name, which anyone may call', async () => {
      const made = await create()
      const { security, hasBusinessObjects, apiDefn, icon, basePath } = made
      assert.deepEqual(
        { security, hasBusinessObjects, apiDefn, icon, basePath },
        {
          security: null,
          hasBusinessObjects: false,
          apiDefn: null,
          icon: null,
          basePath: `/mobile/custom/${made.name}`,
        },
      )
    })

    it('takes a definition in one piece too, and an empty one for none', async () => {
      assert.deepEqual((await create({ apiDefn: ORDERS_RAML })).apiDefn, ORDERS_LINES)
      assert.equal((await create({ apiDefn: ['', ' '] })).apiDefn, null)
    })

    it('has a mock from the beginning, which is its default', async () => {
      const { id, name, defaultImplementationId } = await create()
      const [mock, ...others] = await implementations(id)
      assert.deepEqual(others, [])
      assert.deepEqual(
        [mock.id, mock.name, mock.version, mock.mock, mock.default, mock.published],
        [defaultImplementationId, `${name}_mock`, '1.0', true, true, false],
      )
      const { implementations: needed } = (await call('GET', `/apis/${id}/dependencies`)).json()
      assert.deepEqual(
        needed.map((one: { id: string }) => one.id),
        [mock.id],
      )
    })

    for (const [what, members, reason] of REFUSED) {
      it(`refuses ${what}, and makes nothing`, async () => {
        const name = newName()
        const reply = await call('POST', '/apis', { name, ...members })
        assert.equal(reply.statusCode, 400, reply.body)
        assert.match(reply.json().detail, reason)
        assert.equal((await call('GET', `/apis?q=${name}`)).json().totalResults, 0)
        assert.equal((await call('GET', `/implementations?q=${name}_mock`)).json().totalResults, 0)
      })
    }

    it('tells what is wrong with a definition, with its place', async () => {
      const apiDefn = ['#%RAML 1.0', 'title: x', '/a:', '  get: { is: [ none ] }']
      const reply = await call('POST', '/apis', { name: newName(), apiDefn })
      const { 'o:errorCode': code, 'o:errorDetails': details } = reply.json()
      assert.equal(code, 'MOBILE-10301')
      assert.deepEqual(details.findings, [
        { severity: 'ERROR', message: 'There is no trait none.', path: '/a > get', line: 4 },
      ])
    })

    it('refuses a second live one of the same name and version, and makes no mock of it', async () => {
      const { name } = await create()
      const again = await call('POST', '/apis', { name })
      assert.equal(again.statusCode, 409)
      const mocks = (await call('GET', `/implementations?q=${name}_mock`)).json()
      assert.equal(mocks.totalResults, 1)
      const next = await call('POST', '/apis', { name, version: '2.0' })
      assert.equal(next.statusCode, 201)
    })

    it('refuses a name whose mock is taken, and makes nothing', async () => {
      const { id, name } = await create()
      const other = newName()
      const [mock] = await implementations(id)
      const moved = await call('PUT', `/implementations/${mock.id}`, { name: `${other}_mock` })
      assert.equal(moved.statusCode, 204)
      const reply = await call('POST', '/apis', { name: other })
      assert.equal(reply.statusCode, 409)
      assert.match(reply.json().detail, /so the API can have no mock/)
      assert.equal((await call('GET', `/apis?q=${other}`)).json().totalResults, 0)
      assert.equal((await read(id)).name, name)
    })

    it('changes a draft with its tag, and only then; what is not named stays', async () => {
      const { id, name, ...made } = await create({ apiDefn: ORDERS_LINES, icon: { a: 1 } })
      const changes = { name, security: { type: 'IDENTITYPROVIDER', roles: [] } }
      const stale = await call('PUT', `/apis/${id}`, changes, { 'if-match': '"9"' })
      assert.equal(stale.statusCode, 412)
      assert.equal((await read(id)).security, null)
      const done = await call('PUT', `/apis/${id}`, changes, { 'if-match': '"1"' })
      assert.deepEqual([done.statusCode, done.headers.etag], [204, '"2"'])
      const now = await read(id)
      assert.deepEqual(now.security, changes.security)
      assert.deepEqual(
        [now.apiDefn, now.icon, now.apiDefnDigest],
        [ORDERS_LINES, { a: 1 }, made.apiDefnDigest],
      )
      await call('PUT', `/apis/${id}`, { name, apiDefn: null, icon: { b: 2 }, security: null })
      const last = await read(id)
      assert.deepEqual(
        [last.apiDefn, last.icon, last.apiDefnDigest, last.security],
        [null, { b: 2 }, null, null],
      )
    })

    it('refuses a change to a definition with mistakes, and keeps the former', async () => {
      const { id, name } = await create({ apiDefn: ORDERS_LINES })
      const reply = await call('PUT', `/apis/${id}`, { name, apiDefn: ['#%RAML 1.0', '/a:'] })
      assert.equal(reply.statusCode, 400)
      const now = await read(id)
      assert.deepEqual([now.apiDefn, now.etag], [ORDERS_LINES, '1'])
    })

    it('takes back what it gave, without a change', async () => {
      const made = await create({ apiDefn: ORDERS_LINES, icon: { a: 1 } })
      const reply = await call('PUT', `/apis/${made.id}`, { ...made, category: 'X', etag: '7' })
      assert.equal(reply.statusCode, 204, reply.body)
      const { etag, modifiedOn, ...after } = await read(made.id)
      assert.equal(etag, '2')
      assert.deepEqual({ ...after, etag: '1', modifiedOn: made.modifiedOn }, made)
    })

    it('gives its mock a new name and version along with its own', async () => {
      const { id } = await create()
      const name = newName()
      await call('PUT', `/apis/${id}`, { name, version: '1.1' })
      const [mock] = await implementations(id)
      assert.deepEqual([mock.name, mock.version], [`${name}_mock`, '1.1'])
      assert.equal((await read(id)).basePath, `/mobile/custom/${name}`)
    })

    it('lists by login and business objects', async () => {
      const mark = newName()
      const title = { title: mark }
      const open = await create({ ...title, hasBusinessObjects: true })
      const staff = await create({ ...title, security: { type: 'ENTERPRISE' } })
      const social = await create({ ...title, security: { type: 'IDENTITYPROVIDER' } })
      const list = async (filterType: string) => {
        const query = new URLSearchParams({ q: mark, filterType, orderBy: 'createdOn' })
        const { items } = (await call('GET', `/apis?${query}`)).json()
        return items.map((one: { id: string }) => one.id)
      }
      assert.deepEqual((await list('')).sort(), [open.id, staff.id, social.id].sort())
      assert.deepEqual(await list('ENTERPRISE'), [staff.id])
      assert.deepEqual(await list('IDENTITYPROVIDER,NOT_PUBLISHED'), [social.id])
      assert.deepEqual(await list('BO_ONLY'), [open.id])
      assert.deepEqual((await list('BO_EXCLUDE')).sort(), [staff.id, social.id].sort())
      assert.deepEqual((await list('BO_INCLUDE')).length, 3)
      assert.equal((await call('GET', '/apis?filterType=MAX_ONLY')).statusCode, 400)
    })

    it('is copied to another version with its definition and a mock of its own', async () => {
      const { id, name, apiDefnDigest } = await create({ apiDefn: ORDERS_LINES, title: 'T' })
      const reply = await call('POST', `/apis/${id}/versions`, { version: '2.0' })
      assert.equal(reply.statusCode, 201, reply.body)
      const copy = reply.json()
      assert.deepEqual(
        [copy.name, copy.version, copy.title, copy.etag, copy.apiDefnDigest],
        [name, '2.0', 'T', '1', apiDefnDigest],
      )
      assert.deepEqual(copy.apiDefn, ORDERS_LINES)
      const [mock] = await implementations(copy.id)
      assert.deepEqual(
        [mock.id, mock.version, mock.default],
        [copy.defaultImplementationId, '2.0', true],
      )
      assert.notEqual(mock.id, (await read(id)).defaultImplementationId)
      assert.equal((await call('POST', `/apis/${id}/versions`, { version: '2.0' })).statusCode, 409)
    })

    it('is published with its default implementation, if the caller agrees', async () => {
      const { id, name, defaultImplementationId: mockId } = await create()
      const url = `/apis/${id}/publication`
      const asked = (await call('GET', url)).json()
      assert.deepEqual([asked.published, asked.publishable], [false, false])
      const [draft] = asked.dependencies.implementations
      assert.equal(draft.id, mockId)
      const alone = await call('POST', url, {})
      assert.equal(alone.statusCode, 409)
      assert.match(alone.json().detail, new RegExp(`APIImplementation ${name}_mock 1.0`))
      assert.equal((await read(id)).published, false)
      const agreed = await call('POST', url, { dependencies: [{ id: mockId }] })
      assert.equal(agreed.statusCode, 204, agreed.body)
      assert.equal((await read(id)).published, true)
      const mock = (await call('GET', `/implementations/${mockId}`)).json()
      assert.deepEqual([mock.published, mock.default], [true, true])
      assert.equal((await call('PUT', `/apis/${id}`, { name, desc: 'x' })).statusCode, 409)
    })

    it('goes to the trash with its implementations, and they come back with it', async () => {
      const { id, defaultImplementationId: mockId } = await create()
      assert.equal((await batch('trashing', id)).statusCode, 204)
      const mock = async () => (await call('GET', `/implementations/${mockId}`)).json()
      assert.deepEqual([(await read(id)).inTrash, (await mock()).inTrash], [true, true])
      const alone = await batch('untrashing', mockId)
      assert.equal(alone.statusCode, 409)
      assert.match(alone.json().detail, /needs what is in the trash/)
      assert.equal((await batch('untrashing', id)).statusCode, 204)
      assert.deepEqual([(await read(id)).inTrash, (await mock()).inTrash], [false, false])
    })

    it('is found by its full name, and so is its mock', async () => {
      const { id, name, defaultImplementationId } = await create()
      const find = async (fqn: string, type: string) =>
        (await call('GET', `/assets/lookup?${new URLSearchParams({ fqn, type })}`)).json().id
      assert.equal(await find(`custom/${name}(1.0)`, 'API'), id)
      assert.equal(await find(`${name}_mock(1.0)`, 'APIImplementation'), defaultImplementationId)
      assert.equal(await find(`custom/${name}(1.1)`, 'API'), undefined)
    })

    it('answers every link of its own and of its implementation', async () => {
      const made = await create({ apiDefn: ORDERS_LINES })
      const [mock] = await implementations(made.id)
      const ask = (path: string, id: string) => {
        if (!path.startsWith('/assets/')) return call('GET', path)
        // A question does nothing, and of the commands it is enough that there is the address.
        const isQuestion = path.endsWith('Dependencies')
        return isQuestion ? call('POST', path, { ids: [id] }) : call('OPTIONS', path)
      }
      const links = [made, mock].flatMap(({ links: own, id }) =>
        own.map(({ href }: { href: string }) => [href, id]),
      )
      assert.equal(links.length, 2 * 11 + 3)
      for (const [href, id] of links) {
        const reply = await ask(href.replace('/mobile/tools/1.0', ''), id)
        assert.ok([200, 204].includes(reply.statusCode), `${href}: ${reply.statusCode}`)
      }
    })

    describe('the preview of a definition', () => {
      const preview = async (content: string) => {
        const form = await formWith(content, { filename: 'orders.raml' })
        return tools.call('POST', '/apis/raml', form)
      }

      it('shows what would come of it, and makes nothing', async () => {
        const { totalResults } = (await call('GET', '/apis')).json()
        const reply = await preview(ORDERS_RAML)
        assert.equal(reply.statusCode, 200, reply.body)
        const { apiDefn, ramlValidationReport, ...shown } = reply.json()
        assert.deepEqual(shown, {
          name: 'orders',
          version: 'v1',
          title: 'Orders',
          basePath: '/mobile/custom/orders',
        })
        assert.deepEqual(apiDefn, ORDERS_LINES)
        assert.deepEqual(ramlValidationReport, { valid: true, validationResults: [] })
        assert.equal((await call('GET', '/apis')).json().totalResults, totalResults)
      })

      it('names it after its title where it does not say its path', async () => {
        const open = { openapi: '3.0.0', info: { title: '9 Lives of cats!', version: '1-b' } }
        const reply = await preview(JSON.stringify({ ...open, paths: {} }))
        const { name, version } = reply.json()
        assert.deepEqual([name, version], ['Lives_of_cats', '1_b'])
      })

      it('answers a bad one with what is wrong', async () => {
        const reply = await preview('#%RAML 1.0\ntitle: x\n/a: !include b.raml')
        assert.equal(reply.statusCode, 200)
        const { name, apiDefn, ramlValidationReport } = reply.json()
        assert.deepEqual([name, apiDefn.length, ramlValidationReport.valid], [null, 3, false])
        assert.deepEqual(
          ramlValidationReport.validationResults.map((one: { line: number }) => one.line),
          [3],
        )
      })

      it('refuses a form without a file, and what is no form', async () => {
        const other = await formWith('x', { field: 'raml' })
        assert.equal((await tools.call('POST', '/apis/raml', other)).statusCode, 400)
        assert.equal((await call('POST', '/apis/raml', {})).statusCode, 400)
        assert.equal((await call('GET', '/apis/raml')).statusCode, 405)
      })
    })

    describe('the scaffold', () => {
      const filesOf = async (id: string) => {
        const reply = await call('GET', `/apis/${id}/scaffold`, undefined, { accept: '*/*' })
        assert.equal(reply.statusCode, 200)
        assert.equal(reply.headers['content-type'], 'application/zip')
        assert.match(String(reply.headers['content-disposition']), /^attachment; filename="Api/)
        const archive = await yauzl.fromBufferPromise(reply.rawPayload)
        const files = new Map<string, string>()
        for await (const entry of archive.eachEntry()) {
          files.set(entry.fileName, await text(await archive.openReadStreamPromise(entry)))
        }
        return files
      }

      it('has a manifest, a handler for each operation and samples', async () => {
        const { id, name } = await create({ apiDefn: ORDERS_LINES })
        const files = await filesOf(id)
        assert.deepEqual(
          [...files.keys()],
          ['package.json', `${name}.js`, 'samples.json', 'server.js', 'README.md', `${name}.raml`],
        )
        const manifest = JSON.parse(files.get('package.json') ?? '')
        assert.equal(manifest.main, `${name}.js`)
        assert.deepEqual(manifest.oracleMobile.dependencies, { apis: {}, connectors: {} })
        const script = files.get(`${name}.js`) ?? ''
        for (const part of [
          `service.get('/mobile/custom/${name}/orders', function`,
          `service.post('/mobile/custom/${name}/orders', function`,
          `service.delete('/mobile/custom/${name}/orders/:orderId', function`,
        ]) {
          assert.ok(script.includes(part), part)
        }
        const samples = JSON.parse(files.get('samples.json') ?? '')
        assert.deepEqual(samples['POST /orders'], {
          status: 201,
          type: 'application/json',
          body: { id: 3 },
        })
        assert.equal(files.get(`${name}.raml`), ORDERS_RAML)
      })

      it('of an API without a definition has no handlers', async () => {
        const { id, name } = await create()
        const files = await filesOf(id)
        assert.doesNotMatch(files.get(`${name}.js`) ?? '', /service\.\w+\(/)
        assert.equal((await call('GET', `/apis/${UNKNOWN}/scaffold`)).statusCode, 404)
      })
    })

    describe('on a backend', () => {
      const backend = async (name = newName()) =>
        (await call('POST', '/mobilebackends', { name })).json()

      it('is added with both counters in the tag, listed, and taken away', async () => {
        const { id } = await backend()
        const api = await create({ apiDefn: ORDERS_LINES })
        const url = `/mobilebackends/${id}/apis`
        const added = await call('PUT', `${url}/${api.id}`)
        assert.deepEqual([added.statusCode, added.headers.etag], [204, '"2,2"'])
        const { items } = (await call('GET', url)).json()
        assert.deepEqual([items[0].id, items[0].apiDefn], [api.id, undefined])
        const { apis } = (await call('GET', `/mobilebackends/${id}/dependencies`)).json()
        assert.equal(apis[0].id, api.id)
        const users = (await call('GET', `/apis/${api.id}/reverseDependencies`)).json()
        assert.equal(users.mobilebackends[0].id, id)
        const stale = await call('DELETE', `${url}/${api.id}`, undefined, { 'if-match': '"1,1"' })
        assert.equal(stale.statusCode, 412)
        const gone = await call('DELETE', `${url}/${api.id}`, undefined, { 'if-match': '"2,2"' })
        assert.deepEqual([gone.statusCode, gone.headers.etag], [204, '"3,3"'])
        assert.equal((await call('DELETE', `${url}/${api.id}`)).statusCode, 404)
        const history = (await call('GET', `/mobilebackends/${id}/history`)).json().items
        assert.deepEqual(
          history.map(({ action }: { action: string }) => action),
          ['API_REMOVED', 'API_ADDED', 'CREATED'],
        )
      })

      it('stays out of the trash as long as the backend uses it', async () => {
        const { id } = await backend()
        const api = await create()
        await call('PUT', `/mobilebackends/${id}/apis/${api.id}`)
        const blocked = await batch('trashing', api.id)
        assert.equal(blocked.statusCode, 409)
        assert.equal((await read(api.id)).inTrash, false)
        assert.equal((await batch('trashing', api.id, id)).statusCode, 204)
        assert.equal((await read(api.id)).inTrash, true)
      })
    })

    for (const [method, path] of [
      ['GET', ''],
      ['PUT', ''],
      ['POST', '/versions'],
      ['GET', '/implementations'],
      ['GET', '/history'],
      ['GET', '/publication'],
    ] as const) {
      it(`answers 404 to ${method} ${path || 'itself'} of an unknown API`, async () => {
        const body = method === 'GET' ? undefined : { name: 'x', version: '2.0' }
        assert.equal((await call(method, `/apis/${UNKNOWN}${path}`, body)).statusCode, 404)
      })
    }
  })
}
