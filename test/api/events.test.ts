import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { onEachDatabase, type TestUser } from '../support/test-app.ts'

const UNKNOWN = '0'.repeat(24)
const BAD_DATE = 'Invalid calender schedule  invalid date'
const START = '2019-04-01T10:00:00+0000'

type Event = Record<string, unknown> & { readonly id: string }
type Occurrence = { id: string; start_time: string; end_time: string; event_id: string }

onEachDatabase('events', (app) => {
  const make = async (values: Record<string, unknown>, as: TestUser): Promise<Event> => {
    const sent = { name: 'Regatta', start_time: START, ...values }
    const answer = await app().post('events/create', sent, as)
    assert.equal(answer.status, 200, answer.body.meta.message)
    return answer.body.response.events[0]
  }
  const update = (event: Event, values: Record<string, unknown>, as: TestUser) =>
    app().put('events/update', { event_id: event.id, ...values }, as)
  const show = async (id: string): Promise<Event | undefined> =>
    (await app().get('events/show', { event_id: id })).body.response?.events[0]
  const times = async (event: Event): Promise<Occurrence[]> => {
    const { body } = await app().get('events/show/occurrences', {
      event_id: event.id,
      per_page: 100,
    })
    return body.response.event_occurrences
  }
  const starts = async (event: Event) => (await times(event)).map((one) => one.start_time)

  describe('createEvent', () => {
    it('keeps what was sent and works out the rest', async () => {
      const ann = await app().user()
      const values = { name: 'Regatta', details: 'Open class', start_time: START, duration: 3600 }
      const rule = { recurring: 'weekly', recurring_count: 4, tags: ['sail'] }
      const { body } = await app().post('events/create', { ...values, ...rule, tags: 'sail' }, ann)
      assert.equal(body.meta.method_name, 'createEvent')
      const [event] = body.response.events
      const { id, created_at, updated_at } = event
      assert.deepEqual(event, {
        ...{ id, ...values, ...rule, num_occurrences: 4, created_at, updated_at, user_id: ann.id },
        ical: 'DTSTART:20190401T100000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=4',
      })
      assert.deepEqual(await show(id), event)
    })

    for (const [what, values, expected, ical] of [
      ['a single event', {}, ['2019-04-01T10'], 'DTSTART:20190401T100000Z'],
      [
        'an event with a length',
        { duration: 5400 },
        ['2019-04-01T10'],
        'DTSTART:20190401T100000Z\nDURATION:PT1H30M',
      ],
      [
        'days until a last one',
        { recurring: 'daily', recurring_until: '2019-04-03' },
        ['2019-04-01T10', '2019-04-02T10'],
        'DTSTART:20190401T100000Z\nRRULE:FREQ=DAILY;UNTIL=20190403T000000Z',
      ],
      [
        'weeks, by a number or a last day, whichever comes first',
        { recurring: 'weekly', recurring_count: 9, recurring_until: '2019-04-10' },
        ['2019-04-01T10', '2019-04-08T10'],
        'DTSTART:20190401T100000Z\nRRULE:FREQ=WEEKLY;COUNT=2',
      ],
      [
        'months, but for those that have no such day',
        { start_time: '2019-01-31T10:00:00Z', recurring: 'monthly', recurring_count: 3 },
        ['2019-01-31T10', '2019-03-31T10', '2019-05-31T10'],
        'DTSTART:20190131T100000Z\nRRULE:FREQ=MONTHLY;COUNT=3',
      ],
      [
        'years with a leap day',
        { start_time: '2020-02-29T10:00:00Z', recurring: 'yearly', recurring_count: 2 },
        ['2020-02-29T10', '2024-02-29T10'],
        'DTSTART:20200229T100000Z\nRRULE:FREQ=YEARLY;COUNT=2',
      ],
      [
        'a time in another zone',
        { start_time: '2019-04-01 12:30:00 +0230' },
        ['2019-04-01T10'],
        'DTSTART:20190401T100000Z',
      ],
      [
        'a month with a digit too many, in double quotes',
        { start_time: '"2014-011-05T20:59:50+0000"' },
        ['2014-11-05T20'],
        'DTSTART:20141105T205950Z',
      ],
    ] as const) {
      it(`makes the occurrences of ${what}`, async () => {
        const event = await make(values, await app().user())
        const found = await starts(event)
        assert.deepEqual(
          found.map((one) => one.slice(0, 13)),
          expected,
        )
        assert.deepEqual([event.num_occurrences, event.ical], [expected.length, ical])
      })
    }

    it('makes a thousand occurrences at most', async () => {
      const values = { recurring: 'daily', recurring_until: '2119-01-01', duration: 60 }
      const event = await make({ ...values, name: 'Tide' }, await app().user())
      assert.equal(event.num_occurrences, 1000)
      const where = { name: 'Tide', user_id: event.user_id }
      const { body } = await app().get('events/query/occurrences', {
        where,
        order: '-start_time',
        limit: 1,
        count: true,
      })
      assert.equal(body.meta.count, 1000)
      assert.equal(body.response.event_occurrences[0].end_time, '2021-12-25T10:01:00+0000')
    })

    for (const [why, values, message] of [
      ['the name is missing', { start_time: START }, "Name can't be blank"],
      ['the start is missing', { name: 'e' }, "Start time can't be blank"],
      ['both are', {}, "Name can't be blank, Start time can't be blank"],
      [
        'nothing ends it',
        { name: 'e', start_time: START, recurring: 'daily' },
        'Recurring count or recurring until is required',
      ],
      [
        'it ends before it begins',
        { name: 'e', start_time: START, recurring: 'daily', recurring_until: '2018-01-01' },
        'Recurring until is before start time',
      ],
    ] as const) {
      it(`refuses an event when ${why}`, async () => {
        const before = await app().get('events/count')
        const { status, body } = await app().post('events/create', values, await app().user())
        assert.equal(status, 400)
        const text = `Failed to create event: Validation failed - ${message}.`
        assert.equal(body.meta.message, text)
        const after = await app().get('events/count')
        assert.equal(after.body.meta.count, before.body.meta.count)
      })
    }

    for (const [why, values, message] of [
      ['the start is half a date', { start_time: '2011' }, BAD_DATE],
      ['the start is a day that no calendar has', { start_time: '2019-02-30' }, BAD_DATE],
      ['the year has no place for the end', { start_time: '9999-12-31T10:00:00Z' }, BAD_DATE],
      ['the last day is no date', { recurring: 'daily', recurring_until: 'soon' }, BAD_DATE],
      ['the place is unknown', { place_id: UNKNOWN }, 'Invalid place id'],
      [
        'it comes again by no calendar',
        { recurring: 'hourly', recurring_count: 2 },
        'Invalid recurring parameter; value must be daily, weekly, monthly, yearly',
      ],
      [
        'it never takes place',
        { recurring: 'daily', recurring_count: 0 },
        'Invalid recurring_count parameter; value must be a whole number from 1 to 1000000',
      ],
      [
        'its length is negative',
        { duration: -1 },
        'Invalid duration parameter; value must be a whole number from 0 to 158112000',
      ],
    ] as const) {
      it(`refuses an event when ${why}`, async () => {
        const sent = { name: 'e', start_time: START, ...values }
        const { status, body } = await app().post('events/create', sent, await app().user())
        assert.deepEqual([status, body.meta.message], [400, message])
      })
    }

    it('needs a login', async () => {
      const values = { name: 'e', start_time: START }
      assert.equal((await app().post('events/create', values)).status, 401)
    })

    it('makes one for another user, when an administrator does', async () => {
      const [ann, admin] = [await app().user(), await app().admin('event-maker')]
      const event = await make({ su_id: ann.id }, admin)
      assert.equal(event.user_id, ann.id)
      const where = { user_id: ann.id }
      const found = await app().get('events/query/occurrences', { where })
      assert.equal(found.body.response.event_occurrences[0].event_id, event.id)
      const values = { name: 'e', start_time: START, su_id: admin.id }
      assert.equal((await app().post('events/create', values, ann)).status, 403)
    })
  })

  describe('updateEvent', () => {
    it('makes three days of five weeks', async () => {
      const ann = await app().user()
      const event = await make({ recurring: 'weekly', recurring_count: 5 }, ann)
      const before = await times(event)
      const { body } = await update(event, { recurring: 'daily', recurring_count: 3 }, ann)
      assert.equal(body.meta.method_name, 'updateEvent')
      assert.equal(body.response.events[0].num_occurrences, 3)
      const after = await times(event)
      assert.deepEqual(
        after.map((one) => one.start_time.slice(0, 10)),
        ['2019-04-01', '2019-04-02', '2019-04-03'],
      )
      assert.deepEqual(
        after.map(({ id }) => id),
        before.slice(0, 3).map(({ id }) => id),
      )
      const values = { event_id: event.id, response_json_depth: 2 }
      const deep = await app().get('events/show/occurrences', values)
      for (const { event: nested } of deep.body.response.event_occurrences) {
        assert.equal(nested.name, 'Regatta')
      }
    })

    it('lets a last day take the place of a number, and single events come of many', async () => {
      const ann = await app().user()
      const event = await make({ recurring: 'daily', recurring_count: 5, duration: 60 }, ann)
      const ended = await update(event, { recurring_until: '2019-04-02T10:00:00Z' }, ann)
      const [shown] = ended.body.response.events
      assert.deepEqual([shown.recurring_count, shown.num_occurrences], [undefined, 2])
      await update(event, { recurring: '' }, ann)
      assert.deepEqual(await starts(event), [START])
      await update(event, { start_time: '2020-05-05T05:05:05Z', duration: 5 }, ann)
      const [moved] = await times(event)
      assert.deepEqual(
        [moved?.start_time, moved?.end_time],
        ['2020-05-05T05:05:05+0000', '2020-05-05T05:05:10+0000'],
      )
    })

    it('tells its occurrences of a new name and a new ACL, and leaves them else', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const event = await make({ name: 'Old name', recurring: 'daily', recurring_count: 2 }, ann)
      await app().post('acls/create', { name: 'mine' }, ann)
      await update(event, { name: 'New name', acl_name: 'mine' }, ann)
      const named = (name: string, as: TestUser) =>
        app().get('events/query/occurrences', { where: { name, user_id: ann.id } }, as)
      const counted = async (name: string, as: TestUser) =>
        (await named(name, as)).body.response.event_occurrences.length
      assert.equal(await counted('Old name', ann), 0)
      assert.equal(await counted('New name', ann), 2)
      assert.equal(await counted('New name', bob), 0)
      const hidden = await app().get('events/show/occurrences', { event_id: event.id }, bob)
      assert.equal(hidden.status, 401)
      assert.equal((await app().get('events/show', { event_id: event.id }, bob)).status, 401)
    })

    it('refuses what it cannot be, and changes nothing then', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const event = await make({ recurring: 'weekly', recurring_count: 2 }, ann)
      for (const [values, as, status, message] of [
        [{ event_id: '', name: 'x' }, ann, 400, 'Invalid event id'],
        [{ event_id: UNKNOWN, name: 'x' }, ann, 400, 'Invalid event id'],
        [{ start_time: '2011', duration: 8 }, ann, 400, BAD_DATE],
        [{ name: '' }, ann, 400, /Name can't be blank/],
        [{ start_time: '' }, ann, 400, /Start time can't be blank/],
        [{ name: 'x' }, bob, 400, 'Current user cannot update this event'],
        [{ name: 'x' }, null, 401, /sign in/],
      ] as const) {
        const sent = { event_id: event.id, ...values }
        const answer = await app().put('events/update', sent, as)
        assert.equal(answer.status, status)
        if (typeof message === 'string') assert.equal(answer.body.meta.message, message)
        else assert.match(String(answer.body.meta.message), message)
      }
      assert.deepEqual(await show(event.id), event)
      assert.equal((await times(event)).length, 2)
    })

    it('makes as many occurrences as it says when many change it at once', async () => {
      const ann = await app().user()
      const event = await make({ recurring: 'daily', recurring_count: 7 }, ann)
      const counts = [1, 9, 4, 12, 3]
      await Promise.all(counts.map((count) => update(event, { recurring_count: count }, ann)))
      const shown = await show(event.id)
      assert.equal((await times(event)).length, shown?.num_occurrences)
    })
  })

  describe('finding', () => {
    it('finds events by what they are', async () => {
      const ann = await app().user()
      const values = { name: 'Race of the tide', tags: 'sea', custom_fields: { crew: 4 } }
      const event = await make({ ...values, recurring: 'daily', recurring_count: 3 }, ann)
      for (const where of [
        { name: 'Race of the tide' },
        { tags_array: 'sea' },
        { crew: 4 },
        { num_occurences: 3 },
        { num_occurrences: { $gt: 2 } },
        { start_time: START },
        { start_time: { $lt: '2019-04-02' } },
        { $text: { $search: 'tide' } },
      ]) {
        const sent = { where: { user_id: ann.id, ...where } }
        const { body } = await app().get('events/query', sent)
        assert.equal(body.meta.method_name, 'queryEvents')
        assert.deepEqual(
          body.response.events.map(({ id }: Event) => id),
          [event.id],
          JSON.stringify(where),
        )
      }
    })

    it('finds the times of events by what they are', async () => {
      const ann = await app().user()
      await make({ recurring: 'daily', recurring_count: 5, duration: 7200 }, ann)
      const find = async (where: object, more = {}) => {
        const sent = { where: { user_id: ann.id, ...where }, order: 'start_time', ...more }
        const { body } = await app().get('events/query/occurrences', sent)
        assert.equal(body.meta.method_name, 'queryEventOccurrences')
        const found: Occurrence[] = body.response.event_occurrences
        return found.map((one) => Number(one.start_time.slice(8, 10)))
      }
      assert.deepEqual(await find({ start_time: { $gte: '2019-04-03' } }), [3, 4, 5])
      assert.deepEqual(await find({ end_time: { $lt: '2019-04-02T12:00:00Z' } }), [1])
      assert.deepEqual(await find({}, { limit: 2, skip: 1 }), [2, 3])
      assert.deepEqual(await find({}, { order: '-start_time', limit: 1 }), [5])
      assert.deepEqual(await find({ name: 'Other' }), [])
    })

    it('pages the times of an event', async () => {
      const event = await make({ recurring: 'daily', recurring_count: 5 }, await app().user())
      const values = { event_id: event.id, page: 2, per_page: 2 }
      const { body } = await app().get('events/show/occurrences', values)
      const { method_name, page, per_page, total_pages, total_results } = body.meta
      assert.deepEqual(
        [method_name, page, per_page, total_pages, total_results],
        ['showEventOccurrences', 2, 2, 3, 5],
      )
      assert.deepEqual(
        body.response.event_occurrences.map((one: Occurrence) => one.start_time.slice(8, 10)),
        ['03', '04'],
      )
      for (const event_id of [UNKNOWN, '']) {
        const answer = await app().get('events/show/occurrences', { event_id })
        assert.deepEqual([answer.status, answer.body.meta.message], [400, 'Invalid event id'])
      }
    })

    it('finds them near their place, or near coordinates of their own', async () => {
      const ann = await app().user()
      const place = { name: 'Pier', latitude: 54.15, longitude: -4.48 }
      const made = await app().post('places/create', place, ann)
      const [{ id: place_id }] = made.body.response.places
      const atPlace = await make({ place_id, name: 'at the pier' }, ann)
      const own = { custom_fields: { coordinates: [10, 50] } }
      const elsewhere = await make({ ...own, name: 'elsewhere' }, ann)
      const near = async (path: string, position: readonly number[], field = 'lnglat') => {
        const where = { user_id: ann.id, [field]: { $nearSphere: position, $maxDistance: 0.001 } }
        const { body } = await app().get(path, { where })
        return Object.values(body.response as Record<string, Occurrence[]>)[0]
      }
      for (const [event, position] of [
        [atPlace, [-4.48, 54.15]],
        [elsewhere, [10, 50]],
      ] as const) {
        for (const field of ['lnglat', 'coordinates']) {
          const found = await near('events/query', position, field)
          assert.deepEqual(
            found?.map(({ id }) => id),
            [event.id],
          )
        }
        const found = await near('events/query/occurrences', position)
        assert.deepEqual(
          found?.map((one) => one.event_id),
          [event.id],
        )
      }
      assert.equal('longitude' in atPlace, false)
      await update(atPlace, { place_id: '' }, ann)
      assert.deepEqual(await near('events/query', [-4.48, 54.15]), [])
      assert.deepEqual(await near('events/query/occurrences', [-4.48, 54.15]), [])
    })

    for (const path of ['events/search', 'events/search/occurrences']) {
      it(`has ${path} no more for apps of today`, async () => {
        const { status, body } = await app().get(path, { q: 'x' })
        assert.equal(status, 410)
        const text = 'search.json has been deprecated. Please use $text query'
        assert.equal(body.meta.message, text)
      })
    }

    it('searches by words, place, time and nearness for early apps', async () => {
      const early = await app().newBackend('early events', { mbsRelease: '1.2.0' })
      const ann = await app().user('ann', early)
      const on = (verb: 'GET' | 'POST', path: string, values: object) =>
        app().call(verb, path, values as Record<string, unknown>, ann, early)
      const place = { name: 'Pier', latitude: 54.15, longitude: -4.48 }
      const pier = (await on('POST', 'places/create', place)).body.response.places[0]
      const rule = { start_time: START, recurring: 'daily', recurring_count: 2, duration: 60 }
      const regatta = { name: 'Regatta', place_id: pier.id, tags: 'sail', ...rule }
      await on('POST', 'events/create', regatta)
      await on('POST', 'events/create', { name: 'Feast', start_time: '2019-05-01' })
      const names = async (values: object) => {
        const { body } = await on('GET', 'events/search', values)
        assert.equal(body.meta.method_name, 'searchEvents')
        return body.response.events.map((one: Event) => one.name)
      }
      assert.deepEqual(await names({ q: 'REGATTA' }), ['Regatta'])
      assert.deepEqual(await names({ q: 'sail' }), ['Regatta'])
      assert.deepEqual(await names({ place_id: pier.id }), ['Regatta'])
      assert.deepEqual(await names({ start_time: '2019-04-15' }), ['Feast'])
      assert.deepEqual(await names({ user_id: UNKNOWN }), [])
      const here = { latitude: 54.16, longitude: -4.48 }
      assert.deepEqual(await names({ ...here, distance: 5 }), ['Regatta'])
      assert.deepEqual(await names({ q: 'nothing' }), [])
      const days = async (values: object) => {
        const { body } = await on('GET', 'events/search/occurrences', values)
        assert.equal(body.meta.method_name, 'searchEventOccurrences')
        const found: Occurrence[] = body.response.event_occurrences
        return found.map((one) => one.start_time.slice(5, 10)).sort()
      }
      assert.deepEqual(await days({ q: 'sail' }), ['04-01', '04-02'])
      assert.deepEqual(await days({ start_time: '2019-04-02', end_time: '2019-04-30' }), ['04-02'])
      assert.deepEqual(await days({ ...here, distance: 5, per_page: 1 }), ['04-02'])
    })
  })

  describe('deleteEvent', () => {
    it('takes its occurrences with it, and by its owner alone', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const event = await make({ recurring: 'daily', recurring_count: 3 }, ann)
      const values = { event_id: event.id }
      for (const [sent, as, status, message] of [
        [values, bob, 400, 'Current user cannot delete this event'],
        [values, null, 401, 'You need to sign in or sign up before continuing.'],
        [{ event_id: UNKNOWN }, ann, 400, 'Invalid event id'],
        [{}, ann, 400, 'Invalid event id'],
      ] as const) {
        const answer = await app().del('events/delete', sent, as)
        assert.deepEqual([answer.status, answer.body.meta.message], [status, message])
      }
      const count = async () => {
        const sent = { where: { user_id: ann.id }, count: true }
        return (await app().get('events/query/occurrences', sent)).body.meta.count
      }
      assert.equal(await count(), 3)
      const { body } = await app().del('events/delete', values, ann)
      assert.equal(body.meta.method_name, 'deleteEvent')
      assert.equal(await count(), 0)
      assert.equal(await show(event.id), undefined)
    })

    it('is done for another user by an administrator', async () => {
      const [ann, admin] = [await app().user(), await app().admin('event-remover')]
      const event = await make({}, ann)
      const values = { event_id: event.id, su_id: ann.id }
      assert.equal((await app().del('events/delete', values, admin)).status, 200)
    })

    it('takes those of a condition with their occurrences, for administrators', async () => {
      const [ann, admin] = [await app().user(), await app().admin('event-sweeper')]
      for (const name of ['bulk', 'bulk', 'kept']) {
        await make({ name, recurring: 'daily', recurring_count: 30 }, ann)
      }
      const where = { name: 'bulk' }
      const refused = await app().del('events/batch_delete', { where }, ann)
      assert.equal(refused.status, 403)
      const { body } = await app().del('events/batch_delete', { where }, admin)
      assert.equal(body.meta.method_name, 'batchDelete')
      await app().settle()
      const sent = { where: { user_id: ann.id }, count: true }
      assert.equal((await app().get('events/query', sent)).body.meta.count, 1)
      assert.equal((await app().get('events/query/occurrences', sent)).body.meta.count, 30)
    })
  })

  it('are counted, and unknown to another backend', async () => {
    const ann = await app().user()
    const other = await app().newBackend('no events')
    const before = await app().get('events/count')
    const event = await make({}, ann)
    const after = await app().get('events/count')
    assert.equal(after.body.meta.method_name, 'eventsCount')
    assert.equal(after.body.meta.count, Number(before.body.meta.count) + 1)
    const on = (path: string) => app().call('GET', path, { event_id: event.id }, null, other)
    assert.equal((await on('events/show')).status, 400)
    assert.equal((await on('events/show/occurrences')).status, 400)
    assert.deepEqual((await on('events/query/occurrences')).body.response, {
      event_occurrences: [],
    })
  })
})
