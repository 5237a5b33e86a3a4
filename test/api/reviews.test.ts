import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { picture } from '../support/pictures.ts'
import { onEachDatabase, type TestUser } from '../support/test-app.ts'

const UNKNOWN = '0'.repeat(24)

type Kind = 'Place' | 'Photo' | 'User' | 'Checkin' | 'CustomObject' | 'Review'

/** For each kind: the parameter on create, that of update and query, and how to show it. */
const KINDS: Readonly<Record<Kind, readonly [create: string, later: string, show: string]>> = {
  Place: ['place_id', 'place_id', 'places'],
  Photo: ['photo_id', 'photo_id', 'photos'],
  User: ['user_object_id', 'user_object_id', 'users'],
  Checkin: ['checkin_id', 'checkin_id', 'checkins'],
  CustomObject: ['custom_object_id', 'custom_object_id', 'objects/boat'],
  Review: ['review_id', 'review_object_id', 'reviews'],
}

onEachDatabase('reviews', (app) => {
  let ann: TestUser
  let bob: TestUser
  before(async () => {
    ann = await app().user()
    bob = await app().user()
  })

  const makePlace = async (): Promise<string> => {
    const { body } = await app().post('places/create', { name: 'p', city: 'c' }, ann)
    return body.response.places[0].id
  }
  const review = async (values: Record<string, unknown>, as: TestUser) => {
    const answer = await app().post('reviews/create', values, as)
    assert.equal(answer.status, 200, answer.body.meta.message)
    return answer.body.response.reviews[0]
  }
  const targets: Readonly<Record<Kind, () => Promise<string>>> = {
    Place: makePlace,
    User: async () => (await app().user()).id,
    Photo: async () => {
      const { body } = await app().upload('POST', 'photos/create', { photo: await picture() }, ann)
      return body.response.photos[0].id
    },
    Checkin: async () => {
      const values = { place_id: await makePlace() }
      return (await app().post('checkins/create', values, ann)).body.response.checkins[0].id
    },
    CustomObject: async () => {
      const { body } = await app().post('objects/boat/create', { fields: { n: 1 } }, ann)
      return body.response.boat[0].id
    },
    Review: async () => (await review({ place_id: await makePlace(), rating: 1 }, ann)).id,
  }
  const countersOf = async (kind: Kind, id: string) => {
    const path = KINDS[kind][2]
    const name = kind === 'CustomObject' ? 'id' : `${kind.toLowerCase()}_id`
    const { body } = await app().get(`${path}/show`, { [name]: id })
    const [object] = body.response[path.replace('objects/', '')]
    const { reviews_count, ratings_count, ratings_average, ratings_summary } = object
    return [reviews_count, ratings_count, ratings_average, ratings_summary]
  }

  for (const kind of Object.keys(KINDS) as Kind[]) {
    describe(`of a ${kind}`, () => {
      it('count from the first to the last', async () => {
        const id = await targets[kind]()
        const [onCreate, later] = KINDS[kind]
        assert.deepEqual(await countersOf(kind, id), [undefined, undefined, undefined, undefined])
        const first = await review({ [onCreate]: id, rating: 4, content: 'fine' }, bob)
        assert.deepEqual(first.reviewed_object, { type: kind, id })
        assert.deepEqual([first.rating, first.content, first.user_id], [4, 'fine', bob.id])
        assert.deepEqual(first.custom_fields, {})
        const second = await review({ [onCreate]: id, content: 'no stars' }, ann)
        assert.deepEqual(await countersOf(kind, id), [2, 1, 4, { 4: 1 }])

        const rated = { review_id: second.id, [later]: id, rating: 1 }
        const update = await app().put('reviews/update', rated, ann)
        assert.equal(update.body.meta.method_name, 'updateReview')
        assert.deepEqual(await countersOf(kind, id), [2, 2, 2.5, { 1: 1, 4: 1 }])
        await app().put('reviews/update', { review_id: first.id, [later]: id, rating: 1 }, bob)
        assert.deepEqual(await countersOf(kind, id), [2, 2, 1, { 1: 2 }])

        const found = await app().get('reviews/query', { [later]: id, order: 'created_at' })
        assert.equal(found.body.meta.method_name, 'queryReviews')
        const ids = found.body.response.reviews.map((one: { id: string }) => one.id)
        assert.deepEqual(ids, [first.id, second.id])

        await app().del('reviews/delete', { review_id: first.id, [later]: id }, bob)
        assert.deepEqual(await countersOf(kind, id), [1, 1, 1, { 1: 1 }])
        await app().del('reviews/delete', { review_id: second.id }, ann)
        assert.deepEqual(await countersOf(kind, id), [0, 0, 0, {}])
      })

      it('are one for each user, unless duplicates are welcome', async () => {
        const id = await targets[kind]()
        const values = { [KINDS[kind][0]]: id, rating: 5 }
        await review(values, bob)
        const { status, body } = await app().post('reviews/create', values, bob)
        const name = kind === 'CustomObject' ? 'custom object' : kind.toLowerCase()
        const text = `User has submitted a review for this ${name}, please update instead`
        assert.deepEqual([status, body.meta.message], [400, text])
        assert.deepEqual(await countersOf(kind, id), [1, 1, 5, { 5: 1 }])
        await review({ ...values, allow_duplicate: 'true' }, bob)
        await review(values, ann)
        assert.deepEqual(await countersOf(kind, id), [3, 3, 5, { 5: 3 }])
      })
    })
  }

  describe('of many users at once', () => {
    it('are counted exactly', async () => {
      const id = await makePlace()
      const writers = await Promise.all(Array.from({ length: 50 }, () => app().user()))
      const answers = await Promise.all(
        writers.map((one, i) => app().post('reviews/create', { place_id: id, rating: i % 5 }, one)),
      )
      assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200])
      const summary = { 0: 10, 1: 10, 2: 10, 3: 10, 4: 10 }
      assert.deepEqual(await countersOf('Place', id), [50, 50, 2, summary])

      const made = answers.map(({ body }) => body.response.reviews[0].id)
      await Promise.all(
        made.map((review_id, i) => {
          const values = { review_id, place_id: id }
          const writer = writers[i] ?? null
          return i < 25
            ? app().put('reviews/update', { ...values, rating: 9 }, writer)
            : app().del('reviews/delete', values, writer)
        }),
      )
      assert.deepEqual(await countersOf('Place', id), [25, 25, 9, { 9: 25 }])
    })

    it('are still one for each user', async () => {
      const id = await makePlace()
      const values = { place_id: id, rating: 3 }
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => app().post('reviews/create', values, bob)),
      )
      assert.equal(answers.filter(({ status }) => status === 200).length, 1)
      assert.deepEqual(await countersOf('Place', id), [1, 1, 3, { 3: 1 }])
    })

    it('lose no member that is changed meanwhile', async () => {
      const place_id = await makePlace()
      const writers = await Promise.all(Array.from({ length: 10 }, () => app().user()))
      await Promise.all(
        writers.flatMap((one, i) => [
          app().post('reviews/create', { place_id, rating: 1 }, one),
          app().put('places/update', { place_id, custom_fields: { [`f${i}`]: i } }, ann),
        ]),
      )
      const { body } = await app().get('places/show', { place_id })
      assert.equal(body.response.places[0].reviews_count, 10)
      assert.equal(Object.keys(body.response.places[0].custom_fields).length, 10)
    })
  })

  describe('refusals', () => {
    for (const [why, values, message] of [
      ['nothing is named', {}, 'Invalid review type'],
      ['there is only content', { content: 'x' }, 'Invalid review type'],
      ['the place is unknown', { place_id: UNKNOWN, rating: 1 }, 'Invalid place id'],
      ['the place is no id', { place_id: 'x', rating: 1 }, 'Invalid place id'],
      ['the user is unknown', { user_object_id: UNKNOWN, rating: 1 }, 'Invalid user id'],
      ['the review is unknown', { review_id: UNKNOWN, rating: 1 }, 'Invalid review id'],
      [
        'the object is unknown',
        { custom_object_id: UNKNOWN, rating: 1 },
        'custom_object not found',
      ],
    ] as const) {
      it(`come on create when ${why}`, async () => {
        const count = async () => (await app().get('reviews/count')).body.meta.count
        const before = await count()
        const { status, body } = await app().post('reviews/create', values, bob)
        assert.deepEqual([status, body.meta.message], [400, message])
        assert.equal(await count(), before)
      })
    }

    it('come when it says nothing, or the rating is no whole number', async () => {
      const place_id = await makePlace()
      for (const [values, message] of [
        [{}, 'Required field: content or rating'],
        [{ content: '' }, 'Required field: content or rating'],
        [{ rating: 'good' }, /Invalid rating/],
        [{ rating: 1.5 }, /Invalid rating/],
      ] as const) {
        const { status, body } = await app().post('reviews/create', { place_id, ...values }, bob)
        assert.equal(status, 400)
        assert.match(String(body.meta.message), new RegExp(message))
      }
      assert.deepEqual(await countersOf('Place', place_id), Array(4).fill(undefined))
    })

    it('come from show, update and delete, each in its own words', async () => {
      const place_id = await makePlace()
      const { id: review_id, ...made } = await review({ place_id, content: 'x' }, bob)
      for (const [verb, path, values, caller, status, message] of [
        ['GET', 'show', { review_id: UNKNOWN }, null, 400, 'Invalid review id(s)'],
        ['GET', 'show', { review_id: 'x' }, null, 400, 'Invalid review id(s)'],
        ['GET', 'show', {}, null, 400, 'Required field: review_id'],
        ['PUT', 'update', { review_id, rating: 1 }, bob, 400, 'Invalid review type'],
        ['PUT', 'update', { review_id: UNKNOWN, place_id }, bob, 400, 'Invalid review id'],
        ['PUT', 'update', { review_id, place_id, content: '' }, bob, 400, /content or rating/],
        [
          'PUT',
          'update',
          { review_id, place_id, content: 'y' },
          ann,
          400,
          /cannot update this review/,
        ],
        ['PUT', 'update', { review_id, place_id, content: 'y' }, null, 401, /sign in/],
        ['DELETE', 'delete', { review_id: UNKNOWN }, bob, 400, 'Invalid review id'],
        ['DELETE', 'delete', { review_id: 'x' }, bob, 400, 'Invalid review id'],
        ['DELETE', 'delete', { review_id }, ann, 400, 'Current user cannot delete this review'],
        ['DELETE', 'delete', { review_id }, null, 401, /sign in/],
        ['GET', 'query', {}, null, 400, /owner_id/],
        ['GET', 'query', { place_id, limit: 0 }, null, 400, /limit/],
      ] as const) {
        const answer = await app().call(verb, `reviews/${path}`, values, caller)
        assert.equal(answer.status, status, `${path} ${message}`)
        if (typeof message === 'string') assert.equal(answer.body.meta.message, message)
        else assert.match(String(answer.body.meta.message), message)
      }
      const shown = await app().get('reviews/show', { review_id })
      assert.deepEqual(shown.body.response.reviews, [{ id: review_id, ...made }])
      assert.deepEqual(await countersOf('Place', place_id), [1, 0, 0, {}])
    })
  })

  describe('query', () => {
    it('finds by owner, by where alone, by rating and by tags', async () => {
      const cat = await app().user()
      const one = await review({ place_id: await makePlace(), rating: 2, tags: 'calm' }, cat)
      const two = await review({ place_id: await makePlace(), rating: 5 }, cat)
      const found = async (values: Record<string, unknown>) => {
        const { body } = await app().get('reviews/query', values)
        return body.response.reviews.map((each: { id: string }) => each.id)
      }
      assert.deepEqual(await found({ owner_id: cat.id }), [two.id, one.id])
      assert.deepEqual(await found({ where: { user_id: cat.id } }), [two.id, one.id])
      assert.deepEqual(await found({ owner_id: cat.id, where: { rating: { $gt: 2 } } }), [two.id])
      assert.deepEqual(await found({ owner_id: cat.id, where: { tags_array: 'calm' } }), [one.id])
      assert.deepEqual(await found({ owner_id: cat.id, order: 'rating' }), [one.id, two.id])
      const place = { place_id: one.reviewed_object.id, owner_id: bob.id }
      assert.deepEqual(await found(place), [])
      const ratings = { where: { ratings_average: 5, user_id: ann.id } }
      const { body } = await app().get('places/query', ratings)
      assert.ok(body.response.places.some((p: { id: string }) => p.id === two.reviewed_object.id))
    })
  })

  describe('access', () => {
    it('to a hidden object is not given by reviewing it', async () => {
      const cat = await app().user()
      const acl = await app().post('acls/create', { name: 'r' }, ann)
      const values = { name: 'p', city: 'c', acl_id: acl.body.response.acls[0].id }
      const { body } = await app().post('places/create', values, ann)
      const place_id = body.response.places[0].id
      assert.equal((await app().post('reviews/create', { place_id, rating: 1 }, cat)).status, 401)
      const { body: shown } = await app().get('places/show', { place_id }, ann)
      assert.equal('reviews_count' in shown.response.places[0], false)
    })

    it('for another user is for administrators', async () => {
      const [cat, admin] = [await app().user(), await app().admin()]
      const place_id = await makePlace()
      const values = { place_id, rating: 2, su_id: cat.id }
      assert.equal((await app().post('reviews/create', values, bob)).status, 403)
      const made = await review(values, admin)
      assert.equal(made.user_id, cat.id)
      assert.equal((await app().post('reviews/create', values, admin)).status, 400)
      const update = { review_id: made.id, place_id, rating: 3 }
      const wrong = await app().put('reviews/update', { ...update, su_id: bob.id }, admin)
      assert.equal(wrong.status, 400)
      const right = await app().put('reviews/update', { ...update, su_id: cat.id }, admin)
      assert.equal(right.body.response.reviews[0].rating, 3)
      const remove = { review_id: made.id, su_id: cat.id }
      assert.equal((await app().del('reviews/delete', remove, admin)).status, 200)
      assert.deepEqual(await countersOf('Place', place_id), [0, 0, 0, {}])
    })

    it('in bulk is for administrators, and the counters follow', async () => {
      const admin = await app().admin('bulk')
      const place_id = await makePlace()
      for (const rating of [1, 2, 3, 4]) {
        await review({ place_id, rating, allow_duplicate: true }, bob)
      }
      const where = { reviewed_id: place_id, rating: { $lt: 4 } }
      assert.equal((await app().del('reviews/batch_delete', { where }, bob)).status, 403)
      assert.equal((await app().del('reviews/batch_delete', { where }, admin)).status, 200)
      await app().settle()
      assert.deepEqual(await countersOf('Place', place_id), [1, 1, 4, { 4: 1 }])
    })
  })

  it('survive what they are of, and can still be changed and deleted', async () => {
    const place_id = await makePlace()
    const { id: review_id } = await review({ place_id, rating: 1 }, bob)
    await app().del('places/delete', { place_id }, ann)
    const update = await app().put('reviews/update', { review_id, place_id, rating: 2 }, bob)
    assert.equal(update.body.response.reviews[0].rating, 2)
    assert.equal((await app().del('reviews/delete', { review_id }, bob)).status, 200)
  })
})
