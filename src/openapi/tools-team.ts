import { DEFAULT_SETTINGS } from '../engine/backend.ts'
import type { JsonSchema } from '../engine/params.ts'
import { toolsPath } from '../tools/http/paths.ts'
import { SCOPES } from '../tools/team/access.ts'
import { ROLES } from '../tools/team/roles.ts'
import {
  closed,
  jsonContent,
  type Operation,
  type Parameter,
  type PathItem,
  responseRef,
  schemaRef,
} from './document.ts'
import { ETAG, ID, IF_MATCH, LIST_PARAMETERS, LOCATION, PAGED, query, told } from './tools-parts.ts'
import { pagingOf } from './tools-schemas.ts'

const TEAM = 'Team'

export const TEAM_TAGS = [{ name: TEAM, description: 'Members, their tokens, and who did what.' }]

const TEXT: JsonSchema = { type: 'string' }
const TEXT_OR_NULL: JsonSchema = { type: ['string', 'null'] }
const FLAG: JsonSchema = { type: 'boolean' }
const TIME: JsonSchema = { type: 'string', format: 'date-time' }
const UUID: JsonSchema = { type: 'string', format: 'uuid' }
const TOKEN_ID: JsonSchema = { type: 'string', pattern: '^[0-9a-f]{24}$' }
const ROLE: JsonSchema = { enum: ROLES }
const ROLE_LIST: JsonSchema = { type: 'array', items: ROLE }
const PASSWORD: JsonSchema = { type: 'string', minLength: 8, maxLength: 1024 }

const MEMBER: Readonly<Record<string, JsonSchema>> = {
  ...{ id: UUID, login: TEXT, roles: ROLE_LIST, disabled: FLAG },
  ...{ etag: { type: 'string', pattern: '^\\d+$' }, createdOn: TIME, modifiedOn: TIME },
}

const MADE_TOKEN: Readonly<Record<string, JsonSchema>> = {
  ...{ id: TOKEN_ID, name: TEXT, createdOn: TIME },
  role: { enum: [...ROLES, null], description: 'Whatever roles its member has, when null.' },
  scopes: {
    type: ['array', 'null'],
    items: { enum: SCOPES },
    description: 'What it is limited to; not at all when null.',
  },
  member: {
    anyOf: [closed({ id: UUID, login: TEXT }), { type: 'null' }],
    description: 'Whose it is; null for that of a script.',
  },
  expiresOn: { type: ['string', 'null'], format: 'date-time' },
}

const NEW_TOKEN: JsonSchema = {
  type: 'object',
  properties: {
    ...{ name: { type: 'string', maxLength: 100 }, role: ROLE },
    scopes: { type: 'array', items: { enum: SCOPES }, minItems: 1 },
    expiresOn: { ...TIME, description: '90 days from now unless it says otherwise.' },
    ttl: { type: 'integer', minimum: 1, description: 'Seconds, in place of `expiresOn`.' },
  },
  required: ['name', 'scopes'],
}

const AUDIT_ENTRY = closed({
  ...{ id: TOKEN_ID, performedBy: TEXT, performedOn: TIME },
  tokenId: { ...TEXT_OR_NULL, description: 'The token by which it was done.' },
  tokenName: { ...TEXT_OR_NULL, description: 'Its name, if it was made for something.' },
  requestId: { ...TEXT_OR_NULL, description: 'Stands in the log and in `X-Request-Id` too.' },
  actions: { type: 'array', items: TEXT },
  target: closed({ type: TEXT, id: TEXT_OR_NULL, name: TEXT_OR_NULL, version: TEXT_OR_NULL }),
  changes: {
    type: 'array',
    items: closed({
      member: TEXT,
      from: { description: 'Null where there was none; secrets read ***.' },
      to: { description: 'Null where there is none any more.' },
    }),
  },
  actionComment: TEXT_OR_NULL,
})

