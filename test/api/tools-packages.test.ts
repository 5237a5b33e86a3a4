import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { INSTANCE } from '../../src/engine/backend.ts'
import { zipOf } from '../../src/lib/zip.ts'
import { ASSET_TYPES } from '../../src/tools/assets/types.ts'
import { toolsJobs } from '../../src/tools/jobs.ts'
import { createToken } from '../../src/tools/team/tokens.ts'
import { archiveOf, formWith, ORDERS_LINES } from '../support/api-files.ts'
import { filesIn, PHOTOS, packageOf, renamedIn } from '../support/packages.ts'
import { type ReplyProblems, validateReplies } from '../support/validate-replies.ts'
import { openToolsApp, STORES, type ToolsApp } from './tools-app.ts'

const UNKNOWN = '57165555-aa10-4838-938a-354c2b3a287a'

const collection = (name: string, version = '1.0') => ({
  ...{ type: 'StorageCollection', namespace: null, name, version },
})
const API = { type: 'API', namespace: 'custom', name: 'orders', version: '1.0' }
const PROGRAM = { type: 'APIImplementation', namespace: 'custom', name: 'orders', version: '1.0' }
const API_FILE = { name: 'orders', version: '1.0' }
const PROGRAM_FILE = { name: 'orders', version: '1.0', api: { name: 'orders', version: '1.0' } }

const withFile = (path: string, content: string | null) => packageOf({ files: { [path]: content } })

/** What is no package at all: nothing of it is kept. */
const REFUSED: readonly (readonly [what: string, archive: Buffer, reason: RegExp])[] = [
  ['what is no archive', Buffer.from('hello'), /not a ZIP archive/],
  ['an archive without a manifest', await withFile('manifest.json', null), /no manifest.json/],
  ['an archive without policies', await withFile('policies.json', null), /no policies.json/],
  ['a manifest that is no JSON', await withFile('manifest.json', '{'), /no JSON object/],
  ['a manifest that is a list', await withFile('manifest.json', '[]'), /no JSON object/],
  ['another format', await packageOf({ manifest: { format: 'x' } }), /'format' must be/],
  ['a format to come', await packageOf({ manifest: { formatVersion: 2 } }), /'formatVersion'/],
  [
    'a package without a name',
    await packageOf({ manifest: { package: {} } }),
    /'name' is required/,
  ],
  ['no package', await packageOf({ manifest: { package: null } }), /'package' is required/],
  ['no assets', await packageOf({ assets: [] }), /from 1 to 500 assets/],
  [
    'too many assets',
    await packageOf({ assets: Array.from({ length: 501 }, (_, at) => collection(`A${at}`)) }),
    /from 1 to 500 assets/,
  ],
  [
    'an asset twice',
    await packageOf({ assets: [collection('Photos'), collection('Photos')] }),
    /an asset twice/,
  ],
  [
    'a type that there is not',
    await packageOf({ assets: [{ ...collection('Photos'), type: 'Widget' }] }),
    /'Widget' is not a type/,
  ],
  [
    'a package in a package',
    await packageOf({ assets: [{ ...collection('Photos'), type: 'Package' }] }),
    /'Package' is not a type/,
  ],
  [
    'another namespace',
    await packageOf({ assets: [{ ...collection('Photos'), namespace: 'custom' }] }),
    /not the namespace/,
  ],
  [
    'a name that leads out',
    await packageOf({ assets: [collection('../../etc/passwd')] }),
    /'name' must be a letter/,
  ],
  [
    'an asset without its file',
    await withFile('collections/Photos-1.0.json', null),
    /no collections\/Photos-1.0.json/,
  ],
  [
    'an implementation without its archive',
    await packageOf({
      assets: [PROGRAM],
      files: { 'implementations/orders-1.0.json': JSON.stringify(PROGRAM_FILE) },
    }),
    /no implementations\/orders-1.0.zip/,
  ],
  ['an asset that is no JSON', await withFile('collections/Photos-1.0.json', '{'), /no JSON/],
  [
    'a path that leads out',
    await renamedIn(await withFile('aa/evil.js', 'x'), 'aa/evil.js', '../evil.js'),
    /invalid relative path/,
  ],
  [
    'a bomb',
    await packageOf({ files: { 'bomb.bin': new Uint8Array(8 * 1024 * 1024) } }),
    /packed too well/,
  ],
]

