import { methods } from '../../../src/objects/index.ts'
import { callOf } from './calls.ts'
import type { Outcome, Row } from './rows.ts'
import type { Caller } from './scene.ts'

/** Who calls what anyone may call who has the app's key. */
export const OPEN_CALLERS = [
  'nobody',
  'a stranger',
  'an administrator',
  'an administrator of another backend',
] as const satisfies readonly Caller[]

/** One outcome for each of {@link OPEN_CALLERS}, in their order. */
type Outcomes = readonly [nobody: Outcome, user: Outcome, admin: Outcome, outsider: Outcome]

const ALL: Outcomes = ['yes', 'yes', 'yes', 'yes']
const NONE: Outcomes = ['unknown', 'unknown', 'unknown', 'unknown']
/** Of all devices it is a matter of administrators. */
const EVERYONE: Outcomes = ['pretender', 'pretender', 'yes', 'pretender']
const ALL_DEVICES: Outcomes = ['unknown', 'pretender', 'yes', 'unknown']

/** Whoever logs in so gives his session to another: he may not be one of the scene. */
const LOGS_IN = {
  of: 'user',
  effect: 'answers',
  callers: ['nobody', 'the owner', 'an administrator of another backend'],
  outcomes: ['yes', 'yes', 'yes'],
} as const satisfies Omit<Row, 'path'>

const COUNTS: readonly Row[] = methods
  .filter(({ path }) => path.endsWith('/count'))
  .map(({ path }) => ({ path, outcomes: ALL, effect: 'answers' }))

const USERS: readonly Row[] = [
  { path: 'users/create', ...LOGS_IN },
  { path: 'users/login', ...LOGS_IN },
  { path: 'users/external_account_login', ...LOGS_IN },
  { path: 'users/request_reset_password', outcomes: ALL, effect: 'answers' },
  {
    path: 'users/reset_password',
    outcomes: NONE,
    unknown: 'Invalid or expired reset password token',
  },
  { path: 'users/resend_confirmation', outcomes: ALL, effect: 'answers' },
  { path: 'users/confirm_user', outcomes: NONE, unknown: 'Invalid confirmation token' },
]

const PUSHES: readonly Row[] = [
  { path: 'push_notification/subscribe_token', outcomes: ALL, effect: 'answers' },
  {
    path: 'push_notification/unsubscribe_token',
    outcomes: NONE,
    unknown: 'Subscription not found',
  },
  { path: 'push_notification/notify_tokens', outcomes: ALL, effect: 'answers' },
  {
    path: 'push_notification/notify_tokens',
    values: (of) => ({ ...callOf('push_notification/notify_tokens')(of), to_tokens: 'everyone' }),
    outcomes: EVERYONE,
    effect: 'answers',
  },
  { path: 'push_notification/set_badge', of: 'device', outcomes: ALL },
  {
    path: 'push_notification/set_badge',
    values: () => ({ badge_number: '+0' }),
    outcomes: ALL_DEVICES,
    unknown: 'Required field: device_token',
    effect: 'answers',
  },
  { path: 'push_notification/reset_badge', of: 'device', outcomes: ALL, effect: 'answers' },
  {
    path: 'push_notification/reset_badge',
    verb: 'GET',
    values: () => ({}),
    outcomes: ALL_DEVICES,
    unknown: 'Required field: device_token',
    effect: 'answers',
  },
  {
    path: 'push_notification/web_push_key',
    outcomes: NONE,
    unknown: 'App is not configured for Push Notification',
  },
]

const NO_SINGLE_SIGN_ON = '403 There is no single sign-on: the team logs in at /oauth2/v1/token.'

export const OPEN: readonly Row[] = [
  ...COUNTS,
  ...USERS,
  { path: 'clients/geolocate', outcomes: ALL, effect: 'answers' },
  { path: 'custom_mailer/email_from_template', outcomes: ALL, effect: 'answers' },
  { path: 'geo_fences/query', of: 'fence', outcomes: ALL },
  ...PUSHES,
  { path: 'admins/ping', outcomes: ALL, effect: 'answers' },
  {
    path: 'admins/login360',
    outcomes: OPEN_CALLERS.map(() => NO_SINGLE_SIGN_ON),
  },
]
