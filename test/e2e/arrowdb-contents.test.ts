import assert from 'node:assert/strict'
import { it } from 'node:test'
import { idsOf, onEachSdk, refusal, type SdkScene } from '../support/arrowdb-scene.ts'

onEachSdk('contents', (scene) => {
  it('works with custom objects', () => workWithBoats(scene()))

  it('works with key-values, of which both users count one', async () => {
    const { ann, ben } = scene()
    const value = async (name: string) =>
      (await ben.call('keyValuesGet', { name })).response.keyvalues[0].value
    assert.equal(
      (await scene().client().refused('keyValuesSet', { name: 'x', value: 'y' }))[0],
      400,
    )
    await ann.call('keyValuesSet', { name: 'tide', value: 'hi' })
    const appended = await ben.call('keyValuesAppend', { name: 'tide', value: 'gh' })
    assert.equal(appended.response.keyvalues[0].value, 'high')
    assert.equal(await value('tide'), 'high')
    await ann.call('keyValuesSet', { name: 'score', value: '100' })
    const counted = await ann.call('keyValuesIncrby', { name: 'score', value: 10 })
    assert.equal(Number(counted.response.keyvalues[0].value), 110)
    await ben.call('keyValuesIncrement', { name: 'score', value: -1 })
    assert.equal(Number(await value('score')), 109)
    const own = { name: 'mine', access_private: true }
    await ann.call('keyValuesSet', { ...own, value: 'secret' })
    const mine = await ann.call('keyValuesGet', own)
    assert.equal(mine.response.keyvalues[0].value, 'secret')
    assert.equal((await ben.refused('keyValuesGet', own))[0], 400)
    const found = await ben.call('keyValuesQuery', { where: { name: 'tide' } })
    assert.equal(found.response.keyvalues[0].value, 'high')
    assert.equal((await ann.call('keyValuesCount')).meta.count, 3)
    await ben.call('keyValuesDelete', { name: 'tide' })
    await ann.call('keyValuesRemove', own)
    assert.equal((await ben.refused('keyValuesGet', { name: 'tide' }))[0], 400)
    assert.equal((await ann.call('keyValuesCount')).meta.count, 1)
  })

  it('works with posts', async () => {
    const { admin, ann, ben, ids, photo } = scene()
    const options = { title: 'Log', content: 'Calm sea', tags: 'log', photo }
    const [post] = (await ann.call('postsCreate', options)).response.posts
    assert.deepEqual([post.title, post.tags, post.user_id], ['Log', ['log'], ids.ann])
    assert.deepEqual(
      await ann.refused('postsCreate', { title: 'x' }),
      refusal(400, "Failed to create post: Validation failed - Content can't be blank."),
    )
    const change = { post_id: post.id, content: 'Rough sea', custom_fields: { wind: 7 } }
    const [updated] = (await ann.call('postsUpdate', change)).response.posts
    assert.deepEqual([updated.content, updated.custom_fields], ['Rough sea', { wind: 7 }])
    assert.deepEqual(idsOf(await ben.call('postsShow', { post_id: post.id }), 'posts'), [post.id])
    const windy = { where: { wind: { $gte: 7 } } }
    assert.deepEqual(idsOf(await ben.call('postsQuery', windy), 'posts'), [post.id])
    const make = async () => idsOf(await ben.call('postsCreate', { content: 'x' }), 'posts')[0]
    await ben.call('postsDelete', { post_id: await make() })
    await ben.call('postsRemove', { post_id: await make() })
    assert.equal((await ann.call('postsCount')).meta.count, 1)
    await admin.call('postsBatchDelete')
    await scene().untilCount('postsCount', 0)
  })

  it('works with statuses', async () => {
    const { admin, ann, ben, ids, photo } = scene()
    const place = { name: 'Pier', city: 'Douglas' }
    const [place_id] = idsOf(await ann.call('placesCreate', place), 'places')
    const options = { message: 'Under sail', place_id, photo }
    const [status] = (await ann.call('statusesCreate', options)).response.statuses
    assert.deepEqual([status.place_id, status.user_id], [place_id, ids.ann])
    assert.equal((await ann.refused('statusesCreate', {}))[0], 400)
    const change = { status_id: status.id, message: 'At anchor', response_json_depth: 2 }
    const [updated] = (await ann.call('statusesUpdate', change)).response.statuses
    assert.deepEqual([updated.message, updated.place.name], ['At anchor', 'Pier'])
    const shown = await ben.call('statusesShow', { status_id: status.id })
    assert.deepEqual(idsOf(shown, 'statuses'), [status.id])
    const there = { where: { place_id } }
    assert.deepEqual(idsOf(await ben.call('statusesQuery', there), 'statuses'), [status.id])
    const make = async () =>
      idsOf(await ben.call('statusesCreate', { message: 'x' }), 'statuses')[0]
    await ben.call('statusesDelete', { status_id: await make() })
    await ben.call('statusesRemove', { status_id: await make() })
    assert.equal((await ann.call('statusesCount')).meta.count, 1)
    await admin.call('statusesBatchDelete')
    await scene().untilCount('statusesCount', 0)
  })
})

