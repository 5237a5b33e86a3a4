import assert from 'node:assert/strict'
import { before, beforeEach, describe, it } from 'node:test'
import { codeOf, type DoorKeys, PlatformApp } from '../support/platform-app.ts'
import { TestCollection } from '../support/platform-storage.ts'
import { onEachDatabase, type TestUser } from '../support/test-app.ts'

const DENIED = 'MOBILE-10206'
const USER_REQUIRED = 'MOBILE-10203'

/** Each user has the role of the same name. */
const ROLES = ['none', 'reader', 'writer', 'readerAll', 'writerAll', 'mixed'] as const
type Role = (typeof ROLES)[number]

const PERMISSIONS = [
  { role: 'reader', access: 'READ' },
  { role: 'writer', access: 'READ_WRITE' },
  { role: 'readerAll', access: 'READ_ALL' },
  { role: 'writerAll', access: 'READ_WRITE_ALL' },
  { role: 'mixed', access: 'READ_WRITE' },
  { role: 'mixed', access: 'READ_ALL' },
]

onEachDatabase('permissions of a collection', (app) => {
  let platform: PlatformApp
  let backend: DoorKeys
  const users: Partial<Record<Role, TestUser>> = {}
  const idOf = (role: Role) => users[role]?.id ?? ''
  before(async () => {
    platform = await PlatformApp.open(app())
    backend = await platform.backend()
    const admin = await app().admin('root', backend)
    await app().set({ rolesAdminOnly: true }, backend)
    for (const role of ROLES) {
      const user = await app().user(role, backend)
      users[role] = user
      await app().call('PUT', 'users/update', { role, su_id: user.id }, admin, backend)
    }
  })
  const make = (name: string, fields: object = {}) =>
    TestCollection.make(platform, backend, { name, permissions: PERMISSIONS, ...fields })

  describe('that is shared', () => {
    let shared: TestCollection
    before(async () => {
      shared = await make('Shared')
    })
    beforeEach(async () => {
      assert.ok((await shared.put('/objects/one', 'writer', '1')).statusCode < 300)
    })

    for (const [as, reads, writes] of [
      ['none', 403, 403],
      ['reader', 200, 403],
      ['writer', 200, 200],
      ['readerAll', 200, 403],
      ['writerAll', 200, 200],
      ['mixed', 200, 200],
      [null, 403, 403],
    ] as const) {
      const who = as ?? 'nobody in particular'

      it(`answer ${reads} to ${who} who reads`, async () => {
        for (const at of ['', '/objects', '/objects/one']) {
          assert.equal((await shared.get(at, as)).statusCode, reads, at)
        }
      })

      it(`answer ${writes} to ${who} who writes`, async () => {
        const state = async () => (await shared.get('/objects?totalResults=true', 'reader')).json()
        const before = await state()
        const sent = { as, payload: 'x', headers: { 'content-type': 'text/plain' } }
        const replies = [
          await shared.put('/objects/one', as, '2'),
          await shared.call('POST', '/objects', sent),
          await shared.call('DELETE', '/objects/one', { as }),
        ]
        const statuses = replies.map(({ statusCode }) => statusCode)
        if (writes === 200) return assert.deepEqual(statuses, [200, 201, 204])
        assert.deepEqual(statuses, [403, 403, 403])
        assert.deepEqual(await state(), before)
        const code = as === null ? USER_REQUIRED : DENIED
        assert.ok(replies.every((reply) => codeOf(reply)[1] === code))
      })
    }

    it('show it in the list to those who may read', async () => {
      const listed = async (as: Role | null) => {
        const reply = await platform.call(backend, 'GET', '/storage/collections', { as })
        return reply.json().items.some(({ id }: { id: string }) => id === shared.name)
      }
      assert.equal(await listed('reader'), true)
      assert.equal(await listed('none'), false)
      assert.equal(await listed(null), false)
    })
  })

  describe('that is isolated', () => {
    let isolated: TestCollection
    before(async () => {
      isolated = await make('Isolated', { userIsolated: true })
      for (const as of ['writer', 'writerAll', 'mixed'] as const) {
        assert.equal((await isolated.put('/objects/one', as, as)).statusCode, 201)
      }
    })
    const of = (role: Role) => `?user=${idOf(role)}`

    it('give each user a part of their own, under the same ids', async () => {
      for (const as of ['writer', 'writerAll', 'mixed'] as const) {
        const reply = await isolated.get('/objects/one', as)
        assert.deepEqual([reply.body, reply.headers.etag], [as, '"1"'])
        assert.deepEqual(await isolated.ids('', as), ['one'])
      }
      assert.equal((await isolated.get('/objects/one', 'reader')).statusCode, 404)
      assert.deepEqual(await isolated.ids('', 'reader'), [])
    })

    it('take one by the id of the user, also oneself, and link back to it', async () => {
      const own = await isolated.get(`/objects/one${of('writer')}`, 'writer')
      assert.equal(own.body, 'writer')
      for (const as of ['readerAll', 'writerAll', 'mixed'] as const) {
        const reply = await isolated.get(`/objects/one${of('writer')}`, as)
        assert.equal(reply.body, 'writer')
        const { items } = (await isolated.get(`/objects${of('writer')}`, as)).json()
        assert.equal(items.length, 1)
        const at = `/mobile/platform/storage/collections/${isolated.name}/objects/one`
        assert.equal(items[0].links[0].href, `${at}?user=${idOf('writer')}`)
      }
    })

    it('list everyone to those who may read all', async () => {
      for (const as of ['readerAll', 'writerAll', 'mixed'] as const) {
        assert.deepEqual(await isolated.ids('?user=*', as), ['one', 'one', 'one'])
      }
    })

    for (const [what, as, verb, path, status] of [
      ['an object of another', 'writer', 'GET', (id: string) => `/objects/one?user=${id}`, 403],
      ['the list of another', 'writer', 'GET', (id: string) => `/objects?user=${id}`, 403],
      ['the list of everyone', 'writer', 'GET', () => '/objects?user=*', 403],
      ['writing for another', 'writer', 'PUT', (id: string) => `/objects/n?user=${id}`, 403],
      ['deleting of another', 'mixed', 'DELETE', (id: string) => `/objects/one?user=${id}`, 403],
      ['writing while they only read', 'readerAll', 'PUT', () => '/objects/n', 403],
      [
        'writing as one who only reads all',
        'mixed',
        'PUT',
        (id: string) => `/objects/n?user=${id}`,
        403,
      ],
      ['one object of everyone', 'writerAll', 'GET', () => '/objects/one?user=*', 400],
      ['writing for everyone', 'writerAll', 'PUT', () => '/objects/n?user=*', 400],
      ['a user by name', 'writerAll', 'GET', () => '/objects?user=writer', 400],
      ['two users at once', 'writerAll', 'GET', (id: string) => `/objects?user=${id}&user=*`, 400],
      ['anything to nobody', null, 'GET', () => '/objects', 403],
    ] as const) {
      it(`refuse ${what}`, async () => {
        const headers = { 'content-type': 'text/plain' }
        const payload = verb === 'PUT' ? { payload: 'x', headers } : {}
        const at = path(idOf('writerAll'))
        const reply = await isolated.call(verb, at, { as, ...payload })
        assert.equal(reply.statusCode, status, reply.body)
        assert.deepEqual(await isolated.ids('?user=*', 'writerAll'), ['one', 'one', 'one'])
        assert.equal((await isolated.get('/objects/one', 'writerAll')).body, 'writerAll')
      })
    }

    it('let those write everywhere who may', async () => {
      const at = `/objects/given${of('reader')}`
      const made = await isolated.put(at, 'writerAll', 'gift')
      assert.equal(made.statusCode, 201)
      assert.match(String(made.headers.location), new RegExp(`user=${idOf('reader')}$`))
      const read = await isolated.get('/objects/given', 'reader')
      assert.equal(read.body, 'gift')
      assert.equal(read.headers['oracle-mobile-created-by'], 'writerAll')
      const gone = await isolated.call('DELETE', at, { as: 'writerAll' })
      assert.equal(gone.statusCode, 204)
      assert.equal((await isolated.get('/objects/given', 'reader')).statusCode, 404)
    })
  })

  it('are reading and writing for every user where none is set', async () => {
    const free = await make('Free', { permissions: [] })
    assert.equal((await free.put('/objects/one', 'none', 'x')).statusCode, 201)
    assert.equal((await free.get('/objects/one', 'reader')).statusCode, 200)
    assert.deepEqual(codeOf(await free.get('/objects/one', null)), [403, USER_REQUIRED])
    const reach = await make('FreeOwn', { permissions: [], userIsolated: true })
    const other = `/objects?user=${idOf('reader')}`
    assert.deepEqual(codeOf(await reach.get(other, 'none')), [403, DENIED])
  })

  it('for the role * are for every user', async () => {
    const permissions = [{ role: '*', access: 'READ' }]
    const open = await make('Open', { permissions })
    assert.equal((await open.get('/objects', 'none')).statusCode, 200)
    assert.equal((await open.put('/objects/one', 'writer', 'x')).statusCode, 403)
    assert.equal((await open.get('/objects', null)).statusCode, 403)
  })

  it('are not for roles that users can give themselves', async () => {
    const naive = await platform.backend()
    const sneak = await app().user('sneak', naive)
    await app().call('PUT', 'users/update', { role: 'writer' }, sneak, naive)
    const closed = await make('Closed')
    await closed.associateWith(naive)
    const reply = await closed.call('GET', '/objects', { as: 'sneak' }, naive)
    assert.deepEqual(codeOf(reply), [403, DENIED])
  })

  describe('by the policy Security_CollectionsAnonymousAccess', () => {
    it('are for anyone in the shared collections that it names', async () => {
      const named = await make('Named')
      const versioned = await make('Versioned')
      const other = await make('Other')
      const isolated = await make('NamedOwn', { userIsolated: true })
      const names = [named.name, ` ${versioned.name}(1.0)`, isolated.name, `${other.name}(2.0)`]
      await platform.policy('*.*.Security_CollectionsAnonymousAccess', names.join(','))
      for (const collection of [named, versioned]) {
        for (const as of [null, 'none', 'reader']) {
          assert.ok((await collection.put('/objects/one', as, 'x')).statusCode < 300)
          assert.equal((await collection.get('/objects/one', as)).statusCode, 200)
        }
      }
      const made = await named.put('/objects/new', null, 'x')
      assert.equal(made.json().createdBy, 'anonymous')
      for (const collection of [other, isolated]) {
        const refused = await collection.put('/objects/one', null, 'x')
        assert.deepEqual(codeOf(refused), [403, USER_REQUIRED])
      }
      assert.deepEqual(await isolated.ids('?user=*', 'readerAll'), [])
    })

    it('are those of the narrowest name', async () => {
      const one = await make('Narrow')
      await platform.policy(`${backend.name}.*.Security_CollectionsAnonymousAccess`, one.name)
      assert.equal((await one.get('/objects', null)).statusCode, 200)
      const elsewhere = await platform.backend()
      await one.associateWith(elsewhere)
      const reply = await one.call('GET', '/objects', {}, elsewhere)
      assert.equal(reply.statusCode, 403)
    })
  })

  describe('in the tools', () => {
    it('are shown, and change with the draft, and name the roles that it needs', async () => {
      const one = await make('Kept')
      const shown = (await platform.done('GET', `/collections/${one.id}`)).json()
      assert.deepEqual(shown.permissions, PERMISSIONS)
      const { roles } = (await platform.done('GET', `/collections/${one.id}/dependencies`)).json()
      assert.deepEqual(roles.map(({ name }: { name: string }) => name).sort(), [
        'mixed',
        'reader',
        'readerAll',
        'writer',
        'writerAll',
      ])
      await platform.done('PUT', `/collections/${one.id}`, { name: one.name, desc: 'x' })
      assert.equal((await one.get('/objects', 'none')).statusCode, 403)
      const permissions = [{ role: 'none', access: 'READ' }]
      await platform.done('PUT', `/collections/${one.id}`, { name: one.name, permissions })
      assert.equal((await one.get('/objects', 'none')).statusCode, 200)
      assert.equal((await one.get('/objects', 'writer')).statusCode, 403)
    })

    for (const [what, permissions] of [
      ['no list', 'READ'],
      ['no objects', ['READ']],
      ['an unknown access', [{ role: 'a', access: 'WRITE' }]],
      ['no role', [{ access: 'READ' }]],
      ['a role that is no text', [{ role: 1, access: 'READ' }]],
      ['a very long role', [{ role: 'r'.repeat(101), access: 'READ' }]],
    ] as const) {
      it(`are refused with ${what}`, async () => {
        const reply = await platform.team('POST', '/collections', { name: 'Bad', permissions })
        assert.equal(reply.statusCode, 400)
        const { totalResults } = (await platform.done('GET', '/collections?q=Bad')).json()
        assert.equal(totalResults, 0)
      })
    }
  })

  it('are of no use for a collection that is not associated any more', async () => {
    const one = await make('Lost')
    await one.put('/objects/one', 'writer', 'x')
    await platform.done('DELETE', `/mobilebackends/${backend.id}/collections/${one.id}`)
    assert.equal((await one.get('/objects/one', 'writer')).statusCode, 404)
    const list = await platform.call(backend, 'GET', '/storage/collections', { as: 'writer' })
    assert.ok(!list.json().items.some(({ id }: { id: string }) => id === one.name))
    await one.associateWith(backend)
    assert.equal((await one.get('/objects/one', 'writer')).body, 'x')
  })
})
