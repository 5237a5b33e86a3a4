import { picture } from '../pictures.ts'

/** What {@link CALLS} name of the scene: ids, or names where those are what clients send. */
export type Things = Readonly<Record<Thing, string>>

export type Thing =
  | ObjectThing
  // Users: whose the things are, to whom they write, and one whom nobody knows yet.
  | ('user' | 'login' | 'partner' | 'newcomer')
  // Private: `message` was sent by the user and `letter` to him, `value` is public.
  | ('acl' | 'aclName' | 'message' | 'letter' | 'chat' | 'group' | 'secret' | 'value' | 'device')
  // What the user likes; who asks him for friendship; who is his friend; his account elsewhere.
  | ('liked' | 'asker' | 'friend' | 'account')
  // Of administrators, and the app itself.
  | ('fence' | 'template' | 'templateName' | 'schedule' | 'log' | 'app')

/** Objects that an ACL can guard, users aside. */
export type ObjectThing =
  | ('place' | 'event' | 'checkin' | 'status' | 'post' | 'photo' | 'collection' | 'file')
  | ('review' | 'boat')

/** Things, and a name that nothing has yet. */
export type Named = Things & { readonly mark: string }

export type Values = Readonly<Record<string, unknown>>

const PASSWORD = { password: 'secret', password_confirmation: 'secret' }
const START = '2019-04-01T10:00:00+0000'
const TOKEN = 'a token that nobody was sent'

const pictureFile = await picture()
const textFile = new File(['content'], 'content.txt')

const FENCE = { loc: { coordinates: [1, 2], radius: '1/6371' }, payload: { n: 1 } }
const PUSH = { channel: 'quiet', payload: 'p' }

const schedule = (name: string) => ({
  schedule: { name, start_time: '2099-01-01T10:00', push_notification: PUSH },
})

