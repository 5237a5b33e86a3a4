import assert from 'node:assert/strict'
import { createReadStream } from 'node:fs'
import { it } from 'node:test'
import { idsOf, onEachSdk, refusal, type SdkScene } from '../support/arrowdb-scene.ts'
import type { ServerProcess, ShownBackend } from '../support/process.ts'

/** What stands in the way of nobody: an id that no object has. */
const NO_ID = '5f00c0ffee00000000000010'

const START = '2019-06-01T09:00:00+0000'
const PIER = { latitude: 54.15, longitude: -4.48 }

/** An app of the time before searches were retired. */
let old: ShownBackend

async function prepare(server: ServerProcess): Promise<void> {
  old = await server.json(['backend', 'create', '--name', 'old'])
  await server.set({ mbsRelease: '1.2.0' }, old.id)
}

onEachSdk(
  'places',
  (scene) => {
    it('works with places', async () => {
      const { admin, ann, ben, ids, photo } = scene()
      const options = { name: 'Pier 7', ...PIER, tags: 'dock', photo }
      const [place] = (await ann.call('placesCreate', options)).response.places
      assert.deepEqual([place.latitude, place.tags, place.user_id], [54.15, ['dock'], ids.ann])
      const { id } = place
      const change = { place_id: id, name: 'Pier 8', custom_fields: { open: true } }
      const [updated] = (await ann.call('placesUpdate', change)).response.places
      assert.deepEqual([updated.name, updated.custom_fields.open], ['Pier 8', true])
      assert.deepEqual(
        await ben.refused('placesUpdate', { place_id: id, name: 'x' }),
        refusal(400, 'Current user cannot update this place'),
      )
      assert.deepEqual(idsOf(await ben.call('placesShow', { place_id: id }), 'places'), [id])
      const near = { lnglat: { $nearSphere: [-4.48, 54.15], $maxDistance: 0.001 } }
      assert.deepEqual(idsOf(await ben.call('placesQuery', { where: near }), 'places'), [id])
      const [status, message] = await ben.refused('placesSearch', { q: 'Pier' })
      assert.equal(status, 410)
      assert.match(message, /search\.json has been deprecated\. Please use \$text query/)

      const elsewhere = await Promise.all(['a', 'b', 'c'].map((name) => makePlace(scene(), name)))
      await ann.call('placesDelete', { place_id: elsewhere[0] })
      await ann.call('placesRemove', { place_id: elsewhere[1] })
      assert.equal((await ann.call('placesCount')).meta.count, 2)
      assert.equal((await ann.refused('placesBatchDelete'))[0], 403)
      await admin.call('placesBatchDelete', { where: { city: 'Nowhere' } })
      await scene().untilCount('placesCount', 1)
    })

    it('works with check-ins', async () => {
      const { admin, ann, ben, ids, photo } = scene()
      const [place] = idsOf(await ann.call('placesQuery'), 'places')
      const options = { place_id: place, message: 'here', photo: createReadStream(photo) }
      const [checkin] = (await ann.call('checkinsCreate', options)).response.checkins
      assert.deepEqual([checkin.place_id, checkin.user_id], [place, ids.ann])
      const { id } = checkin
      const change = { checkin_id: id, message: 'still here', response_json_depth: 2 }
      const [updated] = (await ann.call('checkinsUpdate', change)).response.checkins
      assert.deepEqual([updated.message, updated.place.id], ['still here', place])
      assert.deepEqual(idsOf(await ben.call('checkinsShow', { checkin_id: id }), 'checkins'), [id])
      const where = { where: { place_id: place } }
      assert.deepEqual(idsOf(await ben.call('checkinsQuery', where), 'checkins'), [id])
      for (const [wrong, message] of [
        [{ message: 'x' }, /Place or event id is required/],
        [{ place_id: NO_ID }, /Invalid place id/],
      ] as const) {
        const refused = await ann.refused('checkinsCreate', wrong)
        assert.equal(refused[0], 400)
        assert.match(refused[1], message)
      }
      const make = async () =>
        idsOf(await ann.call('checkinsCreate', { place_id: place }), 'checkins')[0]
      await ann.call('checkinsDelete', { checkin_id: await make() })
      await ann.call('checkinsRemove', { checkin_id: await make() })
      assert.equal((await ann.call('checkinsCount')).meta.count, 1)
      await admin.call('checkinsBatchDelete')
      await scene().untilCount('checkinsCount', 0)
    })

    it('works with events and their occurrences', async () => {
      const { admin, ann, ben } = scene()
      const rule = { duration: 3600, recurring: 'weekly', recurring_count: 5 }
      // As the SDK sends dates: JSON text, in double quotes.
      const options = { name: 'Regatta', start_time: new Date(START), ...rule }
      const [event] = (await ann.call('eventsCreate', options)).response.events
      assert.deepEqual([event.start_time, event.num_occurrences], [START, 5])
      const { id } = event
      const of = { event_id: id }
      const change = { ...of, recurring: 'daily', recurring_count: 3 }
      assert.equal((await ann.call('eventsUpdate', change)).response.events[0].num_occurrences, 3)
      assert.deepEqual(idsOf(await ben.call('eventsShow', of), 'events'), [id])
      const shown = await ben.call('eventsShowOccurrences', { ...of, response_json_depth: 2 })
      const named = shown.response.event_occurrences.map(
        (one: { start_time: string; event: { name: string } }) => [one.event.name, one.start_time],
      )
      const days = ['01', '02', '03'].map((day) => ['Regatta', `2019-06-${day}T09:00:00+0000`])
      assert.deepEqual(named.sort(), days)
      assert.equal(shown.meta.total_results, 3)
      const found = await ben.call('eventsQuery', { where: { num_occurences: 3 } })
      assert.deepEqual(idsOf(found, 'events'), [id])
      const after = { where: { start_time: { $gt: '2019-06-02T10:00:00+0000' } } }
      const last = await ben.call('eventsQueryOccurrences', after)
      assert.equal(last.response.event_occurrences.length, 1)
      for (const method of ['eventsSearch', 'eventsSearchOccurrences']) {
        assert.equal((await ben.refused(method, { q: 'Regatta' }))[0], 410)
      }
      const [status, text] = await ann.refused('eventsCreate', { name: 'x', start_time: '2011' })
      assert.deepEqual([status, text], refusal(400, 'Invalid calender schedule  invalid date'))

      const make = async () =>
        idsOf(await ann.call('eventsCreate', { name: 'once', start_time: START }), 'events')[0]
      await ann.call('eventsDelete', { event_id: await make() })
      await ann.call('eventsRemove', { event_id: await make() })
      assert.equal((await ann.call('eventsCount')).meta.count, 1)
      await admin.call('eventsBatchDelete')
      await scene().untilCount('eventsCount', 0)
      assert.deepEqual((await ben.call('eventsQueryOccurrences')).response.event_occurrences, [])
    })

    it('searches on an app of an old release', async () => {
      const eve = scene().client(old)
      const password = { password: 'secret', password_confirmation: 'secret' }
      await eve.call('usersCreate', { username: 'eve', ...password })
      await scene().logIn(eve, 'eve')
      await eve.call('placesCreate', { name: 'North Pier', latitude: 54, longitude: -4 })
      await eve.call('placesCreate', { name: 'South Beach', latitude: 53, longitude: -4 })
      const found = await eve.call('placesSearch', { q: 'pier', latitude: 54, longitude: -4.1 })
      const names = found.response.places.map(({ name }: { name: string }) => name)
      assert.deepEqual([names, found.meta.total_results], [['North Pier'], 1])
      const event = {
        name: 'Night sail',
        start_time: START,
        recurring: 'daily',
        recurring_count: 2,
      }
      const [id] = idsOf(await eve.call('eventsCreate', event), 'events')
      assert.deepEqual(idsOf(await eve.call('eventsSearch', { q: 'SAIL' }), 'events'), [id])
      const times = await eve.call('eventsSearchOccurrences', { q: 'night' })
      assert.equal(times.response.event_occurrences.length, 2)
    })

    it('works with geofences, which administrators make', async () => {
      const { admin, ann } = scene()
      const loc = { coordinates: [PIER.longitude, PIER.latitude], radius: '2/6371' }
      const geo_fence = { loc, payload: { alert: 'Welcome' } }
      assert.equal((await ann.refused('geoFencesCreate', { geo_fence }))[0], 403)
      const make = async () =>
        (await admin.call('geoFencesCreate', { geo_fence })).response.geo_fences
      const [{ id, loc: kept }] = await make()
      assert.deepEqual(kept, loc)
      const away = { ...geo_fence, payload: { alert: 'Bye' } }
      const changed = await admin.call('geoFencesUpdate', { id, geo_fence: away })
      assert.equal(changed.response.geo_fences[0].payload.alert, 'Bye')
      const point = { type: 'Point', coordinates: loc.coordinates }
      const near = (place: object, $maxDistance: number) =>
        ann.call('geoFencesQuery', {
          where: { loc: { $nearSphere: { $geometry: place, $maxDistance } } },
        })
      assert.deepEqual(idsOf(await near(point, 100), 'geo_fences'), [id])
      const far = { ...point, coordinates: [0, 0] }
      assert.deepEqual(idsOf(await near(far, 100), 'geo_fences'), [])
      const [{ id: other }] = await make()
      assert.equal((await ann.call('geoFencesCount')).meta.count, 2)
      await admin.call('geoFencesDelete', { id })
      await admin.call('geoFencesRemove', { id: other })
      assert.equal((await ann.call('geoFencesCount')).meta.count, 0)
    })

    it('works with reviews', () => workWithReviews(scene()))

    it('likes what others have made, once, and takes it back', async () => {
      const { ann, ben, ids } = scene()
      const place = await makePlace(scene(), 'liked')
      const liked = { place_id: place }
      const show = async () =>
        (await ben.call('placesShow', { ...liked, show_user_like: true })).response.places[0]
      const [like] = (await ben.call('likesCreate', liked)).response.likes
      assert.deepEqual(
        [like.likeable_id, like.likeable_type, like.user_id],
        [place, 'Place', ids.ben],
      )
      assert.equal((await ben.refused('likesCreate', liked))[0], 400)
      assert.deepEqual([(await show()).likes_count, (await show()).current_user_liked], [1, true])
      assert.deepEqual(idsOf(await ben.call('likesQuery', liked), 'likes'), [like.id])
      assert.deepEqual(idsOf(await ann.call('likesQuery', liked), 'likes'), [])
      await ben.call('likesDelete', liked)
      assert.equal((await ben.refused('likesDelete', liked))[0], 400)
      await ben.call('likesCreate', liked)
      await ben.call('likesRemove', liked)
      assert.equal((await show()).current_user_liked, undefined)
    })
  },
  { prepare },
)

