import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { BACKEND_TYPE, INSTANCE } from '../../src/engine/backend.ts'
import { runPurge } from '../../src/tools/purge/purge.ts'
import { createToken } from '../../src/tools/team/tokens.ts'
import { type ReplyProblems, validateReplies } from '../support/validate-replies.ts'
import { NOW, openToolsApp, STORES, type ToolsApp } from './tools-app.ts'

const UNKNOWN = '57165555-aa10-4838-938a-354c2b3a287a'

type Element = {
  readonly asset: { readonly id: string; readonly etag: string; readonly error?: object }
  readonly reverseDependencies: readonly { readonly id: string }[]
}

for (const stores of STORES) {
  describe(`assets on ${stores.name}`, () => {
    let tools: ToolsApp
    let problems: ReplyProblems
    let root = ''
    let names = 0

    before(async () => {
      tools = await openToolsApp(stores)
      problems = validateReplies(tools.app)
      const admin = { role: 'Administrator', name: 'root', ttlMs: null } as const
      root = await createToken(tools.tools, admin)
    })
    after(async () => {
      await tools.close()
      problems.assertNoProblems()
    })

    const call = (
      method: string,
      path: string,
      payload?: object,
      headers: Record<string, string> = {},
    ) => tools.call(method, path, { headers, ...(payload && { payload }) })
    const asRoot = (method: string, path: string, payload?: object) =>
      call(method, path, payload, { authorization: `Bearer ${root}` })
    const create = async (fields: object = {}) => {
      names += 1
      const reply = await call('POST', '/mobilebackends', { name: `Asset${names}`, ...fields })
      return reply.json()
    }
    const read = async (id: string) => (await call('GET', `/mobilebackends/${id}`)).json()
    const publish = (id: string) => call('POST', `/mobilebackends/${id}/publication`, {})
    const mention = (...ids: string[]) => ({ dependencies: ids.map((id) => ({ asset: { id } })) })
    const trash = (...ids: string[]) => call('POST', '/assets/trashing', mention(...ids))
    const untrash = (...ids: string[]) => call('POST', '/assets/untrashing', mention(...ids))
    const policy = (name: string, value: string) =>
      asRoot('PUT', '/policies', { name: `*.*.${name}`, value })

    it('lists assets of any type, without what the low-code tool made', async () => {
      const mine = await create({ title: 'Listed here' })
      await create({ title: 'Listed here', max: true })
      const list = async (query: string) =>
        (await call('GET', `/assets?q=listed%20here&${query}`)).json()
      const { items, totalResults } = await list('')
      assert.equal(totalResults, 1)
      assert.deepEqual([items[0].id, items[0].type], [mine.id, 'MobileBackend'])
      assert.equal(items[0].links.length, 18)
      assert.equal('clientSecret' in items[0], false)
      for (const [query, count] of [
        ['filterType=MAX_INCLUDE', 2],
        ['filterType=MAX_ONLY', 1],
        ['filterType=PUBLISHED', 0],
        ['filterType=NOT_TRASH,MAX_INCLUDE', 2],
        ['assetTypes=MobileBackend', 1],
        ['assetTypes=API,StorageCollection', 0],
        ['assetTypes=API,MobileBackend&apiTypes=custom', 1],
      ] as const) {
        assert.equal((await list(query)).totalResults, count, query)
      }
    })

    for (const query of ['assetTypes=Backend', 'apiTypes=all', 'filterType=ACTIVE', 'limit=0']) {
      it(`refuses a list by ${query}`, async () => {
        assert.equal((await call('GET', `/assets?${query}`)).statusCode, 400)
      })
    }

    it('looks a live asset up by its full name', async () => {
      const { id, name } = await create({ version: '2.1' })
      const find = (fqn: string, type = 'MobileBackend') =>
        call('GET', `/assets/lookup?${new URLSearchParams({ fqn, type })}`)
      const reply = await find(`${name}(2.1)`)
      assert.deepEqual(reply.json(), { id, name, namespace: null, version: '2.1' })
      assert.equal(reply.headers.etag, '"1"')
      assert.equal((await find(`${name}(2.2)`)).statusCode, 404)
      assert.equal((await find('custom/orders(1.0)', 'API')).statusCode, 404)
      for (const [fqn, type] of [
        [name, 'MobileBackend'],
        [`custom/${name}(2.1)`, 'MobileBackend'],
        ['orders(1.0)', 'API'],
        [`${name}(2.1)`, 'Backend'],
      ] as const) {
        assert.equal((await find(fqn, type)).statusCode, 400, fqn)
      }
      await trash(id)
      assert.equal((await find(`${name}(2.1)`)).statusCode, 404)
    })

    it('trashes and restores, and remembers what was published', async () => {
      const made = await create()
      await publish(made.id)
      tools.clock.now = NOW + 60_000
      const body = { ...mention(made.id), actionComment: 'retire' }
      assert.equal((await call('POST', '/assets/trashing', body)).statusCode, 204)
      tools.clock.now = NOW
      const trashed = await read(made.id)
      assert.deepEqual(
        [trashed.inTrash, trashed.published, trashed.etag, trashed.deletedBy],
        [true, true, '3', 'jdoe'],
      )
      assert.equal(trashed.deletedOn, new Date(NOW + 60_000).toISOString())
      assert.equal(trashed.modifiedOn, new Date(NOW).toISOString())
      assert.equal(trashed.actionComment, 'retire')
      const since = new Date(NOW + 60_000).toISOString()
      const query = `filterType=TRASH&fromTime=${since}&id=${made.id}`
      assert.equal((await call('GET', `/mobilebackends?${query}`)).json().count, 1)
      assert.equal((await call('PUT', `/mobilebackends/${made.id}`, { name: 'x' })).statusCode, 409)
      assert.equal((await publish(made.id)).statusCode, 409)

      assert.equal((await untrash(made.id)).statusCode, 204)
      const { inTrash, published, deletedOn, deletedBy, etag } = await read(made.id)
      assert.deepEqual(
        [inTrash, published, deletedOn, deletedBy, etag],
        [false, true, null, null, '4'],
      )
      const { items } = (await call('GET', `/mobilebackends/${made.id}/history?limit=2`)).json()
      assert.deepEqual(
        items.map((one: { action: string }) => one.action),
        ['UNTRASHED', 'TRASHED'],
      )
    })

    it('tells the assets when a format is given, and takes back what a question answers', async () => {
      const made = await create()
      const asked = await call('POST', '/assets/trashDependencies', { ids: [made.id] })
      assert.equal(asked.statusCode, 200)
      const [element] = asked.json() as Element[]
      assert.deepEqual([element?.asset.id, element?.asset.etag], [made.id, '1'])
      assert.equal(element?.asset.error, undefined)
      assert.equal((await read(made.id)).inTrash, false)
      const body = { format: 'short', dependencies: asked.json() }
      const reply = await call('POST', '/assets/trashing', body)
      assert.equal(reply.statusCode, 200)
      assert.deepEqual([reply.json()[0].asset.inTrash, reply.json()[0].asset.etag], [true, '2'])
    })

    it('leaves what is in the trash already as it is', async () => {
      const { id } = await create()
      await trash(id)
      assert.equal((await trash(id)).statusCode, 204)
      assert.equal((await read(id)).etag, '2')
    })

    it('checks the tag of each asset, unless a star says not to', async () => {
      const [one, two] = [await create(), await create()]
      const dependencies = [
        { asset: { id: one.id, etag: '1' } },
        { asset: { id: two.id, etag: '9' } },
      ]
      const send = (headers = {}) => call('POST', '/assets/trashing', { dependencies }, headers)
      assert.equal((await send()).statusCode, 412)
      assert.equal((await send({ 'if-match': '"7"' })).statusCode, 412)
      assert.deepEqual([(await read(one.id)).inTrash, (await read(two.id)).inTrash], [false, false])
      assert.equal((await send({ 'if-match': '*' })).statusCode, 204)
      assert.equal((await read(two.id)).inTrash, true)
    })

    it('changes all or nothing, and says what stands in the way', async () => {
      const [one, live] = [await create(), await create()]
      await trash(one.id)
      const reply = await untrash(one.id, live.id)
      assert.equal(reply.statusCode, 409)
      const problem = reply.json()
      assert.equal(problem['o:errorCode'], 'MOBILE-10114')
      const elements = problem['o:errorDetails'].assets as Element[]
      const errors = elements.map(({ asset }) => [asset.id, asset.error !== undefined])
      assert.deepEqual(Object.fromEntries(errors), { [one.id]: false, [live.id]: true })
      assert.equal((await read(one.id)).inTrash, true)
      const unknown = await trash(live.id, UNKNOWN)
      assert.equal(unknown.statusCode, 404)
      assert.match(unknown.json().detail, new RegExp(UNKNOWN))
      assert.equal((await read(live.id)).inTrash, false)
    })

    it('does not restore onto a name that was taken, nor two onto one', async () => {
      const old = await create()
      await trash(old.id)
      const heir = (await call('POST', '/mobilebackends', { name: old.name })).json()
      const reply = await untrash(old.id)
      assert.equal(reply.statusCode, 409)
      assert.equal(
        reply.json()['o:errorDetails'].assets[0].asset.error['o:errorCode'],
        'MOBILE-10104',
      )
      await trash(heir.id)
      assert.equal((await untrash(old.id, heir.id)).statusCode, 409)
      assert.equal((await untrash(old.id)).statusCode, 204)
    })

    it('lets a reroute stand in the way of the trash, unless forced', async () => {
      const [from, to] = [await create(), await create()]
      await publish(from.id)
      await publish(to.id)
      await call('PUT', `/mobilebackends/${from.id}/target`, { id: to.id })
      const ask = async (format: string) =>
        (await call('POST', `/assets/trashDependencies?format=${format}`, { ids: [to.id] })).json()
      const [short] = (await ask('short')) as Element[]
      assert.ok(short?.asset.error)
      assert.equal(short.reverseDependencies[0]?.id, from.id)
      const [graph] = (await ask('graph')) as Element[]
      assert.equal(graph?.reverseDependencies[0]?.id, from.id)
      const [forced] = (await ask('forced')) as Element[]
      assert.equal(forced?.asset.error, undefined)

      assert.equal((await trash(to.id)).statusCode, 409)
      assert.equal((await read(to.id)).inTrash, false)
      const body = { ...mention(to.id), format: 'forced' }
      assert.equal((await call('POST', '/assets/trashing', body)).statusCode, 200)
      assert.match((await read(from.id)).targetBackendError, /in the trash/)
      assert.equal((await untrash(to.id)).statusCode, 204)
      assert.equal((await trash(to.id, from.id)).statusCode, 204)
    })

    it('heeds the policies, for drafts and published ones', async () => {
      const [draft, published] = [await create(), await create()]
      await publish(published.id)
      assert.equal((await policy('Asset_AllowTrash', 'published')).statusCode, 204)
      assert.equal((await trash(draft.id)).statusCode, 409)
      assert.equal((await trash(published.id)).statusCode, 204)
      const own = { name: `${draft.name}(1.0).*.Asset_AllowTrash`, value: 'ALL' }
      await asRoot('PUT', '/policies', own)
      assert.equal((await trash(draft.id)).statusCode, 204)
      await policy('Asset_AllowTrash', 'All')

      await policy('Asset_AllowUntrash', 'Draft')
      const blocked = await untrash(published.id)
      assert.match(blocked.json().detail, /policy Asset_AllowUntrash is Draft/)
      assert.equal((await untrash(draft.id)).statusCode, 204)
      await policy('Asset_AllowUntrash', 'All')

      await policy('Asset_AllowPurge', 'None')
      const purge = await asRoot('POST', '/assets/purging', mention(published.id))
      assert.equal(purge.statusCode, 409)
      assert.equal((await read(published.id)).inTrash, true)
      await policy('Asset_AllowPurge', 'All')
    })

    it('purges what is in the trash, by order of an administrator', async () => {
      const [gone, live] = [await create(), await create()]
      await trash(gone.id)
      const developer = await call('POST', '/assets/purging', mention(gone.id))
      assert.deepEqual(
        [developer.statusCode, developer.json()['o:errorCode']],
        [403, 'MOBILE-10102'],
      )
      assert.equal((await asRoot('POST', '/assets/purging', mention(live.id))).statusCode, 409)
      const { store } = tools.tools
      const record = {
        ...{ backendId: gone.id, type: 'place', ownerId: null, aclId: null, hidden: null },
        ...{ createdAt: NOW, updatedAt: NOW, data: '{}', keys: {}, claims: [] },
      }
      const operations = Array.from({ length: 30 }, (_, n) => {
        const id = n.toString(16).padStart(24, '0')
        return { op: 'insert', record: { ...record, id } } as const
      })
      await store.write({ operations, actor: 'test', at: NOW })
      assert.equal((await asRoot('POST', '/assets/purging', mention(gone.id))).statusCode, 204)
      for (const path of ['', '/history', '/security/oauth/keys']) {
        assert.equal((await call('GET', `/mobilebackends/${gone.id}${path}`)).statusCode, 404)
      }
      const purges = async () => (await call('GET', '/assets/purging')).json().items
      const mine = async () => (await purges()).find((one: { id: string }) => one.id === gone.id)
      const ordered = await mine()
      assert.deepEqual([ordered.state, ordered.purgedBy], ['RUNNING', 'root'])

      const [job] = (await store.takeJobs(NOW, 10, 1000)).filter(({ id }) => id.includes(gone.id))
      assert.ok(job)
      const deleted: string[] = []
      const files = { deleteAll: async (prefix: string) => void deleted.push(prefix) }
      const payload = JSON.parse(job.payload)
      const { signal } = new AbortController()
      // Cut short at first, as by a stop of the server: it begins again with what is left.
      const stopped = runPurge(tools.tools, files, { payload, signal: AbortSignal.abort() })
      await assert.rejects(stopped)
      assert.equal((await mine()).state, 'RUNNING')
      await runPurge(tools.tools, files, { payload, signal })
      await runPurge(tools.tools, files, { payload, signal })
      assert.deepEqual([...new Set(deleted)], [`${gone.id}/`])
      assert.equal((await store.count({ backendId: gone.id, type: 'place' })).count, 0)
      const { state, recordsLeft } = await mine()
      assert.deepEqual([state, recordsLeft], ['DONE', 0])
      const entries = await store.find({ backendId: INSTANCE, type: 'assetHistory', limit: 1000 })
      assert.equal(
        entries.records.some(({ keys }) => String(keys.asset).includes(gone.id)),
        false,
      )
      assert.equal((await call('POST', '/mobilebackends', { name: gone.name })).statusCode, 201)
      assert.ok(await store.get({ backendId: INSTANCE, type: BACKEND_TYPE, id: live.id }))
    })

    it('either publishes or trashes when both come by one tag', async () => {
      const { id } = await create()
      const replies = await Promise.all([
        call('POST', `/mobilebackends/${id}/publication`, {}, { 'if-match': '"1"' }),
        call('POST', '/assets/trashing', { dependencies: [{ asset: { id, etag: '1' } }] }),
      ])
      const statuses = replies.map((reply) => reply.statusCode)
      assert.equal(statuses.filter((one) => one === 204).length, 1, String(statuses))
      const { published, inTrash, etag } = await read(id)
      assert.equal(etag, '2')
      assert.notEqual(published, inTrash)
    })

    for (const [what, path, payload] of [
      ['a question without ids', 'trashDependencies', {}],
      ['ids that are no list', 'trashDependencies', { ids: 'x' }],
      ['an unknown format', 'trashDependencies?format=all', { ids: [] }],
      ['a command without assets', 'trashing', {}],
      ['an element without an asset', 'trashing', { dependencies: [{}] }],
      ['an asset without an id', 'trashing', { dependencies: [{ asset: {} }] }],
      ['a format of a command', 'trashing', { dependencies: [], format: 'long' }],
    ] as const) {
      it(`refuses ${what}`, async () => {
        assert.equal((await call('POST', `/assets/${path}`, payload)).statusCode, 400)
      })
    }
  })
}
