import { callOf } from './calls.ts'
import { KEYVALUES } from './keyvalues.ts'
import {
  ALL,
  FOUND,
  KEPT,
  LISTED,
  MAKES,
  ONLY_KNOWN,
  ONLY_OWN,
  OWN,
  SHARED,
  UNKNOWN,
} from './private-outcomes.ts'
import type { Row } from './rows.ts'

const USERS: readonly Row[] = [
  {
    path: 'users/logout',
    of: 'user',
    effect: 'answers',
    // All others would be gone from the scene.
    callers: ['nobody', 'the owner', 'an administrator of another backend'],
    outcomes: ['login', 'yes', 'stale'],
  },
  { path: 'users/show/me', of: 'user', outcomes: ONLY_OWN },
  { path: 'users/update', of: 'user', outcomes: OWN },
  {
    path: 'users/delete',
    of: 'user',
    outcomes: [
      ...(['login', 'pretender', 'yes', 'pretender'] as const),
      ...(['yes', 'yes', 'pretender', 'stale'] as const),
    ],
  },
  {
    path: 'users/external_account_link',
    of: 'account',
    outcomes: ONLY_KNOWN,
    unknown: 'This external account belongs to another user',
    effect: 'changes',
  },
  {
    path: 'users/external_account_unlink',
    of: 'account',
    outcomes: ONLY_KNOWN,
    unknown: 'Invalid external account',
    effect: 'changes',
  },
  {
    path: 'social/facebook/search_friends',
    outcomes: [
      ...(['login', 'unknown', 'unknown', 'unknown'] as const),
      ...(['unknown', 'unknown', 'unknown', 'stale'] as const),
    ],
    unknown: 'Current user has no linked Facebook account',
  },
]

const NO_ACL = 'No Acl was found!'

const ACLS: readonly Row[] = [
  { path: 'acls/create', outcomes: MAKES, effect: { makes: 'acl' } },
  {
    path: 'acls/show',
    of: 'acl',
    outcomes: [
      ...(['login', 'denied', 'yes', 'denied'] as const),
      ...(['yes', 'yes', 'pretender', 'stale'] as const),
    ],
  },
  {
    path: 'acls/show',
    of: 'acl',
    values: ({ mark }) => ({ name: mark }),
    outcomes: UNKNOWN,
    unknown: NO_ACL,
  },
  { path: 'acls/update', of: 'acl', outcomes: KEPT },
  { path: 'acls/add', of: 'acl', outcomes: KEPT },
  { path: 'acls/remove', of: 'acl', outcomes: KEPT, effect: 'changes' },
  { path: 'acls/delete', of: 'acl', outcomes: KEPT },
  { path: 'acls/check', of: 'acl', outcomes: ALL, effect: 'answers' },
  { path: 'acls/query', of: 'acl', outcomes: FOUND },
]

const CHATS: readonly Row[] = [
  { path: 'chats/create', outcomes: MAKES, effect: { makes: 'chat' } },
  {
    path: 'chats/create',
    of: 'group',
    values: ({ group, mark }) => ({ chat_group_id: group, message: mark }),
    outcomes: SHARED,
    effect: { makes: 'chat' },
  },
  {
    path: 'chats/query',
    of: 'group',
    outcomes: [
      ...(['login', 'denied', 'yes', 'yes'] as const),
      ...(['yes', 'yes', 'denied', 'stale'] as const),
    ],
  },
  {
    path: 'chats/query',
    of: 'chat',
    values: ({ user, partner }) => ({ participate_ids: [user, partner], limit: 1000 }),
    outcomes: [
      ...(['login', 'own', 'yes', 'yes'] as const),
      ...(['yes', 'yes', 'own', 'stale'] as const),
    ],
  },
  {
    path: 'chats/get_chat_groups',
    of: 'group',
    outcomes: [
      ...(['login', 'own', 'yes', 'yes'] as const),
      ...(['own', 'own', 'own', 'stale'] as const),
    ],
  },
  { path: 'chats/delete', of: 'chat', outcomes: KEPT },
]

const INVALID_USERS = 'Invalid user id(s)'

