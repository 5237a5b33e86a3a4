import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type Hash, makeObjects, namesFound } from '../support/class-queries.ts'
import { onEachDatabase, type TestApp, type TestUser } from '../support/test-app.ts'

let ann: TestUser

/** Objects of a new user, whom the tests call Ann. */
async function make(app: TestApp, classname: string, all: readonly Hash[]): Promise<string[]> {
  ann = await app.user()
  return makeObjects(app, classname, all, ann)
}

onEachDatabase('nearness', (app) => {
  const AT = [
    { name: 'home', coordinates: [-4.48, 54.15] },
    { name: 'near', coordinates: [-4.47, 54.15] },
    {
      name: 'far',
      coordinates: [
        [100, 0],
        [-4.4, 54.2],
      ],
    },
    { name: 'away', coordinates: [[10, 10]] },
    { name: 'nowhere' },
  ]
  const near = (more: Hash = {}) => ({ coordinates: { $nearSphere: [-4.48, 54.15], ...more } })

  it('sorts by distance, within a distance in radians', async () => {
    await make(app(), 'spot', AT)
    for (const [distance, wanted] of [
      [undefined, 'home near far away'],
      [1 / 6371, 'home near'],
      [0.5 / 6371, 'home'],
      [8 / 6371, 'home near far'],
      [0, 'home'],
      [4, 'home near far away'],
      ['0.0002', 'home near'],
    ] as const) {
      const where = near(distance === undefined ? {} : { $maxDistance: distance })
      assert.equal(await namesFound(app(), 'spot', { where }), wanted, String(distance))
    }
  })

  it('takes a GeoJSON point and metres', async () => {
    const $geometry = { type: 'Point', coordinates: [-4.48, 54.15] }
    for (const [metres, wanted] of [
      [500, 'home'],
      [1000, 'home near'],
      [9000, 'home near far'],
    ] as const) {
      const inside = { coordinates: { $nearSphere: { $geometry, $maxDistance: metres } } }
      assert.equal(await namesFound(app(), 'spot', { where: inside }), wanted)
      const beside = { coordinates: { $nearSphere: { $geometry }, $maxDistance: metres } }
      assert.equal(await namesFound(app(), 'spot', { where: beside }), wanted)
    }
  })

  it('within a circle keeps the newest first', async () => {
    const $centerSphere = [[-4.48, 54.15], 8 / 6371]
    const where = { coordinates: { $geoWithin: { $centerSphere } } }
    assert.equal(await namesFound(app(), 'spot', { where }), 'far near home')
  })

  it('combines with order, skip, limit, count and other conditions', async () => {
    for (const [query, wanted] of [
      [{ where: near(), limit: 2 }, 'home near'],
      [{ where: near(), limit: 2, skip: 1 }, 'near far'],
      [{ where: near(), skip: 3 }, 'away'],
      [{ where: near(), skip: 4 }, ''],
      [{ where: near(), order: 'name' }, 'away far home near'],
      [{ where: near(), order: '-name', limit: 2, skip: 1 }, 'home far'],
      [{ where: near({ $maxDistance: 8 / 6371 }), order: 'name', skip: 1 }, 'home near'],
      [{ where: { ...near(), name: { $in: ['away', 'near'] } } }, 'near away'],
      [{ where: { $and: [near(), { name: { $ne: 'home' } }] }, limit: 1 }, 'near'],
      [
        { where: { $or: [near({ $maxDistance: 0.5 / 6371 }), { name: 'nowhere' }] } },
        'nowhere home',
      ],
      [{ where: { $nor: [near({ $maxDistance: 8 / 6371 })] } }, 'nowhere away'],
    ] as const) {
      assert.equal(await namesFound(app(), 'spot', query), wanted, JSON.stringify(query))
    }
    const where = near({ $maxDistance: 8 / 6371 })
    const { body } = await app().get('objects/spot/query', { where, count: true, limit: 1 })
    assert.equal(body.meta.count, 3)
  })

  it('crosses the date line and the pole', async () => {
    await make(app(), 'edge', [
      { name: 'west', coordinates: [-179.99, 0] },
      { name: 'east', coordinates: [179.99, 0] },
      { name: 'pole', coordinates: [90, 89.99] },
    ])
    const around = (at: number[]) => ({ coordinates: { $nearSphere: at, $maxDistance: 3 / 6371 } })
    assert.equal(await namesFound(app(), 'edge', { where: around([180, 0]) }), 'east west')
    assert.equal(await namesFound(app(), 'edge', { where: around([-90, 89.99]) }), 'pole')
  })

  it('finds places by their own position first', async () => {
    const place = { name: 'p', latitude: 1, longitude: 2, custom_fields: { coordinates: [30, 40] } }
    const { body } = await app().post('places/create', place, ann)
    const id = body.response.places[0].id
    for (const [where, wanted] of [
      [{ lnglat: { $nearSphere: [2, 1], $maxDistance: 0.001 } }, [id]],
      [{ coordinates: { $nearSphere: [2, 1], $maxDistance: 0.001 } }, [id]],
      [{ coordinates: { $nearSphere: [30, 40], $maxDistance: 0.001 } }, [id]],
      [{ lnglat: { $nearSphere: [30, 40], $maxDistance: 0.001 } }, []],
    ] as const) {
      const found = await app().get('places/query', { where })
      const ids = found.body.response.places.map((one: { id: string }) => one.id)
      assert.deepEqual(ids, wanted, JSON.stringify(where))
    }
  })
})

onEachDatabase('$text', (app) => {
  const search = ($search: string, more: Hash = {}) =>
    namesFound(app(), 'note', { where: { $text: { $search }, ...more } })

  it('finds any of the words, the one with the most first', async () => {
    await make(app(), 'note', [
      { name: 'a', text: 'The old fish market, by the pier' },
      { name: 'b', text: 'Market for FISH', more: 'closed on Mondays' },
      { name: 'c', text: 'A pier-side café' },
      { name: 'd', text: 'A market of fish' },
      { name: 'e', text: 'nothing', tags: 'pier' },
    ])
    for (const [words, wanted] of [
      ['pier', 'e c a'],
      ['PIER', 'e c a'],
      ['cafe', 'c'],
      ['café pier', 'c e a'],
      ['fish market pier', 'a d b e c'],
      ['pier,side', 'c e a'],
      ['fish -closed', 'd a'],
      ['fish -"fish market"', 'd b'],
      ['"fish market"', 'a'],
      ['"fish market" pier', 'a'],
      ['"fish market" zebra', 'a'],
      ['"the old fish"', 'a'],
      ['"old the fish"', ''],
      ['"pier"', 'e c a'],
      ['"pier side"', 'c'],
      ['-closed', ''],
      ['pie', ''],
      ['!!!', ''],
    ] as const) {
      assert.equal(await search(words), wanted, words)
    }
  })

  it('ignores order, and takes other conditions, limit, skip and count', async () => {
    const where = { $text: { $search: 'fish market pier' } }
    assert.equal(await namesFound(app(), 'note', { where, order: 'name' }), 'a d b e c')
    assert.equal(await namesFound(app(), 'note', { where, limit: 2, skip: 1 }), 'd b')
    assert.equal(await search('fish market', { name: { $ne: 'd' } }), 'b a')
    const { body } = await app().get('objects/note/query', { where, count: true, limit: 1 })
    assert.equal(body.meta.count, 5)
  })
})
