import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { BACKEND_TYPE, backendOf, DEFAULT_SETTINGS, INSTANCE } from '../../src/engine/backend.ts'
import { ApiError } from '../../src/errors.ts'
import { ensureFirstBackend } from '../../src/tools/backends/first.ts'
import { updateBackendSettings } from '../../src/tools/backends/settings.ts'
import { NOW, openToolsApp, patch, plant, STORES, type ToolsApp } from './tools-app.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const HEX_32 = /^[0-9a-f]{32}$/
const PAGE = '/mobile/tools/1.0/mobilebackends'

/** The links of one backend, in the order of the published example. */
const linksOf = (id: string) =>
  [
    ['canonical', `mobilebackends/${id}`],
    ['purgeDependencies', 'assets/purgeDependencies'],
    ['purging', 'assets/purging'],
    ['trashDependencies', 'assets/trashDependencies'],
    ['trashing', 'assets/trashing'],
    ['untrashDependencies', 'assets/untrashDependencies'],
    ['untrashing', 'assets/untrashing'],
    ['dependencies', `mobilebackends/${id}/dependencies`],
    ['history', `mobilebackends/${id}/history`],
    ['publication', `mobilebackends/${id}/publication`],
    ['reverseDependencies', `mobilebackends/${id}/reverseDependencies`],
    ['notifications', `notifications/mobilebackends/${id}/notifications`],
    ['apis', `mobilebackends/${id}/apis`],
    ['collections', `mobilebackends/${id}/collections`],
    ['basicAuthentication', `mobilebackends/${id}/security/basic`],
    ['basicAuthenticationKeys', `mobilebackends/${id}/security/basic/keys`],
    ['identityProviders', `mobilebackends/${id}/security/identityproviders`],
    ['oauthKeys', `mobilebackends/${id}/security/oauth/keys`],
  ].map(([rel, path]) => ({ rel, href: `/mobile/tools/1.0/${path}` }))

/** A body that is refused, and a word of the reason. */
const REFUSED_BODIES: readonly (readonly [string, object | string, string])[] = [
  ['no name', {}, "'name' is required"],
  ['a name that begins with a digit', { name: '9lives' }, "'name' must be a letter"],
  ['a name with a line break at its end', { name: 'a\n' }, "'name' must be a letter"],
  ['a name of 101 characters', { name: 'a'.repeat(101) }, "'name' must have at most 100"],
  ['a name that is a number', { name: 5 }, "'name' must be text"],
  ['a version that begins with a dot', { name: 'a', version: '.1' }, "'version' must be"],
  ['a version that is a number', { name: 'a', version: 1.1 }, "'version' must be text"],
  [
    'a title of 256 characters',
    { name: 'a', title: 'a'.repeat(256) },
    "'title' must have at most 255",
  ],
  [
    'a desc of 101 characters',
    { name: 'a', desc: 'a'.repeat(101) },
    "'desc' must have at most 100",
  ],
  ['a NUL in the title', { name: 'a', title: 'a\0b' }, "'title' must not contain NUL"],
  ['half a surrogate pair', '{"name":"a","title":"\\ud800"}', "'title' must not contain"],
  ['a switch in words', { name: 'a', oauth: 'true' }, "'oauth' must be true or false"],
  ['the other switch in words', { name: 'a', basic: 1 }, "'basic' must be true or false"],
  ['role access that is a list', { name: 'a', roleAccess: [] }, "'roleAccess' must be an object"],
  ['roles that are no list', { name: 'a', roleAccess: { roles: 'x' } }, "'roles' must be a list"],
  ['a role that is a number', { name: 'a', roleAccess: { roles: [1] } }, "'roles' must be a list"],
  ['a list as the body', [], 'must be a JSON object'],
  ['null as the body', 'null', 'must be a JSON object'],
  ['JSON that is cut off', '{"name":', 'not valid JSON'],
  ['an empty body', '', 'Send a JSON object'],
]

