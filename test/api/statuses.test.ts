import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { insertRecord } from '../support/records.ts'
import { onEachDatabase, type TestUser } from '../support/test-app.ts'

const UNKNOWN = '0'.repeat(24)

onEachDatabase('statuses', (app) => {
  const make = async (values: Record<string, unknown>, as: TestUser) => {
    const answer = await app().post('statuses/create', { message: 'm', ...values }, as)
    assert.equal(answer.status, 200, answer.body.meta.message)
    return answer.body.response.statuses[0]
  }
  const makePlace = async (as: TestUser): Promise<string> => {
    const { body } = await app().post('places/create', { name: 'Pier', city: 'Douglas' }, as)
    return body.response.places[0].id
  }
  const makeEvent = (as: TestUser) =>
    insertRecord(app(), { type: 'event', ownerId: as.id, data: { name: 'Regatta' } })
  const show = async (id: string) =>
    (await app().get('statuses/show', { status_id: id })).body.response?.statuses[0]
  const count = async () => Number((await app().get('statuses/count')).body.meta.count)

  describe('create and show', () => {
    it('keep every member as it was sent', async () => {
      const ann = await app().user()
      const place_id = await makePlace(ann)
      const members = { message: 'Under sail', place_id, custom_fields: { knots: 7 } }
      const { body } = await app().post('statuses/create', { ...members, tags: 'sea' }, ann)
      assert.equal(body.meta.method_name, 'createStatus')
      const [status] = body.response.statuses
      const { id, created_at, updated_at } = status
      const rest = { tags: ['sea'], created_at, updated_at, user_id: ann.id }
      assert.deepEqual(status, { id, ...members, ...rest })
      const shown = await app().get('statuses/show', { status_id: id, response_json_depth: 2 })
      assert.equal(shown.body.meta.method_name, 'showStatus')
      const [deep] = shown.body.response.statuses
      assert.deepEqual([deep.place.name, deep.user.id], ['Pier', ann.id])
    })

    for (const [why, values, message] of [
      ['there is no message', { message: '' }, 'Status message is required'],
      ['the message is blank', { message: ' ' }, 'Status message is required'],
      ['the place is unknown', { place_id: UNKNOWN }, 'Invalid place id'],
      ['the event is unknown', { event_id: UNKNOWN }, 'Invalid event id'],
    ] as const) {
      it(`refuse a status when ${why}`, async () => {
        const before = await count()
        const sent = { message: 'm', ...values }
        const { status, body } = await app().post('statuses/create', sent, await app().user())
        assert.deepEqual([status, body.meta.message], [400, message])
        assert.equal(await count(), before)
      })
    }

    it('refuse a status that is both at a place and at an event', async () => {
      const ann = await app().user()
      const values = {
        message: 'm',
        place_id: await makePlace(ann),
        event_id: await makeEvent(ann),
      }
      const before = await count()
      const { status, body } = await app().post('statuses/create', values, ann)
      assert.equal(status, 400)
      assert.match(String(body.meta.message), /Place and event id exclude each other/)
      assert.equal(await count(), before)
    })

    it('need a login, and an administrator for su_id', async () => {
      const [ann, admin] = [await app().user(), await app().admin('status-admin')]
      assert.equal((await app().post('statuses/create', { message: 'm' })).status, 401)
      const values = { message: 'm', su_id: ann.id }
      assert.equal((await app().post('statuses/create', values, await app().user())).status, 403)
      assert.equal((await make(values, admin)).user_id, ann.id)
    })
  })

  it('show, update and delete name what is wrong with an id', async () => {
    const ann = await app().user()
    for (const [verb, path] of [
      ['GET', 'statuses/show'],
      ['PUT', 'statuses/update'],
      ['DELETE', 'statuses/delete'],
    ] as const) {
      for (const values of [{}, { status_id: 'x' }, { status_id: UNKNOWN }]) {
        const { status, body } = await app().call(verb, path, values, ann)
        assert.deepEqual([status, body.meta.message], [400, 'Invalid status id'], path)
      }
    }
  })

  it('query finds by conditions, and statuses/search lists those of a user', async () => {
    const [ann, bob] = [await app().user(), await app().user()]
    const place_id = await makePlace(ann)
    await make({ message: 'moored', place_id }, ann)
    await make({ message: 'afloat' }, ann)
    await make({ message: 'ashore' }, bob)
    const messages = async (path: string, values: Record<string, unknown>) => {
      const { body } = await app().get(path, values)
      assert.equal(body.meta.method_name, 'queryStatuses')
      return body.response.statuses.map((one: { message: string }) => one.message)
    }
    assert.deepEqual(await messages('statuses/query', { where: { place_id } }), ['moored'])
    const both = await messages('statuses/search', { user_id: ann.id })
    assert.deepEqual(both, ['afloat', 'moored'])
    const where = { message: 'moored' }
    assert.deepEqual(await messages('statuses/search', { user_id: bob.id, where }), [])
    assert.deepEqual(await messages('statuses/query', { where: { message: 'nothing' } }), [])
  })

  it('update moves it from a place to an event', async () => {
    const ann = await app().user()
    const { id: status_id } = await make({ place_id: await makePlace(ann) }, ann)
    const event_id = await makeEvent(ann)
    const { body } = await app().put('statuses/update', { status_id, event_id }, ann)
    assert.equal(body.meta.method_name, 'updateStatus')
    const status = await show(status_id)
    assert.deepEqual([status.event_id, status.message], [event_id, 'm'])
    assert.equal('place_id' in status, false)
    const blank = await app().put('statuses/update', { status_id, message: '' }, ann)
    assert.equal(blank.body.meta.message, 'Status message is required')
    assert.deepEqual(await show(status_id), status)
  })

  it('is changed and deleted by its owner and whom its ACL lets', async () => {
    const [ann, bob, cid] = [await app().user(), await app().user(), await app().user()]
    await app().post('acls/create', { name: 'crew', writer_ids: bob.id }, ann)
    const open = await make({}, ann)
    const { id: status_id } = await make({ acl_name: 'crew' }, ann)
    const update = (id: string, as: TestUser) =>
      app().put('statuses/update', { status_id: id, message: 'x' }, as)
    const stranger = await update(open.id, bob)
    assert.equal(stranger.body.meta.message, 'Current user cannot update this status')
    assert.equal((await update(status_id, cid)).status, 401)
    assert.equal((await update(status_id, bob)).status, 200)
    assert.equal((await app().del('statuses/delete', { status_id }, cid)).status, 401)
    assert.equal((await app().del('statuses/delete', { status_id })).status, 401)
    const { status, body } = await app().del('statuses/delete', { status_id }, ann)
    assert.deepEqual([status, body.meta.method_name], [200, 'deleteStatus'])
    assert.equal(await show(status_id), undefined)
  })

  it("is out of reach with another backend's key", async () => {
    const { id: status_id } = await make({}, await app().user())
    const other = await app().newBackend('statuses-other')
    const eve = await app().user('eve', other)
    const shown = await app().call('GET', 'statuses/show', { status_id }, eve, other)
    assert.deepEqual([shown.status, shown.body.meta.message], [400, 'Invalid status id'])
    const deleted = await app().call('DELETE', 'statuses/delete', { status_id }, eve, other)
    assert.equal(deleted.status, 400)
    assert.notEqual(await show(status_id), undefined)
  })

  it('batch_delete is for administrators', async () => {
    const [ann, admin] = [await app().user(), await app().admin('batch-admin')]
    await make({ tags: 'bulk' }, ann)
    await make({ message: 'stays' }, ann)
    const where = { tags_array: 'bulk' }
    const refused = await app().del('statuses/batch_delete', { where }, ann)
    const text = 'You are not authorized to perform this action.'
    assert.deepEqual([refused.status, refused.body.meta.message], [403, text])
    assert.equal((await app().del('statuses/batch_delete', { where }, admin)).status, 200)
    await app().settle()
    const left = await app().get('statuses/query', { where: { user_id: ann.id } })
    assert.deepEqual(
      left.body.response.statuses.map((one: { message: string }) => one.message),
      ['stays'],
    )
  })
})