/** For each method, by its path: parameters with which the user to whom the things belong succeeds. */
export const CALLS: Readonly<Record<string, (of: Named) => Values>> = {
  'users/create': ({ mark }) => ({ username: mark, ...PASSWORD }),
  'users/login': ({ login }) => ({ login, password: 'secret' }),
  'users/logout': ({ device }) => ({ device_token: device }),
  'users/show/me': () => ({}),
  'users/update': ({ mark }) => ({ first_name: mark }),
  'users/delete': ({ user }) => ({ user_ids: user }),
  'users/request_reset_password': () => ({ email: 'nobody@example.org' }),
  'users/reset_password': () => ({ reset_password_token: TOKEN, ...PASSWORD }),
  'users/resend_confirmation': () => ({ email: 'nobody@example.org' }),
  'users/confirm_user': () => ({ confirmation_token: TOKEN }),
  'users/show': ({ user }) => ({ user_id: user }),
  'users/query': ({ user }) => ({ where: { id: user } }),
  'users/search': ({ login }) => ({ q: login }),

  'users/external_account_login': ({ mark }) => ({ type: 'trusted', id: mark, token: 't' }),
  'users/external_account_link': ({ account }) => ({ type: 'trusted', id: account, token: 'u' }),
  'users/external_account_unlink': ({ account }) => ({ type: 'trusted', id: account }),
  'social/facebook/search_friends': () => ({}),

  'acls/create': ({ mark }) => ({ name: mark }),
  'acls/show': ({ acl }) => ({ id: acl }),
  'acls/update': ({ acl, partner }) => ({ id: acl, reader_ids: partner }),
  'acls/delete': ({ acl }) => ({ id: acl }),
  'acls/add': ({ acl, partner }) => ({ id: acl, reader_ids: partner }),
  'acls/remove': ({ acl, partner }) => ({ id: acl, reader_ids: partner }),
  'acls/check': ({ acl, user }) => ({ id: acl, user_id: user }),
  'acls/query': ({ acl }) => ({ where: { id: acl } }),

  'chats/create': ({ partner, mark }) => ({ to_ids: partner, message: mark }),
  'chats/query': ({ group }) => ({ chat_group_id: group }),
  'chats/get_chat_groups': () => ({ per_page: 100 }),
  'chats/query_chat_groups': ({ user }) => ({ participate_ids: user }),
  'chats/delete': ({ chat }) => ({ chat_id: chat }),

  'checkins/create': ({ place, mark }) => ({ place_id: place, message: mark }),
  'checkins/show': ({ checkin }) => ({ checkin_id: checkin }),
  'checkins/query': ({ checkin }) => ({ where: { id: checkin } }),
  'checkins/update': ({ checkin, mark }) => ({ checkin_id: checkin, message: mark }),
  'checkins/delete': ({ checkin }) => ({ checkin_id: checkin }),

  'objects/:classname/create': ({ mark }) => ({ fields: { name: mark } }),
  'objects/:classname/show': ({ boat }) => ({ id: boat }),
  'objects/:classname/query': ({ boat }) => ({ where: { id: boat } }),
  'objects/:classname/update': ({ boat, mark }) => ({ id: boat, fields: { name: mark } }),
  'objects/:classname/delete': ({ boat }) => ({ id: boat }),
  'objects/:classname/batch_create': () => ({ json_array: [{ n: 1 }] }),

  'clients/geolocate': () => ({ ip_address: '8.8.8.8' }),

  'custom_mailer/email_from_template': ({ templateName }) => ({
    ...{ template: templateName, recipients: 'somebody@example.org' },
  }),
  'email_templates/create': ({ mark }) => ({ name: mark, subject: 's', plain_body: 'b' }),
  'email_templates/show': ({ template }) => ({ email_template_id: template }),
  'email_templates/query': ({ template }) => ({ where: { id: template } }),
  'email_templates/update': ({ template, mark }) => ({
    email_template_id: template,
    subject: mark,
  }),
  'email_templates/delete': ({ template }) => ({ email_template_id: template }),

  'events/create': ({ mark }) => ({ name: mark, start_time: START }),
  'events/show': ({ event }) => ({ event_id: event }),
  'events/query': ({ event }) => ({ where: { id: event } }),
  'events/search': ({ user }) => ({ user_id: user }),
  'events/show/occurrences': ({ event }) => ({ event_id: event }),
  'events/query/occurrences': ({ event }) => ({ where: { event_id: event } }),
  'events/search/occurrences': ({ user }) => ({ user_id: user }),
  'events/update': ({ event, mark }) => ({ event_id: event, name: mark }),
  'events/delete': ({ event }) => ({ event_id: event }),

  'friends/add': ({ newcomer }) => ({ user_ids: newcomer }),
  'friends/requests': () => ({}),
  'friends/approve': ({ asker }) => ({ user_ids: asker }),
  'friends/remove': ({ friend }) => ({ user_ids: friend }),
  'friends/query': ({ friend }) => ({ where: { id: friend } }),
  'friends/search': () => ({ per_page: 100 }),

  'files/create': ({ mark }) => ({ name: mark, file: textFile }),
  'files/show': ({ file }) => ({ file_id: file }),
  'files/query': ({ file }) => ({ where: { id: file } }),
  'files/update': ({ file, mark }) => ({ file_id: file, name: mark }),
  'files/delete': ({ file }) => ({ file_id: file }),

  'geo_fences/create': () => ({ geo_fence: FENCE }),
  'geo_fences/update': ({ fence }) => ({ id: fence, geo_fence: { payload: { n: 2 } } }),
  'geo_fences/delete': ({ fence }) => ({ id: fence }),
  'geo_fences/query': ({ fence }) => ({ where: { id: fence } }),

  'keyvalues/set': ({ mark }) => ({ name: mark, value: '1', access_private: true }),
  'keyvalues/get': ({ secret }) => ({ name: secret, access_private: true }),
  'keyvalues/append': ({ secret }) => ({ name: secret, value: '2', access_private: true }),
  'keyvalues/incrby': ({ secret }) => ({ name: secret, value: '3', access_private: true }),
  'keyvalues/delete': ({ secret }) => ({ name: secret, access_private: true }),
  'keyvalues/query': ({ secret }) => ({ where: { name: secret } }),

  'likes/create': ({ place }) => ({ place_id: place }),
  'likes/delete': ({ liked }) => ({ place_id: liked }),
  'likes/query': ({ liked }) => ({ place_id: liked }),

  'messages/create': ({ partner, mark }) => ({ to_ids: partner, body: mark }),
  'messages/reply': ({ letter, mark }) => ({ message_id: letter, body: mark }),
  'messages/show': ({ letter }) => ({ message_id: letter }),
  'messages/show/inbox': () => ({ per_page: 100 }),
  'messages/show/sent': () => ({ per_page: 100 }),
  'messages/show/threads': () => ({ per_page: 100 }),
  'messages/show/thread': ({ message }) => ({ thread_id: message }),
  'messages/query': ({ message }) => ({ where: { id: message } }),
  'messages/delete': ({ message }) => ({ message_id: message }),
  'messages/delete/thread': ({ message }) => ({ thread_id: message }),

  'photos/create': ({ mark }) => ({ title: mark, photo: pictureFile }),
  'photos/show': ({ photo }) => ({ photo_id: photo }),
  'photos/query': ({ photo }) => ({ where: { id: photo } }),
  'photos/search': ({ user }) => ({ user_id: user }),
  'photos/update': ({ photo, mark }) => ({ photo_id: photo, title: mark }),
  'photos/delete': ({ photo }) => ({ photo_id: photo }),

  'collections/create': ({ mark }) => ({ name: mark }),
  'collections/show': ({ collection }) => ({ collection_id: collection }),
  'collections/query': ({ collection }) => ({ where: { id: collection } }),
  'collections/search': ({ user }) => ({ user_id: user }),
  'collections/show/photos': ({ collection }) => ({ collection_id: collection }),
  'collections/show/subcollections': ({ collection }) => ({ collection_id: collection }),
  'collections/update': ({ collection, mark }) => ({ collection_id: collection, name: mark }),
  'collections/delete': ({ collection }) => ({ collection_id: collection }),

  'places/create': ({ mark }) => ({ name: mark, city: 'c' }),
  'places/show': ({ place }) => ({ place_id: place }),
  'places/query': ({ place }) => ({ where: { id: place } }),
  'places/search': ({ user }) => ({ user_id: user }),
  'places/update': ({ place, mark }) => ({ place_id: place, name: mark }),
  'places/delete': ({ place }) => ({ place_id: place }),

  'posts/create': ({ mark }) => ({ content: mark }),
  'posts/show': ({ post }) => ({ post_id: post }),
  'posts/query': ({ post }) => ({ where: { id: post } }),
  'posts/update': ({ post, mark }) => ({ post_id: post, content: mark }),
  'posts/delete': ({ post }) => ({ post_id: post }),

  'logs/querypushlogs': ({ log }) => ({ where: { id: log } }),
  'logs/querypushlogdetails': ({ log }) => ({ where: { push_id: log } }),
  'push_notification/subscribe': ({ mark }) => ({
    ...{ channel: mark, device_token: mark, type: 'android' },
  }),
  'push_notification/subscribe_token': ({ mark }) => ({ channel: 'c', device_token: mark }),
  'push_notification/unsubscribe': ({ device }) => ({ device_token: device }),
  'push_notification/unsubscribe_token': () => ({ device_token: TOKEN }),
  'push_notification/subscription/update': ({ device }) => ({ device_token: device, loc: [1, 2] }),
  'push_notification/notify': ({ partner }) => ({ ...PUSH, to_ids: partner }),
  'push_notification/notify_tokens': () => ({ ...PUSH, to_tokens: TOKEN }),
  'push_notification/query': ({ device }) => ({ device_token: device }),
  'push_notification/channels/query': () => ({ per_page: 100 }),
  'push_notification/channels/show': () => ({ name: 'c' }),
  'push_notification/set_badge': ({ device }) => ({ device_token: device, badge_number: '+1' }),
  'push_notification/reset_badge': ({ device }) => ({ device_token: device }),
  'push_schedules/create': ({ mark }) => schedule(mark),
  'push_schedules/update': ({ schedule: id, mark }) => ({ id, schedule: { name: mark } }),
  'push_schedules/query': () => ({ limit: 1000 }),
  'push_schedules/delete': ({ schedule: ids }) => ({ ids }),

  'reviews/create': ({ place, mark }) => ({
    ...{ place_id: place, content: mark, allow_duplicate: true },
  }),
  'reviews/show': ({ review }) => ({ review_id: review }),
  'reviews/query': ({ review }) => ({ where: { id: review } }),
  'reviews/update': ({ review, place, mark }) => ({
    ...{ review_id: review, place_id: place, content: mark },
  }),
  'reviews/delete': ({ review }) => ({ review_id: review }),

  'statuses/create': ({ mark }) => ({ message: mark }),
  'statuses/show': ({ status }) => ({ status_id: status }),
  'statuses/query': ({ status }) => ({ where: { id: status } }),
  'statuses/update': ({ status, mark }) => ({ status_id: status, message: mark }),
  'statuses/delete': ({ status }) => ({ status_id: status }),

  'apps/update': () => ({ friends_two_way: true }),
  'apps/delete/data': ({ app }) => ({ app_id: app }),
  'apps/emails/setting': () => ({ dev_mode: true }),
}

/** What is not listed needs nothing; batch deletions find nothing. */
export function callOf(path: string): (of: Named) => Values {
  const values = path.endsWith('/batch_delete') ? { where: { id: 'none' } } : {}
  return CALLS[path] ?? (() => values)
}