async function makePlace({ ann }: SdkScene, name: string): Promise<string | undefined> {
  return idsOf(await ann.call('placesCreate', { name, city: 'Nowhere' }), 'places')[0]
}

async function workWithReviews(scene: SdkScene): Promise<void> {
  const { admin, ann, ben, ids } = scene
  const place = await makePlace(scene, 'reviewed')
  const options = { place_id: place, content: 'good', rating: 4, tags: 'x' }
  const [review] = (await ben.call('reviewsCreate', options)).response.reviews
  assert.deepEqual([review.content, review.rating, review.user_id], ['good', 4, ids.ben])
  await ann.call('reviewsCreate', { place_id: place, rating: 2 })
  const [target] = (await ann.call('placesShow', { place_id: place })).response.places
  assert.deepEqual([target.reviews_count, target.ratings_average], [2, 3])
  const change = { place_id: place, review_id: review.id, rating: 5 }
  const [updated] = (await ben.call('reviewsUpdate', change)).response.reviews
  assert.deepEqual([updated.rating, updated.content], [5, 'good'])
  const shown = await ann.call('reviewsShow', { review_id: review.id })
  assert.deepEqual(idsOf(shown, 'reviews'), [review.id])
  const found = await ann.call('reviewsQuery', { place_id: place, where: { rating: 5 } })
  assert.deepEqual(idsOf(found, 'reviews'), [review.id])
  assert.equal((await ann.call('reviewsCount')).meta.count, 2)
  for (const [method, wrong, message] of [
    ['reviewsCreate', {}, 'Invalid review type'],
    ['reviewsShow', { review_id: NO_ID }, 'Invalid review id(s)'],
    ['reviewsRemove', { review_id: NO_ID }, 'Invalid review id'],
  ] as const) {
    assert.deepEqual(await ben.refused(method, wrong), refusal(400, message))
  }
  await ben.call('reviewsDelete', { review_id: review.id })
  const again = await ben.call('reviewsCreate', { place_id: place, content: 'better' })
  await ben.call('reviewsRemove', { review_id: idsOf(again, 'reviews')[0] })
  await admin.call('reviewsBatchDelete')
  await scene.untilCount('reviewsCount', 0)
}