const SETTINGS: Readonly<Record<string, JsonSchema>> = Object.fromEntries(
  Object.entries(DEFAULT_SETTINGS).map(([name, value]) => [name, schemaLike(value)]),
)

function schemaLike(value: unknown): JsonSchema {
  if (Array.isArray(value)) return { type: 'array', items: TEXT }
  if (value === null) return TEXT_OR_NULL
  return { type: typeof value === 'number' ? 'integer' : (typeof value as 'string' | 'boolean') }
}

export const TEAM_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  member: closed({ ...MEMBER, password: { ...TEXT, description: 'When it was made up.' } }, [
    ...Object.keys(MEMBER),
  ]),
  memberPaging: pagingOf(closed(MEMBER)),
  memberCreate: {
    type: 'object',
    properties: {
      ...{ login: { type: 'string', maxLength: 100 }, roles: ROLE_LIST },
      password: { ...PASSWORD, description: 'Without one, one is made up and told this once.' },
    },
    required: ['login', 'roles'],
  },
  memberUpdate: {
    type: 'object',
    properties: { roles: ROLE_LIST, disabled: FLAG, password: PASSWORD },
  },
  passwordUpdate: {
    type: 'object',
    properties: { oldPassword: TEXT, newPassword: PASSWORD },
    required: ['oldPassword', 'newPassword'],
  },
  madeToken: closed(MADE_TOKEN),
  madeTokenOnce: closed({ ...MADE_TOKEN, token: { ...TEXT, description: 'Told this once.' } }),
  madeTokenPaging: pagingOf(schemaRef('madeToken')),
  madeTokenCreate: NEW_TOKEN,
  auditPaging: pagingOf(AUDIT_ENTRY),
  mobilebackendSettings: closed(SETTINGS),
  mobilebackendSettingsUpdate: { type: 'object', properties: SETTINGS },
  tokenRevocation: {
    type: 'object',
    properties: {
      ...{ token: TEXT, token_type_hint: { ...TEXT, description: 'Read and ignored.' } },
      client_id: { ...TEXT, description: 'In place of HTTP Basic.' },
      client_secret: { ...TEXT, description: 'In place of HTTP Basic.' },
    },
    required: ['token'],
  },
}

const MEMBER_PARAMETER: Parameter = {
  ...{ name: 'member', in: 'path', required: true, schema: TEXT },
  description: 'Id or login.',
}

const MEMBER_REPLY = {
  description: 'The member.',
  headers: ETAG,
  content: jsonContent(schemaRef('member')),
}

const MEMBERS: Readonly<Record<string, PathItem>> = {
  [toolsPath('team', 'members')]: {
    get: told('teamMembers', {
      ...{ tag: TEAM, summary: 'Lists the team.', parameters: PAGED, gives: 'memberPaging' },
    }),
    post: told('teamMembersCreate', {
      ...{ tag: TEAM, takes: 'memberCreate', summary: 'Adds a member. For administrators.' },
      reply: { '201': { ...MEMBER_REPLY, headers: { ...ETAG, ...LOCATION } } },
    }),
  },
  [toolsPath('team', 'members', '{member}')]: {
    get: told('teamMembersRead', {
      ...{ tag: TEAM, summary: 'Shows a member.', parameters: [MEMBER_PARAMETER] },
      reply: { '200': MEMBER_REPLY },
    }),
    put: told('teamMembersUpdate', {
      ...{ tag: TEAM, takes: 'memberUpdate', parameters: [MEMBER_PARAMETER, IF_MATCH] },
      summary: 'Changes roles, shuts out or sets a password. For administrators.',
    }),
    delete: told('teamMembersDelete', {
      ...{ tag: TEAM, parameters: [MEMBER_PARAMETER, IF_MATCH] },
      summary: 'Takes someone off the team; all their tokens end. For administrators.',
    }),
  },
  [toolsPath('team', 'me')]: {
    get: told('teamMe', {
      ...{ tag: TEAM, summary: 'Shows who calls.' },
      reply: { '200': MEMBER_REPLY },
    }),
  },
  [toolsPath('team', 'me', 'password')]: {
    put: told('teamMePassword', {
      ...{ tag: TEAM, takes: 'passwordUpdate' },
      summary: 'Changes the own password, which ends all own tokens.',
    }),
  },
}

