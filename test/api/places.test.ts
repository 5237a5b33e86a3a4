import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { onEachDatabase, type TestUser } from '../support/test-app.ts'

const UNKNOWN = '0'.repeat(24)

const NOT_LOCATED =
  'Place must have one the of [longitude, latitude] or address or city or state or country or postal_code'

onEachDatabase('places', (app) => {
  const make = async (values: Record<string, unknown>, as: TestUser) => {
    const answer = await app().post('places/create', { name: 'p', city: 'c', ...values }, as)
    assert.equal(answer.status, 200, answer.body.meta.message)
    return answer.body.response.places[0]
  }
  const show = async (id: string) =>
    (await app().get('places/show', { place_id: id })).body.response?.places[0]
  const names = (body: { response?: { places: { name: string }[] } }) =>
    body.response?.places.map((place) => place.name)

  describe('create and show', () => {
    it('gives a new place to the user who makes it', async () => {
      const ann = await app().user()
      const values = { name: 'Pier 7', latitude: 54.15, longitude: -4.48, tags: 'dock, sea' }
      const { status, body } = await app().post('places/create', values, ann)
      assert.equal(status, 200)
      assert.equal(body.meta.method_name, 'createPlace')
      const [place] = body.response.places
      assert.equal(place.user_id, ann.id)
      assert.deepEqual(place.tags, ['dock', 'sea'])
      assert.equal(place.latitude, 54.15)
    })

    it('keeps every member as it was sent, and leaves out what was not', async () => {
      const ann = await app().user()
      const members = {
        name: 'Pier "8" \\ \u2603 <b>',
        address: '7 Quay St',
        city: 'Douglas',
        state: 'IM',
        postal_code: '01234',
        country: 'Isle of Man',
        latitude: 0,
        longitude: -180,
        website: 'http://example.org/?a=1&b=2',
        twitter: '@pier',
        phone_number: '+44 0000',
        google_cid: '42',
        custom_fields: { berths: 40, open: false, coordinates: [[1.5, 2.5]] },
      }
      const place = await make(members, ann)
      const { id, created_at, updated_at } = place
      assert.deepEqual(place, { id, ...members, created_at, updated_at, user_id: ann.id })
      assert.deepEqual(await show(id), place)
      const { body } = await app().get(`places/show/${id}`)
      assert.deepEqual(body.response.places, [place])
    })

    for (const [why, values, message] of [
      ['all is missing', {}, `${NOT_LOCATED}, Name can't be blank`],
      ['the name is missing', { city: 'c' }, "Name can't be blank"],
      ['the name is blank', { name: ' ', city: 'c' }, "Name can't be blank"],
      ['it is nowhere', { name: 'p' }, NOT_LOCATED],
      ['it is nowhere, in empty words', { name: 'p', city: '', address: '' }, NOT_LOCATED],
      ['the latitude is alone', { name: 'p', latitude: 1 }, 'Longitude and latitude go together'],
    ] as const) {
      it(`names all that is wrong with a place at once when ${why}`, async () => {
        const before = await app().get('places/count')
        const { status, body } = await app().post('places/create', values, await app().user())
        assert.equal(status, 400)
        const text = `Failed to create place: Validation failed - ${message}.`
        assert.equal(body.meta.message, text)
        const after = await app().get('places/count')
        assert.equal(after.body.meta.count, before.body.meta.count)
      })
    }

    for (const [why, values, message] of [
      [
        'the latitude is past the pole',
        { latitude: 91, longitude: 0 },
        /Invalid latitude.* -90 to 90/,
      ],
      ['the longitude is no number', { latitude: 1, longitude: 'x' }, /Invalid longitude/],
      ['a number is not finite', { latitude: '1e999', longitude: 0 }, /Invalid latitude/],
      ['the name is too long', { name: 'x'.repeat(501) }, /at most 500/],
      ['text has a NUL', { name: 'a\0b' }, /NUL/],
      ['the custom fields are no JSON', { custom_fields: '{' }, /not valid JSON/],
      ['the depth is out of range', { response_json_depth: 9 }, /response_json_depth.* 1 to 8/],
    ] as const) {
      it(`refuses a place when ${why}`, async () => {
        const sent = { name: 'p', city: 'c', ...values }
        const { status, body } = await app().post('places/create', sent, await app().user())
        assert.equal(status, 400)
        assert.match(String(body.meta.message), message)
      })
    }

    it('refuses ids that are wrong or missing', async () => {
      const { id } = await make({}, await app().user())
      for (const [values, message] of [
        [{}, 'Required field: place_id'],
        [{ place_id: 'x' }, 'Invalid place id'],
        [{ place_id: UNKNOWN }, 'Invalid place id'],
        [{ place_ids: `${id},${UNKNOWN}` }, 'Invalid place id'],
      ] as const) {
        const { status, body } = await app().get('places/show', values)
        assert.deepEqual([status, body.meta.message], [400, message])
      }
    })
  })

  describe('query', () => {
    it('finds the nearest places first', async () => {
      const ann = await app().user()
      for (const [name, latitude] of [
        ['far', 55],
        ['near', 54.2],
        ['nearest', 54.16],
      ] as const) {
        await app().post('places/create', { name, latitude, longitude: -4.48 }, ann)
      }
      const where = { lnglat: { $nearSphere: [-4.48, 54.15], $maxDistance: 0.01 } }
      const { body } = await app().get('places/query', { where })
      assert.deepEqual(
        names(body)?.filter((name) => name !== 'Pier 7'),
        ['nearest', 'near'],
      )
    })

    it('finds by members, tags, owner and words, and is empty for what is not there', async () => {
      const ann = await app().user()
      const values = { name: 'Gull Rock Café', city: 'Peel', tags: 'rock,sea' }
      await make({ ...values, custom_fields: { stars: 4 } }, ann)
      for (const where of [
        { name: 'Gull Rock Café' },
        { name: { $regex: '^Gull' } },
        { user_id: ann.id },
        { tags_array: 'rock', city: 'Peel' },
        { stars: { $gte: 4 }, user_id: ann.id },
        { $text: { $search: 'cafe gull' } },
      ]) {
        const { body } = await app().get('places/query', { where, limit: 1 })
        assert.deepEqual([body.meta.method_name, names(body)], ['queryPlaces', ['Gull Rock Café']])
      }
      const none = await app().get('places/query', { where: { city: 'peel' } })
      assert.deepEqual(none.body.response, { places: [] })
    })
  })

  describe('search', () => {
    it('is over for apps of today', async () => {
      const { status, body } = await app().get('places/search', { q: 'x' })
      assert.equal(status, 410)
      const text = 'search.json has been deprecated. Please use $text query'
      assert.equal(body.meta.message, text)
    })

    it('finds by words and by distance for early apps', async () => {
      const early = await app().newBackend('early', { mbsRelease: '1.2.0' })
      const ann = await app().user('ann', early)
      const on = (verb: 'GET' | 'POST', path: string, values: Record<string, unknown>) =>
        app().call(verb, path, values, ann, early)
      for (const [name, latitude] of [
        ['Old Pier', 54],
        ['New Pier', 54.1],
        ['Harbour', 54.2],
      ] as const) {
        await on('POST', 'places/create', { name, latitude, longitude: 0, tags: 'quay' })
      }
      const words = await on('GET', 'places/search', { q: 'PIER' })
      assert.deepEqual(names(words.body)?.sort(), ['New Pier', 'Old Pier'])
      assert.equal('distance' in words.body.response.places[0], false)
      const here = { latitude: 54.21, longitude: 0 }
      const near = await on('GET', 'places/search', { ...here, distance: 15, per_page: 5 })
      assert.deepEqual(names(near.body), ['Harbour', 'New Pier'])
      const [first, second] = near.body.response.places
      assert.ok(first.distance > 1 && first.distance < 1.3 && second.distance > 12)
      const { page, per_page, total_pages, total_results } = near.body.meta
      assert.deepEqual([page, per_page, total_pages, total_results], [1, 5, 1, 2])
      const tagged = await on('GET', 'places/search', { q: 'quay', per_page: 2, page: 2 })
      assert.equal(tagged.body.response.places.length, 1)
      assert.equal((await on('GET', 'places/search', { latitude: 1 })).status, 400)
    })
  })

  describe('update', () => {
    it('changes what is named, and takes away what is empty', async () => {
      const ann = await app().user()
      const { id } = await make({ website: 'x', state: 's', custom_fields: { a: 1, b: 2 } }, ann)
      const values = { place_id: id, website: '', name: 'new', custom_fields: { a: null } }
      const { body } = await app().put('places/update', values, ann)
      assert.equal(body.meta.method_name, 'updatePlace')
      const [place] = body.response.places
      assert.deepEqual([place.name, place.state, place.city], ['new', 's', 'c'])
      assert.equal('website' in place, false)
      assert.deepEqual(place.custom_fields, { b: 2 })
      assert.deepEqual(await show(id), place)
    })

    it('refuses what would leave it nowhere or without a name', async () => {
      const ann = await app().user()
      const place = await make({}, ann)
      for (const values of [{ city: '' }, { name: '' }, { latitude: 3 }]) {
        const update = { place_id: place.id, ...values }
        const { status, body } = await app().put('places/update', update, ann)
        assert.equal(status, 400)
        assert.match(String(body.meta.message), /^Failed to update place: Validation failed - /)
      }
      assert.deepEqual(await show(place.id), place)
    })

    it('hands a place to another user', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const { id: place_id } = await make({}, ann)
      const give = (user_id: string, as: TestUser) =>
        app().put('places/update', { place_id, user_id }, as)
      const unknown = await give(UNKNOWN, ann)
      assert.deepEqual([unknown.status, unknown.body.meta.message], [400, 'Invalid user id'])
      assert.equal((await give(bob.id, bob)).status, 400)
      const { body } = await give(bob.id, ann)
      assert.equal(body.response.places[0].user_id, bob.id)
      assert.equal((await give(ann.id, ann)).status, 400)
      const found = await app().get('places/query', { where: { user_id: bob.id } })
      assert.equal(found.body.response.places[0].id, place_id)
      assert.equal((await app().del('places/delete', { place_id }, bob)).status, 200)
    })

    it('does not make a place for somebody else on create', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      assert.equal((await make({ user_id: bob.id }, ann)).user_id, ann.id)
    })
  })

  describe('delete', () => {
    it('takes one, by its owner', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const { id: place_id } = await make({}, ann)
      for (const [values, caller, status, message] of [
        [{ place_id }, bob, 400, 'Current user cannot delete this place'],
        [{ place_id }, null, 401, 'You need to sign in or sign up before continuing.'],
        [{ place_id: UNKNOWN }, ann, 400, 'Invalid place id'],
        [{}, ann, 400, 'Required field: place_id'],
      ] as const) {
        const answer = await app().del('places/delete', values, caller)
        assert.deepEqual([answer.status, answer.body.meta.message], [status, message])
      }
      assert.notEqual(await show(place_id), undefined)
      const { status, body } = await app().del('places/delete', { place_id }, ann)
      assert.deepEqual(
        [status, body.meta.method_name, body.response],
        [200, 'deletePlace', undefined],
      )
      assert.equal(await show(place_id), undefined)
      assert.equal((await app().del('places/delete', { place_id }, ann)).status, 400)
    })

    it('takes those of a condition, as a job for administrators', async () => {
      const [ann, admin] = [await app().user(), await app().admin()]
      for (const city of ['Ayre', 'Ayre', 'Bride']) await make({ city, tags: 'bulk' }, ann)
      const where = { tags_array: 'bulk', city: 'Ayre' }
      assert.equal((await app().del('places/batch_delete', { where }, ann)).status, 403)
      const { body } = await app().del('places/batch_delete', { where }, admin)
      assert.equal(body.meta.method_name, 'batchDelete')
      await app().settle()
      const left = await app().get('places/query', { where: { tags_array: 'bulk' } })
      assert.deepEqual(
        left.body.response.places.map((one: { city: string }) => one.city),
        ['Bride'],
      )
    })

    it('is counted', async () => {
      const count = async () => Number((await app().get('places/count')).body.meta.count)
      const before = await count()
      const ann = await app().user()
      const { id } = await make({}, ann)
      assert.equal(await count(), before + 1)
      await app().del('places/delete', { place_id: id }, ann)
      assert.equal(await count(), before)
    })
  })
})
