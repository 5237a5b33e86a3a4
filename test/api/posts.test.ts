import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { picture } from '../support/pictures.ts'
import { insertRecord } from '../support/records.ts'
import { onEachDatabase, type TestUser } from '../support/test-app.ts'

const UNKNOWN = '0'.repeat(24)

onEachDatabase('posts', (app) => {
  const make = async (values: Record<string, unknown>, as: TestUser) => {
    const answer = await app().post('posts/create', { content: 'c', ...values }, as)
    assert.equal(answer.status, 200, answer.body.meta.message)
    return answer.body.response.posts[0]
  }
  const show = async (id: string) =>
    (await app().get('posts/show', { post_id: id })).body.response?.posts[0]
  const count = async () => Number((await app().get('posts/count')).body.meta.count)

  describe('create and show', () => {
    it('keep every member as it was sent', async () => {
      const ann = await app().user()
      const event_id = await insertRecord(app(), { type: 'event', ownerId: ann.id, data: {} })
      const members = {
        title: 'Log',
        content: 'Calm sea',
        event_id,
        custom_fields: { wind: 3 },
      }
      const { body } = await app().post('posts/create', { ...members, tags: 'log,sea' }, ann)
      assert.equal(body.meta.method_name, 'createPost')
      const [post] = body.response.posts
      const { id, created_at, updated_at } = post
      const rest = { tags: ['log', 'sea'], created_at, updated_at, user_id: ann.id }
      assert.deepEqual(post, { id, ...members, ...rest })
      const shown = await app().get('posts/show', { post_id: id })
      assert.equal(shown.body.meta.method_name, 'showPosts')
      assert.deepEqual(shown.body.response.posts, [post])
    })

    it('bring a photo along, and show it whole from depth 2 on', async () => {
      const ann = await app().user()
      const photo = await picture()
      const values = { photo, content: 'with a picture', response_json_depth: '2' }
      const { status, body } = await app().upload('POST', 'posts/create', values, ann)
      assert.equal(status, 200, body.meta.message)
      const [post] = body.response.posts
      assert.equal(post.photo.filename, 'picture.jpg')
      assert.deepEqual([post.user.id, 'photo_id' in post], [ann.id, false])
      await app().settle()
    })

    for (const [why, values, message] of [
      [
        'there is no content',
        { content: '', title: 't' },
        "Failed to create post: Validation failed - Content can't be blank.",
      ],
      ['the event is unknown', { event_id: UNKNOWN }, 'Invalid event id'],
      ['the ACL is unknown', { acl_name: 'nix' }, 'No Acl was found!'],
      ['the photo is unknown', { photo_id: UNKNOWN }, 'Invalid photo id'],
    ] as const) {
      it(`refuse a post when ${why}`, async () => {
        const before = await count()
        const sent = { content: 'c', ...values }
        const { status, body } = await app().post('posts/create', sent, await app().user())
        assert.deepEqual([status, body.meta.message], [400, message])
        assert.equal(await count(), before)
      })
    }

    it('show several in the order asked for, and refuse ids that are wrong or missing', async () => {
      const ann = await app().user()
      const [first, second] = [await make({ title: '1' }, ann), await make({ title: '2' }, ann)]
      const both = await app().get('posts/show', { post_ids: `${second.id},${first.id}` })
      assert.deepEqual(both.body.response.posts, [second, first])
      for (const values of [{}, { post_id: 'x' }, { post_id: UNKNOWN }]) {
        const { status, body } = await app().get('posts/show', values)
        assert.deepEqual([status, body.meta.message], [400, 'Invalid post id'])
      }
    })

    it('need a login, and an administrator for su_id', async () => {
      const [ann, admin] = [await app().user(), await app().admin('post-admin')]
      assert.equal((await app().post('posts/create', { content: 'c' })).status, 401)
      const values = { content: 'c', su_id: ann.id }
      assert.equal((await app().post('posts/create', values, await app().user())).status, 403)
      assert.equal((await make(values, admin)).user_id, ann.id)
    })
  })

  it('queries by members and words', async () => {
    const ann = await app().user()
    await make({ title: 'Tide tables', content: 'High at nine', tags: 'tide' }, ann)
    await make({ title: 'Other' }, ann)
    for (const where of [
      { title: 'Tide tables' },
      { tags_array: 'tide', user_id: ann.id },
      { $text: { $search: 'nine' } },
    ]) {
      const { body } = await app().get('posts/query', { where, count: true })
      assert.deepEqual([body.meta.method_name, body.meta.count], ['queryPosts', 1])
      assert.equal(body.response.posts[0].title, 'Tide tables')
    }
    const none = await app().get('posts/query', { where: { title: 'tide tables' } })
    assert.deepEqual(none.body.response, { posts: [] })
  })

  it('update changes what is named, by POST too, and needs the id', async () => {
    const ann = await app().user()
    const { id: post_id } = await make({ title: 't', custom_fields: { a: 1 } }, ann)
    const values = { post_id, title: '', content: 'new', custom_fields: { b: 2 } }
    const { body } = await app().post('posts/update', values, ann)
    assert.equal(body.meta.method_name, 'updatePost')
    const post = await show(post_id)
    assert.deepEqual([post.content, post.custom_fields], ['new', { a: 1, b: 2 }])
    assert.equal('title' in post, false)
    const unnamed = await app().put('posts/update', { content: 'x' }, ann)
    assert.deepEqual([unnamed.status, unnamed.body.meta.message], [400, 'Invalid post id'])
    const blank = await app().put('posts/update', { post_id, content: '' }, ann)
    assert.match(String(blank.body.meta.message), /^Failed to update post: .*can't be blank/)
    assert.deepEqual(await show(post_id), post)
  })

  it('is changed and deleted by its owner, administrators, and whom its ACL lets write', async () => {
    const [ann, bob, cid] = [await app().user(), await app().user(), await app().user()]
    const list = { name: 'crew', writer_ids: bob.id, reader_ids: bob.id }
    await app().post('acls/create', list, ann)
    const open = await make({}, ann)
    const { id: post_id } = await make({ acl_name: 'crew' }, ann)
    const update = (id: string, as: TestUser | null) =>
      app().put('posts/update', { post_id: id, content: 'x' }, as)
    const stranger = await update(open.id, bob)
    assert.deepEqual(
      [stranger.status, stranger.body.meta.message],
      [400, 'Current user cannot update this post'],
    )
    assert.equal((await update(post_id, cid)).status, 401)
    assert.equal((await update(post_id, null)).status, 401)
    assert.equal((await app().get('posts/show', { post_id }, cid)).status, 401)
    assert.equal((await update(post_id, bob)).status, 200)
    assert.equal((await app().del('posts/delete', { post_id: open.id }, bob)).status, 400)
    const { status, body } = await app().del('posts/delete', { post_id: open.id }, ann)
    assert.deepEqual([status, body.meta.method_name], [200, 'deletePost'])
    assert.equal(await show(open.id), undefined)
    const gone = await app().del('posts/delete', { post_id: open.id }, ann)
    assert.equal(gone.body.meta.message, 'Invalid post id')
  })

  it("is out of reach with another backend's key", async () => {
    const { id: post_id } = await make({}, await app().user())
    const other = await app().newBackend('posts-other')
    const eve = await app().user('eve', other)
    for (const [verb, path] of [
      ['GET', 'posts/show'],
      ['PUT', 'posts/update'],
      ['DELETE', 'posts/delete'],
    ] as const) {
      const { status, body } = await app().call(verb, path, { post_id }, eve, other)
      assert.deepEqual([status, body.meta.message], [400, 'Invalid post id'])
    }
    const query = await app().call('GET', 'posts/query', {}, eve, other)
    assert.deepEqual(query.body.response.posts, [])
    assert.notEqual(await show(post_id), undefined)
  })

  it('batch_delete is for administrators', async () => {
    const [ann, admin] = [await app().user(), await app().admin('batch-admin')]
    for (const title of ['bulk', 'bulk', 'stays']) await make({ title }, ann)
    const where = { title: 'bulk' }
    assert.equal((await app().del('posts/batch_delete', { where }, ann)).status, 403)
    assert.equal((await app().del('posts/batch_delete', { where }, admin)).status, 200)
    await app().settle()
    const left = await app().get('posts/query', { where: { user_id: ann.id } })
    assert.deepEqual(
      left.body.response.posts.map((post: { title: string }) => post.title),
      ['stays'],
    )
  })
})
