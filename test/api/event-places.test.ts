import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import { onEachDatabase, type TestUser } from '../support/test-app.ts'

type Position = readonly [longitude: number, latitude: number]

const PIER: Position = [-4.48, 54.15]
const QUAY: Position = [10, 40]

const START = '2019-04-01T10:00:00+0000'

onEachDatabase('the events of a place that moves', (app) => {
  let ann: TestUser
  before(async () => {
    ann = await app().user()
  })

  const at = ([longitude, latitude]: Position) => ({ longitude, latitude })
  const makePlace = async (position: Position): Promise<string> => {
    const { body } = await app().post('places/create', { name: 'p', ...at(position) }, ann)
    return body.response.places[0].id
  }
  const makeEvent = async (values: Record<string, unknown>): Promise<string> => {
    const sent = { name: 'e', start_time: START, ...values }
    const { status, body } = await app().post('events/create', sent, ann)
    assert.equal(status, 200, body.meta.message)
    return body.response.events[0].id
  }
  const move = async (place_id: string, values: Record<string, unknown>) => {
    const { status, body } = await app().put('places/update', { place_id, ...values }, ann)
    assert.equal(status, 200, body.meta.message)
    await app().settle()
  }
  const near = (where: object, position: Position) => ({
    where: { ...where, lnglat: { $nearSphere: position, $maxDistance: 0.001 } },
    limit: 1000,
  })
  const found = async (position: Position, place_id: string): Promise<string[]> => {
    const { body } = await app().get('events/query', near({ place_id }, position))
    return body.response.events.map(({ id }: { id: string }) => id)
  }
  const occurrences = async (position: Position, place_id: string): Promise<string[]> => {
    const { body } = await app().get('events/query/occurrences', near({ place_id }, position))
    return body.response.event_occurrences.map((one: { event_id: string }) => one.event_id)
  }

  it('are found where it is now, and so are their occurrences', async () => {
    const [place, other] = [await makePlace(PIER), await makePlace(PIER)]
    const rule = { recurring: 'daily', recurring_count: 3 }
    const events = [
      await makeEvent({ place_id: place, ...rule }),
      await makeEvent({ place_id: place }),
    ]
    const elsewhere = await makeEvent({ place_id: other })
    const [one = '', two = ''] = events
    const shown = await app().get('events/show', { event_ids: events })

    await move(place, at(QUAY))
    assert.deepEqual(await found(QUAY, place), [two, one])
    assert.deepEqual(await found(PIER, place), [])
    assert.deepEqual((await occurrences(QUAY, place)).sort(), [one, one, one, two])
    assert.deepEqual(await occurrences(PIER, place), [])
    assert.deepEqual(await found(PIER, other), [elsewhere])
    assert.deepEqual(await occurrences(PIER, other), [elsewhere])
    // To those who see them nothing has changed.
    const after = await app().get('events/show', { event_ids: events })
    assert.deepEqual(after.body.response, shown.body.response)
  })

  it('leave coordinates of their own when it gets a position', async () => {
    const made = await app().post('places/create', { name: 'p', city: 'c' }, ann)
    const place = made.body.response.places[0].id
    const own = await makeEvent({ place_id: place, custom_fields: { coordinates: QUAY } })
    const none = await makeEvent({ place_id: place })
    assert.deepEqual(await found(QUAY, place), [own])
    assert.deepEqual(await occurrences(QUAY, place), [own])
    await move(place, at(PIER))
    assert.deepEqual(await found(PIER, place), [none, own])
    assert.deepEqual(await occurrences(PIER, place), [none, own])
    assert.deepEqual(await found(QUAY, place), [])
    assert.deepEqual(await occurrences(QUAY, place), [])
  })

  it('are left alone by its other changes', async () => {
    const place = await makePlace(PIER)
    const event = await makeEvent({ place_id: place })
    const { store } = app().context
    const address = { backendId: app().backend.id, type: 'event', id: event }
    const before = await store.get(address)
    await move(place, { name: 'q', ...at(PIER) })
    assert.deepEqual(await store.get(address), before)
  })

  it('follow it however many they are', async () => {
    const place = await makePlace(PIER)
    const made = await Promise.all(
      Array.from({ length: 101 }, () => makeEvent({ place_id: place })),
    )
    await move(place, at(QUAY))
    assert.deepEqual((await found(QUAY, place)).sort(), made.sort())
  })

  it('follow it when they are made while it moves', async () => {
    const place = await makePlace(PIER)
    const [made] = await Promise.all([
      Promise.all(Array.from({ length: 10 }, () => makeEvent({ place_id: place }))),
      move(place, at([20, 20])),
      move(place, at(QUAY)),
    ])
    await app().settle()
    const shown = await app().get('places/show', { place_id: place })
    const { longitude, latitude } = shown.body.response.places[0]
    assert.deepEqual((await found([longitude, latitude], place)).sort(), made.sort())
  })
})
