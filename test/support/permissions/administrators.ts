import { methods } from '../../../src/objects/index.ts'
import type { Outcome, Row } from './rows.ts'
import type { Caller } from './scene.ts'

/** Who calls what is for application administrators. */
export const ADMIN_CALLERS = [
  'nobody',
  'a stranger',
  'the owner',
  'an administrator',
  'an administrator as: the owner',
  'an administrator as: a stranger',
  'the owner as: an administrator',
  'an administrator of another backend',
] as const satisfies readonly Caller[]

/** One outcome for each of {@link ADMIN_CALLERS}, in their order. */
type Outcomes = readonly [
  ...[nobody: Outcome, stranger: Outcome, owner: Outcome],
  ...[admin: Outcome, adminAsOwner: Outcome, adminAsStranger: Outcome],
  ...[pretender: Outcome, outsider: Outcome],
]

function only(admin: Outcome, adminAsStranger = admin): Outcomes {
  const refused = 'pretender'
  return ['login', refused, refused, admin, admin, adminAsStranger, refused, 'stale']
}

const YES = only('yes')
/** What an administrator made for the owner: who acts for another has no say in it. */
const KEPT = only('yes', 'foreign')

const BATCH_DELETES: readonly Row[] = methods
  .filter(({ path }) => path.endsWith('/batch_delete'))
  .map(({ path }) => ({ path, outcomes: YES, effect: 'answers' }))

const NOT_AUTHORIZED = '400 You are not authorized to perform this action.'

const OBJECTS: readonly Row[] = [
  ...BATCH_DELETES,
  {
    path: 'objects/:classname/batch_create',
    // Who owns them stands in the list, or else it is who calls.
    callers: ['nobody', 'a stranger', 'an administrator', 'an administrator of another backend'],
    outcomes: ['login', 'pretender', 'yes', 'stale'],
    effect: { makes: 'custom:boat' },
  },
  {
    // The original answers 400 here, with the text of the others.
    path: 'objects/:classname/admin_drop_collection',
    outcomes: [
      ...(['login', NOT_AUTHORIZED, NOT_AUTHORIZED, 'yes', 'yes', 'yes'] as const),
      ...([NOT_AUTHORIZED, 'stale'] as const),
    ],
    effect: 'answers',
  },
  {
    path: 'chats/query_chat_groups',
    of: 'group',
    values: ({ user, partner }) => ({ participate_ids: [user, partner], limit: 1000 }),
    outcomes: YES,
  },
  { path: 'email_templates/create', outcomes: YES, effect: { makes: 'email_template' } },
  { path: 'email_templates/show', of: 'template', outcomes: YES },
  { path: 'email_templates/query', of: 'template', outcomes: YES },
  { path: 'email_templates/update', of: 'template', outcomes: KEPT },
  { path: 'email_templates/delete', of: 'template', outcomes: KEPT },
  { path: 'geo_fences/create', outcomes: YES, effect: { makes: 'geo_fence' } },
  { path: 'geo_fences/update', of: 'fence', outcomes: KEPT },
  { path: 'geo_fences/delete', of: 'fence', outcomes: KEPT },
]

const PUSHES: readonly Row[] = [
  { path: 'logs/querypushlogs', of: 'log', outcomes: YES },
  { path: 'logs/querypushlogdetails', of: 'log', outcomes: YES, effect: 'answers' },
  { path: 'push_notification/channels/show', outcomes: YES, effect: 'answers' },
  {
    path: 'push_schedules/create',
    callers: ['nobody', 'a stranger', 'an administrator', 'an administrator of another backend'],
    outcomes: ['login', 'pretender', 'yes', 'stale'],
    effect: { makes: 'push_schedule' },
  },
  { path: 'push_schedules/update', of: 'schedule', outcomes: YES },
  { path: 'push_schedules/query', of: 'schedule', outcomes: YES },
  { path: 'push_schedules/delete', of: 'schedule', outcomes: YES },
]

/** What the team alone does is told so, and what is not offered any more. */
const APPS: readonly Row[] = [
  { path: 'apps/create', outcomes: only('403 Apps are made by the team, with the tools API.') },
  { path: 'apps/show', outcomes: YES, effect: 'answers' },
  { path: 'apps/update', outcomes: YES, effect: 'answers' },
  { path: 'apps/delete', outcomes: only('403 Apps are deleted by the team, with the tools API.') },
  { path: 'apps/app_object_counts', outcomes: YES, effect: 'answers' },
  {
    path: 'apps/delete/data',
    values: () => ({ app_id: 'another' }),
    outcomes: only('400 Invalid app_id; it must be that of the app of the key'),
  },
  { path: 'apps/emails/setting', outcomes: YES, effect: 'answers' },
  {
    path: 'apps/set_apple_certificates',
    outcomes: only('400 Required field: certificate_prod or certificate_dev'),
  },
  { path: 'apps/remove_apple_certificates', outcomes: YES, effect: 'answers' },
  {
    path: 'apps/set_android_certificate',
    outcomes: only('410 Google takes no such keys any more. Use the command "homeport push fcm".'),
  },
  {
    path: 'apps/set_windows_certificate',
    outcomes: only('410 Pushes to Windows phones are not sent any more.'),
  },
  {
    path: 'org/:id',
    outcomes: only('403 There are no organizations here: apps are made and deleted by the team.'),
  },
]

export const ADMIN: readonly Row[] = [...OBJECTS, ...PUSHES, ...APPS]
