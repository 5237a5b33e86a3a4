import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { onEachDatabase, type TestBackend, type TestUser } from '../support/test-app.ts'

const UNKNOWN = '0'.repeat(24)

type User = { readonly id: string; readonly username?: string }

onEachDatabase('friends', (app) => {
  const friends = async (
    as: TestUser,
    values: Record<string, unknown> = {},
    backend?: TestBackend,
  ): Promise<string[] | undefined> => {
    const { status, body } = await app().call('GET', 'friends/query', values, as, backend)
    assert.equal(status, 200, body.meta.message)
    assert.equal(body.meta.method_name, 'queryFriends')
    return body.response.users?.map((one: User) => one.id)
  }
  const requests = async (as: TestUser, values: Record<string, unknown> = {}) => {
    const { body } = await app().get('friends/requests', values, as)
    assert.equal(body.meta.method_name, 'friendRequests')
    return body.response.friend_requests
  }
  const askers = async (as: TestUser): Promise<string[]> =>
    (await requests(as)).map((one: { user_id: string }) => one.user_id)
  const counts = async (as: TestUser, backend?: TestBackend) => {
    const { body } = await app().call('GET', 'users/show', { user_id: as.id }, as, backend)
    return body.response.users[0].friend_counts
  }
  const add = (as: TestUser, others: readonly TestUser[], values = {}, backend?: TestBackend) => {
    const user_ids = others.map((one) => one.id).join(',')
    return app().call('POST', 'friends/add', { user_ids, ...values }, as, backend)
  }
  const three = () => Promise.all([app().user(), app().user(), app().user()])

  describe('of two-way apps', () => {
    it('become so by a request and its approval', async () => {
      const [ann, bob] = await three()
      const asked = await add(ann, [bob])
      assert.deepEqual([asked.status, asked.body.meta.method_name], [200, 'addFriends'])
      assert.equal(asked.body.response, undefined)
      assert.equal(await friends(ann), undefined)
      assert.deepEqual(await counts(bob), { requests: 1, friends: 0 })
      const [request] = await requests(bob)
      const { id, created_at, updated_at, user } = request
      assert.deepEqual([user.id, 'friend_counts' in user], [ann.id, false])
      const rest = { user_id: ann.id, to_user_id: bob.id, created_at, updated_at, user }
      assert.deepEqual(request, { id, ...rest })
      const [deep] = await requests(bob, { response_json_depth: 3 })
      assert.deepEqual([deep.user_id, deep.user.id, deep.to_user.id], [ann.id, ann.id, bob.id])

      assert.deepEqual(await requests(ann), [])
      const [sent] = await requests(ann, { requests_to: true })
      assert.deepEqual([sent.id, sent.to_user_id], [id, bob.id])

      const approved = await app().put('friends/approve', { user_ids: ann.id }, bob)
      assert.deepEqual(
        [approved.status, approved.body.meta.method_name, approved.body.response],
        [200, 'approveFriends', undefined],
      )
      assert.deepEqual([await friends(ann), await friends(bob)], [[bob.id], [ann.id]])
      assert.deepEqual(await requests(bob), [])
      for (const one of [ann, bob]) assert.deepEqual(await counts(one), { requests: 0, friends: 1 })
    })

    it('change nothing when they are added or approved again', async () => {
      const [ann, bob] = await three()
      for (let times = 0; times < 2; times += 1) assert.equal((await add(ann, [bob])).status, 200)
      assert.deepEqual(await askers(bob), [ann.id])
      for (let times = 0; times < 2; times += 1) {
        assert.equal((await app().put('friends/approve', { user_ids: ann.id }, bob)).status, 200)
      }
      assert.equal((await add(ann, [bob])).status, 200)
      assert.equal((await add(bob, [ann])).status, 200)
      assert.deepEqual([await askers(ann), await askers(bob)], [[], []])
      assert.deepEqual(await counts(ann), { requests: 0, friends: 1 })
    })

    it('become so without consent, or by asking each other', async () => {
      const [ann, bob, cid] = await three()
      await add(ann, [bob], { approval_required: false })
      assert.deepEqual([await friends(ann), await friends(bob)], [[bob.id], [ann.id]])
      await add(ann, [cid])
      await add(cid, [ann])
      assert.deepEqual(await friends(cid), [ann.id])
      assert.deepEqual(await counts(ann), { requests: 0, friends: 2 })
      assert.deepEqual(await counts(cid), { requests: 0, friends: 1 })
    })

    it('part from both sides, and a request is withdrawn or turned down', async () => {
      const [ann, bob, cid] = await three()
      await add(ann, [bob], { approval_required: false })
      await add(ann, [cid])
      const { status, body } = await app().del('friends/remove', { user_ids: ann.id }, bob)
      assert.deepEqual([status, body.meta.method_name], [200, 'removeFriends'])
      assert.deepEqual([await friends(ann), await friends(bob)], [undefined, undefined])
      await app().del('friends/remove', { user_ids: ann.id }, cid)
      assert.deepEqual(await askers(cid), [])
      await add(ann, [cid])
      await app().del('friends/remove', { user_ids: cid.id }, ann)
      assert.deepEqual(await askers(cid), [])
      for (const one of [ann, bob, cid]) {
        assert.deepEqual(await counts(one), { requests: 0, friends: 0 })
      }
      assert.equal((await app().del('friends/remove', { user_ids: bob.id }, ann)).status, 200)
      assert.deepEqual(await counts(bob), { requests: 0, friends: 0 })
    })

    it('keep the counts right when fifty ask one at the same time, and twice', async () => {
      const star = await app().user()
      const fans = await Promise.all(Array.from({ length: 50 }, () => app().user()))
      const asked = await Promise.all([...fans, ...fans].map((fan) => add(fan, [star])))
      for (const { status, body } of asked) assert.equal(status, 200, body.meta.message)
      assert.deepEqual(await counts(star), { requests: 50, friends: 0 })
      assert.equal((await requests(star)).length, 50)
      const approvals = fans.map((fan) => app().put('friends/approve', { user_ids: fan.id }, star))
      for (const { status } of await Promise.all(approvals)) assert.equal(status, 200)
      assert.deepEqual(await counts(star), { requests: 0, friends: 50 })
      const leaving = fans
        .slice(0, 20)
        .map((fan) => app().del('friends/remove', { user_ids: star.id }, fan))
      await Promise.all(leaving)
      assert.deepEqual(await counts(star), { requests: 0, friends: 30 })
      assert.equal((await friends(star, { limit: 100 }))?.length, 30)
    })

    it('go with a user who is deleted', async () => {
      const [ann, bob, cid] = await three()
      await add(ann, [bob], { approval_required: false })
      await add(ann, [cid])
      await add(cid, [bob])
      assert.equal((await app().del('users/delete', {}, ann)).status, 200)
      await app().settle()
      assert.equal(await friends(bob), undefined)
      assert.deepEqual(await askers(cid), [])
      assert.deepEqual(await counts(bob), { requests: 1, friends: 0 })
      assert.deepEqual(await counts(cid), { requests: 0, friends: 0 })
    })
  })

  it('keep their counts out of nested users and through an update', async () => {
    const [ann, bob] = await three()
    await add(ann, [bob], { approval_required: false })
    await app().put('users/update', { first_name: 'Ann' }, ann)
    await add(ann, [await app().user()], { approval_required: false })
    assert.deepEqual(await counts(ann), { requests: 0, friends: 2 })
    const post = { content: 'c', response_json_depth: 2 }
    const { body } = await app().post('posts/create', post, ann)
    const { user } = body.response.posts[0]
    assert.deepEqual([user.first_name, 'following_count' in user], ['Ann', false])
  })

  describe('of one-way apps', () => {
    it('follow, and are followed', async () => {
      const oneWay = await app().newBackend('one-way', { friendsTwoWay: false })
      const [ann, bob, cid] = await Promise.all(
        ['ann', 'bob', 'cid'].map((name) => app().user(name, oneWay)),
      )
      assert.ok(ann && bob && cid)
      await add(ann, [bob], {}, oneWay)
      assert.deepEqual(await counts(bob, oneWay), { requests: 1, following: 0, followers: 0 })
      await app().call('PUT', 'friends/approve', { user_ids: ann.id }, bob, oneWay)
      await add(cid, [bob], { approval_required: false }, oneWay)
      assert.deepEqual(await friends(ann, {}, oneWay), [bob.id])
      assert.equal(await friends(bob, {}, oneWay), undefined)
      const followers = await friends(bob, { followers: true, order: 'username' }, oneWay)
      assert.deepEqual(followers, [ann.id, cid.id])
      assert.deepEqual(await counts(bob, oneWay), { requests: 0, following: 0, followers: 2 })
      assert.deepEqual(await counts(ann, oneWay), { requests: 0, following: 1, followers: 0 })

      // Who is followed cannot shake a follower off; the follower can go.
      await app().call('DELETE', 'friends/remove', { user_ids: ann.id }, bob, oneWay)
      assert.deepEqual(await friends(ann, {}, oneWay), [bob.id])
      await app().call('DELETE', 'friends/remove', { user_ids: bob.id }, ann, oneWay)
      assert.equal(await friends(ann, {}, oneWay), undefined)
      assert.deepEqual(await counts(bob, oneWay), { requests: 0, following: 0, followers: 1 })
    })
  })

  describe('add, approve and remove', () => {
    it('refuse what they cannot do, and change nothing', async () => {
      const [ann, bob] = await three()
      const refused = async (
        verb: 'POST' | 'PUT' | 'DELETE',
        path: string,
        values: Record<string, unknown>,
        message: string,
      ) => {
        const { status, body } = await app().call(verb, path, values, ann)
        assert.deepEqual([status, body.meta.message], [400, message], path)
      }
      const unknown = 'Invalid user id(s)'
      await refused('POST', 'friends/add', {}, 'Require parameter: user_ids')
      await refused('POST', 'friends/add', { user_ids: '' }, 'Require parameter: user_ids')
      await refused('POST', 'friends/add', { user_ids: 'x' }, unknown)
      await refused('POST', 'friends/add', { user_ids: `${bob.id},${UNKNOWN}` }, unknown)
      const self = 'A user cannot be a friend of himself.'
      await refused('POST', 'friends/add', { user_ids: `${bob.id},${ann.id}` }, self)
      const none = 'Friend approval requires one or more user ids'
      await refused('PUT', 'friends/approve', {}, none)
      await refused('PUT', 'friends/approve', { user_ids: bob.id }, unknown)
      await refused('PUT', 'friends/approve', { user_ids: UNKNOWN }, unknown)
      await refused('DELETE', 'friends/remove', {}, 'Require parameter: user_ids')
      await refused('DELETE', 'friends/remove', { user_ids: 'x' }, unknown)
      assert.deepEqual(await askers(bob), [])
      await add(ann, [bob])
      await refused('PUT', 'friends/approve', { user_ids: bob.id }, unknown)
      assert.equal(await friends(bob), undefined)
    })

    it('need a login, and an administrator for su_id', async () => {
      const [ann, bob] = await three()
      const user_ids = bob.id
      for (const [verb, path] of [
        ['POST', 'friends/add'],
        ['PUT', 'friends/approve'],
        ['DELETE', 'friends/remove'],
        ['GET', 'friends/requests'],
        ['GET', 'friends/query'],
        ['GET', 'friends/search'],
      ] as const) {
        assert.equal((await app().call(verb, path, { user_ids })).status, 401, path)
      }
      assert.equal((await add(ann, [bob], { su_id: bob.id })).status, 403)
      const admin = await app().admin('friend-admin')
      assert.equal((await add(admin, [bob], { su_id: ann.id })).status, 200)
      assert.deepEqual(await askers(bob), [ann.id])
      assert.equal((await app().get('friends/query', { su_id: ann.id }, bob)).status, 403)
      assert.equal((await app().get('friends/query', { user_id: ann.id }, bob)).status, 403)
      await app().put('friends/approve', { user_ids: ann.id }, bob)
      assert.deepEqual(await friends(admin, { su_id: ann.id }), [bob.id])
      assert.deepEqual(await friends(ann, { user_id: ann.id }), [bob.id])
    })

    it('do not know users of another backend', async () => {
      const ann = await app().user()
      const other = await app().newBackend('friends-other')
      const eve = await app().user('eve', other)
      const { status, body } = await add(eve, [ann], {}, other)
      assert.deepEqual([status, body.meta.message], [400, 'Invalid user id(s)'])
      assert.deepEqual(await askers(ann), [])
    })
  })

  it('query narrows, sorts and counts, and has no key without friends', async () => {
    const ann = await app().user()
    const made = await Promise.all(['Xia', 'Yan', 'Zoe'].map(() => app().user()))
    for (const [at, one] of made.entries()) {
      await app().put('users/update', { first_name: ['Xia', 'Yan', 'Zoe'][at] }, one)
    }
    const none = await app().get('friends/query', { count: true }, ann)
    assert.deepEqual([none.body.response, none.body.meta.count], [{}, 0])
    await add(ann, made, { approval_required: false })
    const names = async (values: Record<string, unknown>) => {
      const { body } = await app().get('friends/query', values, ann)
      return body.response.users.map((one: { first_name: string }) => one.first_name)
    }
    assert.deepEqual(await names({ order: '-first_name', limit: 2 }), ['Zoe', 'Yan'])
    assert.deepEqual(await names({ where: { first_name: { $regex: '^Y' } } }), ['Yan'])
    assert.deepEqual(await names({ where: { first_name: 'Nobody' } }), [])
    assert.equal((await app().get('friends/query', { where: '{' }, ann)).status, 400)
  })

  it('requests come in pages when asked for', async () => {
    const star = await app().user()
    for (const fan of await three()) await add(fan, [star])
    const { body } = await app().get('friends/requests', { page: 2, per_page: 2 }, star)
    assert.equal(body.response.friend_requests.length, 1)
    assert.deepEqual([body.meta.total_pages, body.meta.total_results], [2, 3])
  })

  it('are hidden from relations of strangers', async () => {
    const [ann, bob, eve] = await three()
    await add(ann, [bob])
    const [{ id }] = await requests(bob)
    const fields = { '[ACS_FriendRequest]spied_id': id }
    const values = { fields, response_json_depth: 2 }
    const { body } = await app().post('objects/spies/create', values, eve)
    assert.deepEqual(body.response.spies[0]['[ACS_FriendRequest]spied_id'], [])
  })

  it('search is over for apps of today, and finds by words for early apps', async () => {
    const [ann] = await three()
    const { status, body } = await app().get('friends/search', { q: 'x' }, ann)
    const text = 'search.json has been deprecated. Please use $text query'
    assert.deepEqual([status, body.meta.message], [410, text])

    const early = await app().newBackend('friends-early', { mbsRelease: '1.2.0' })
    const on = (name: string) => app().user(name, early)
    const [eve, flo, gus] = [await on('eve'), await on('flo'), await on('gus')]
    await on('flo2')
    await add(eve, [flo, gus], { approval_required: false }, early)
    const found = async (values: Record<string, unknown>, as: TestUser) => {
      const reply = await app().call('GET', 'friends/search', values, as, early)
      assert.equal(reply.body.meta.method_name, 'searchFriends')
      const { total_results } = reply.body.meta
      return [reply.body.response.users.map((one: User) => one.username), total_results]
    }
    assert.deepEqual(await found({ q: 'FLO' }, eve), [['flo'], 1])
    assert.deepEqual(await found({}, eve), [['gus', 'flo'], 2])
    assert.deepEqual(await found({ user_id: eve.id, q: 'gus' }, gus), [['gus'], 1])
    assert.deepEqual(await found({ q: 'flo' }, gus), [[], 0])
  })
})
