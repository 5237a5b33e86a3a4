import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { KINDS } from '../../src/tools/kinds.ts'
import { type ReplyProblems, validateReplies } from '../support/validate-replies.ts'
import { openToolsApp, STORES, type ToolsApp } from './tools-app.ts'

const UNKNOWN = '57165555-aa10-4838-938a-354c2b3a287a'

type Case = {
  readonly needed: object
  readonly absent: object
  readonly change: object
  readonly refused: readonly (readonly [what: string, members: object])[]
}

/** What each type needs besides a name, what changes it, and what is refused. */
const CASES: Readonly<Record<string, Case>> = {
  collections: {
    needed: {},
    absent: { userIsolated: false, syncControl: false },
    change: { syncControl: true },
    refused: [
      ['a switch that is text', { userIsolated: 'yes' }],
      ['a switch that is a number', { syncControl: 1 }],
    ],
  },
  connectors: {
    needed: {},
    absent: { connectorType: null, remoteUrl: null, properties: {} },
    change: { connectorType: 'REST', remoteUrl: 'https://example.com/x', properties: { a: [1] } },
    refused: [
      ['a type in small letters', { connectorType: 'rest' }],
      ['an address of another scheme', { remoteUrl: 'file:///etc/passwd' }],
      ['an address with a password', { remoteUrl: 'https://a:b@example.com/' }],
      ['properties that are a list', { properties: [] }],
    ],
  },
  clients: {
    needed: { appId: 'com.example.app' },
    absent: { platform: 'WEB', appId: 'com.example.app', backendId: null },
    change: { platform: 'IOS', appId: 'com.example.other' },
    refused: [
      ['no application id', { appId: null }],
      ['a platform nobody knows', { platform: 'SYMBIAN' }],
      ['an application id with a blank', { appId: 'a b' }],
      ['a backend id that is none', { backendId: 'first' }],
    ],
  },
}