/** What is a package, and cannot be installed. */
const FAILING: readonly (readonly [what: string, archive: Buffer, reason: RegExp])[] = [
  [
    'a member that is wrong',
    await withFile('collections/Photos-1.0.json', JSON.stringify({ ...PHOTOS, syncControl: 1 })),
    /'syncControl' must be/,
  ],
  [
    'a name that is not that of the manifest',
    await withFile('collections/Photos-1.0.json', JSON.stringify({ ...PHOTOS, name: 'Other' })),
    /not those of the manifest/,
  ],
  [
    'a definition that is none',
    await packageOf({
      assets: [API],
      files: { 'apis/orders-1.0.json': JSON.stringify({ ...API_FILE, apiDefn: ['#%RAML 9'] }) },
    }),
    /RAML/,
  ],
  [
    'an implementation whose archive is none',
    await packageOf({
      assets: [PROGRAM],
      files: {
        'implementations/orders-1.0.json': JSON.stringify(PROGRAM_FILE),
        'implementations/orders-1.0.zip': await zipOf([{ path: 'a', content: 'b' }]),
      },
    }),
    /no package.json/,
  ],
  [
    'an implementation without its API',
    await packageOf({
      assets: [PROGRAM],
      files: {
        'implementations/orders-1.0.json': JSON.stringify(PROGRAM_FILE),
        'implementations/orders-1.0.zip': await archiveOf(),
      },
    }),
    /tied to API custom\/orders\(1.0\), which is neither/,
  ],
  [
    'a setting that there is not',
    await packageOf({
      assets: [{ ...collection('Shop'), type: 'MobileBackend' }],
      files: {
        'mobilebackends/Shop-1.0.json': JSON.stringify({
          ...{ name: 'Shop', version: '1.0', settings: { mailFromm: 'x' } },
        }),
      },
    }),
    /mailFromm/,
  ],
  [
    'a policy of everything',
    await packageOf({ policies: { '*.*.Asset_AllowPurge': 'None' } }),
    /not about an asset/,
  ],
  [
    'a policy of another asset',
    await packageOf({ policies: { '*.Files.Anything': 'x' } }),
    /not about an asset/,
  ],
  [
    'a policy with a bad value',
    await packageOf({ policies: { '*.Photos.Asset_AllowPurge': 'Maybe' } }),
    /Asset_AllowPurge must be/,
  ],
  [
    'a binding to what is not in the package',
    await packageOf({
      assets: [API],
      policies: { '*.custom/orders(1.0).Routing_BindApiToImpl': 'other(1.0)' },
      files: { 'apis/orders-1.0.json': JSON.stringify(API_FILE) },
    }),
    /binds it to other\(1.0\)/,
  ],
]

