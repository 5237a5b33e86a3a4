import assert from 'node:assert/strict'
import { createHmac, randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import OAuth from 'oauth-1.0a'
import { ApiClient } from '../support/api-client.ts'
import { ServerProcess, type ShownBackend } from '../support/process.ts'
import { type Body, DATABASES } from '../support/test-app.ts'
import { uniquePicture } from '../support/unique-picture.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** What a backend holds in these tests: the same names in each, and never the same objects. */
type Side = {
  readonly backend: ShownBackend
  readonly admin: ApiClient
  readonly ann: ApiClient
  readonly annId: string
  readonly annSession: string
  readonly placeId: string
  readonly photoId: string
  readonly objectId: string
  readonly aclId: string
}

for (const database of DATABASES) {
  describe(`two backends that the command line makes, on ${database}`, () => {
    let server: ServerProcess
    let one: Side
    let two: Side
    before(async () => {
      server = await ServerProcess.start(database)
      const backends = await Promise.all(['shop', 'club'].map((name) => create(server, name)))
      const [shop, club] = backends
      assert.ok(shop && club)
      // Side by side: what one does must not get in the way of the other.
      const sides = await Promise.all([settle(server, shop, 'shop'), settle(server, club, 'club')])
      one = sides[0]
      two = sides[1]
    })
    after(async () => server?.dispose())

    const anyone = (side: Side) => new ApiClient(server.url, side.backend.clientId)
    /** Both ways. */
    const bothWays = () =>
      [
        [one, two],
        [two, one],
      ] as const

    it('have keys of their own', () => {
      const keys = [server.backend, one.backend, two.backend].flatMap((backend) => [
        backend.id,
        backend.clientId,
        backend.clientSecret,
      ])
      assert.equal(new Set(keys).size, keys.length)
    })

    it('hold the same names, each its own objects', async () => {
      for (const [side] of bothWays()) {
        const [place] = (await anyone(side).get('places/query')).body.response.places
        assert.deepEqual([place.id, place.name], [side.placeId, 'Corner'])
        assert.equal(place.address, `of ${side.backend.name}`)
        const users = await anyone(side).get('users/query', { where: { username: 'ann' } })
        assert.deepEqual(idsOf(users.body, 'users'), [side.annId])
        const login = await anyone(side).post('users/login', { login: 'ann', password: 'secret' })
        assert.equal(login.body.response.users[0].id, side.annId)
      }
    })

    for (const [kind, path, show] of [
      ['a place', 'places/show', (side: Side) => ({ place_id: side.placeId })],
      ['a user', 'users/show', (side: Side) => ({ user_id: side.annId })],
      ['a photo', 'photos/show', (side: Side) => ({ photo_id: side.photoId })],
      ['an object', 'objects/boat/show', (side: Side) => ({ id: side.objectId })],
      ['several at once', 'places/show', (side: Side) => ({ place_ids: side.placeId })],
    ] as const) {
      it(`never show ${kind} of the other`, async () => {
        for (const [mine, other] of bothWays()) {
          assert.equal((await mine.ann.get(path, show(mine))).status, 200)
          for (const client of [mine.ann, mine.admin, anyone(mine)]) {
            const { status, body } = await client.get(path, show(other))
            assert.equal(status, 400, JSON.stringify(body))
            assert.equal(body.response, undefined)
          }
        }
      })
    }

    for (const [what, path, where] of [
      ['its id', 'places/query', (side: Side) => ({ id: side.placeId })],
      ['its owner', 'places/query', (side: Side) => ({ user_id: side.annId })],
      ['its text', 'places/query', (side: Side) => ({ address: `of ${side.backend.name}` })],
      ['a member', 'objects/boat/query', (side: Side) => ({ of: side.backend.name })],
      ['not being mine', 'places/query', (side: Side) => ({ id: { $in: [side.placeId] } })],
    ] as const) {
      it(`never find anything of the other by ${what}`, async () => {
        for (const [mine, other] of bothWays()) {
          const found = await mine.admin.get(path, { where: where(mine) })
          assert.equal(listOf(found.body).length, 1)
          const { status, body } = await mine.admin.get(path, { where: where(other) })
          assert.equal(status, 200)
          assert.deepEqual(listOf(body), [])
        }
      })
    }

    for (const [what, verb, path, values] of [
      ['update', 'put', 'places/update', (s: Side) => ({ place_id: s.placeId, name: 'x' })],
      ['delete', 'del', 'places/delete', (s: Side) => ({ place_id: s.placeId })],
      ['delete the user', 'del', 'users/delete', (s: Side) => ({ user_ids: s.annId })],
      ['check in at', 'post', 'checkins/create', (s: Side) => ({ place_id: s.placeId })],
      ['review', 'post', 'reviews/create', (s: Side) => ({ place_id: s.placeId, content: 'x' })],
      ['use the ACL', 'post', 'places/create', (s: Side) => ({ ...PLACE, acl_id: s.aclId })],
      ['use the photo', 'post', 'places/create', (s: Side) => ({ ...PLACE, photo_id: s.photoId })],
      ['act as a user', 'post', 'places/create', (s: Side) => ({ ...PLACE, su_id: s.annId })],
    ] as const) {
      it(`cannot ${what} of the other, also as an administrator`, async () => {
        for (const [mine, other] of bothWays()) {
          const count = async () => (await anyone(mine).get('places/count')).body.meta.count
          const before = await count()
          const { status, body } = await mine.admin[verb](path, values(other))
          assert.equal(status, 400, JSON.stringify(body))
          assert.equal(await count(), before)
          const [place] = (await other.ann.get('places/show', { place_id: other.placeId })).body
            .response.places
          assert.equal(place.name, 'Corner')
        }
      })
    }

    it('do not know a session of the other', async () => {
      for (const [mine, other] of bothWays()) {
        const stranger = new ApiClient(server.url, mine.backend.clientId, other.annSession)
        assert.equal((await stranger.get('users/show/me')).status, 404)
        assert.equal((await stranger.post('places/create', PLACE)).status, 404)
        assert.equal((await stranger.get('users/logout')).status, 404)
        assert.equal((await other.ann.get('users/show/me')).body.response.users[0].id, other.annId)
      }
    })

    it('take signatures made with their own secret only', async () => {
      for (const [mine, other] of bothWays()) {
        const { clientId } = mine.backend
        assert.equal((await signed(server.url, clientId, mine.backend.clientSecret)).status, 200)
        assert.equal((await signed(server.url, clientId, other.backend.clientSecret)).status, 401)
      }
    })

    it('delete many of their own only', async () => {
      await one.admin.post('objects/boat/create', { fields: { of: 'shop' } })
      await one.admin.del('objects/boat/batch_delete')
      await untilNone(one.admin)
      const { body } = await two.ann.get('objects/boat/query')
      assert.deepEqual(idsOf(body, 'boat'), [two.objectId])
    })

    it('drop a class of their own only', async () => {
      await one.admin.post('objects/boat/create', { fields: { of: 'shop' } })
      await one.admin.del('objects/boat/admin_drop_collection')
      await untilNone(one.admin)
      const { body } = await two.ann.get('objects/boat/query')
      assert.deepEqual(idsOf(body, 'boat'), [two.objectId])
    })

    it('stay apart while both are busy', async () => {
      const write = async (side: Side, count: number) => {
        for (let number = 0; number < count; number += 1) {
          const name = `${side.backend.name} ${number}`
          const { body } = await side.ann.post('places/create', { name, city: 'Busy' })
          assert.equal(body.response.places[0].user_id, side.annId)
        }
      }
      await Promise.all([write(one, 30), write(two, 40)])
      for (const [side, count] of [
        [one, 30],
        [two, 40],
      ] as const) {
        const query = { where: { city: 'Busy' }, limit: 1000, count: true }
        const { body } = await anyone(side).get('places/query', query)
        assert.equal(body.meta.count, count)
        for (const { name } of body.response.places) {
          assert.ok(name.startsWith(side.backend.name), `${name} in ${side.backend.name}`)
        }
      }
    })

    it('are still apart after the server was killed', async () => {
      await server.kill()
      await server.restart()
      for (const [mine, other] of bothWays()) {
        const client = anyone(mine)
        assert.equal((await client.get('places/show', { place_id: mine.placeId })).status, 200)
        assert.equal((await client.get('places/show', { place_id: other.placeId })).status, 400)
      }
    })
  })

  describe(`management commands with --json, on ${database}`, () => {
    let server: ServerProcess
    before(async () => {
      server = await ServerProcess.start(database)
    })
    after(async () => server?.dispose())

    for (const state of ['runs', 'stands still'] as const) {
      it(`make the same while the server ${state}`, async () => {
        if (state === 'stands still') assert.equal(await server.stop(), 0)
        const name = state.replace(' ', '-')
        const backend = await create(server, name)

        const user = [
          'user',
          'create',
          '--backend',
          name,
          '--login',
          'root',
          '--password',
          'secret',
        ]
        const made = await server.json([...user, '--admin'])
        const { id, ...rest } = made
        assert.match(id, /^[0-9a-f]{24}$/)
        const of = { id: backend.id, name }
        assert.deepEqual(rest, { login: 'root', admin: true, backend: of })

        const args = ['token', 'create', '--role', 'Administrator', '--name', 'robot']
        const { token, id: tokenId, createdOn, expiresOn, ...given } = await server.json(args)
        assert.match(token, /^\S{20,}$/)
        assert.match(tokenId, /^[0-9a-f]{24}$/)
        assert.ok(Date.parse(createdOn) < Date.parse(expiresOn))
        const robot = { role: 'Administrator', name: 'robot', member: null, scopes: null }
        assert.deepEqual(given, robot)
        const { backends } = await server.json(['backend', 'list'])
        const shown = { id: backend.id, name, version: '1.0', state: 'draft' }
        assert.deepEqual(
          backends.find((one: { id: string }) => one.id === backend.id),
          shown,
        )
        assert.deepEqual(await server.json(['backend', 'show', name]), backend)

        if (state === 'stands still') await server.restart()
        const headers = { authorization: `Bearer ${token}` }
        const tools = `${server.url}/mobile/tools/1.0/mobilebackends/${backend.id}`
        const reply = await fetch(tools, { headers })
        const { clientId } = (await reply.json()) as { clientId: string }
        assert.deepEqual([reply.status, clientId], [200, backend.clientId])
        const root = await ApiClient.logIn(server.url, backend.clientId, 'root', 'secret')
        const me = (await root.get('users/show/me')).body.response.users[0]
        assert.deepEqual([me.id, me.admin], [id, 'true'])
        await assert.rejects(ApiClient.signUp(server.url, backend.clientId, 'ROOT'), /taken/)
      })

      it(`tell of a refusal in JSON while the server ${state}`, async () => {
        if (state === 'stands still') await server.stop()
        const refused = await server.command(['backend', 'create', '--name', 'first', '--json'])
        const { error } = JSON.parse(refused.stdout)
        assert.equal(refused.code, 3)
        assert.deepEqual(Object.keys(error).sort(), ['code', 'message'])
        const { backends } = await server.json(['backend', 'list'])
        const named = backends.filter((one: { name: string }) => one.name === 'first')
        assert.equal(named.length, 1)
        if (state === 'stands still') await server.restart()
      })
    }
  })
}

const PLACE = { name: 'New', city: 'Here' }

/** Makes a backend, and checks that all that is told of one is there. */
async function create(server: ServerProcess, name: string): Promise<ShownBackend> {
  const backend = await server.json(['backend', 'create', '--name', name])
  const { id, clientId, clientSecret, basicAuthBackendId, anonymousKey, ...rest } = backend
  assert.match(id, UUID)
  assert.match(basicAuthBackendId, UUID)
  assert.match(clientId, /^[0-9a-f]{32}$/)
  assert.match(clientSecret, /^\S{16,}$/)
  assert.match(anonymousKey, /^\S{16,}$/)
  const doors = { oauth: true, basicAuth: true }
  assert.deepEqual(rest, { name, version: '1.0', state: 'draft', ...doors })
  return backend
}

/** The same people and things in each backend. */
async function settle(server: ServerProcess, backend: ShownBackend, tag: string): Promise<Side> {
  const { url } = server
  const login = ['--login', 'root', '--password', 'secret', '--admin']
  await server.json(['user', 'create', '--backend', backend.id, ...login])
  const admin = await ApiClient.logIn(url, backend.clientId, 'root', 'secret')
  const { client: ann, id, session } = await ApiClient.signUp(url, backend.clientId, 'ann')
  const place = await ann.post('places/create', { name: 'Corner', address: `of ${tag}` })
  const photo = new Blob([new Uint8Array(await uniquePicture(32, 32))])
  const uploaded = await ann.post('photos/create', { photo })
  const boat = await ann.post('objects/boat/create', { fields: { of: tag } })
  const acl = await admin.post('acls/create', { name: 'mine', public_read: true })
  return {
    ...{ backend, admin, ann, annId: id, annSession: session },
    placeId: place.body.response.places[0].id,
    photoId: uploaded.body.response.photos[0].id,
    objectId: boat.body.response.boat[0].id,
    aclId: acl.body.response.acls[0].id,
  }
}

function listOf(body: Body): unknown[] {
  const [list = []] = Object.values(body.response as Record<string, unknown[]>)
  return list
}

function idsOf(body: Body, key: string): string[] {
  return body.response[key].map(({ id }: { id: string }) => id)
}

async function untilNone(admin: ApiClient): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const { body } = await admin.get('objects/boat/query')
    if (listOf(body).length === 0) return
    await sleep(100)
  }
  throw new Error('they were not deleted')
}

/** A call that is signed with OAuth 1.0 and has no key. */
function signed(url: string, clientId: string, clientSecret: string): Promise<Response> {
  const oauth = new OAuth({
    consumer: { key: clientId, secret: clientSecret },
    signature_method: 'HMAC-SHA1',
    hash_function: (text, key) => createHmac('sha1', key).update(text).digest('base64'),
  })
  oauth.getNonce = () => randomBytes(8).toString('hex')
  const request = { url: `${url}/v1/places/query.json?limit=1`, method: 'GET' }
  const { Authorization } = oauth.toHeader(oauth.authorize(request))
  return fetch(request.url, { headers: { authorization: Authorization } })
}
