import assert from 'node:assert/strict'
import { it } from 'node:test'
import { onEachDatabase } from '../support/test-app.ts'

onEachDatabase('places', (app) => {
  it('gives a new place to the user who makes it', async () => {
    const ann = await app().user()
    const values = { name: 'Pier 7', latitude: 54.15, longitude: -4.48, tags: 'dock, sea' }
    const { status, body } = await app().post('places/create', values, ann)
    assert.equal(status, 200)
    const [place] = body.response.places
    assert.equal(place.user_id, ann.id)
    assert.deepEqual(place.tags, ['dock', 'sea'])
    assert.equal(place.latitude, 54.15)
  })

  it('names all that is wrong with a place at once', async () => {
    const ann = await app().user()
    const { status, body } = await app().post('places/create', { name: '' }, ann)
    assert.equal(status, 400)
    assert.equal(
      body.meta.message,
      "Failed to create place: Validation failed - Place must have one the of [longitude, latitude] or address or city or state or country or postal_code, Name can't be blank.",
    )
  })

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
    const names = body.response.places.map((place: { name: string }) => place.name)
    assert.deepEqual(
      names.filter((name: string) => name !== 'Pier 7'),
      ['nearest', 'near'],
    )
  })
})