for (const stores of STORES) {
  describe(`plain types of assets on ${stores.name}`, () => {
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
      return `Kind${names}`
    }
    const trash = (...ids: string[]) =>
      call('POST', '/assets/trashing', { dependencies: ids.map((id) => ({ asset: { id } })) })

    for (const kind of KINDS) {
      const cases = CASES[kind.group]
      assert.ok(cases, `no cases for ${kind.group}`)
      const { needed, absent, change, refused } = cases
      const url = `/${kind.group}`
      const create = async (members: object = {}) => {
        const reply = await call('POST', url, { name: newName(), ...needed, ...members })
        assert.equal(reply.statusCode, 201, reply.body)
        return reply.json()
      }

      describe(kind.group, () => {
        it('makes a draft, and shows it', async () => {
          const reply = await call('POST', url, { name: newName(), desc: 'd', ...needed })
          const made = reply.json()
          assert.equal(reply.headers.etag, '"1"')
          assert.equal(reply.headers.location, `/mobile/tools/1.0${url}/${made.id}`)
          assert.deepEqual(
            [made.version, made.published, made.inTrash, made.desc, made.createdBy],
            ['1.0', false, false, 'd', 'jdoe'],
          )
          for (const [name, value] of Object.entries(absent)) assert.deepEqual(made[name], value)
          const shown = await call('GET', `${url}/${made.id}`)
          assert.deepEqual(shown.json(), made)
          assert.equal(shown.headers.etag, '"1"')
        })

        it('refuses a second live one of the same name and version', async () => {
          const { name } = await create()
          const again = { name, ...needed }
          assert.equal((await call('POST', url, again)).statusCode, 409)
          assert.equal((await call('POST', url, { ...again, version: '2.0' })).statusCode, 201)
        })

        for (const [what, members] of refused) {
          it(`refuses ${what}, and makes nothing`, async () => {
            const name = newName()
            const made = await call('POST', url, { name, ...needed, ...members })
            assert.equal(made.statusCode, 400, made.body)
            const { totalResults } = (await call('GET', `${url}?q=${name}`)).json()
            assert.equal(totalResults, 0)
          })
        }

        it('changes a draft with its tag, and only then', async () => {
          const { id, name } = await create()
          const changes = { name, title: 'Other', ...change }
          const stale = await call('PUT', `${url}/${id}`, changes, { 'if-match': '"9"' })
          assert.equal(stale.statusCode, 412)
          assert.equal((await call('GET', `${url}/${id}`)).json().title, undefined)
          const done = await call('PUT', `${url}/${id}`, changes, { 'if-match': '"1"' })
          assert.deepEqual([done.statusCode, done.headers.etag], [204, '"2"'])
          const after = (await call('GET', `${url}/${id}`)).json()
          for (const [member, value] of Object.entries(changes)) {
            assert.deepEqual(after[member], value, member)
          }
        })

        it('leaves what is not named', async () => {
          const { id, name } = await create(change)
          await call('PUT', `${url}/${id}`, { name })
          const after = (await call('GET', `${url}/${id}`)).json()
          for (const [member, value] of Object.entries(change)) {
            assert.deepEqual(after[member], value, member)
          }
        })

        it('lists by text, trash and publication, in order', async () => {
          const mark = newName()
          const one = await create({ title: mark })
          tools.clock.now += 1000
          const two = await create({ title: mark })
          await trash(two.id)
          const list = async (query: string) =>
            (await call('GET', `${url}?q=${mark}&${query}`)).json().items.map(idOf)
          assert.deepEqual(await list('orderBy=createdOn'), [one.id, two.id])
          assert.deepEqual(await list('filterType=TRASH'), [two.id])
          assert.deepEqual(await list('filterType=NOT_TRASH,NOT_PUBLISHED'), [one.id])
          assert.deepEqual(await list('filterType=PUBLISHED'), [])
          assert.equal((await call('GET', `${url}?filterType=ACTIVE`)).statusCode, 400)
        })

        it('is published for good, and copied to a draft', async () => {
          const { id, name } = await create(change)
          const published = await call('POST', `${url}/${id}/publication`, { actionComment: 'go' })
          assert.equal(published.statusCode, 204)
          assert.equal((await call('PUT', `${url}/${id}`, { name, desc: 'x' })).statusCode, 409)
          assert.equal((await call('POST', `${url}/${id}/publication`, {})).statusCode, 409)
          const copy = await call('POST', `${url}/${id}/versions`, { version: '1.1' })
          assert.equal(copy.statusCode, 201)
          const made = copy.json()
          assert.deepEqual(
            [made.name, made.version, made.published, made.etag, made.id === id],
            [name, '1.1', false, '1', false],
          )
          for (const [member, value] of Object.entries(change)) {
            assert.deepEqual(made[member], value, member)
          }
          const actions = (await call('GET', `${url}/${id}/history`)).json().items
          assert.deepEqual(
            actions.map(({ action }: { action: string }) => action),
            ['PUBLISHED', 'CREATED'],
          )
        })

        it('is found by its full name, and by no other', async () => {
          const { id, name } = await create()
          const namespace = kind.name === 'Connector' ? 'connector/' : ''
          const find = (fqn: string) =>
            call('GET', `/assets/lookup?${new URLSearchParams({ fqn, type: kind.name })}`)
          assert.equal((await find(`${namespace}${name}(1.0)`)).json().id, id)
          assert.equal((await find(`${namespace}${name}(1.1)`)).statusCode, 404)
        })

        it('goes to the trash and comes back, unless its name was taken', async () => {
          const { id, name } = await create()
          await trash(id)
          const other = await call('POST', url, { name, ...needed })
          assert.equal(other.statusCode, 201)
          const untrash = () =>
            call('POST', '/assets/untrashing', { dependencies: [{ asset: { id } }] })
          assert.equal((await untrash()).statusCode, 409)
          await trash(other.json().id)
          assert.equal((await untrash()).statusCode, 204)
          assert.equal((await call('GET', `${url}/${id}`)).json().inTrash, false)
        })

        it('answers every link', async () => {
          const { links } = await create()
          for (const { rel, href } of links as { rel: string; href: string }[]) {
            const path = href.replace('/mobile/tools/1.0', '')
            const isBatch = path.startsWith('/assets/')
            const body = path.endsWith('ies') ? { ids: [] } : { dependencies: [] }
            const reply = isBatch ? await call('POST', path, body) : await call('GET', path)
            // An empty batch is refused as such; the address is there.
            assert.ok(reply.statusCode !== 404 && reply.statusCode < 500, `${rel}: ${reply.body}`)
          }
        })

        for (const [method, path] of [
          ['GET', ''],
          ['PUT', ''],
          ['POST', '/versions'],
          ['GET', '/history'],
          ['GET', '/dependencies'],
          ['GET', '/reverseDependencies'],
          ['POST', '/publication'],
        ] as const) {
          it(`knows no other id: ${method} ${path}`, async () => {
            const body = { name: 'x', version: '2.0', ...needed }
            const payload = method === 'GET' ? undefined : body
            const reply = await call(method, `${url}/${UNKNOWN}${path}`, payload)
            assert.equal(reply.statusCode, 404)
            // An asset of another type is as unknown.
            const backend = (await call('POST', '/mobilebackends', { name: newName() })).json()
            const other = await call(method, `${url}/${backend.id}${path}`, payload)
            assert.equal(other.statusCode, 404)
          })
        }
      })
    }

    it('keeps a collection as it was isolated', async () => {
      const made = await call('POST', '/collections', { name: newName(), userIsolated: true })
      const { id, name } = made.json()
      const body = { name, userIsolated: false }
      assert.equal((await call('PUT', `/collections/${id}`, body)).statusCode, 400)
      assert.equal((await call('GET', `/collections/${id}`)).json().userIsolated, true)
    })

    it('ties a client to a live backend, which is kept from the trash by it', async () => {
      const backend = (await call('POST', '/mobilebackends', { name: newName() })).json()
      const client = { name: newName(), appId: 'a', backendId: backend.id.toUpperCase() }
      const { id } = (await call('POST', '/clients', client)).json()
      const above = await call('GET', `/mobilebackends/${backend.id}/reverseDependencies`)
      assert.deepEqual(above.json().clients.map(idOf), [id])
      assert.equal((await trash(backend.id)).statusCode, 409)
      const forced = { format: 'forced', dependencies: [{ asset: { id: backend.id } }] }
      assert.equal((await call('POST', '/assets/trashing', forced)).statusCode, 200)
      const gone = await call('POST', '/clients', { ...client, name: newName() })
      assert.equal(gone.statusCode, 409)
      const unknown = await call('POST', '/clients', { ...client, backendId: UNKNOWN })
      assert.equal(unknown.statusCode, 404)
    })

    describe('a collection and a backend', () => {
      const pair = async () => {
        const backend = (await call('POST', '/mobilebackends', { name: newName() })).json()
        const collection = (await call('POST', '/collections', { name: newName() })).json()
        const at = `/mobilebackends/${backend.id}/collections/${collection.id}`
        return { backend, collection, at }
      }

      it('are tied and taken apart, and both count it', async () => {
        const { backend, collection, at } = await pair()
        const tied = await call('PUT', at)
        assert.deepEqual([tied.statusCode, tied.headers.etag], [204, '"2,2"'])
        const again = await call('PUT', at)
        assert.deepEqual([again.statusCode, again.headers.etag], [204, '"2,2"'])
        const list = await call('GET', `/mobilebackends/${backend.id}/collections`)
        assert.deepEqual(list.json().items.map(idOf), [collection.id])
        const needs = await call('GET', `/mobilebackends/${backend.id}/dependencies`)
        assert.deepEqual(needs.json().collections.map(idOf), [collection.id])
        const users = await call('GET', `/collections/${collection.id}/reverseDependencies`)
        assert.deepEqual(users.json().mobilebackends.map(idOf), [backend.id])
        const apart = await call('DELETE', at)
        assert.deepEqual([apart.statusCode, apart.headers.etag], [204, '"3,3"'])
        assert.equal((await call('DELETE', at)).statusCode, 404)
        const history = (await call('GET', `/mobilebackends/${backend.id}/history`)).json().items
        assert.deepEqual(
          history.map(({ action }: { action: string }) => action),
          ['COLLECTION_REMOVED', 'COLLECTION_ADDED', 'CREATED'],
        )
      })

      it('are tied by the tag of both, or of the backend, and by no other', async () => {
        const { at } = await pair()
        assert.equal((await call('PUT', at, undefined, { 'if-match': '"1,2"' })).statusCode, 412)
        assert.equal((await call('PUT', at, undefined, { 'if-match': '"1,1"' })).statusCode, 204)
        assert.equal((await call('DELETE', at, undefined, { 'if-match': '"1"' })).statusCode, 412)
        assert.equal((await call('DELETE', at, undefined, { 'if-match': '"2"' })).statusCode, 204)
      })

      it('are not tied when either is not there, or the other is in the trash', async () => {
        const { backend, collection, at } = await pair()
        const unknown = `/mobilebackends/${backend.id}/collections/${UNKNOWN}`
        assert.equal((await call('PUT', unknown)).statusCode, 404)
        const nobody = `/mobilebackends/${UNKNOWN}/collections/${collection.id}`
        assert.equal((await call('PUT', nobody)).statusCode, 404)
        await trash(collection.id)
        assert.equal((await call('PUT', at)).statusCode, 409)
      })

      it('has one version of a name at most', async () => {
        const { backend, collection, at } = await pair()
        await call('PUT', at)
        const copy = await call('POST', `/collections/${collection.id}/versions`, { version: '2' })
        const second = `/mobilebackends/${backend.id}/collections/${copy.json().id}`
        assert.equal((await call('PUT', second)).statusCode, 409)
      })

      it('publishes both or neither, and then keeps them tied', async () => {
        const { backend, collection, at } = await pair()
        await call('PUT', at)
        const publication = `/mobilebackends/${backend.id}/publication`
        const alone = await call('POST', publication, {})
        assert.equal(alone.statusCode, 409)
        assert.deepEqual(alone.json()['o:errorDetails'].assets.map(idOf), [collection.id])
        const state = async (path: string) => (await call('GET', path)).json().published
        assert.equal(await state(`/collections/${collection.id}`), false)
        const both = { dependencies: [{ id: collection.id, etag: '2' }] }
        assert.equal((await call('POST', publication, both)).statusCode, 204)
        assert.equal(await state(`/collections/${collection.id}`), true)
        assert.equal(await state(`/mobilebackends/${backend.id}`), true)
        assert.equal((await call('DELETE', at)).statusCode, 409)
      })

      it('go to the trash together, or the backend first', async () => {
        const { backend, collection, at } = await pair()
        await call('PUT', at)
        const blocked = await trash(collection.id)
        assert.equal(blocked.statusCode, 409)
        assert.match(blocked.json().detail, new RegExp(backend.name))
        assert.equal((await trash(backend.id, collection.id)).statusCode, 204)
        const restore = (id: string) =>
          call('POST', '/assets/untrashing', { dependencies: [{ asset: { id } }] })
        assert.equal((await restore(backend.id)).statusCode, 409)
        assert.equal((await restore(collection.id)).statusCode, 204)
        assert.equal((await restore(backend.id)).statusCode, 204)
      })

      it('lets many clients tie at once, and loses none', async () => {
        const { backend } = await pair()
        const made = await Promise.all(
          Array.from({ length: 10 }, () => call('POST', '/collections', { name: newName() })),
        )
        const ids = made.map((reply) => reply.json().id as string)
        const tied = await Promise.all(
          ids.map((id) => call('PUT', `/mobilebackends/${backend.id}/collections/${id}`)),
        )
        assert.deepEqual(new Set(tied.map(({ statusCode }) => statusCode)), new Set([204]))
        const list = (await call('GET', `/mobilebackends/${backend.id}/collections`)).json()
        assert.deepEqual(new Set(list.items.map(idOf)), new Set(ids))
      })
    })
  })
}

function idOf({ id }: { readonly id: string }): string {
  return id
}
