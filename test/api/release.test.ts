import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import sharp from 'sharp'
import {
  onEachDatabase,
  type TestApp,
  type TestBackend,
  type TestUser,
} from '../support/test-app.ts'

const RETIRED = 'search.json has been deprecated. Please use $text query'

type Values = Readonly<Record<string, unknown>>

/** A backend of an app that was made with a release, with a user and twelve places. */
async function appOf(app: TestApp, mbsRelease: string, more: { perPageMax?: number } = {}) {
  const name = `made-with-${mbsRelease}-${Math.random().toString(36).slice(2)}`
  const backend = await app.newBackend(name, { mbsRelease, ...more })
  const ann = await app.user('ann', backend)
  for (let i = 0; i < 12; i += 1) {
    const values = { name: `pier ${i}`, latitude: 10 + i, longitude: 20 }
    await app.call('POST', 'places/create', values, ann, backend)
  }
  const get = (path: string, values: Values = {}, as?: TestUser | null) =>
    app.call('GET', path, values, as, backend)
  return { backend, ann, get }
}

async function upload(app: TestApp, backend: TestBackend, as: TestUser, values: Values = {}) {
  const picture = sharp({ create: { width: 2000, height: 1000, channels: 3, background: 'teal' } })
  const form = new FormData()
  form.append('photo', new Blob([new Uint8Array(await picture.jpeg().toBuffer())]), 'a.jpg')
  for (const [name, value] of Object.entries(values)) form.append(name, String(value))
  const request = new Request('http://localhost/', { method: 'POST', body: form })
  const reply = await app.send({
    method: 'POST',
    url: `/v1/photos/create.json?key=${backend.key}&_session_id=${as.session}`,
    headers: { 'content-type': request.headers.get('content-type') ?? '' },
    payload: Buffer.from(await request.arrayBuffer()),
  })
  assert.equal(reply.status, 200, reply.body.meta.message)
  await app.settle()
  const id = reply.body.response.photos[0].id
  const shown = await app.call('GET', 'photos/show', { photo_id: id }, as, backend)
  return shown.body.response.photos[0]
}

onEachDatabase('an app made with', (app) => {
  describe('release 1.1.4', () => {
    it('pages its queries by page and per_page, and tells the totals', async () => {
      const { get } = await appOf(app(), '1.1.4')
      const first = await get('places/query')
      const { page, per_page, total_pages, total_results } = first.body.meta
      assert.deepEqual([page, per_page, total_pages, total_results], [1, 10, 2, 12])
      assert.equal(first.body.response.places.length, 10)
      const third = await get('places/query', { page: 3, per_page: 5, order: 'latitude' })
      assert.deepEqual(
        third.body.response.places.map((one: { name: string }) => one.name),
        ['pier 10', 'pier 11'],
      )
      assert.equal(third.body.meta.total_pages, 3)
      const beyond = await get('places/query', { page: 9 })
      assert.deepEqual(beyond.body.response.places, [])
      assert.equal(beyond.body.meta.total_results, 12)
    })

    it('knows limit and skip with new_pagination only', async () => {
      const { get } = await appOf(app(), '1.1.4')
      const old = await get('places/query', { limit: 3, skip: 2 })
      assert.equal(old.body.response.places.length, 10)
      assert.equal(old.body.meta.page, 1)
      const now = await get('places/query', { limit: 3, skip: 2, new_pagination: true })
      assert.equal(now.body.response.places.length, 3)
      assert.equal(now.body.meta.page, undefined)
    })
  })

  describe('release 1.1.5', () => {
    it('pages its queries by limit and skip, and tells nothing unless asked', async () => {
      const { get } = await appOf(app(), '1.1.5')
      const { body } = await get('places/query', { limit: 3, skip: 10, order: 'latitude' })
      assert.deepEqual(
        body.response.places.map((one: { name: string }) => one.name),
        ['pier 10', 'pier 11'],
      )
      assert.deepEqual(Object.keys(body.meta), ['code', 'status', 'method_name'])
      assert.equal((await get('places/query', { count: true })).body.meta.count, 12)
    })

    it('sees three levels deep, as all before 1.1.7 do', async () => {
      const { get, ann } = await appOf(app(), '1.1.5')
      const [place] = (await get('places/query')).body.response.places
      assert.equal(place.user.id, ann.id)
      assert.equal(place.user_id, undefined)
      const flat = await get('places/query', { response_json_depth: 1 })
      assert.equal(flat.body.response.places[0].user_id, ann.id)
    })
  })

  for (const [release, status] of [
    ['1.1.6', 403],
    ['1.1.7', 401],
    ['1.6.5', 401],
  ] as const) {
    describe(`release ${release}`, () => {
      it(`is told ${status} where an ACL denies`, async () => {
        const { get, ann, backend } = await appOf(app(), release)
        const bob = await app().user('bob', backend)
        const call = (
          verb: 'POST' | 'PUT' | 'DELETE',
          path: string,
          values: Values,
          as: TestUser,
        ) => app().call(verb, path, values, as, backend)
        await call('POST', 'acls/create', { name: 'mine' }, ann)
        const values = { name: 'secret', city: 'x', acl_name: 'mine' }
        const made = await call('POST', 'places/create', values, ann)
        const place_id = made.body.response.places[0].id
        assert.equal((await get('places/show', { place_id }, bob)).status, status)
        assert.equal((await get('places/show', { place_id })).status, status)
        assert.equal(
          (await call('PUT', 'places/update', { place_id, name: 'x' }, bob)).status,
          status,
        )
        assert.equal((await call('DELETE', 'places/delete', { place_id }, bob)).status, status)
        const shown = await get('places/show', { place_id }, ann)
        assert.equal(shown.body.response.places[0].name, 'secret')
        const found = await get('places/query', { where: { name: 'secret' } }, bob)
        assert.deepEqual(found.body.response.places, [])
      })

      it('is told 400 where no ACL stands and somebody else writes', async () => {
        const { get, backend } = await appOf(app(), release)
        const bob = await app().user('bob', backend)
        const place_id = (await get('places/query')).body.response.places[0].id
        const values = { place_id, name: 'x' }
        const { status: own, body } = await app().call('PUT', 'places/update', values, bob, backend)
        assert.equal(own, 400)
        assert.equal(body.meta.message, 'Current user cannot update this place')
      })
    })
  }

  it('release 1.1.6 gets six sizes of every photo, and 1.1.7 those that it asks for', async () => {
    const early = await appOf(app(), '1.1.6')
    assert.deepEqual(Object.keys((await upload(app(), early.backend, early.ann)).urls).sort(), [
      ...['large_1024', 'medium_500', 'medium_640', 'original', 'small_240'],
      ...['square_75', 'thumb_100'],
    ])
    const late = await appOf(app(), '1.1.7')
    assert.deepEqual(Object.keys((await upload(app(), late.backend, late.ann)).urls), ['original'])
    const asked = { 'photo_sizes[tiny]': '20x20#' }
    for (const { backend, ann } of [early, late]) {
      const { urls } = await upload(app(), backend, ann, asked)
      assert.deepEqual(Object.keys(urls).sort(), ['original', 'tiny'])
    }
  })

  for (const [release, status] of [
    ['1.1.4', 200],
    ['1.2.9', 200],
    ['1.3.0', 410],
    ['1.6.5', 410],
    ['1.10.0', 410],
  ] as const) {
    it(`release ${release} is answered ${status} by search`, async () => {
      const { get } = await appOf(app(), release)
      for (const path of ['users/search', 'places/search']) {
        const { status: got, body } = await get(path, { q: 'pier' })
        assert.equal(got, status, path)
        if (status === 410) assert.equal(body.meta.message, RETIRED)
      }
      assert.equal((await get('photos/search', {})).status, 200)
    })
  }
})