const FRIENDS: readonly Row[] = [
  { path: 'friends/add', of: 'newcomer', outcomes: MAKES, effect: { makes: 'friend_request' } },
  { path: 'friends/requests', of: 'asker', outcomes: ONLY_OWN },
  { path: 'friends/approve', of: 'asker', outcomes: UNKNOWN, unknown: INVALID_USERS },
  { path: 'friends/remove', of: 'friend', outcomes: OWN },
  { path: 'friends/query', of: 'friend', outcomes: OWN, shownBy: 'name' },
  {
    path: 'friends/search',
    of: 'friend',
    values: ({ mark }) => ({ q: mark }),
    outcomes: ONLY_OWN,
    shownBy: 'name',
  },
  // Whose friends somebody is anyone may ask who is logged in.
  {
    path: 'friends/search',
    of: 'friend',
    values: ({ user, mark }) => ({ user_id: user, q: mark }),
    outcomes: ALL,
    shownBy: 'name',
  },
]

const LIKES: readonly Row[] = [
  {
    path: 'likes/delete',
    of: 'liked',
    outcomes: UNKNOWN,
    unknown: "Invalid Place id or current user hasn't liked it",
  },
  { path: 'likes/query', of: 'liked', outcomes: LISTED },
]

const NO_MESSAGE = 'Invalid message id'
const NO_THREAD = 'Invalid thread id'

const MESSAGES: readonly Row[] = [
  {
    path: 'messages/create',
    of: 'newcomer',
    values: ({ newcomer, mark }) => ({ to_ids: newcomer, body: mark }),
    outcomes: MAKES,
    effect: { makes: 'message' },
  },
  {
    path: 'messages/reply',
    of: 'letter',
    outcomes: ONLY_KNOWN,
    unknown: NO_MESSAGE,
    effect: { makes: 'message' },
  },
  { path: 'messages/show', of: 'letter', outcomes: ONLY_KNOWN, unknown: NO_MESSAGE },
  { path: 'messages/show/inbox', of: 'letter', outcomes: ONLY_OWN },
  { path: 'messages/show/sent', of: 'message', outcomes: ONLY_OWN },
  { path: 'messages/show/threads', of: 'letter', outcomes: ONLY_OWN },
  {
    // The partner has a copy of his own in it.
    path: 'messages/show/thread',
    of: 'message',
    outcomes: [
      ...(['login', 'unknown', 'yes', 'yes'] as const),
      ...(['unknown', 'unknown', 'unknown', 'stale'] as const),
    ],
    unknown: NO_THREAD,
  },
  { path: 'messages/query', of: 'message', outcomes: ONLY_OWN },
  { path: 'messages/delete', of: 'message', outcomes: UNKNOWN, unknown: NO_MESSAGE },
  {
    path: 'messages/delete/thread',
    of: 'message',
    outcomes: [
      ...(['login', 'unknown', 'yes', 'own'] as const),
      ...(['unknown', 'yes', 'pretender', 'stale'] as const),
    ],
    unknown: NO_THREAD,
  },
]

const NO_DEVICE = 'Subscription not found'

const PUSHES: readonly Row[] = [
  {
    path: 'push_notification/subscribe',
    outcomes: MAKES,
    effect: { makes: 'push_subscription' },
  },
  {
    path: 'push_notification/unsubscribe',
    of: 'device',
    outcomes: UNKNOWN,
    unknown: NO_DEVICE,
  },
  {
    path: 'push_notification/subscription/update',
    of: 'device',
    outcomes: UNKNOWN,
    unknown: NO_DEVICE,
  },
  { path: 'push_notification/query', of: 'device', outcomes: LISTED },
  { path: 'push_notification/channels/query', of: 'device', outcomes: FOUND, shownBy: 'mark' },
  { path: 'push_notification/notify', outcomes: ALL, effect: 'answers' },
  {
    path: 'push_notification/notify',
    values: (of) => ({ ...callOf('push_notification/notify')(of), to_ids: 'everyone' }),
    outcomes: [
      ...(['login', 'pretender', 'pretender', 'pretender'] as const),
      ...(['yes', 'yes', 'pretender', 'stale'] as const),
    ],
    effect: 'answers',
  },
]

/** What belongs to one user, or to those who write to each other. */
export const PRIVATE: readonly Row[] = [
  ...USERS,
  ...ACLS,
  ...CHATS,
  ...FRIENDS,
  ...KEYVALUES,
  ...LIKES,
  ...MESSAGES,
  ...PUSHES,
]
