import type { JsonSchema } from '../engine/params.ts'
import { toolsPath } from '../tools/http/paths.ts'
import {
  closed,
  jsonContent,
  type Parameter,
  type PathItem,
  type Response,
  schemaRef,
} from './document.ts'
import { ID, LOCATION, PAGED, query, told } from './tools-parts.ts'
import { pagingOf } from './tools-schemas.ts'

const TAG = 'Notifications'

export const NOTIFICATION_TAGS = [
  { name: TAG, description: 'What the team sends to devices, and what it proves itself with.' },
]

const ONE: Response = {
  description: 'The notification.',
  content: jsonContent(schemaRef('notification')),
}

const NOTIFICATION_ID: Parameter = {
  ...{ name: 'notificationId', in: 'path', required: true },
  schema: { type: 'string', pattern: '^[0-9a-f]{24}$' },
}

const PROFILE_ID: Parameter = {
  ...{ name: 'id', in: 'path', required: true, schema: { type: 'string' } },
  description: 'The id of a backend, a hyphen, and apns, fcm or web.',
}

const FILTERS: readonly Parameter[] = [
  query('status', 'Scheduled, New, Sending, Sent, Warning or Error; several, comma-separated.'),
  query('q', 'A part of the tag, in any case.'),
  ...['createdOn', 'processedOn', 'sendOn'].flatMap((name) => [
    query(`${name}OrAfter`, 'From this time on: ISO 8601, or -30s, -15m, -2h from now.'),
    query(`${name}OrBefore`, 'Until this time.'),
    query(`${name}Before`, 'Until before this time.'),
  ]),
  query(
    'orderBy',
    'attr:asc or attr:desc of id, status, tag, platform, sendOn, createdOn and processedOn.',
  ),
]

const list = toolsPath('notifications', 'mobilebackends', '{id}', 'notifications')

export const NOTIFICATION_PATHS: Readonly<Record<string, PathItem>> = {
  [list]: {
    get: told('notifications', {
      ...{ tag: TAG, summary: 'Lists notifications, the latest first.' },
      ...{ parameters: [ID, ...PAGED, ...FILTERS], gives: 'notificationPaging' },
    }),
    post: told('notificationsSend', {
      ...{ tag: TAG, summary: 'Sends a notification now, or at the time `sendOn`.' },
      ...{ parameters: [ID], takes: 'notificationSend' },
      reply: { '201': { ...ONE, headers: LOCATION } },
    }),
  },
  [`${list}/{notificationId}`]: {
    get: told('notificationsRead', {
      ...{ tag: TAG, summary: 'Tells what became of a notification.' },
      ...{ parameters: [ID, NOTIFICATION_ID], reply: { '200': ONE } },
    }),
    delete: told('notificationsCancel', {
      ...{ tag: TAG, summary: 'Takes back a notification that is still scheduled.' },
      parameters: [ID, NOTIFICATION_ID],
    }),
  },
  [toolsPath('clients', 'profiles')]: {
    get: told('clientProfiles', {
      ...{ tag: TAG, summary: 'Lists the push credentials of all backends, without secrets.' },
      ...{ parameters: PAGED, gives: 'clientProfilePaging' },
    }),
  },
  [toolsPath('clients', 'profiles', '{id}')]: {
    get: told('clientProfilesRead', {
      ...{ tag: TAG, summary: 'Shows which push credentials a backend has for a service.' },
      ...{ parameters: [PROFILE_ID], gives: 'clientProfile' },
    }),
    delete: told('clientProfilesDelete', {
      ...{ tag: TAG, summary: 'Removes push credentials.', parameters: [PROFILE_ID] },
    }),
  },
}

const TEXT: JsonSchema = { type: 'string' }
const TEXT_OR_NULL: JsonSchema = { type: ['string', 'null'] }
const TIME: JsonSchema = { type: 'string', format: 'date-time' }
const TIME_OR_NULL: JsonSchema = { type: ['string', 'null'], format: 'date-time' }
const COUNT: JsonSchema = { type: 'integer', minimum: 0 }
const OBJECT: JsonSchema = { type: 'object', additionalProperties: true }
const NAMES: JsonSchema = { type: 'array', items: TEXT, minItems: 1, maxItems: 1000 }
const NAMES_OR_NULL: JsonSchema = { type: ['array', 'null'], items: TEXT }

/** What is sent: of several the first one counts. */
const CONTENT: Readonly<Record<string, JsonSchema>> = {
  payload: {
    ...OBJECT,
    description: 'Members as the data API takes them, or `services` with apns, fcm and web.',
  },
  template: { ...OBJECT, description: '`name`: #default; `parameters`: title, body, sound ...' },
  message: { ...TEXT, description: 'What is shown.' },
}

const FAILURE = closed({
  deviceId: TEXT_OR_NULL,
  code: { type: ['integer', 'null'] },
  reason: TEXT,
})

const NOTIFICATION: Readonly<Record<string, JsonSchema>> = {
  ...{ id: TEXT, tag: TEXT_OR_NULL, users: NAMES_OR_NULL, roles: NAMES_OR_NULL },
  tokenCount: { type: ['integer', 'null'], minimum: 1 },
  ...{ platform: TEXT_OR_NULL, provider: TEXT_OR_NULL, sendOn: TIME_OR_NULL },
  status: { enum: ['Scheduled', 'New', 'Sending', 'Sent', 'Warning', 'Error'] },
  processedOn: TIME_OR_NULL,
  ...{ deviceCount: COUNT, sentCount: COUNT, failedCount: COUNT, goneCount: COUNT },
  failures: { type: 'array', items: FAILURE },
  ...{ createdOn: TIME, createdBy: TEXT, links: schemaRef('entityLinksArray') },
}

export const NOTIFICATION_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  notification: closed({ ...NOTIFICATION, ...CONTENT }, Object.keys(NOTIFICATION)),
  notificationPaging: pagingOf(schemaRef('notification')),
  notificationSend: {
    type: 'object',
    properties: {
      ...CONTENT,
      notificationTokens: NAMES,
      users: { ...NAMES, description: 'Ids, usernames or mail addresses.' },
      roles: NAMES,
      platform: { enum: ['IOS', 'ANDROID', 'WEB'] },
      provider: { enum: ['APNS', 'FCM', 'GCM', 'WEB'] },
      sendOn: { ...TIME, description: 'At most a year from now.' },
      tag: { type: 'string', maxLength: 255 },
    },
  },
  clientProfile: closed({
    ...{ id: TEXT, name: TEXT, provider: { enum: ['APNS', 'FCM', 'WEB'] } },
    mobileBackend: closed({ id: TEXT, name: TEXT, version: TEXT }),
    credentials: { type: 'object', additionalProperties: TEXT },
    links: schemaRef('entityLinksArray'),
  }),
  clientProfilePaging: pagingOf(schemaRef('clientProfile')),
}
