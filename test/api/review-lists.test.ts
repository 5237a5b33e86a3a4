import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { picture } from '../support/pictures.ts'
import { onEachDatabase, type TestUser } from '../support/test-app.ts'

/** An object that can be reviewed: how to make one, and the parameters that name it. */
type Reviewable = {
  readonly path: string
  readonly create: (placeId: string) => Readonly<Record<string, string | Blob>>
  readonly idParam: string
  readonly target: string
}

const pictureFile = await picture()

const REVIEWABLE: Readonly<Record<string, Reviewable>> = {
  place: reviewable('places', 'place_id', () => ({ name: 'p', city: 'c' })),
  photo: reviewable('photos', 'photo_id', () => ({ photo: pictureFile })),
  event: reviewable('events', 'event_id', () => ({ name: 'e', start_time: '2019-04-01' })),
  checkin: reviewable('checkins', 'checkin_id', (place_id) => ({ place_id })),
  status: reviewable('statuses', 'status_id', () => ({ message: 'm' })),
  post: reviewable('posts', 'post_id', () => ({ content: 'c' })),
  boat: {
    ...reviewable('objects/boat', 'id', () => ({ fields: '{"n":1}' })),
    target: 'custom_object_id',
  },
  review: {
    ...reviewable('reviews', 'review_id', (place_id) => ({ place_id, content: 'of a place' })),
    target: 'review_id',
  },
}

function reviewable(path: string, idParam: string, create: Reviewable['create']): Reviewable {
  return { path, create, idParam, target: idParam }
}

type Shown = Readonly<Record<string, unknown>> & { readonly id: string }

onEachDatabase('reviews within what they are of', (app) => {
  let ann: TestUser
  let bob: TestUser
  before(async () => {
    ann = await app().user()
    bob = await app().user()
  })

  const make = async ({ path, create }: Reviewable, as = ann): Promise<string> => {
    const { body } = await app().post('places/create', { name: 'p', city: 'c' }, ann)
    const values = create(body.response.places[0].id)
    const made = await app().upload('POST', `${path}/create`, values, as)
    assert.equal(made.status, 200, made.body.meta.message)
    return made.body.response[path.replace('objects/', '')][0].id
  }
  const review = async (target: string, id: string, values: object, as = bob): Promise<string> => {
    const sent = { [target]: id, allow_duplicate: true, content: 'c', ...values }
    const { status, body } = await app().post('reviews/create', sent, as)
    assert.equal(status, 200, body.meta.message)
    return body.response.reviews[0].id
  }
  const show = async (
    { path, idParam }: Pick<Reviewable, 'path' | 'idParam'>,
    id: string,
    depth: number,
    as: TestUser | null = null,
  ): Promise<Shown & { reviews?: Shown[] }> => {
    const values = { [idParam]: id, response_json_depth: depth }
    const { status, body } = await app().get(`${path}/show`, values, as)
    assert.equal(status, 200, body.meta.message)
    return body.response[path.replace('objects/', '')][0]
  }
  const ids = (shown: { reviews?: Shown[] }) => shown.reviews?.map(({ id }) => id)

  for (const [name, kind] of Object.entries(REVIEWABLE)) {
    it(`stand in a ${name} from depth 2 on, the newest first`, async () => {
      const id = await make(kind)
      assert.equal('reviews' in (await show(kind, id, 3)), false)
      const older = await review(kind.target, id, { rating: 4 })
      const newer = await review(kind.target, id, { content: 'newer' }, ann)

      const flat = await show(kind, id, 1)
      assert.deepEqual([flat.reviews_count, 'reviews' in flat], [2, false])
      const two = await show(kind, id, 2)
      assert.deepEqual(ids(two), [newer, older])
      const [first, second] = two.reviews ?? []
      assert.deepEqual([first?.content, first?.user_id], ['newer', ann.id])
      assert.deepEqual([second?.rating, second?.user_id], [4, bob.id])
      assert.equal(Object(first?.reviewed_object).id, id)
      const three = await show(kind, id, 3)
      const [deep] = three.reviews ?? []
      assert.deepEqual([Object(deep?.user).id, deep?.user_id], [ann.id, undefined])
    })
  }

  it('stand in a user, also where he is nested', async () => {
    const cid = await app().user()
    const id = await review('user_object_id', cid.id, { rating: 5 })
    const user = { path: 'users', idParam: 'user_id' }
    assert.deepEqual(ids(await show(user, cid.id, 2)), [id])
    const { place } = REVIEWABLE
    assert.ok(place)
    const placeId = await make(place, cid)
    const owner = async (depth: number) => (await show(place, placeId, depth)).user as Shown
    assert.equal('reviews' in (await owner(2)), false)
    assert.deepEqual(ids((await owner(3)) as { reviews?: Shown[] }), [id])
  })

  describe('of a place', () => {
    const { place } = REVIEWABLE
    assert.ok(place)

    it('are those that the caller may read', async () => {
      const acl = await app().post('acls/create', { name: 'mine' }, bob)
      const id = await make(place)
      const hidden = { acl_id: acl.body.response.acls[0].id }
      const closed = await review('place_id', id, hidden)
      const shown = await show(place, id, 2, ann)
      assert.deepEqual([shown.reviews_count, 'reviews' in shown], [1, false])
      const open = await review('place_id', id, {})
      assert.deepEqual(ids(await show(place, id, 2)), [open])
      assert.deepEqual(ids(await show(place, id, 2, ann)), [open])
      assert.deepEqual(ids(await show(place, id, 2, bob)), [open, closed])
      const admin = await app().admin('list-admin')
      assert.deepEqual(ids(await show(place, id, 2, admin)), [open, closed])
    })

    it('are twenty at most', async () => {
      const id = await make(place)
      const made: string[] = []
      for (let i = 0; i < 21; i += 1) made.push(await review('place_id', id, {}))
      assert.deepEqual(ids(await show(place, id, 2)), made.slice(1).reverse())
    })

    it('go with the review, and answer to sel', async () => {
      const id = await make(place)
      const gone = await review('place_id', id, { content: 'gone' })
      const kept = await review('place_id', id, { content: 'kept' })
      assert.equal((await app().del('reviews/delete', { review_id: gone }, bob)).status, 200)
      const query = { where: { id }, response_json_depth: 2, sel: { all: ['reviews', 'content'] } }
      const { body } = await app().get('places/query', query)
      assert.deepEqual(body.response.places, [{ id, reviews: [{ id: kept, content: 'kept' }] }])
    })
  })
})
