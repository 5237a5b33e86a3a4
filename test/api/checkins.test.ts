import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { insertRecord } from '../support/records.ts'
import { onEachDatabase, type TestUser } from '../support/test-app.ts'

const UNKNOWN = '0'.repeat(24)

onEachDatabase('checkins', (app) => {
  const makePlace = async (as: TestUser): Promise<string> => {
    const { body } = await app().post('places/create', { name: 'Pier', city: 'Douglas' }, as)
    return body.response.places[0].id
  }
  const makeEvent = (as: TestUser) =>
    insertRecord(app(), { type: 'event', ownerId: as.id, data: { name: 'Regatta' } })
  const checkIn = async (values: Record<string, unknown>, as: TestUser) => {
    const answer = await app().post('checkins/create', values, as)
    assert.equal(answer.status, 200, answer.body.meta.message)
    return answer.body.response.checkins[0]
  }

  describe('create and show', () => {
    it('note who is where', async () => {
      const ann = await app().user()
      const place_id = await makePlace(ann)
      const values = { place_id, message: 'Arrived', tags: 'dock', custom_fields: { mood: 'calm' } }
      const { body } = await app().post('checkins/create', values, ann)
      assert.equal(body.meta.method_name, 'createCheckin')
      const [checkin] = body.response.checkins
      assert.deepEqual(checkin, {
        id: checkin.id,
        ...values,
        tags: ['dock'],
        created_at: checkin.created_at,
        updated_at: checkin.updated_at,
        user_id: ann.id,
      })
      const shown = await app().get('checkins/show', { checkin_id: checkin.id })
      assert.equal(shown.body.meta.method_name, 'showCheckins')
      assert.deepEqual(shown.body.response.checkins, [checkin])
      const deep = { checkin_ids: checkin.id, response_json_depth: 2 }
      const [object] = (await app().get('checkins/show', deep)).body.response.checkins
      assert.equal(object.place.name, 'Pier')
      assert.equal(object.user.id, ann.id)
      assert.equal('place_id' in object, false)
    })

    it('prefer the place when an event is named as well', async () => {
      const ann = await app().user()
      const [place_id, event_id] = [await makePlace(ann), await makeEvent(ann)]
      const both = await checkIn({ place_id, event_id }, ann)
      assert.equal(both.place_id, place_id)
      assert.equal('event_id' in both, false)
      const event = await checkIn({ event_id }, ann)
      assert.equal(event.event_id, event_id)
    })

    for (const [why, values, message] of [
      [
        'neither place nor event is named',
        { message: 'x' },
        'Failed to create a checkin: Validation failed - Place or event id is required.',
      ],
      ['the place is unknown', { place_id: UNKNOWN }, 'Invalid place id'],
      ['the place is no id', { place_id: 'x' }, 'Invalid place id'],
      ['the event is unknown', { event_id: UNKNOWN }, 'Invalid event id'],
    ] as const) {
      it(`refuse one when ${why}`, async () => {
        const before = await app().get('checkins/count')
        const { status, body } = await app().post('checkins/create', values, await app().user())
        assert.deepEqual([status, body.meta.message], [400, message])
        const after = await app().get('checkins/count')
        assert.equal(after.body.meta.count, before.body.meta.count)
      })
    }

    it('need a login, and an administrator for su_id', async () => {
      const [ann, bob, admin] = [await app().user(), await app().user(), await app().admin()]
      const place_id = await makePlace(ann)
      assert.equal((await app().post('checkins/create', { place_id })).status, 401)
      const values = { place_id, su_id: ann.id }
      assert.equal((await app().post('checkins/create', values, bob)).status, 403)
      assert.equal((await checkIn(values, admin)).user_id, ann.id)
    })
  })

  describe('query and count', () => {
    it('find by place, user and custom field', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const place_id = await makePlace(ann)
      const one = await checkIn({ place_id, custom_fields: { n: 1 } }, ann)
      const two = await checkIn({ place_id, custom_fields: { n: 2 } }, bob)
      const found = async (where: Record<string, unknown>) => {
        const { body } = await app().get('checkins/query', { where })
        assert.equal(body.meta.method_name, 'queryCheckins')
        return body.response.checkins
      }
      assert.deepEqual(await found({ place_id }), [two, one])
      assert.deepEqual(await found({ place_id, user_id: ann.id }), [one])
      assert.deepEqual(await found({ place_id, n: { $gt: 1 } }), [two])
      const { body } = await app().get('checkins/count')
      assert.equal(body.meta.method_name, 'checkinsCount')
      assert.ok(Number(body.meta.count) >= 2)
    })
  })

  describe('update and delete', () => {
    it('move it to another place or an event, and back', async () => {
      const ann = await app().user()
      const [place_id, event_id] = [await makePlace(ann), await makeEvent(ann)]
      const { id: checkin_id } = await checkIn({ place_id, message: 'x' }, ann)
      const update = async (values: Record<string, unknown>) => {
        const { body } = await app().post('checkins/update', { checkin_id, ...values }, ann)
        assert.equal(body.meta.method_name, 'updateCheckin')
        return body.response.checkins[0]
      }
      const atEvent = await update({ event_id })
      assert.deepEqual([atEvent.event_id, atEvent.place_id], [event_id, undefined])
      assert.equal(atEvent.message, 'x')
      const back = await update({ place_id, message: '' })
      assert.deepEqual([back.event_id, back.place_id], [undefined, place_id])
      assert.equal('message' in back, false)
      const nowhere = await app().put('checkins/update', { checkin_id, place_id: '' }, ann)
      assert.equal(nowhere.status, 400)
    })

    for (const path of ['show', 'update', 'delete'] as const) {
      it(`${path} refuses an id that is missing or wrong`, async () => {
        const ann = await app().user()
        const verb = ({ show: 'GET', update: 'PUT', delete: 'DELETE' } as const)[path]
        for (const values of [
          {},
          { checkin_id: '' },
          { checkin_id: UNKNOWN },
          { checkin_id: 'x' },
        ]) {
          const { status, body } = await app().call(verb, `checkins/${path}`, values, ann)
          assert.deepEqual([status, body.meta.message], [400, 'Invalid checkin id'])
        }
      })
    }

    it('are for its owner', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const checkin = await checkIn({ place_id: await makePlace(ann) }, ann)
      const checkin_id = checkin.id
      const update = await app().put('checkins/update', { checkin_id, message: 'x' }, bob)
      assert.equal(update.body.meta.message, 'Current user cannot update this checkin')
      const remove = await app().del('checkins/delete', { checkin_id }, bob)
      assert.equal(remove.body.meta.message, 'Current user cannot delete this checkin')
      const shown = await app().get('checkins/show', { checkin_id })
      assert.deepEqual(shown.body.response.checkins, [checkin])
      const done = await app().del('checkins/delete', { checkin_id }, ann)
      assert.deepEqual(
        [done.body.meta.method_name, done.body.response],
        ['deleteCheckin', undefined],
      )
      assert.equal((await app().get('checkins/show', { checkin_id })).status, 400)
    })

    it('leave the checkin when its place goes', async () => {
      const ann = await app().user()
      const place_id = await makePlace(ann)
      const { id: checkin_id } = await checkIn({ place_id }, ann)
      await app().del('places/delete', { place_id }, ann)
      const deep = { checkin_id, response_json_depth: 2 }
      const { status, body } = await app().get('checkins/show', deep)
      assert.equal(status, 200)
      assert.equal('place' in body.response.checkins[0], false)
    })

    it('are for administrators in bulk', async () => {
      const [ann, admin] = [await app().user(), await app().admin('bulk')]
      const place_id = await makePlace(ann)
      for (const n of [1, 2, 3]) await checkIn({ place_id, custom_fields: { n } }, ann)
      const where = { place_id, n: { $lt: 3 } }
      assert.equal((await app().del('checkins/batch_delete', { where }, ann)).status, 403)
      assert.equal((await app().del('checkins/batch_delete', { where }, admin)).status, 200)
      await app().settle()
      const { body } = await app().get('checkins/query', { where: { place_id } })
      assert.equal(body.response.checkins.length, 1)
    })
  })
})
