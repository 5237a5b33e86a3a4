import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { insertRecord } from '../support/records.ts'
import { onEachDatabase, type TestUser } from '../support/test-app.ts'

const UNKNOWN = '0'.repeat(24)

type Liked = { readonly param: string; readonly id: string; readonly type: string }

onEachDatabase('likes', (app) => {
  const created = async (path: string, values: Record<string, unknown>, as: TestUser) => {
    const { status, body } = await app().post(path, values, as)
    assert.equal(status, 200, body.meta.message)
    const [[object]] = Object.values(body.response) as [[{ id: string }]]
    return object.id
  }
  const makePost = (as: TestUser) => created('posts/create', { content: 'c' }, as)
  const likesOf = async (path: string, values: Record<string, unknown>, as?: TestUser) => {
    const { body } = await app().get(path, values, as)
    const [[object]] = Object.values(body.response) as [[Record<string, unknown>]]
    return object
  }

  /** One object of each kind that can be liked. */
  const targets = async (as: TestUser): Promise<(Liked & { path: string; idParam: string })[]> => {
    const place = await created('places/create', { name: 'p', city: 'c' }, as)
    const review = await created('reviews/create', { place_id: place, rating: 3 }, as)
    const event = await insertRecord(app(), { type: 'event', ownerId: as.id, data: {} })
    const photo = await insertRecord(app(), { type: 'photo', ownerId: as.id, data: {} })
    const status = await created('statuses/create', { message: 'm' }, as)
    const checkin = await created('checkins/create', { place_id: place }, as)
    const boat = await created('objects/boat/create', { fields: { a: 1 } }, as)
    const rows = [
      ['post_id', await makePost(as), 'Post', 'posts/show', 'post_id'],
      ['photo_id', photo, 'Photo', 'photos/show', 'photo_id'],
      ['user_id', as.id, 'User', 'users/show', 'user_id'],
      ['event_id', event, 'Event', 'events/show', 'event_id'],
      ['place_id', place, 'Place', 'places/show', 'place_id'],
      ['checkin_id', checkin, 'Checkin', 'checkins/show', 'checkin_id'],
      ['status_id', status, 'Status', 'statuses/show', 'status_id'],
      ['review_id', review, 'Review', 'reviews/show', 'review_id'],
      ['custom_object_id', boat, 'CustomObject', 'objects/boat/show', 'id'],
    ] as const
    return rows.map(([param, id, type, path, idParam]) => ({ param, id, type, path, idParam }))
  }

  describe('create and delete', () => {
    it('count likes on every kind of object, and tell the caller what he likes', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      for (const { param, id, type, path, idParam } of await targets(ann)) {
        if (type === 'Event' && !app().context.catalogue.byTitle('Event')) continue
        const before = await likesOf(path, { [idParam]: id, show_user_like: true }, bob)
        assert.deepEqual([before.likes_count, before.current_user_liked], [undefined, undefined])
        const { status, body } = await app().post('likes/create', { [param]: id }, bob)
        assert.equal(status, 200, `${type}: ${body.meta.message}`)
        assert.equal(body.meta.method_name, 'createLike')
        const [like] = body.response.likes
        const { created_at, updated_at } = like
        const dates = { created_at, updated_at }
        const members = { likeable_id: id, likeable_type: type, user_id: bob.id }
        assert.deepEqual(like, { id: like.id, ...members, ...dates })

        const twice = await app().post('likes/create', { [param]: id }, bob)
        assert.equal(twice.status, 400, type)
        const mine = await likesOf(path, { [idParam]: id, show_user_like: true }, bob)
        assert.deepEqual([mine.likes_count, mine.current_user_liked], [1, true], type)
        assert.equal(mine.updated_at, before.updated_at)
        const anns = await likesOf(path, { [idParam]: id, show_user_like: true }, ann)
        assert.deepEqual([anns.likes_count, anns.current_user_liked], [1, undefined], type)

        const gone = await app().del('likes/delete', { [param]: id }, bob)
        assert.deepEqual([gone.status, gone.body.meta.method_name], [200, 'deleteLike'])
        const after = await likesOf(path, { [idParam]: id, show_user_like: true }, bob)
        assert.deepEqual([after.likes_count, after.current_user_liked], [0, undefined], type)
        const again = await app().del('likes/delete', { [param]: id }, bob)
        const text = `Invalid ${type} id or current user hasn't liked it`
        assert.deepEqual([again.status, again.body.meta.message], [400, text])
      }
    })

    it('keep the counter right under fifty writers, of which each comes twice', async () => {
      const ann = await app().user()
      const post_id = await makePost(ann)
      const fans = await Promise.all(Array.from({ length: 50 }, () => app().user()))
      const answers = await Promise.all(
        [...fans, ...fans].map((fan) => app().post('likes/create', { post_id }, fan)),
      )
      assert.equal(answers.filter(({ status }) => status === 200).length, 50)
      assert.equal(answers.filter(({ status }) => status === 400).length, 50)
      assert.equal((await likesOf('posts/show', { post_id })).likes_count, 50)
      const where = { likes_count: 50 }
      const { body } = await app().get('posts/query', { where })
      assert.equal(body.response.posts[0].id, post_id)
      const update = app().put('posts/update', { post_id, content: 'new' }, ann)
      const unlikes = fans.slice(1).map((fan) => app().del('likes/delete', { post_id }, fan))
      for (const { status } of await Promise.all([update, ...unlikes])) assert.equal(status, 200)
      const post = await likesOf('posts/show', { post_id })
      assert.deepEqual([post.likes_count, post.content], [1, 'new'])
    })

    for (const [why, values, message] of [
      ['nothing is named', {}, 'Invalid like type'],
      ['the post is unknown', { post_id: UNKNOWN }, 'Invalid post id'],
      ['the post is no id', { post_id: 'x' }, 'Invalid post id'],
      ['the user is unknown', { user_id: UNKNOWN }, 'Invalid user id'],
      ['the custom object is unknown', { custom_object_id: UNKNOWN }, 'custom_object not found'],
    ] as const) {
      it(`refuse when ${why}`, async () => {
        const ann = await app().user()
        for (const [verb, path] of [
          ['POST', 'likes/create'],
          ['DELETE', 'likes/delete'],
        ] as const) {
          const { status, body } = await app().call(verb, path, values, ann)
          assert.deepEqual([status, body.meta.message], [400, message], path)
        }
        const { body } = await app().get('likes/query', {}, ann)
        assert.deepEqual(body.response.likes, [])
      })
    }

    it('need a login, the right to read, and an administrator for su_id', async () => {
      const [ann, bob, admin] = [
        await app().user(),
        await app().user(),
        await app().admin('like-admin'),
      ]
      const post_id = await makePost(ann)
      assert.equal((await app().post('likes/create', { post_id })).status, 401)
      assert.equal((await app().del('likes/delete', { post_id })).status, 401)
      await app().post('acls/create', { name: 'mine' }, ann)
      const hidden = await created('posts/create', { content: 'c', acl_name: 'mine' }, ann)
      assert.equal((await app().post('likes/create', { post_id: hidden }, bob)).status, 401)
      const values = { post_id, su_id: ann.id }
      assert.equal((await app().post('likes/create', values, bob)).status, 403)
      const { body } = await app().post('likes/create', values, admin)
      assert.equal(body.response.likes[0].user_id, ann.id)
      assert.equal((await app().del('likes/delete', { post_id }, admin)).status, 400)
      assert.equal((await app().del('likes/delete', values, admin)).status, 200)
      assert.equal((await likesOf('posts/show', { post_id })).likes_count, 0)
    })

    it('stay when the object goes, and can no more be taken back', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const post_id = await makePost(ann)
      await app().post('likes/create', { post_id }, bob)
      assert.equal((await app().del('posts/delete', { post_id }, ann)).status, 200)
      const { body } = await app().get('likes/query', { post_id }, bob)
      assert.equal(body.response.likes[0].likeable_id, post_id)
      const gone = await app().del('likes/delete', { post_id }, bob)
      assert.equal(gone.body.meta.message, 'Invalid post id')
    })

    it('do not reach into another backend', async () => {
      const post_id = await makePost(await app().user())
      const other = await app().newBackend('likes-other')
      const eve = await app().user('eve', other)
      const { status, body } = await app().call('POST', 'likes/create', { post_id }, eve, other)
      assert.deepEqual([status, body.meta.message], [400, 'Invalid post id'])
      assert.equal((await likesOf('posts/show', { post_id })).likes_count, undefined)
    })
  })

  describe('query', () => {
    it("finds the caller's own, by object and by conditions", async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const [first, second] = [await makePost(ann), await makePost(ann)]
      for (const post_id of [first, second]) await app().post('likes/create', { post_id }, bob)
      await app().post('likes/create', { user_id: ann.id }, bob)
      await app().post('likes/create', { post_id: first }, ann)
      const ids = async (values: Record<string, unknown>, as: TestUser) => {
        const { body } = await app().get('likes/query', values, as)
        assert.equal(body.meta.method_name, 'queryLikes')
        return body.response.likes.map((like: { likeable_id: string }) => like.likeable_id)
      }
      assert.deepEqual(await ids({}, bob), [ann.id, second, first])
      assert.deepEqual(await ids({ where: { likeable_type: 'Post' } }, bob), [second, first])
      assert.deepEqual(await ids({ post_id: first }, bob), [first])
      assert.deepEqual(await ids({ user_object_id: ann.id }, bob), [ann.id])
      assert.deepEqual(await ids({ where: { user_id: bob.id } }, ann), [])
      assert.equal((await app().get('likes/query')).status, 401)
      assert.equal((await app().get('likes/query', { su_id: bob.id }, ann)).status, 403)
      assert.equal((await app().get('likes/query', { user_id: bob.id }, ann)).status, 403)

      const admin = await app().admin('query-admin')
      assert.deepEqual(await ids({ su_id: ann.id }, admin), [first])
      assert.deepEqual(await ids({ user_id: ann.id }, admin), [first])
      assert.deepEqual(await ids({ post_id: first }, admin), [first, first])
    })
  })
})
