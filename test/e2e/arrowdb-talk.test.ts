import assert from 'node:assert/strict'
import { before, it } from 'node:test'
import { idsOf, onEachSdk } from '../support/arrowdb-scene.ts'
import { androidPayloads, pushServices } from '../support/push-app.ts'
import { soon } from '../support/soon.ts'

const { services, env } = await pushServices()

/** What a device has got, as soon as there is something. */
function pushed(token: string): Promise<readonly unknown[]> {
  return soon(`${token} gets a push`, () => androidPayloads(services)[token])
}

onEachSdk(
  'talk',
  (scene) => {
    before(() => scene().configurePush())

    it('works with chats', async () => {
      const { admin, ann, ben, ids } = scene()
      const first = await ann.call('chatsCreate', { to_ids: ids.ben, message: 'Tide at six' })
      const [{ id, chat_group_id }] = first.response.chats
      const answer = { chat_group_id, message: 'Aye', response_json_depth: 2 }
      const [reply] = (await ben.call('chatsCreate', answer)).response.chats
      assert.deepEqual([reply.from.id, reply.chat_group.id], [ids.ben, chat_group_id])
      const texts = async (options: object) =>
        (await ben.call('chatsQuery', options)).response.chats.map(
          ({ message }: { message: string }) => message,
        )
      assert.deepEqual(await texts({ chat_group_id }), ['Aye', 'Tide at six'])
      assert.deepEqual(await texts({ participate_ids: [ids.ann, ids.ben] }), ['Aye', 'Tide at six'])
      const groups = await ann.call('chatsGetChatGroups')
      assert.deepEqual(idsOf(groups, 'chat_groups'), [chat_group_id])
      assert.equal(groups.meta.total_results, 1)
      assert.equal((await ann.refused('chatsQueryChatGroups'))[0], 403)
      const all = await admin.call('chatsQueryChatGroups')
      assert.deepEqual(idsOf(all, 'chat_groups'), [chat_group_id])
      const [status, text] = await ann.refused('chatsCreate', { message: 'x' })
      assert.equal(status, 400)
      assert.match(text, /Required field: to_ids or chat_group_id/)
      assert.equal((await ben.refused('chatsDelete', { chat_id: id }))[0], 400)
      await ann.call('chatsDelete', { chat_id: id })
      await ben.call('chatsRemove', { chat_id: reply.id })
      assert.equal((await ann.call('chatsCount')).meta.count, 0)
    })

    it('works with messages', async () => {
      const { ann, ben, ids } = scene()
      const mail = { to_ids: ids.ben, subject: 'Mooring', body: 'Berth 12 is free' }
      const [sent] = (await ann.call('messagesCreate', mail)).response.messages
      assert.deepEqual([sent.status, sent.to_ids], ['sent', [ids.ben]])
      const inbox = async () => (await ben.call('messagesShowInbox')).response.messages
      const [got, ...others] = await inbox()
      assert.deepEqual([got.status, got.body, others], ['unread', mail.body, []])
      assert.equal((await ann.call('messagesShowSent')).response.messages[0].id, sent.id)
      const threads = await ben.call('messagesShowThreads')
      assert.equal(threads.response.messages[0].thread_id, sent.thread_id)
      const of = { thread_id: sent.thread_id }
      await ben.call('messagesShowThread', of)
      assert.equal((await inbox())[0].status, 'read')
      const answer = { message_id: got.id, body: 'I take it' }
      const [reply] = (await ben.call('messagesReply', answer)).response.messages
      assert.deepEqual([reply.thread_id, reply.subject], [sent.thread_id, 'Mooring'])
      const original = await ben.call('messagesShow', { message_id: got.id })
      assert.equal(original.response.messages[0].status, 'replied')
      const found = await ann.call('messagesQuery', { where: { status: 'unread' } })
      assert.equal(found.response.messages[0].body, 'I take it')
      assert.equal((await ann.call('messagesCount')).meta.count, 4)
      await ann.call('messagesDelete', { message_id: sent.id })
      await ann.call('messagesRemove', { message_id: idsOf(found, 'messages')[0] })
      assert.equal((await ben.call('messagesCount')).meta.count, 2)
      await ben.call('messagesDeleteThread', of)
      assert.equal((await ben.call('messagesCount')).meta.count, 0)
      await ann.call('messagesCreate', mail)
      const [{ thread_id }] = await inbox()
      await ben.call('messagesRemoveThread', { thread_id })
      assert.deepEqual(await inbox(), [])
      assert.equal((await ann.call('messagesCount')).meta.count, 1)
    })

    it('subscribes devices, and sends them pushes that are logged', async () => {
      const { admin, ann, ben, ids } = scene()
      const device = { channel: 'news', device_token: 'ben-phone', type: 'android' }
      await ben.call('pushNotificationsSubscribe', device)
      const free = { ...device, device_token: 'free' }
      await ann.call('pushNotificationsSubscribeToken', free)
      const own = await ben.call('pushNotificationsQuery')
      assert.equal(own.response.subscriptions[0].device_token, 'ben-phone')
      assert.deepEqual((await ben.call('pushNotificationsQueryChannels')).response, {
        push_channels: ['news'],
      })
      const shown = await admin.call('pushNotificationsShowChannels', { name: 'news' })
      assert.deepEqual(shown.response.devices, { ios_counts: 0, android_counts: 2 })
      const counted = await ann.call('pushNotificationsCount')
      assert.deepEqual(
        [counted.meta.count, counted.response.push_notification_subscriptions],
        [2, { android: 2, ios: 0 }],
      )
      const here = { device_token: 'ben-phone', loc: [-4.48, 54.15] }
      await ben.call('pushNotificationsUpdateSubscription', here)

      const gale = { channel: 'news', payload: { alert: 'Gale', badge: '+1' }, to_ids: [ids.ben] }
      const notified = await ann.call('pushNotificationsNotify', gale)
      const { id } = notified.response.push_notification
      assert.deepEqual(await pushed('ben-phone'), [{ android: { alert: 'Gale', badge: 1 } }])
      const toFree = { channel: 'news', payload: 'Calm', to_tokens: 'free' }
      await ann.call('pushNotificationsNotifyTokens', toFree)
      assert.deepEqual(await pushed('free'), [{ android: { alert: 'Calm' } }])
      assert.deepEqual(Object.keys(androidPayloads(services)).sort(), ['ben-phone', 'free'])

      const logs = await admin.call('logsQueryPushLogs', { order: 'created_at' })
      assert.equal(logs.response.push_logs[0]._id, id)
      const details = () => admin.call('logsQueryPushLogDetails', { where: { push_id: id } })
      const isSent = ({ response }: Awaited<ReturnType<typeof details>>) =>
        response.push_log_details[0]?.send_status === 1
      const log = await scene().until('the log says that it was sent', details, isSent)
      assert.equal(log.response.push_log_details[0].device_count, 1)
    })

    it('keeps badges, and ends subscriptions', async () => {
      const { admin, ann, ben } = scene()
      const ask = () => admin.call('pushNotificationsQuery')
      const badgesOf = ({ response }: Awaited<ReturnType<typeof ask>>): number[] =>
        response.subscriptions.map((each: { badge_number: number }) => each.badge_number).sort()
      const badges = async () => badgesOf(await ask())
      /** Those of all devices are set by a job. */
      const allBecome = (badge: number) =>
        scene().until(`all badges are ${badge}`, ask, (body) =>
          badgesOf(body).every((one) => one === badge),
        )
      const phone = { device_token: 'ben-phone' }
      assert.deepEqual(await badges(), [0, 1])
      await ben.call('pushNotificationsSetBadge', { ...phone, badge_number: '+4' })
      assert.deepEqual(await badges(), [0, 5])
      await ben.call('pushNotificationsResetBadge', phone)
      assert.deepEqual(await badges(), [0, 0])
      await admin.call('pushNotificationsSetBadge', { badge_number: 3 })
      await allBecome(3)
      assert.equal((await ann.refused('pushNotificationsResetAllBadges'))[0], 403)
      assert.deepEqual(await badges(), [3, 3])
      await admin.call('pushNotificationsResetAllBadges')
      await allBecome(0)
      await ben.call('pushNotificationsUnsubscribe', phone)
      const [status, text] = await ben.refused('pushNotificationsUnsubscribe', phone)
      assert.equal(status, 400)
      assert.match(text, /Subscription not found/)
      await ann.call('pushNotificationsUnsubscribeToken', { device_token: 'free' })
      assert.deepEqual(await badges(), [])
    })

    it('schedules pushes, which administrators do', async () => {
      const { admin, ann } = scene()
      const tomorrow = new Date(Date.now() + 86_400_000).toISOString()
      const push_notification = { channel: 'news', payload: { alert: 'High at 9' } }
      const schedule = { name: 'tide', start_time: tomorrow, push_notification }
      assert.equal((await ann.refused('pushSchedulesCreate', { schedule }))[0], 403)
      const make = async () => (await admin.call('pushSchedulesCreate', { schedule })).response
      const [first] = (await make()).push_schedules
      const [second] = (await make()).push_schedules
      assert.deepEqual(first.push_notification, push_notification)
      const change = { id: first.id, schedule: { ...schedule, name: 'ebb' } }
      await admin.call('pushSchedulesUpdate', change)
      const named = await admin.call('pushSchedulesQuery', { name: 'ebb' })
      assert.deepEqual(idsOf(named, 'push_schedules'), [first.id])
      await admin.call('pushSchedulesDelete', { ids: [first.id] })
      await admin.call('pushSchedulesRemove', { ids: second.id })
      assert.deepEqual(idsOf(await admin.call('pushSchedulesQuery'), 'push_schedules'), [])
    })
  },
  { env },
)