async function workWithBoats(scene: SdkScene): Promise<void> {
  const { admin, ann, ben, ids, photo } = scene
  const of = { classname: 'boat' }
  const fields = { name: 'Grebe', length: 7.2, crew: ['a', 'b'], coordinates: [-4.5, 54.1] }
  const [boat] = (await ann.call('customObjectsCreate', { ...of, fields, photo })).response.boat
  assert.deepEqual([boat.name, boat.length, boat.crew], ['Grebe', 7.2, ['a', 'b']])
  assert.deepEqual([boat.user_id, boat.classname], [ids.ann, undefined])
  const more = [{ name: 'Heron' }, { name: 'Swan' }, { name: 'Tern' }]
  const [status] = await ann.refused('customObjectsBatchCreate', { ...of, json_array: more })
  assert.equal(status, 403)
  const batch = await admin.call('customObjectsBatchCreate', { ...of, json_array: more })
  assert.match(String(batch.meta.message), /"n"=>3\b.*"nInserted"=>3\b/)
  assert.equal((await ann.call('customObjectsCount', of)).meta.count, 4)

  const update = { ...of, id: boat.id, fields: { length: 8, crew: null } }
  const updated = (await ann.call('customObjectsUpdate', update)).response.boat[0]
  assert.deepEqual([updated.length, updated.crew, updated.name], [8, undefined, 'Grebe'])
  assert.equal(updated.classname, undefined)
  const shown = await ben.call('customObjectsShow', { ...of, ids: boat.id })
  assert.deepEqual(idsOf(shown, 'boat'), [boat.id])
  const where = { length: { $gt: 7 } }
  const query = { ...of, where, order: '-created_at', limit: 5, response_json_depth: 2 }
  const found = await ben.call('customObjectsQuery', query)
  assert.equal(found.response.boat[0].user.id, ids.ann)
  assert.match(found.response.boat[0].photo.id, /^[0-9a-f]{24}$/)

  const others = { ...of, where: { name: { $ne: 'Grebe' } } }
  const [first, second] = idsOf(await ben.call('customObjectsQuery', others), 'boat')
  assert.equal((await ben.refused('customObjectsDelete', { ...of, id: first }))[0], 400)
  await admin.call('customObjectsDelete', { ...of, id: first })
  await admin.call('customObjectsRemove', { ...of, ids: second })
  assert.equal((await ann.call('customObjectsCount', of)).meta.count, 2)
  await admin.call('customObjectsBatchDelete', others)
  await scene.untilCount('customObjectsCount', 1, of)
  assert.equal((await ann.refused('customObjectsAdminDropCollection', of))[0], 400)
  await admin.call('customObjectsAdminDropCollection', of)
  const ask = () => admin.call('customObjectsQuery', of)
  await scene.until('the class is gone', ask, ({ response }) => response.boat.length === 0)
}
