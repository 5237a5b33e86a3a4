import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { subscribeDevice } from '../support/push-app.ts'
import { iosToken } from '../support/push-stand-in.ts'
import { onEachDatabase, type TestUser } from '../support/test-app.ts'

const P = 'push_notification'

onEachDatabase('push subscriptions', (app) => {
  const listed = async (as: TestUser, values: Record<string, unknown> = {}) => {
    const { status, body } = await app().get(`${P}/query`, values, as)
    assert.equal(status, 200, body.meta.message)
    return body.response.subscriptions
  }
  let devices = 0
  const token = () => {
    devices += 1
    return `device-${devices}`
  }

  describe('push_notification/subscribe', () => {
    it('keeps a device of the caller, with its channel', async () => {
      const ann = await app().user()
      const values = { channel: 'news', device_token: token(), type: 'gcm' }
      const { status, body } = await app().post(`${P}/subscribe`, values, ann)
      assert.deepEqual([status, body.meta.method_name], [200, 'SubscribeNotification'])
      assert.equal(body.response, undefined)
      const [one, ...others] = await listed(ann)
      assert.deepEqual(others, [])
      assert.deepEqual(one.channel, ['news'])
      assert.equal(one.device_token, values.device_token)
      assert.deepEqual([one.type, one.badge_number, one.user_id], ['gcm', 0, ann.id])
    })

    it('adds channels to the one subscription of a device, each once', async () => {
      const ann = await app().user()
      const device_token = token()
      await subscribeDevice(app(), ann, { channel: 'a', device_token })
      await subscribeDevice(app(), ann, { channel: 'b,a', device_token })
      await subscribeDevice(app(), ann, { channel: '["c","b"]', device_token })
      const [one, ...others] = await listed(ann)
      assert.deepEqual([one.channel, others], [['a', 'b', 'c'], []])
    })

    it('keeps one subscription when a device subscribes many times at once', async () => {
      const ann = await app().user()
      const device_token = token()
      const channels = Array.from({ length: 8 }, (_, i) => `c${i}`)
      await Promise.all(
        channels.map((channel) => subscribeDevice(app(), ann, { channel, device_token })),
      )
      const [one, ...others] = await listed(ann)
      assert.deepEqual(others, [])
      assert.deepEqual([...one.channel].sort(), channels)
    })

    it('hands a device over to the user who subscribes it next, without the old channels', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const device_token = token()
      await subscribeDevice(app(), ann, { channel: 'ann', device_token })
      await app().put(`${P}/set_badge`, { device_token, badge_number: 4 })
      await subscribeDevice(app(), bob, { channel: 'bob', device_token })
      assert.deepEqual(await listed(ann), [])
      const [one] = await listed(bob)
      assert.deepEqual([one.channel, one.badge_number], [['bob'], 0])
    })

    it('takes a device over that had subscribed without a user', async () => {
      const ann = await app().user()
      const device_token = token()
      await subscribeDevice(app(), null, { channel: 'all', device_token })
      await subscribeDevice(app(), ann, { channel: 'mine', device_token })
      const [one] = await listed(ann)
      assert.deepEqual(one.channel, ['all', 'mine'])
    })

    it('is done by administrators for others, by either name, and by nobody else', async () => {
      const [admin, ann, bob] = [await app().admin('boss'), await app().user(), await app().user()]
      for (const name of ['su_id', 'user_id']) {
        const values = { channel: 'x', device_token: token(), type: 'ios', [name]: ann.id }
        assert.equal((await app().post(`${P}/subscribe`, values, admin)).status, 200)
        const refused = await app().post(`${P}/subscribe`, { ...values, device_token: 'n' }, bob)
        assert.equal(refused.status, 403)
      }
      assert.equal((await listed(ann)).length, 2)
      assert.deepEqual(await listed(bob), [])
    })

    for (const [why, values, status, message] of [
      ['the channel is missing', { channel: undefined }, 400, 'Required field: channel'],
      ['the token is missing', { device_token: '' }, 400, 'Required field: device_token'],
      ['the type is missing', { type: undefined }, 400, 'Required field: type'],
      ['the type is unknown', { type: 'fax' }, 400, /ios, android or web/],
      ['a channel begins with #', { channel: '#news' }, 400, /Invalid channel/],
      ['the token is too long', { device_token: 'x'.repeat(4097) }, 400, /device_token/],
      ["a browser's token is none", { type: 'web' }, 400, /PushSubscription/],
      [
        "a browser's endpoint is inside of the network",
        {
          type: 'web',
          device_token: JSON.stringify({
            endpoint: 'https://127.0.0.1/x',
            keys: {
              p256dh: Buffer.alloc(65, 4).toString('base64url'),
              auth: Buffer.alloc(16, 1).toString('base64url'),
            },
          }),
        },
        400,
        /known push service/,
      ],
    ] as const) {
      it(`is refused when ${why}`, async () => {
        const ann = await app().user()
        const all = { channel: 'news', device_token: token(), type: 'ios', ...values }
        const sent = Object.fromEntries(Object.entries(all).filter(([, one]) => one !== undefined))
        const { status: got, body } = await app().post(`${P}/subscribe`, sent, ann)
        assert.equal(got, status)
        if (typeof message === 'string') assert.equal(body.meta.message, message)
        else assert.match(body.meta.message ?? '', message)
        assert.deepEqual(await listed(ann), [])
      })
    }

    it('is refused without a login', async () => {
      const values = { channel: 'news', device_token: token(), type: 'ios' }
      assert.equal((await app().post(`${P}/subscribe`, values)).status, 401)
    })
  })

  describe('push_notification/subscribe_token', () => {
    it('needs no login and no type', async () => {
      const admin = await app().admin('teller')
      for (const [device_token, type] of [
        [iosToken(token()), 'ios'],
        [token(), 'android'],
      ]) {
        const values = { channel: 'free', device_token }
        const { status, body } = await app().post(`${P}/subscribe_token`, values)
        assert.deepEqual([status, body.meta.method_name], [200, 'SubscribeNotificationByToken'])
        const [one] = await listed(admin, { device_token })
        assert.equal(one.type, type)
        assert.equal('user_id' in one, false)
      }
    })
  })

  describe('unsubscribing', () => {
    it('takes a device out of a channel, and out of all', async () => {
      const ann = await app().user()
      const device_token = token()
      await subscribeDevice(app(), ann, { channel: 'a,b', device_token })
      const one = await app().del(`${P}/unsubscribe`, { device_token, channel: 'a' }, ann)
      assert.deepEqual([one.status, one.body.meta.method_name], [200, 'UnsubscribeNotification'])
      assert.deepEqual((await listed(ann))[0].channel, ['b'])
      await app().del(`${P}/unsubscribe`, { device_token }, ann)
      assert.deepEqual(await listed(ann), [])
    })

    it('removes the subscription with its last channel', async () => {
      const ann = await app().user()
      const device_token = token()
      await subscribeDevice(app(), ann, { channel: 'a', device_token })
      await app().del(`${P}/unsubscribe`, { device_token, channel: 'a' }, ann)
      assert.deepEqual(await listed(ann), [])
    })

    it('needs no login by the token', async () => {
      const admin = await app().admin('keeper')
      const device_token = token()
      await subscribeDevice(app(), null, { channel: 'a', device_token })
      const { status, body } = await app().del(`${P}/unsubscribe_token`, { device_token })
      assert.deepEqual([status, body.meta.method_name], [200, 'UnsubscribeNotificationByToken'])
      assert.deepEqual(await listed(admin, { device_token }), [])
    })

    it('is refused for a device that is unknown, of another user, or not in the channel', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const device_token = token()
      await subscribeDevice(app(), ann, { channel: 'a', device_token })
      for (const answer of [
        await app().del(`${P}/unsubscribe`, { device_token: 'nobody' }, ann),
        await app().del(`${P}/unsubscribe`, { device_token }, bob),
        await app().del(`${P}/unsubscribe`, { device_token, channel: 'b' }, ann),
        await app().del(`${P}/unsubscribe_token`, { device_token: 'nobody' }),
      ]) {
        assert.deepEqual([answer.status, answer.body.meta.message], [400, 'Subscription not found'])
      }
      assert.equal((await listed(ann)).length, 1)
    })

    it('comes with the logout that names the device, by either name, and with the account', async () => {
      const admin = await app().admin('watch')
      for (const name of ['device_token', 'device_id']) {
        const ann = await app().user()
        const [own, other] = [token(), token()]
        await subscribeDevice(app(), ann, { channel: 'a', device_token: own })
        await subscribeDevice(app(), ann, { channel: 'a', device_token: other })
        await app().get('users/logout', { [name]: own }, ann)
        const left = await listed(admin, { su_id: ann.id })
        assert.deepEqual(
          left.map((one: { device_token: string }) => one.device_token),
          [other],
        )
        await app().del('users/delete', { user_ids: ann.id }, admin)
        assert.deepEqual(await listed(admin, { device_token: other }), [])
      }
    })

    it("does not come with a logout that names another's device", async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const device_token = token()
      await subscribeDevice(app(), ann, { channel: 'a', device_token })
      assert.equal((await app().get('users/logout', { device_token }, bob)).status, 200)
      assert.equal((await listed(ann)).length, 1)
    })
  })

  describe('push_notification/subscription/update', () => {
    it('says where the device is, and takes that away', async () => {
      const ann = await app().user()
      const device_token = token()
      await subscribeDevice(app(), ann, { channel: 'a', device_token })
      const path = `${P}/subscription/update`
      const values = { device_token, loc: [-122.05, 37.39] }
      const { status, body } = await app().put(path, values, ann)
      assert.deepEqual([status, body.meta.method_name], [200, 'UpdateSubscription'])
      assert.deepEqual((await listed(ann))[0].loc, [-122.05, 37.39])
      await app().put(path, { device_token, loc: '' }, ann)
      assert.equal('loc' in (await listed(ann))[0], false)
    })

    it('is refused for what is no position, and for devices of others', async () => {
      const [ann, bob] = [await app().user(), await app().user()]
      const device_token = token()
      await subscribeDevice(app(), ann, { channel: 'a', device_token })
      const path = `${P}/subscription/update`
      for (const loc of ['here', '[1]', '[200,0]', '{"a":1}', '[[1,2],[3,4]]']) {
        assert.equal((await app().put(path, { device_token, loc }, ann)).status, 400, loc)
      }
      const others = await app().put(path, { device_token, loc: [1, 2] }, bob)
      assert.equal(others.body.meta.message, 'Subscription not found')
      assert.equal('loc' in (await listed(ann))[0], false)
    })
  })

  describe('push_notification/query', () => {
    it('shows users their own, administrators all, and finds by channel, token and type', async () => {
      const backend = await app().newBackend(`query-${token()}`)
      const admin = await app().admin('a', backend)
      const [ann, bob] = [await app().user('ann', backend), await app().user('bob', backend)]
      const get = async (values: Record<string, unknown>, as: TestUser) => {
        const { body } = await app().call('GET', `${P}/query`, values, as, backend)
        return body.response.subscriptions.map((one: { device_token: string }) => one.device_token)
      }
      for (const [user, device_token, channel, type] of [
        [ann, 'one', 'x', 'gcm'],
        [ann, 'two', 'y', 'ios'],
        [bob, 'three', 'x', 'android'],
      ] as const) {
        const values = { device_token, channel, type }
        await app().call('POST', `${P}/subscribe`, values, user, backend)
      }
      assert.deepEqual(await get({}, ann), ['two', 'one'])
      assert.deepEqual(await get({ user_id: ann.id, device_token: 'one' }, ann), ['one'])
      assert.deepEqual(await get({ device_token: 'three' }, ann), [])
      assert.deepEqual(await get({}, admin), ['three', 'two', 'one'])
      assert.deepEqual(await get({ channel: 'x' }, admin), ['three', 'one'])
      assert.deepEqual(await get({ type: 'android' }, admin), ['three', 'one'])
      assert.deepEqual(await get({ type: 'ios' }, admin), ['two'])
      assert.deepEqual(await get({ su_id: bob.id }, admin), ['three'])
      const refused = await app().call('GET', `${P}/query`, { su_id: bob.id }, ann, backend)
      assert.equal(refused.status, 403)
      const elsewhere = await app().get(`${P}/query`, {}, await app().admin(`e-${token()}`))
      const tokens = elsewhere.body.response.subscriptions.map(
        (one: { device_token: string }) => one.device_token,
      )
      assert.equal(tokens.includes('one'), false)
    })

    it('takes either paging, and not both', async () => {
      const ann = await app().user()
      const tokens = [token(), token(), token()]
      for (const device_token of tokens) {
        await subscribeDevice(app(), ann, { channel: 'p', device_token })
      }
      const skipped = await app().get(`${P}/query`, { limit: 1, skip: 1, count: true }, ann)
      assert.equal(skipped.body.response.subscriptions[0].device_token, tokens[1])
      assert.equal(skipped.body.meta.count, 3)
      const paged = await app().get(`${P}/query`, { page: 2, per_page: 2 }, ann)
      assert.equal(paged.body.response.subscriptions[0].device_token, tokens[0])
      const { page, per_page, total_pages, total_results } = paged.body.meta
      assert.deepEqual([page, per_page, total_pages, total_results], [2, 2, 2, 3])
      const both = await app().get(`${P}/query`, { page: 1, limit: 2 }, ann)
      assert.equal(both.status, 400)
      const zero = await app().get(`${P}/query`, { limit: 0 }, ann)
      assert.match(zero.body.meta.message ?? '', /valid range of 1~1000/)
    })
  })

  describe('channels', () => {
    it("are listed: the caller's, or for administrators the app's and those of one user", async () => {
      const backend = await app().newBackend(`channels-${token()}`)
      const admin = await app().admin('a', backend)
      const [ann, bob] = [await app().user('ann', backend), await app().user('bob', backend)]
      const list = async (as: TestUser, values = {}) =>
        app().call('GET', `${P}/channels/query`, values, as, backend)
      for (const [user, channel] of [
        [ann, 'b,a'],
        [bob, 'c'],
      ] as const) {
        const values = { channel, device_token: token(), type: 'ios' }
        await app().call('POST', `${P}/subscribe`, values, user, backend)
      }
      const own = await list(ann)
      assert.equal(own.body.meta.method_name, 'queryPushChannels')
      assert.deepEqual(own.body.response.push_channels, ['a', 'b'])
      assert.deepEqual((await list(admin)).body.response.push_channels, ['a', 'b', 'c'])
      const page = await list(admin, { page: 2, per_page: 2, count: true })
      assert.deepEqual(page.body.response.push_channels, ['c'])
      assert.deepEqual([page.body.meta.total_results, page.body.meta.count], [3, 3])
      const others = await list(admin, { user_id: bob.id })
      assert.deepEqual(others.body.response.push_channels, ['c'])
      assert.equal((await list(ann, { user_id: bob.id })).status, 403)
    })

    it('tell administrators how many devices they have', async () => {
      const backend = await app().newBackend(`show-${token()}`)
      const admin = await app().admin('a', backend)
      for (const [channel, type] of [
        ['x', 'ios'],
        ['x', 'android'],
        ['x', 'gcm'],
        ['y', 'ios'],
      ]) {
        const values = { channel, type, device_token: token() }
        await app().call('POST', `${P}/subscribe_token`, values, null, backend)
      }
      const shown = await app().call('GET', `${P}/channels/show`, { name: 'x' }, admin, backend)
      assert.equal(shown.body.meta.method_name, 'showPushChannels')
      assert.deepEqual(shown.body.response.devices, { ios_counts: 1, android_counts: 2 })
      const user = await app().user('u', backend)
      const refused = await app().call('GET', `${P}/channels/show`, { name: 'x' }, user, backend)
      assert.equal(refused.status, 403)

      const count = await app().call('GET', `${P}/count`, {}, null, backend)
      assert.deepEqual(
        [count.body.meta.count, count.body.meta.method_name],
        [4, 'push_notificationCount'],
      )
      const counts = { android: 2, ios: 2 }
      assert.deepEqual(count.body.response.push_notification_subscriptions, counts)
    })

    it('count nothing where there is nothing', async () => {
      const backend = await app().newBackend(`none-${token()}`)
      const { body } = await app().call('GET', `${P}/count`, {}, null, backend)
      assert.equal(body.meta.count, 0)
      assert.equal('push_notification_subscriptions' in (body.response ?? {}), false)
    })
  })

  describe('badges', () => {
    const badge = async (as: TestUser) => (await listed(as))[0].badge_number

    it('are set, added to and reset for a device, without a login', async () => {
      const ann = await app().user()
      const device_token = token()
      await subscribeDevice(app(), ann, { channel: 'a', device_token })
      for (const [badge_number, after] of [
        ['100', 100],
        ['+2', 102],
        ['-3', 99],
        ['-200', 0],
        ['5', 5],
      ] as const) {
        const { status, body } = await app().put(`${P}/set_badge`, { device_token, badge_number })
        assert.deepEqual([status, body.meta.method_name], [200, 'setBadge'])
        assert.equal(await badge(ann), after)
      }
      const reset = await app().put(`${P}/reset_badge`, { device_token })
      assert.deepEqual([reset.status, reset.body.meta.method_name], [200, 'resetBadge'])
      assert.equal(await badge(ann), 0)
    })

    it('of all devices are reset by GET, and set without a token, by administrators alone', async () => {
      const backend = await app().newBackend(`badges-${token()}`)
      const admin = await app().admin('a', backend)
      const user = await app().user('u', backend)
      const call = (verb: 'GET' | 'PUT', path: string, values: object, as: TestUser | null) =>
        app().call(verb, `${P}/${path}`, { ...values }, as, backend)
      const tokens = Array.from({ length: 5 }, token)
      for (const device_token of tokens) {
        const values = { channel: 'x', type: 'ios', device_token }
        await app().call('POST', `${P}/subscribe`, values, user, backend)
      }
      const badges = async () => {
        await app().settle()
        const { body } = await call('GET', 'query', {}, user)
        return body.response.subscriptions.map((one: { badge_number: number }) => one.badge_number)
      }
      assert.equal((await call('PUT', 'set_badge', { badge_number: '+3' }, admin)).status, 200)
      assert.deepEqual(await badges(), [3, 3, 3, 3, 3])
      assert.equal((await call('GET', 'reset_badge', {}, user)).status, 403)
      assert.equal((await call('GET', 'reset_badge', {}, null)).status, 400)
      assert.equal((await call('PUT', 'reset_badge', {}, admin)).status, 400)
      assert.equal((await call('PUT', 'set_badge', { badge_number: 9 }, user)).status, 403)
      assert.deepEqual(await badges(), [3, 3, 3, 3, 3])
      const reset = await call('GET', 'reset_badge', {}, admin)
      assert.deepEqual([reset.status, reset.body.meta.method_name], [200, 'resetBadge'])
      assert.deepEqual(await badges(), [0, 0, 0, 0, 0])
    })

    it('are refused for unknown devices and what is no number', async () => {
      const ann = await app().user()
      const device_token = token()
      await subscribeDevice(app(), ann, { channel: 'a', device_token })
      const unknown = { device_token: 'nobody', badge_number: 1 }
      for (const answer of [
        await app().put(`${P}/set_badge`, unknown),
        await app().put(`${P}/reset_badge`, unknown),
      ]) {
        assert.deepEqual([answer.status, answer.body.meta.message], [400, 'Subscription not found'])
      }
      for (const badge_number of ['x', '1.5', '++1']) {
        const { status } = await app().put(`${P}/set_badge`, { device_token, badge_number })
        assert.equal(status, 400)
      }
      assert.equal(await badge(ann), 0)
    })
  })

  it('are not shown to others by a relation', async () => {
    const [ann, bob] = [await app().user(), await app().user()]
    await subscribeDevice(app(), ann, { channel: 'a', device_token: token() })
    const [{ id }] = await listed(ann)
    const fields = { '[ACS_PushSubscription]device_id': id }
    await app().post('objects/spy/create', { fields }, bob)
    const { body } = await app().get('objects/spy/query', { response_json_depth: 3 }, bob)
    assert.deepEqual(body.response.spy[0]['[ACS_PushSubscription]device_id'], [])
  })
})
