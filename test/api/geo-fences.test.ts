import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { onEachDatabase, type TestUser } from '../support/test-app.ts'

const UNKNOWN = '0'.repeat(24)

const LOC = { coordinates: [-4.48, 54.15], radius: '2/6371' }
const PAYLOAD = { name: 'Harbour', alert: 'Welcome' }

onEachDatabase('geofences', (app) => {
  let admin: TestUser
  before(async () => {
    admin = await app().admin('fence-admin')
  })

  const make = async (geo_fence: Record<string, unknown>, values = {}) => {
    const sent = { geo_fence: { loc: LOC, payload: PAYLOAD, ...geo_fence }, ...values }
    const { status, body } = await app().post('geo_fences/create', sent, admin)
    assert.equal(status, 200, body.meta.message)
    return body.response.geo_fences[0]
  }
  const found = async (where: Record<string, unknown>, values = {}): Promise<string[]> => {
    const { status, body } = await app().get('geo_fences/query', { where, ...values })
    assert.equal(status, 200, body.meta.message)
    assert.equal(body.meta.method_name, 'queryGeoFence')
    return body.response.geo_fences.map((one: { payload: { name: string } }) => one.payload.name)
  }
  const count = async () => Number((await app().get('geo_fences/count')).body.meta.count)

  describe('create', () => {
    it('keeps the circle as it was sent, and times to the second', async () => {
      const geo_fence = {
        loc: LOC,
        payload: PAYLOAD,
        start_time: '2019-06-01T00:00',
        end_time: '2019-06-30T23:59',
      }
      const { body } = await app().post('geo_fences/create', { geo_fence }, admin)
      assert.equal(body.meta.method_name, 'createGeoFence')
      const [fence] = body.response.geo_fences
      const { id, created_at, updated_at } = fence
      assert.deepEqual(fence, {
        id,
        loc: LOC,
        payload: PAYLOAD,
        start_time: '2019-06-01T00:00:00+0000',
        end_time: '2019-06-30T23:59:00+0000',
        created_at,
        updated_at,
      })
      const [shown] = (await app().get('geo_fences/query', { where: { id } })).body.response
        .geo_fences
      assert.deepEqual(shown, fence)
    })

    it('takes a number for a radius', async () => {
      const { loc } = await make({ loc: { ...LOC, radius: 0.0003 } })
      assert.equal(loc.radius, 0.0003)
    })

    it('goes around a place, and shows it', async () => {
      const at = { name: 'Pier', latitude: 54.2, longitude: -4.5 }
      const { body } = await app().post('places/create', at, admin)
      const [place] = body.response.places
      const sent = { loc: { place_id: place.id, radius: '1/6371' }, payload: { name: 'at Pier' } }
      const { id, loc } = await make(sent)
      assert.deepEqual([loc.coordinates, loc.radius], [[-4.5, 54.2], '1/6371'])
      assert.deepEqual([loc.place.id, loc.place.name], [place.id, 'Pier'])
      await app().del('places/delete', { place_id: place.id }, admin)
      const gone = await app().get('geo_fences/query', { where: { id } })
      const expected = { coordinates: [-4.5, 54.2], radius: '1/6371', place_id: place.id }
      assert.deepEqual(gone.body.response.geo_fences[0].loc, expected)
    })

    for (const [why, geo_fence, message] of [
      ['it is missing', undefined, /^Required field: geo_fence$/],
      ['it is empty', {}, /Validation failed - Loc can't be blank, Payload can't be blank\.$/],
      ['there is no payload', { loc: LOC }, /Payload can't be blank/],
      ['the payload is no hash', { loc: LOC, payload: 'x' }, /payload must be a hash/],
      ['there is no radius', { loc: { coordinates: [0, 0] }, payload: {} }, /needs a radius/],
      ['it is nowhere', { loc: { radius: 1 }, payload: {} }, /needs coordinates or place_id/],
      [
        'the radius is no quotient',
        { loc: { ...LOC, radius: '10/0' }, payload: {} },
        /radius must be in radians/,
      ],
      [
        'the radius is negative',
        { loc: { ...LOC, radius: -1 }, payload: {} },
        /radius must be in radians/,
      ],
      [
        'the coordinates are none',
        { loc: { ...LOC, coordinates: [0, 91] }, payload: {} },
        /Invalid coordinates/,
      ],
      [
        'there are two coordinates',
        {
          loc: {
            ...LOC,
            coordinates: [
              [0, 0],
              [1, 1],
            ],
          },
          payload: {},
        },
        /one pair of coordinates/,
      ],
      [
        'the place is unknown',
        { loc: { place_id: UNKNOWN, radius: 1 }, payload: {} },
        /^Invalid place id$/,
      ],
      ['a time is none', { loc: LOC, payload: {}, start_time: 'soon' }, /Invalid start_time/],
      [
        'it ends before it starts',
        { loc: LOC, payload: {}, start_time: '2019-06-02T00:00', end_time: '2019-06-01T00:00' },
        /End time must be after start time/,
      ],
    ] as const) {
      it(`refuses a geofence when ${why}`, async () => {
        const before = await count()
        const values = geo_fence === undefined ? {} : { geo_fence }
        const { status, body } = await app().post('geo_fences/create', values, admin)
        assert.equal(status, 400)
        assert.match(String(body.meta.message), message)
        assert.equal(await count(), before)
      })
    }
  })

  it('are made, changed and deleted by administrators alone', async () => {
    const ann = await app().user()
    const { id } = await make({})
    const before = await count()
    for (const [as, status] of [
      [ann, 403],
      [null, 401],
    ] as const) {
      const geo_fence = { loc: LOC, payload: PAYLOAD }
      assert.equal((await app().post('geo_fences/create', { geo_fence }, as)).status, status)
      assert.equal((await app().put('geo_fences/update', { id, geo_fence }, as)).status, status)
      assert.equal((await app().del('geo_fences/delete', { id }, as)).status, status)
    }
    assert.equal(await count(), before)
  })

  describe('update', () => {
    it('changes what is named, by POST too', async () => {
      const times = { start_time: '2019-06-01T00:00', end_time: '2019-06-30T00:00' }
      const { id } = await make(times)
      const loc = { coordinates: [1, 2], radius: '10/3959' }
      const sent = { id, geo_fence: { loc, start_time: null } }
      const { body } = await app().post('geo_fences/update', sent, admin)
      assert.equal(body.meta.method_name, 'updateGeoFence')
      const [fence] = body.response.geo_fences
      assert.deepEqual([fence.loc, fence.payload], [loc, PAYLOAD])
      assert.deepEqual(['start_time' in fence, 'end_time' in fence], [false, true])
      const smaller = { id, geo_fence: { loc: { radius: '1/3959' } } }
      const after = await app().put('geo_fences/update', smaller, admin)
      assert.deepEqual(after.body.response.geo_fences[0].loc, { ...loc, radius: '1/3959' })
    })

    it('and delete need a geofence', async () => {
      const geo_fence = { payload: {} }
      for (const [id, message] of [
        [UNKNOWN, 'Invalid geo_fence id'],
        ['x', 'Invalid geo_fence id'],
        ['', 'Required field: id'],
      ] as const) {
        const values = { id, geo_fence }
        const updated = await app().put('geo_fences/update', values, admin)
        assert.deepEqual([updated.status, updated.body.meta.message], [400, message])
        const deleted = await app().del('geo_fences/delete', { id }, admin)
        assert.deepEqual([deleted.status, deleted.body.meta.message], [400, message])
      }
    })
  })

  describe('query', () => {
    it('finds by distance in metres, the nearest first, without a login', async () => {
      const at = (latitude: number) => ({ coordinates: [20, latitude], radius: '1/6371' })
      await make({ loc: at(10), payload: { name: 'here' } })
      await make({ loc: at(10.01), payload: { name: '1.1 km' } })
      await make({ loc: at(10.02), payload: { name: '2.2 km' } })
      const near = ($maxDistance: number) => ({
        loc: {
          $nearSphere: { $geometry: { type: 'Point', coordinates: [20, 10.001] }, $maxDistance },
        },
      })
      assert.deepEqual(await found(near(200)), ['here'])
      assert.deepEqual(await found(near(2000)), ['here', '1.1 km'])
      assert.deepEqual(await found(near(3000)), ['here', '1.1 km', '2.2 km'])
      assert.deepEqual(await found({ ...near(3000), payload: { $exists: false } }), [])
      const circle = { loc: { $geoWithin: { $centerSphere: [[20, 10.02], 0.0001] } } }
      assert.deepEqual(await found(circle), ['2.2 km'])
      const wrong = { loc: { $nearSphere: { $geometry: { type: 'Line' } } } }
      assert.equal((await app().get('geo_fences/query', { where: wrong })).status, 400)
    })

    it('finds what has moved where it is now', async () => {
      const { id } = await make({
        loc: { coordinates: [30, 30], radius: 1 },
        payload: { name: 'm' },
      })
      const loc = { coordinates: [40, 40], radius: 1 }
      await app().put('geo_fences/update', { id, geo_fence: { loc } }, admin)
      const near = (position: readonly number[]) => ({
        loc: { $nearSphere: position, $maxDistance: 0.001 },
      })
      assert.deepEqual(await found(near([30, 30])), [])
      assert.deepEqual(await found(near([40, 40])), ['m'])
    })

    it('finds by time', async () => {
      const payload = { name: 'in May' }
      await make({ payload, start_time: '2031-05-01T00:00', end_time: '2031-05-31T00:00' })
      const now = '2031-05-10T12:00'
      const where = { start_time: { $lte: now, $gt: '2031-01-01' }, end_time: { $gte: now } }
      assert.deepEqual(await found(where), ['in May'])
      assert.deepEqual(await found({ start_time: { $gt: '2031-06-01T00:00' } }), [])
    })

    it("does not find another backend's", async () => {
      const other = await app().newBackend('fences-other')
      const eve = await app().admin('eve', other)
      const { id } = await make({})
      const query = await app().call('GET', 'geo_fences/query', {}, eve, other)
      assert.deepEqual(query.body.response.geo_fences, [])
      const gone = await app().call('DELETE', 'geo_fences/delete', { id }, eve, other)
      assert.equal(gone.body.meta.message, 'Invalid geo_fence id')
    })
  })

  it('are deleted, and not found any more', async () => {
    const { id } = await make({ payload: { name: 'brief' } })
    const before = await count()
    const { status, body } = await app().del('geo_fences/delete', { id }, admin)
    assert.deepEqual([status, body.meta.method_name], [200, 'destroyGeoFence'])
    assert.equal(await count(), before - 1)
    assert.deepEqual(await found({ id }), [])
  })
})