for (const stores of STORES) {
  describe(`packages on ${stores.name}`, () => {
    let here: ToolsApp
    let problems: ReplyProblems
    before(async () => {
      here = await openToolsApp(stores)
      problems = validateReplies(here.app)
    })
    after(async () => {
      await here.close()
      problems.assertNoProblems()
    })

    const admin = async (app: ToolsApp) => {
      const grant = { role: 'Administrator', name: 'boss', ttlMs: null } as const
      return { authorization: `Bearer ${await createToken(app.tools, grant)}` }
    }
    const made = async (app: ToolsApp, path: string, payload: object) => {
      const reply = await app.call('POST', path, { payload })
      assert.equal(reply.statusCode, 201, reply.body)
      return reply.json()
    }
    const got = async (app: ToolsApp, path: string) => {
      const reply = await app.call('GET', path)
      assert.equal(reply.statusCode, 200, reply.body)
      return reply.json()
    }
    const upload = async (app: ToolsApp, archive: Buffer) =>
      app.call('POST', '/import/package/upload', await formWith(archive))
    const uploaded = async (app: ToolsApp, archive: Buffer) => {
      const reply = await upload(app, archive)
      assert.equal(reply.statusCode, 200, reply.body)
      return reply.json()
    }
    const install = (app: ToolsApp, payload: object, headers = {}) =>
      app.call('POST', '/import/package/install', { payload, headers })
    const download = async (app: ToolsApp, link: string) => {
      const path = link.replace('/mobile/tools/1.0', '')
      const reply = await app.call('GET', path, { headers: { accept: '*/*' } })
      assert.deepEqual([reply.statusCode, reply.headers['content-type']], [200, 'application/zip'])
      return reply.rawPayload
    }
    const order = async (app: ToolsApp, ids: readonly string[]) => {
      const reply = await app.call('POST', '/assets/packageDependencies', { payload: { ids } })
      assert.equal(reply.statusCode, 200, reply.body)
      return reply.json()
    }
    const exported = async (app: ToolsApp, ids: readonly string[]) => {
      const payload = await order(app, ids)
      const reply = await app.call('POST', '/export/package', { payload })
      assert.equal(reply.statusCode, 200, reply.body)
      return reply.json()
    }
    const countAll = async ({ tools: { store } }: ToolsApp) => {
      const types = [...ASSET_TYPES.map(({ recordType }) => recordType), 'policy', 'artifact']
      const counts = await Promise.all(
        [...types, 'packageUpload', 'assetHistory', 'audit'].map((type) =>
          store.count({ backendId: INSTANCE, type }),
        ),
      )
      return counts.map(({ count }) => count)
    }

    /** A backend with one of everything. */
    const scene = async (app: ToolsApp) => {
      const headers = await admin(app)
      const connector = await made(app, '/connectors', {
        ...{ name: 'erp', connectorType: 'REST', remoteUrl: 'https://erp.example.com/' },
        properties: { retries: 2 },
      })
      const api = await made(app, '/apis', {
        ...{ name: 'orders', title: 'Orders', apiDefn: ORDERS_LINES },
        security: { type: 'ENTERPRISE', roles: ['Clerk'] },
      })
      const archive = await archiveOf({
        oracleMobile: { dependencies: { connectors: { '/mobile/connector/erp': '1.0' } } },
      })
      const reply = await app.call(
        'POST',
        `/apis/${api.id}/implementations`,
        await formWith(archive),
      )
      const { implementationId } = reply.json()
      await app.call('PUT', `/apis/${api.id}/implementations/default/${implementationId}`)
      const implementation = await got(app, `/implementations/${implementationId}`)
      const running = { name: 'orders', upstreamUrl: 'http://10.0.0.9:3000/' }
      await app.call('PUT', `/implementations/${implementationId}`, { payload: running })
      const photos = await made(app, '/collections', {
        ...{ name: 'Photos', syncControl: true },
        permissions: [{ role: 'Technician', access: 'READ' }],
      })
      const backend = await made(app, '/mobilebackends', {
        ...{ name: 'FieldService', title: 'Field service', basic: false },
        roleAccess: { enabled: true, roles: ['Technician'] },
      })
      const at = `/mobilebackends/${backend.id}`
      await app.call('PUT', `${at}/apis/${api.id}`)
      await app.call('PUT', `${at}/collections/${photos.id}`)
      await app.call('PUT', `${at}/appPolicies`, { payload: { theme: 'dark', depth: 3 } })
      const settings = { perPageMax: 77, smtpUrl: 'smtp://me:hunter22@mail.example.com' }
      const set = await app.call('PUT', `${at}/settings`, { payload: settings, headers })
      assert.ok(set.statusCode < 300, set.body)
      const client = await made(app, '/clients', {
        ...{ name: 'FieldApp', appId: 'com.example.field', platform: 'IOS', backendId: backend.id },
      })
      for (const [name, value] of [
        ['FieldService(1.0).*.Network_HttpRequestTimeout', '5000'],
        ['*.custom/orders.Network_HttpRequestTimeout', '6000'],
        ['*.*.Network_HttpRequestTimeout', '7000'],
        ['Another.*.Network_HttpRequestTimeout', '8000'],
      ]) {
        const payload = { name, value }
        const reply = await app.call('PUT', '/policies', { payload, headers })
        assert.equal(reply.statusCode, 204, reply.body)
      }
      return { connector, api, implementation, photos, backend, client, archive }
    }

    describe('from one installation to another', () => {
      let source: ToolsApp
      let target: ToolsApp
      let watched: ReplyProblems
      let all: Awaited<ReturnType<typeof scene>>
      let file: Buffer

      before(async () => {
        source = await openToolsApp(stores)
        target = await openToolsApp(stores)
        watched = validateReplies(target.app)
        all = await scene(source)
      })
      after(async () => {
        await source.close()
        await target.close()
        watched.assertNoProblems()
      })

      it('tells all that assets need, down to what implementations need', async () => {
        const { package: fields, dependencies } = await order(source, [all.backend.id])
        assert.deepEqual(fields, { name: 'FieldService', version: '1.0', desc: null })
        const idsOf = (group: string) => dependencies[group].map(({ id }: { id: string }) => id)
        assert.deepEqual(
          ['mobilebackends', 'apis', 'implementations', 'connectors', 'collections'].map(idsOf),
          [all.backend, all.api, all.implementation, all.connector, all.photos].map((x) => [x.id]),
        )
        assert.deepEqual([idsOf('clients'), idsOf('packages')], [[], []])
        assert.deepEqual(dependencies.roles, [{ name: 'Technician' }, { name: 'Clerk' }])
        const app = await order(source, [all.client.id])
        assert.deepEqual(
          app.dependencies.mobilebackends.map(({ id }: { id: string }) => id),
          [all.backend.id],
        )
        assert.equal(app.dependencies.clients.length, 1)
      })

      it('makes a package that is published, and known to what it has a copy of', async () => {
        const reply = await exported(source, [all.backend.id, all.client.id])
        assert.equal(reply.downloadLink, `/mobile/tools/1.0/artifacts/${reply.artifact.id}`)
        file = await download(source, reply.downloadLink)
        const one = await got(source, `/packages/${reply.package.id}`)
        assert.deepEqual([one.published, one.artifactId], [true, reply.artifact.id])
        assert.equal(one.assets.length, 6)
        const list = await got(source, '/packages')
        assert.equal(list.totalResults, 1)
        const users = await got(source, `/mobilebackends/${all.backend.id}/reverseDependencies`)
        assert.deepEqual(
          users.packages.map(({ id }: { id: string }) => id),
          [reply.package.id],
        )
        const payload = { name: 'Renamed' }
        const renamed = await source.call('PUT', `/packages/${reply.package.id}`, { payload })
        assert.equal(renamed.statusCode, 409)
        assert.equal((await source.call('POST', '/packages', { payload })).statusCode, 405)
        const copy = { payload: { version: '2' } }
        const copied = await source.call('POST', `/packages/${one.id}/versions`, copy)
        assert.equal(copied.statusCode, 404)
      })

      it('holds the policies of its assets, and no keys, secrets, ids or addresses', async () => {
        const files = await filesIn(file)
        assert.deepEqual(
          [...files.keys()].sort(),
          [
            ...['README.md', 'apis/orders-1.0.json', 'clients/FieldApp-1.0.json'],
            ...['collections/Photos-1.0.json', 'connectors/erp-1.0.json'],
            ...['implementations/orders-1.0.json', 'implementations/orders-1.0.zip'],
            ...['manifest.json', 'mobilebackends/FieldService-1.0.json', 'policies.json'],
          ].sort(),
        )
        assert.deepEqual(JSON.parse(files.get('policies.json') ?? ''), {
          policies: {
            '*.custom/orders(1.0).Routing_BindApiToImpl': 'orders(1.0)',
            '*.custom/orders.Network_HttpRequestTimeout': '6000',
            'FieldService(1.0).*.Network_HttpRequestTimeout': '5000',
          },
        })
        assert.match(files.get('README.md') ?? '', /Clerk, Technician/)
        const keys = (await got(source, `/mobilebackends/${all.backend.id}`)) as typeof all.backend
        const { anonymousKey } = (
          await source.call('GET', `/mobilebackends/${all.backend.id}/security/basic/keys`)
        ).json()
        const secrets = [
          ...[keys.clientId, keys.clientSecret, keys.basicAuthBackendId, anonymousKey],
          ...[all.backend.id, all.api.id, all.photos.id, all.client.id],
          ...['hunter22', 'mail.example.com', '10.0.0.9', 'jdoe', 'clientSecret'],
        ].filter((one) => typeof one === 'string')
        assert.ok(secrets.length >= 12)
        const whole = [...files.values()].join('\n') + file.toString('latin1')
        for (const secret of secrets) assert.ok(!whole.includes(secret), `it tells ${secret}`)
      })

      it('is checked without installing anything', async () => {
        const before = await countAll(target)
        const reply = await uploaded(target, file)
        assert.equal(reply.status, 'SUCCESS', JSON.stringify(reply))
        const { records, dependencies } = reply.importResults
        assert.equal(records.length, 7)
        for (const one of records) assert.deepEqual([one.status, one.id], ['NEW', null])
        assert.deepEqual(dependencies.roles, [{ name: 'Technician' }, { name: 'Clerk' }])
        assert.equal(reply.policies.length, 3)
        assert.deepEqual(reply.policyValidationReport, { valid: true, validationResults: [] })
        assert.ok((await download(target, reply.artifact.downloadLink)).equals(file))
        const now = await countAll(target)
        const types = ASSET_TYPES.length + 1
        assert.deepEqual(now.slice(0, types), before.slice(0, types))
      })

      it('is installed whole, with new ids and keys, tied as before', async () => {
        const { artifact } = await uploaded(target, file)
        const name = 'FieldService(1.0).*.Network_HttpRequestTimeout'
        const changed = { ...artifact, properties: { ...artifact.properties, [name]: '1234' } }
        const reply = await install(target, changed, await admin(target))
        assert.equal(reply.statusCode, 200, reply.body)
        const { importResults, policies, status } = reply.json()
        assert.equal(status, 'SUCCESS')
        const ids = new Map<string, string>()
        for (const one of importResults.records) {
          assert.equal(one.status, 'CREATED')
          ids.set(one.type, one.id)
        }
        for (const policy of policies) assert.equal(policy.status, 'SET')
        const [backend, api, implementation, photos, connector, client] = await Promise.all([
          got(target, `/mobilebackends/${ids.get('MobileBackend')}`),
          got(target, `/apis/${ids.get('API')}`),
          got(target, `/implementations/${ids.get('APIImplementation')}`),
          got(target, `/collections/${ids.get('StorageCollection')}`),
          got(target, `/connectors/${ids.get('Connector')}`),
          got(target, `/clients/${ids.get('Client')}`),
        ])
        assert.notEqual(backend.id, all.backend.id)
        assert.notEqual(backend.clientId, all.backend.clientId)
        assert.notEqual(backend.clientSecret, all.backend.clientSecret)
        assert.deepEqual(
          [backend.title, backend.basicAuth, backend.oauth, backend.published, backend.createdBy],
          ['Field service', false, true, false, 'boss'],
        )
        assert.deepEqual(backend.roleAccess, { enabled: true, roles: ['Technician'] })
        const at = `/mobilebackends/${backend.id}`
        const needs = await got(target, `${at}/dependencies`)
        assert.deepEqual([needs.apis[0].id, needs.collections[0].id], [api.id, photos.id])
        assert.deepEqual(await got(target, `${at}/appPolicies`), { theme: 'dark', depth: 3 })
        const settings = await got(target, `${at}/settings`)
        assert.deepEqual([settings.perPageMax, settings.smtpUrl], [77, null])
        assert.deepEqual(
          [api.title, api.apiDefn, api.security, api.defaultImplementationId],
          ['Orders', ORDERS_LINES, { type: 'ENTERPRISE', roles: ['Clerk'] }, implementation.id],
        )
        assert.deepEqual(
          [implementation.apiId, implementation.main, implementation.upstreamUrl],
          [api.id, 'orders.js', null],
        )
        assert.deepEqual(implementation.needs, [{ name: 'connector/erp', version: '1.0' }])
        const link = `/mobile/tools/1.0/artifacts/${implementation.artifactId}`
        assert.ok((await download(target, link)).equals(all.archive))
        assert.deepEqual(photos.permissions, [{ role: 'Technician', access: 'READ' }])
        assert.deepEqual(
          [connector.remoteUrl, connector.properties],
          ['https://erp.example.com/', { retries: 2 }],
        )
        assert.equal(client.backendId, backend.id)
        const policy = await got(target, `/policies/${encodeURIComponent(name)}`)
        assert.equal(policy[name], '1234')
        const one = await got(target, `/packages/${ids.get('Package')}`)
        assert.equal(one.assets.length, 6)
        assert.ok((await download(target, artifact.downloadLink)).equals(file))
        const mocks = await got(target, `/apis/${api.id}/implementations`)
        assert.equal(mocks.totalResults, 2)
        const history = await got(target, `${at}/history`)
        assert.match(history.items[0].actionComment, /package FieldService 1.0/)
      })

      it('is installed once: a second time all is there already', async () => {
        const before = await countAll(target)
        const { artifact, importResults, status } = await uploaded(target, file)
        assert.equal(status, 'SUCCESS')
        const states = (records: readonly { status: string }[]) =>
          new Set(records.map((one) => one.status))
        assert.deepEqual(states(importResults.records), new Set(['EXISTS']))
        const reply = await install(target, artifact, await admin(target))
        assert.equal(reply.statusCode, 200, reply.body)
        assert.deepEqual(states(reply.json().importResults.records), new Set(['EXISTS']))
        assert.deepEqual(states(reply.json().policies), new Set(['EXISTS']))
        const now = await countAll(target)
        const types = ASSET_TYPES.length + 1
        assert.deepEqual(now.slice(0, types), before.slice(0, types))
      })

      it('expires when nobody installs it, and stays when somebody did', async () => {
        const { artifact } = await uploaded(target, file)
        const left = await target.tools.store.takeJobs(target.clock.now, 10, 1000)
        assert.deepEqual(left, [])
        const later = target.clock.now + 25 * 3_600_000
        const jobs = await target.tools.store.takeJobs(later, 100, 1000)
        assert.equal(jobs.length, 4)
        const handlers = toolsJobs(target.tools, target.tools.blobs)
        const { signal } = new AbortController()
        for (const { kind, payload } of [...jobs, ...jobs]) {
          await handlers.get(kind)?.run(JSON.parse(payload), { signal })
        }
        assert.equal((await install(target, artifact)).statusCode, 404)
        const path = `/artifacts/${artifact.id}`
        assert.equal(
          (await target.call('GET', path, { headers: { accept: '*/*' } })).statusCode,
          404,
        )
        const { items } = await got(target, '/packages')
        assert.equal(items.length, 1)
        const link = `/mobile/tools/1.0/artifacts/${items[0].artifactId}`
        assert.ok((await download(target, link)).equals(file))
      })
    })

    for (const [what, archive, reason] of REFUSED) {
      it(`refuses ${what}, and keeps nothing`, async () => {
        const before = await countAll(here)
        const reply = await upload(here, archive)
        assert.equal(reply.statusCode, 400, reply.body)
        assert.match(reply.json().detail, reason)
        assert.deepEqual(await countAll(here), before)
      })
    }

    for (const [what, archive, reason] of FAILING) {
      it(`tells of ${what}, and does not install it`, async () => {
        const { status, artifact, ...told } = await uploaded(here, archive)
        assert.equal(status, 'FAILURE')
        assert.match(JSON.stringify(told), reason)
        const headers = await admin(here)
        const before = await countAll(here)
        const reply = await install(here, artifact, headers)
        assert.equal(reply.statusCode, 409, reply.body)
        assert.match(reply.json().detail, reason)
        assert.deepEqual(await countAll(here), before)
      })
    }

    it('lets developers install, and leaves policies to administrators', async () => {
      const app = await openToolsApp(stores)
      const name = '*.Photos.Some_Policy'
      const archive = await packageOf({ policies: { [name]: 'x' } })
      const { artifact } = await uploaded(app, archive)
      const wrong = [
        [{ id: UNKNOWN, name: 'a' }, 404],
        [{ id: 'none', name: 'a' }, 404],
        [{ id: artifact.id }, 400],
        [{ ...artifact, name: 'Other.zip' }, 400],
        [{ ...artifact, properties: { [name]: 1 } }, 400],
        [{ ...artifact, properties: { '*.*.Asset_AllowPurge': 'None' } }, 409],
      ] as const
      for (const [payload, status] of wrong) {
        assert.equal((await install(app, payload)).statusCode, status, JSON.stringify(payload))
      }
      assert.equal((await got(app, '/collections')).totalResults, 0)
      const reply = await install(app, artifact)
      assert.equal(reply.statusCode, 200, reply.body)
      assert.deepEqual(reply.json().policies, [{ name, value: 'x', status: 'NOT_SET' }])
      assert.equal((await app.call('GET', `/policies/${encodeURIComponent(name)}`)).statusCode, 404)
      assert.equal((await got(app, '/collections')).totalResults, 1)
      assert.equal((await install(app, artifact)).statusCode, 404)
      await app.close()
    })

    it('refuses whoever may not develop', async () => {
      const grant = { role: 'Analyst', name: 'eve', ttlMs: null } as const
      const headers = { authorization: `Bearer ${await createToken(here.tools, grant)}` }
      for (const path of ['/assets/packageDependencies', '/export/package']) {
        const reply = await here.call('POST', path, { payload: { ids: [] }, headers })
        assert.equal(reply.statusCode, 403)
      }
      assert.equal((await install(here, { id: UNKNOWN, name: 'a' }, headers)).statusCode, 403)
    })

    it('ties what is new to what is here, by name', async () => {
      const app = await openToolsApp(stores)
      const api = await made(app, '/apis', { name: 'orders' })
      const archive = await packageOf({
        assets: [PROGRAM, { ...collection('Shop'), type: 'MobileBackend' }],
        files: {
          'implementations/orders-1.0.json': JSON.stringify(PROGRAM_FILE),
          'implementations/orders-1.0.zip': await archiveOf(),
          'mobilebackends/Shop-1.0.json': JSON.stringify({
            ...{ name: 'Shop', version: '1.0', apis: [{ name: 'orders', version: '1.0' }] },
          }),
        },
      })
      const { artifact, importResults } = await uploaded(app, archive)
      assert.equal(importResults.dependencies.apis[0].id, api.id)
      // Both at once: one of them installs, and the other finds it done.
      const replies = await Promise.all([install(app, artifact), install(app, artifact)])
      const installed = replies.filter(({ body }) => body.includes('"CREATED"'))
      assert.equal(installed.length, 1)
      for (const { statusCode, body } of replies) {
        assert.ok([200, 404, 409].includes(statusCode), body)
      }
      const { items } = await got(app, `/apis/${api.id}/implementations`)
      assert.deepEqual(items.map(({ name }: { name: string }) => name).sort(), [
        'orders',
        'orders_mock',
      ])
      assert.equal((await got(app, '/mobilebackends')).items.length, 1)
      await app.close()
    })

    it('says so when an implementation of the same name is of another API', async () => {
      const app = await openToolsApp(stores)
      const api = await made(app, '/apis', { name: 'shop' })
      await app.call('POST', `/apis/${api.id}/implementations`, await formWith(await archiveOf()))
      const archive = await packageOf({
        assets: [API, PROGRAM],
        files: {
          'apis/orders-1.0.json': JSON.stringify(API_FILE),
          'implementations/orders-1.0.json': JSON.stringify(PROGRAM_FILE),
          'implementations/orders-1.0.zip': await archiveOf(),
        },
      })
      const { status, artifact, importResults } = await uploaded(app, archive)
      assert.equal(status, 'FAILURE')
      assert.match(JSON.stringify(importResults), /CONFLICT.*of another API/)
      assert.equal((await install(app, artifact)).statusCode, 409)
      assert.equal((await got(app, '/apis')).totalResults, 1)
      await app.close()
    })

    describe('an export', () => {
      it('finds a free version, and takes none that there is', async () => {
        const { id } = await made(here, '/collections', { name: 'Twice' })
        const first = await exported(here, [id])
        const again = await exported(here, [id])
        assert.deepEqual([first.package.version, again.package.version], ['1.0', '1.0.1'])
        const { dependencies } = await order(here, [id])
        const payload = { package: { name: 'Twice' }, dependencies }
        const taken = await here.call('POST', '/export/package', { payload })
        assert.equal(taken.statusCode, 409, taken.body)
      })

      it('binds an API to its mock there, whatever that is called here', async () => {
        const app = await openToolsApp(stores)
        const api = await made(app, '/apis', { name: 'plain' })
        const renamed = { payload: { name: 'other_mock', version: '3' } }
        await app.call('PUT', `/implementations/${api.defaultImplementationId}`, renamed)
        const { properties } = (await exported(app, [api.id])).artifact
        assert.deepEqual(properties, { '*.custom/plain(1.0).Routing_BindApiToImpl': '' })
        const { items } = await got(app, '/packages')
        const file = await download(app, `/mobile/tools/1.0/artifacts/${items[0].artifactId}`)
        const { artifact } = await uploaded(here, file)
        const reply = await install(here, artifact)
        assert.equal(reply.statusCode, 200, reply.body)
        const id = reply.json().importResults.records[0].id
        const { defaultImplementationId } = await got(here, `/apis/${id}`)
        assert.equal((await got(here, `/implementations/${defaultImplementationId}`)).mock, true)
        await app.close()
      })

      it('is in the way of nobody who trashes or purges what it is a copy of', async () => {
        const { id } = await made(here, '/collections', { name: 'Brief' })
        const { package: one, downloadLink } = await exported(here, [id])
        const payload = { dependencies: [{ asset: { id } }] }
        const headers = await admin(here)
        for (const path of ['/assets/trashing', '/assets/purging']) {
          const reply = await here.call('POST', path, { payload, headers })
          assert.equal(reply.statusCode, 204, reply.body)
        }
        await download(here, downloadLink)
        assert.equal((await got(here, `/packages/${one.id}`)).assets[0].id, id)
      })

      it('refuses what no package can have', async () => {
        const before = await countAll(here)
        const refusals = [
          [{}, 400],
          [{ package: { name: 'A' }, dependencies: {} }, 400],
          [{ package: { name: '9' }, dependencies: { apis: [{ id: UNKNOWN }] } }, 400],
          [{ package: { name: 'A' }, dependencies: { apis: [{}] } }, 400],
          [{ package: { name: 'A' }, dependencies: { apis: [{ id: UNKNOWN }] } }, 404],
        ] as const
        for (const [payload, status] of refusals) {
          const reply = await here.call('POST', '/export/package', { payload })
          assert.equal(reply.statusCode, status, reply.body)
        }
        assert.deepEqual(await countAll(here), before)
        const { id } = await made(here, '/collections', { name: 'Gone' })
        const { package: packed } = await exported(here, [id])
        const payload = { dependencies: [{ asset: { id } }] }
        await here.call('POST', '/assets/trashing', { payload })
        for (const one of [id, packed.id]) {
          const asked = { payload: { ids: [one] } }
          const reply = await here.call('POST', '/assets/packageDependencies', asked)
          assert.equal(reply.statusCode, 409, reply.body)
        }
        for (const ids of [[UNKNOWN], ['none']]) {
          const asked = { payload: { ids } }
          const reply = await here.call('POST', '/assets/packageDependencies', asked)
          assert.equal(reply.statusCode, 404)
        }
      })
    })
  })
}