for (const stores of STORES) {
  describe(`backends on ${stores.name}`, () => {
    let tools: ToolsApp

    before(async () => {
      tools = await openToolsApp(stores)
    })
    after(() => tools.close())

    const json = { 'content-type': 'application/json' }
    const create = (payload: object | string) =>
      tools.call('POST', '/mobilebackends', { payload, headers: json })

    it('answers a list as the published example does, member by member', async () => {
      const example = await openToolsApp(stores)
      const made = Date.parse('2017-10-05T01:21:10.158Z')
      for (const name of ['a', 'b', 'c', 'd']) await plant(example, { name, at: made - 1000 })
      const motd = await plant(example, { name: 'motd', desc: 'Message of the Day', at: made })
      const reply = await example.call('GET', '/mobilebackends?limit=1&orderBy=modifiedOn:desc')
      const { items, ...envelope } = reply.json()
      const [item] = items

      const rest = 'limit=1&totalResults=true&orderBy=modifiedOn%3Adesc'
      assert.deepEqual(envelope, {
        count: 1,
        totalResults: 5,
        hasMore: true,
        links: [
          { rel: 'next', href: `${PAGE}?offset=1&${rest}` },
          { rel: 'first', href: `${PAGE}?offset=0&${rest}` },
          { rel: 'last', href: `${PAGE}?offset=4&${rest}` },
          { rel: 'canonical', href: PAGE },
          { rel: 'self', href: `${PAGE}?limit=1&orderBy=modifiedOn%3Adesc` },
        ],
        limit: 1,
        offset: 0,
      })
      assert.deepEqual(Object.keys(reply.json()).slice(0, 5), [
        'count',
        'totalResults',
        'hasMore',
        'links',
        'items',
      ])

      const { id, clientId, clientSecret, basicAuthBackendId } = item
      for (const one of [id, clientSecret, basicAuthBackendId]) assert.match(one, UUID)
      assert.match(clientId, HEX_32)
      assert.match(item.identityProviders[0].id, HEX_32)
      // `createdBy` is in the schema and not in the example; it is said when it is known.
      const { createdBy, ...shown } = item
      assert.equal(createdBy, 'jdoe')
      const expected = {
        id: motd.id,
        name: 'motd',
        version: '1.0',
        desc: 'Message of the Day',
        links: linksOf(motd.id),
        published: false,
        inTrash: false,
        actionComment: null,
        etag: '1',
        createdOn: '2017-10-05T01:21:10.158Z',
        modifiedOn: '2017-10-05T01:21:10.158Z',
        modifiedBy: 'jdoe',
        deletedOn: null,
        deletedBy: null,
        clientId,
        clientSecret,
        basicAuthBackendId,
        oauth: true,
        basicAuth: true,
        identityProviders: [
          { id: item.identityProviders[0].id, name: 'facebook', enabled: false, credential: null },
        ],
        inactive: false,
        roleAccess: { enabled: false, roles: [] },
      }
      // As text, so that the order of the members is that of the example too.
      assert.equal(JSON.stringify(shown), JSON.stringify(expected))
      await example.close()
    })

    it('makes a backend with all that is said of it', async () => {
      const reply = await create({
        name: 'FieldService',
        version: '1.1',
        title: 'Field service',
        desc: "Technicians' app",
        actionComment: 'first try',
        max: true,
        oauth: false,
        basic: false,
        roleAccess: { enabled: true, roles: ['Technician', 'Technician'] },
        analyticsAppTimeZone: 'UTC',
        colour: 'red',
      })
      const backend = reply.json()
      assert.equal(reply.statusCode, 201)
      assert.equal(reply.headers['content-type'], 'application/json')
      assert.equal(reply.headers.etag, '"1"')
      assert.equal(reply.headers.location, `${PAGE}/${backend.id}`)
      assert.equal(backend.createdOn, new Date(NOW).toISOString())
      const { name, version, title, desc, max, actionComment, oauth, basicAuth } = backend
      assert.deepEqual(
        { name, version, title, desc, max, actionComment, oauth, basicAuth },
        {
          name: 'FieldService',
          version: '1.1',
          title: 'Field service',
          desc: "Technicians' app",
          max: true,
          actionComment: 'first try',
          oauth: false,
          basicAuth: false,
        },
      )
      assert.deepEqual(backend.roleAccess, { enabled: true, roles: ['Technician'] })
      assert.deepEqual(
        [backend.analyticsAppGuid, backend.targetBackend, backend.targetBackendError],
        [null, null, null],
      )
      assert.match(backend.clientId, HEX_32)
      assert.match(backend.clientSecret, UUID)
      assert.equal('colour' in backend || 'basic' in backend, false)
    })

    it('reads one backend with its entity tag, as it was answered when made', async () => {
      const made = (await create({ name: 'Single' })).json()
      const reply = await tools.call('GET', `/mobilebackends/${made.id}`)
      assert.equal(reply.statusCode, 200)
      assert.equal(reply.headers.etag, '"1"')
      assert.deepEqual(reply.json(), made)
      assert.deepEqual(reply.json().links, linksOf(made.id))
    })

    it('raises the entity tag with a change', async () => {
      const { id } = (await create({ name: 'Tagged' })).json()
      await patch(tools.tools.store, id, { desc: 'changed' })
      const reply = await tools.call('GET', `/mobilebackends/${id}`)
      assert.equal(reply.headers.etag, '"2"')
      assert.equal(reply.json().etag, '2')
    })

    it('takes basicAuth for basic, and lets basic win', async () => {
      assert.equal((await create({ name: 'B1', basicAuth: false })).json().basicAuth, false)
      const both = await create({ name: 'B2', basic: true, basicAuth: false })
      assert.equal(both.json().basicAuth, true)
    })

    it('takes null for what may be left out', async () => {
      const reply = await create({
        name: 'Nulls',
        version: null,
        title: null,
        oauth: null,
        roleAccess: null,
      })
      const { version, oauth } = reply.json()
      assert.deepEqual([reply.statusCode, version, oauth], [201, '1.0', true])
    })

    it('takes titles of 255 characters outside the basic plane', async () => {
      assert.equal((await create({ name: 'Wide', title: '🚢'.repeat(255) })).statusCode, 201)
    })

    for (const [why, payload, reason] of REFUSED_BODIES) {
      it(`refuses ${why}`, async () => {
        const reply = await create(payload)
        assert.equal(reply.statusCode, 400)
        assert.ok(reply.json().detail.includes(reason), reply.json().detail)
      })
    }

    it('refuses a body that is no JSON by its media type', async () => {
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/xml']) {
        const headers = { 'content-type': type }
        const reply = await tools.call('POST', '/mobilebackends', { payload: 'name=a', headers })
        assert.equal(reply.statusCode, 415)
        assert.equal(reply.json()['o:errorCode'], 'MOBILE-10018')
      }
    })

    it('refuses a POST without any body', async () => {
      assert.equal((await tools.call('POST', '/mobilebackends')).statusCode, 400)
    })

    it('refuses a body of more than a megabyte', async () => {
      const reply = await create({ name: 'a', title: 'a'.repeat(1024 * 1024) })
      assert.equal(reply.statusCode, 413)
    })

    it('refuses a name and version that a live backend has', async () => {
      assert.equal((await create({ name: 'Twice' })).statusCode, 201)
      const reply = await create({ name: 'Twice', version: '1.0' })
      assert.equal(reply.statusCode, 409)
      assert.equal(reply.json()['o:errorCode'], 'MOBILE-10104')
      assert.equal((await create({ name: 'Twice', version: '1.1' })).statusCode, 201)
      assert.equal((await create({ name: 'twice' })).statusCode, 201)
    })

    it('lets one of many with the same name through', async () => {
      const replies = await Promise.all(Array.from({ length: 10 }, () => create({ name: 'Race' })))
      const made = replies.filter((reply) => reply.statusCode === 201)
      const refused = replies.filter((reply) => reply.statusCode === 409)
      assert.deepEqual([made.length, refused.length], [1, 9])
    })

    it('lets a name be used again whose holder gave it up in the trash', async () => {
      const { id } = (await create({ name: 'Reborn' })).json()
      const { store } = tools.tools
      const record = await store.get({ backendId: INSTANCE, type: BACKEND_TYPE, id })
      assert.ok(record)
      const data = JSON.stringify({ ...JSON.parse(record.data), inTrash: true })
      const claims = record.claims.filter((claim) => claim.scope !== `${BACKEND_TYPE}.name`)
      const operations = [
        { op: 'replace', record: { ...record, data, claims }, ifVersion: record.version } as const,
      ]
      await store.write({ operations, actor: 'test', at: NOW })
      assert.equal((await create({ name: 'Reborn' })).statusCode, 201)
    })

    for (const id of ['57165555-aa10-4838-938a-354c2b3a287a', 'x', '%00', 'a'.repeat(90)]) {
      it(`finds no backend under ${id.slice(0, 40)}`, async () => {
        const reply = await tools.call('GET', `/mobilebackends/${id}`)
        assert.equal(reply.statusCode, 404)
        assert.equal(reply.json()['o:errorCode'], 'MOBILE-10103')
      })
    }

    it('answers every failure in one form', async () => {
      const reply = await tools.call('GET', '/mobilebackends/x?y=1')
      const { 'o:ecid': requestId, ...problem } = reply.json()
      assert.ok(requestId)
      assert.equal(reply.headers['content-type'], 'application/json')
      assert.deepEqual(problem, {
        type: 'http://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html#sec10.4.5',
        status: 404,
        title: 'Not Found',
        detail: 'There is no backend with this id.',
        'o:errorCode': 'MOBILE-10103',
        'o:errorPath': '/mobile/tools/1.0/mobilebackends/x',
      })
    })

    it('finds nothing at other addresses, in the same form', async () => {
      const reply = await tools.call('GET', '/nothing/here')
      assert.deepEqual([reply.statusCode, reply.json()['o:errorCode']], [404, 'MOBILE-10013'])
    })

    it('refuses verbs that one backend does not take', async () => {
      const reply = await tools.call('DELETE', '/mobilebackends/x')
      assert.equal(reply.statusCode, 405)
    })

    it('is what the data API reads', async () => {
      const made = (await create({ name: 'Shared', title: 'Shared by both' })).json()
      const address = { backendId: INSTANCE, type: BACKEND_TYPE, id: made.id }
      const record = await tools.tools.store.get(address)
      assert.ok(record)
      const { clientSecret, anonymousKey, ...backend } = backendOf(record)
      assert.equal(clientSecret?.reveal(), made.clientSecret)
      assert.match(atob(anonymousKey?.reveal() ?? ''), /^anonymous:./)
      assert.deepEqual(backend, {
        id: made.id,
        name: 'Shared',
        version: '1.0',
        title: 'Shared by both',
        published: false,
        inTrash: false,
        inactive: false,
        oauth: true,
        basicAuth: true,
        clientId: made.clientId,
        basicAuthBackendId: made.basicAuthBackendId,
        roleAccess: { enabled: false, roles: [] },
        identityProviders: [],
        targetBackendId: null,
        analyticsAppGuid: null,
        apiIds: [],
        collectionIds: [],
        appPolicies: {},
        settings: DEFAULT_SETTINGS,
      })
    })

    it('changes settings one by one, and refuses what makes no sense', async () => {
      const { id } = (await create({ name: 'Settings' })).json()
      const change = (changes: Record<string, unknown>) =>
        updateBackendSettings(tools.tools, id, { changes, actor: 'jdoe' })
      await change({ perPageMax: 50 })
      const settings = await change({ newUserVerification: true })
      assert.deepEqual(settings, {
        ...DEFAULT_SETTINGS,
        perPageMax: 50,
        newUserVerification: true,
      })
      await assert.rejects(change({ perPageMax: 0, colour: 'red', deleteByGet: 1 }), (error) => {
        assert.ok(error instanceof ApiError)
        return ["'perPageMax'", "'colour'", "'deleteByGet'"].every((one) =>
          error.message.includes(one),
        )
      })
      await Promise.all([change({ sessionIdleDays: 1 }), change({ mbsRelease: '1.0' })])
      const after = await change({})
      assert.deepEqual([after.sessionIdleDays, after.mbsRelease, after.perPageMax], [1, '1.0', 50])
    })

    it('makes a first backend where there is none, once', async () => {
      const empty = await openToolsApp(stores)
      const first = await ensureFirstBackend(empty.tools)
      assert.match(first?.clientId ?? '', HEX_32)
      const key = Buffer.from(first?.anonymousKey?.reveal() ?? '', 'base64').toString()
      assert.match(key, /^[^:]+:.+$/)
      assert.equal(await ensureFirstBackend(empty.tools), null)
      await empty.close()
    })
  })
}