const TOKEN_PARAMETER: Parameter = { ...ID, schema: TOKEN_ID }

const TOKENS: Readonly<Record<string, PathItem>> = {
  [toolsPath('team', 'tokens')]: {
    get: told('teamTokens', {
      ...{ tag: TEAM, parameters: PAGED, gives: 'madeTokenPaging' },
      summary: 'Lists the own tokens that were made for something; to administrators, all.',
    }),
    post: told('teamTokensCreate', {
      ...{ tag: TEAM, summary: 'Makes a token for oneself.', takes: 'madeTokenCreate' },
      reply: {
        '201': {
          ...{ description: 'The token.', headers: LOCATION },
          content: jsonContent(schemaRef('madeTokenOnce')),
        },
      },
    }),
  },
  [toolsPath('team', 'tokens', '{id}')]: {
    get: told('teamTokensRead', {
      ...{ tag: TEAM, summary: 'Shows a token.', parameters: [TOKEN_PARAMETER] },
      gives: 'madeToken',
    }),
    delete: told('teamTokensDelete', {
      ...{ tag: TEAM, summary: 'Ends a token.', parameters: [TOKEN_PARAMETER] },
    }),
  },
}

const REVOKE: Operation = {
  operationId: 'revoke',
  tags: ['Tokens'],
  summary: 'Ends a token, and with a refresh token the whole sign-in.',
  description: 'RFC 7009. A token that is unknown or over is no failure.',
  // The credentials may stand in the form instead.
  security: [{ client: [] }, {}],
  requestBody: {
    required: true,
    content: { 'application/x-www-form-urlencoded': { schema: schemaRef('tokenRevocation') } },
  },
  responses: {
    '200': { description: 'It opens nothing any more.' },
    '405': responseRef('Problem'),
    '4XX': { description: 'Refused.', content: jsonContent(schemaRef('tokenRefusal')) },
    '5XX': responseRef('Problem'),
  },
}

const AUDIT: Operation = told('audit', {
  ...{ tag: TEAM, gives: 'auditPaging' },
  summary: 'Tells who changed what, from which value to which. For administrators.',
  parameters: [
    ...LIST_PARAMETERS.filter(({ name }) => name === 'fromTime' || name === 'toTime'),
    query('actor', 'Only what this member, or the script with this name, did.'),
    query('action', 'Only this: CREATED, UPDATED, PURGED, SIGNED_IN, LOCKED_OUT and so on.'),
    query('target', 'Only what was done to this id; to a policy by its name.'),
    query('q', 'Only entries that have all of these words.'),
    ...PAGED,
  ],
})

const SETTINGS_PATH: PathItem = {
  get: told('mobilebackendsSettings', {
    ...{ summary: 'Shows what the owner set of the data API.', parameters: [ID] },
    gives: 'mobilebackendSettings',
  }),
  put: told('mobilebackendsUpdateSettings', {
    ...{ summary: 'Changes those that are named.', parameters: [ID, IF_MATCH] },
    takes: 'mobilebackendSettingsUpdate',
  }),
}

/** The team, its tokens and the audit log; and the settings of backends. All of it is ours. */
export const TEAM_PATHS: Readonly<Record<string, PathItem>> = {
  '/oauth2/v1/revoke': { post: REVOKE },
  ...{ ...MEMBERS, ...TOKENS },
  [toolsPath('audit')]: { get: AUDIT },
  [toolsPath('mobilebackends', '{id}', 'settings')]: SETTINGS_PATH,
}