onEachDatabase('a search of an older app', (app) => {
  it('finds words in any case, page by page', async () => {
    const { get } = await appOf(app(), '1.2.0')
    const { body } = await get('places/search', { q: 'PIER', per_page: 5, page: 3 })
    const { page, per_page, total_pages, total_results } = body.meta
    assert.deepEqual([page, per_page, total_pages, total_results], [3, 5, 3, 12])
    assert.equal(body.response.places.length, 2)
    const one = await get('places/search', { q: '7' })
    assert.deepEqual(
      one.body.response.places.map((place: { name: string }) => place.name),
      ['pier 7'],
    )
    assert.deepEqual((await get('places/search', { q: 'pie' })).body.response.places, [])
  })

  it('by a position gives distances in kilometres, nearest first', async () => {
    const { get } = await appOf(app(), '1.2.0')
    const at = { latitude: 12.1, longitude: 20, distance: 150 }
    const { places } = (await get('places/search', at)).body.response
    assert.deepEqual(
      places.map(({ name, distance }: { name: string; distance: number }) => [
        name,
        Math.round(distance),
      ]),
      [
        ['pier 2', 11],
        ['pier 3', 100],
        ['pier 1', 122],
      ],
    )
  })

  it('is refused with half a position', async () => {
    const { get } = await appOf(app(), '1.2.0')
    const { status, body } = await get('places/search', { latitude: 1 })
    assert.equal(status, 400)
    assert.match(body.meta.message ?? '', /longitude/)
  })
})

onEachDatabase('per_page', (app) => {
  it('is at most 100, or what the backend sets', async () => {
    const { get, backend } = await appOf(app(), '1.1.4')
    assert.equal((await get('places/query', { per_page: 1000 })).body.meta.per_page, 100)
    await app().set({ perPageMax: 7 }, backend)
    const { body } = await get('places/query', { per_page: 1000 })
    assert.equal(body.meta.per_page, 7)
    assert.equal(body.meta.total_pages, 2)
    assert.equal(body.response.places.length, 7)
  })

  for (const values of [
    { per_page: 0 },
    { per_page: 'x' },
    { page: 0 },
    { page: -1 },
    { page: 1.5 },
  ]) {
    it(`or page is refused as ${JSON.stringify(values)}`, async () => {
      const { status, body } = await app().get('photos/search', values)
      assert.equal(status, 400)
      assert.match(body.meta.message ?? '', new RegExp(Object.keys(values)[0] ?? ''))
    })
  }

  it('is taken by a query of a newer app too, without totals', async () => {
    const { get } = await appOf(app(), '1.6.5')
    const { body } = await get('places/query', { per_page: 5, page: 3 })
    assert.equal(body.response.places.length, 2)
    assert.deepEqual(Object.keys(body.meta), ['code', 'status', 'method_name'])
  })

  it('goes no deeper than 5000 objects', async () => {
    const { get } = await appOf(app(), '1.1.4')
    const { status, body } = await get('places/query', { page: 1_000_000, per_page: 100 })
    assert.equal(status, 200)
    assert.deepEqual(body.response.places, [])
  })
})

onEachDatabase('an app of today', (app) => {
  it('sees one level deep and is told no totals', async () => {
    const ann = await app().user()
    await app().post('places/create', { name: 'Pier 7', city: 'x' }, ann)
    const { body } = await app().get('places/query')
    assert.equal(body.response.places[0].user_id, ann.id)
    assert.equal(body.response.places[0].user, undefined)
    assert.deepEqual(Object.keys(body.meta), ['code', 'status', 'method_name'])
  })
})
