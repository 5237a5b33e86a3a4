import { after, before, it } from 'node:test'
import { picture } from '../support/pictures.ts'
import { configure, FCM, pushServices } from '../support/push-app.ts'
import { onEachDatabase } from '../support/test-app.ts'
import { type TiWalk, walk } from '../support/ti-cloud.ts'
import { TI_TALK } from '../support/ti-cloud-methods.ts'

const FORBIDDEN = [403, /^You are not authorized to perform this action\.$/] as const
const photo = await picture('jpeg', 60, 40)
const { env } = await pushServices()

type Ids = readonly { readonly id: string }[]
const ids = (objects: Ids) => objects.map(({ id }) => id)

const phone = { channel: 'news', device_token: 'ti-phone', type: 'android' }
const schedule = {
  ...{ name: 'tide', start_time: new Date('2100-01-01T06:00:00Z') },
  push_notification: { channel: 'news', payload: { alert: 'High' } },
}

/** The methods by which users of the module talk, by its own namespaces. */
const WALKS: Readonly<Record<string, TiWalk>> = {
  Chats: {
    create: {
      call: 'POST chats/create',
      data: ({ ben }) => ({ to_ids: [ben], message: 'Tide at six', photo }),
      keep: 'chat',
    },
    query: {
      call: 'GET chats/query',
      by: 'ben',
      data: ({ ann, ben }) => ({ participate_ids: [ann, ben].join(','), response_json_depth: 3 }),
      is: ({ chats: [{ message, from }] }, { ann }) => [
        [message, from.id],
        ['Tide at six', ann],
      ],
    },
    getChatGroups: {
      call: 'GET chats/get_chat_groups',
      is: ({ chat_groups: [group] }, { ann, ben }) => [group.participate_ids, [ann, ben].sort()],
    },
    queryChatGroups: { call: 'GET chats/query_chat_groups', refused: FORBIDDEN },
    'queryChatGroups ': {
      call: 'GET chats/query_chat_groups',
      by: 'admin',
      data: ({ ann, ben }) => ({ participate_ids: [ann, ben] }),
      is: ({ chat_groups: all }) => [all.length, 1],
    },
    remove: { call: 'DELETE chats/delete', data: ({ chat }) => ({ chat_id: chat }) },
  },
  Emails: {
    send: {
      call: 'POST custom_mailer/email_from_template',
      data: () => ({ template: 'none', recipients: 'a@example.org' }),
      refused: [422, /./],
    },
    'send ': {
      call: 'POST custom_mailer/email_from_template',
      data: () => ({ template: 'hello', recipients: 'a@example.org', name: 'Ann' }),
    },
  },
  Messages: {
    create: {
      call: 'POST messages/create',
      data: ({ ben }) => ({ to_ids: ben, subject: 'Mooring', body: 'Berth 12' }),
    },
    showInbox: {
      call: 'GET messages/show/inbox',
      by: 'ben',
      keep: 'message',
      is: ({ messages: [{ status }] }) => [status, 'unread'],
    },
    showSent: {
      call: 'GET messages/show/sent',
      data: () => ({ page: 1, per_page: 5 }),
      keep: 'sent',
      is: ({ messages: [{ status }] }) => [status, 'sent'],
    },
    reply: {
      call: 'POST messages/reply',
      by: 'ben',
      data: (kept) => ({ message_id: kept.message, body: 'Aye' }),
      is: ({ messages: [{ subject }] }) => [subject, 'Mooring'],
    },
    show: {
      call: 'GET messages/show',
      by: 'ben',
      data: (kept) => ({ message_id: kept.message }),
      is: ({ messages: [{ status, from_id }] }, { ann }) => [
        [status, from_id],
        ['replied', ann],
      ],
    },
    showThreads: {
      call: 'GET messages/show/threads',
      is: ({ messages: [{ thread_id, body }] }, kept) => [
        [thread_id, body],
        [kept.sent, 'Aye'],
      ],
    },
    showThread: {
      call: 'GET messages/show/thread',
      data: (kept) => ({ thread_id: kept.sent }),
      is: ({ messages }) => [messages.length, 2],
    },
    remove: { call: 'DELETE messages/delete', data: (kept) => ({ message_id: kept.sent }) },
    removeThread: {
      call: 'DELETE messages/delete/thread',
      by: 'ben',
      data: (kept) => ({ thread_id: kept.sent }),
    },
    'showInbox ': {
      call: 'GET messages/show/inbox',
      by: 'ben',
      is: ({ messages }) => [messages, []],
    },
  },
  PushNotifications: {
    subscribe: { call: 'POST push_notification/subscribe', data: () => phone },
    subscribeToken: {
      call: 'POST push_notification/subscribe_token',
      by: 'nobody',
      data: () => ({ ...phone, device_token: 'ti-free', channel: ['news', 'tide'] }),
    },
    query: {
      call: 'GET push_notification/query',
      is: ({ subscriptions: [one] }, { ann }) => [
        [one.channel, one.device_token, one.user_id],
        [['news'], 'ti-phone', ann],
      ],
    },
    updateSubscription: {
      call: 'PUT push_notification/subscription/update',
      data: () => ({ device_token: 'ti-phone', loc: [-4.48, 54.15] }),
    },
    notify: {
      call: 'POST push_notification/notify',
      data: ({ ann }) => ({ channel: 'news', to_ids: ann, payload: { alert: 'Hi', badge: 1 } }),
      is: ({ push_notification: sent }) => [sent.payload, '{"alert":"Hi","badge":1}'],
      settles: true,
    },
    notifyTokens: {
      call: 'POST push_notification/notify_tokens',
      by: 'nobody',
      data: () => ({ channel: 'tide', to_tokens: ['ti-free'], payload: 'Ebb' }),
      is: ({ push_notification: sent }) => [sent.channel, 'tide'],
    },
    setBadge: {
      call: 'PUT push_notification/set_badge',
      data: () => ({ device_token: 'ti-phone', badge_number: '+4' }),
    },
    'query ': {
      call: 'GET push_notification/query',
      is: ({ subscriptions: [one] }) => [
        [one.badge_number, one.loc],
        [5, [-4.48, 54.15]],
      ],
    },
    resetBadge: {
      call: 'PUT push_notification/reset_badge',
      data: () => ({ device_token: 'ti-phone' }),
    },
    queryChannels: {
      call: 'GET push_notification/channels/query',
      is: ({ push_channels: channels }) => [channels, ['news']],
    },
    showChannels: {
      call: 'GET push_notification/channels/show',
      by: 'admin',
      data: () => ({ name: 'news' }),
      is: ({ devices }) => [devices, { ios_counts: 0, android_counts: 2 }],
    },
    unsubscribe: {
      call: 'DELETE push_notification/unsubscribe',
      data: () => ({ channel: 'news', device_token: 'ti-phone' }),
    },
    unsubscribeToken: {
      call: 'DELETE push_notification/unsubscribe_token',
      by: 'nobody',
      data: () => ({ device_token: 'ti-free' }),
    },
  },
  PushSchedules: {
    create: {
      call: 'POST push_schedules/create',
      by: 'admin',
      data: () => ({ schedule }),
      keep: 'schedule',
      is: ({ push_schedules: [{ start_time }] }) => [start_time, '2100-01-01T06:00:00+0000'],
    },
    query: {
      call: 'GET push_schedules/query',
      by: 'admin',
      is: ({ push_schedules: all }, kept) => [ids(all), [kept.schedule]],
    },
    'query ': { call: 'GET push_schedules/query', refused: FORBIDDEN },
    remove: {
      call: 'DELETE push_schedules/delete',
      by: 'admin',
      data: (kept) => ({ ids: [kept.schedule] }),
    },
  },
}

onEachDatabase(
  'the Titanium module, about talk',
  (app) => {
    before(async () => {
      await app().set({ mailTestMode: true })
      await configure(app(), [FCM])
      const template = { name: 'hello', subject: 'Hi', plain_body: 'Dear {{name}}' }
      await app().post('email_templates/create', template, await app().admin())
    })
    after(() => app().settle())

    for (const [namespace, methods] of Object.entries(TI_TALK)) {
      it(`gets the right answer to each call of ${namespace}`, () =>
        walk(app(), methods, WALKS[namespace]))
    }
  },
  env,
)
