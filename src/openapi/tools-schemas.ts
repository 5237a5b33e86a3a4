import type { JsonSchema } from '../engine/params.ts'
import { closed, schemaRef } from './document.ts'
import { LIFECYCLE_SCHEMAS } from './tools-lifecycle-schemas.ts'

type Members = Readonly<Record<string, JsonSchema>>

const TEXT: JsonSchema = { type: 'string' }
const FLAG: JsonSchema = { type: 'boolean' }
const TEXT_OR_NULL: JsonSchema = { type: ['string', 'null'] }
const UUID: JsonSchema = { type: 'string', format: 'uuid' }
const HEX: JsonSchema = { type: 'string', pattern: '^[0-9a-f]{32}$' }
const TIME: JsonSchema = { type: 'string', format: 'date-time' }
const TIME_OR_NULL: JsonSchema = { type: ['string', 'null'], format: 'date-time' }
const COUNT: JsonSchema = { type: 'integer', minimum: 0 }

/** A hash that others build on; whoever uses the whole closes it. */
function part(properties: Members, required: readonly string[] = []): JsonSchema {
  return { type: 'object', properties, ...(required.length > 0 ? { required } : {}) }
}

function whole(name: string): JsonSchema {
  return { ...schemaRef(name), unevaluatedProperties: false }
}

function listOf(items: JsonSchema): JsonSchema {
  return { type: 'array', minItems: 0, items }
}

function joined(...parts: readonly JsonSchema[]): JsonSchema {
  return { allOf: parts }
}

const LINK = closed({ rel: TEXT, href: { type: 'string', description: 'Relative to the host.' } })

/** What someone fills in of any asset, with the limits of what is taken. */
export const ASSET_FIELDS: Members = {
  name: { type: 'string', maxLength: 100, pattern: '^[a-zA-Z][a-zA-Z0-9_]*$' },
  version: {
    type: 'string',
    maxLength: 100,
    pattern: '^[a-zA-Z0-9][\\w.]*$',
    default: '1.0',
  },
  title: { type: 'string', maxLength: 255, description: 'The display name.' },
  desc: { type: 'string', maxLength: 100 },
  max: { type: 'boolean', default: false },
  actionComment: { type: ['string', 'null'], maxLength: 4000 },
}

const ASSET: Members = {
  assetUpdate: part({ ...ASSET_FIELDS, namespace: TEXT_OR_NULL }, ['name', 'version']),
  assetIdEtag: part({ id: UUID, etag: { type: 'string', pattern: '^\\d+$' } }, ['id', 'etag']),
  trash: part({ inTrash: FLAG }, ['inTrash']),
  assetGet: joined(
    schemaRef('assetUpdate'),
    schemaRef('assetIdEtag'),
    schemaRef('trash'),
    part(
      {
        links: schemaRef('entityLinksArray'),
        published: FLAG,
        createdOn: TIME,
        createdBy: TEXT,
        modifiedOn: TIME,
        modifiedBy: TEXT_OR_NULL,
        deletedOn: TIME_OR_NULL,
        deletedBy: TEXT_OR_NULL,
      },
      ['links', 'published', 'createdOn', 'modifiedOn', 'modifiedBy', 'deletedOn', 'deletedBy'],
    ),
  ),
  assetShort: closed({ id: UUID, name: TEXT, namespace: TEXT_OR_NULL, version: TEXT }),
  assetReference: closed({
    ...{ id: UUID, name: TEXT, namespace: TEXT_OR_NULL, version: TEXT },
    ...{ type: TEXT, etag: TEXT },
  }),
  entityLinksArray: listOf(LINK),
}

/** A page of a list with these items. */
export function pagingOf(items: JsonSchema): JsonSchema {
  return closed({
    ...{ count: COUNT, totalResults: COUNT, hasMore: FLAG, limit: COUNT, offset: COUNT },
    links: schemaRef('paginationLinksArray'),
    items: listOf(items),
  })
}

const LIST: Members = {
  paging: part({
    count: { ...COUNT, description: 'Items in this reply.' },
    totalResults: { ...COUNT, description: 'Items on all pages.' },
    hasMore: FLAG,
    limit: COUNT,
    offset: COUNT,
  }),
  paginationLinksArray: listOf(LINK),
  mobilebackendPaging: {
    ...joined(
      schemaRef('paging'),
      part({ links: schemaRef('paginationLinksArray'), items: schemaRef('mobilebackendArray') }, [
        'count',
        'totalResults',
        'hasMore',
        'links',
        'items',
      ]),
    ),
    unevaluatedProperties: false,
  },
  mobilebackendArray: listOf(whole('mobilebackendListGet')),
}

const BACKEND: Members = {
  mobilebackendOAuthKeys: part({
    clientId: { ...HEX, type: ['string', 'null'], description: 'The App Key of the data API too.' },
    clientSecret: TEXT_OR_NULL,
  }),
  mobilebackendBasicAuthKeys: part({ basicAuthBackendId: { ...UUID, type: ['string', 'null'] } }),
  mobilebackendShortGet: joined(
    schemaRef('assetGet'),
    schemaRef('mobilebackendOAuthKeys'),
    schemaRef('mobilebackendBasicAuthKeys'),
    part({ oauth: FLAG, basicAuth: FLAG, inactive: FLAG }, ['oauth', 'basicAuth', 'inactive']),
  ),
  mobilebackendListGet: joined(
    schemaRef('mobilebackendShortGet'),
    part(
      {
        identityProviders: schemaRef('identityProviderArray'),
        roleAccess: schemaRef('mobilebackendRoleAccess'),
      },
      ['identityProviders', 'roleAccess'],
    ),
  ),
  mobilebackendGet: {
    ...joined(
      schemaRef('mobilebackendListGet'),
      part({
        analyticsAppGuid: TEXT_OR_NULL,
        targetBackend: { anyOf: [schemaRef('assetShort'), { type: 'null' }] },
        targetBackendError: { type: ['object', 'string', 'null'] },
      }),
    ),
    unevaluatedProperties: false,
  },
  mobilebackendCreate: part(
    {
      ...ASSET_FIELDS,
      oauth: { type: 'boolean', default: true },
      basic: { type: 'boolean', default: true, description: '`basicAuth` in replies.' },
      roleAccess: schemaRef('mobilebackendRoleAccess'),
      analyticsAppGuid: { type: 'string', maxLength: 255 },
      analyticsAppName: { type: 'string', maxLength: 255 },
      analyticsAppTimeZone: { type: 'string', maxLength: 255 },
    },
    ['name'],
  ),
  mobilebackendRoleAccess: closed({ enabled: FLAG, roles: schemaRef('stringArray') }, []),
  stringArray: listOf(TEXT),
  identityProviderArray: listOf(schemaRef('identityProvider')),
  identityProvider: closed({
    id: HEX,
    name: TEXT,
    enabled: FLAG,
    credential: { anyOf: [schemaRef('identityProviderCredentialGet'), { type: 'null' }] },
  }),
  identityProviderCredentialGet: closed({
    key: { type: 'string', description: 'The name of the key that holds the secret.' },
  }),
}

const TOKEN: Members = {
  tokenRequest: part(
    {
      grant_type: { enum: ['password', 'client_credentials', 'refresh_token'] },
      username: {
        type: 'string',
        description: 'With `password`: the login of a team member, or of a user of the backend.',
      },
      password: { type: 'string', description: 'With `password`.' },
      refresh_token: { type: 'string', description: 'With `refresh_token`; good for one time.' },
      scope: { type: 'string', description: 'Read and ignored.' },
      client_id: { type: 'string', description: 'In place of HTTP Basic.' },
      client_secret: { type: 'string', description: 'In place of HTTP Basic.' },
    },
    ['grant_type'],
  ),
  token: closed(
    {
      access_token: TEXT,
      token_type: { const: 'Bearer' },
      expires_in: { type: 'integer', description: 'Seconds.' },
      refresh_token: { type: 'string', description: 'Only for team members.' },
    },
    ['access_token', 'token_type', 'expires_in'],
  ),
  tokenRefusal: closed({ error: TEXT, error_description: TEXT }),
}

const PROBLEM: Members = {
  problem: closed(
    {
      type: { type: 'string', description: 'Where the status is explained.' },
      status: { type: 'integer' },
      title: TEXT,
      detail: { type: 'string', description: 'What is wrong, and what to do.' },
      'o:errorCode': { type: 'string', pattern: '^MOBILE-\\d{5}$' },
      'o:ecid': { type: 'string', description: 'Stands in the log and in `X-Request-Id` too.' },
      'o:errorPath': TEXT,
      'o:errorDetails': {
        type: 'object',
        description: 'What stands in the way: `assets` names each.',
        properties: { type: TEXT, title: TEXT, detail: TEXT, assets: { type: 'array' } },
      },
    },
    ['type', 'status', 'title', 'detail', 'o:errorCode', 'o:ecid', 'o:errorPath'],
  ),
}

/** Named as in the published reference of the tools API; names that it has not are ours. */
export const TOOLS_SCHEMAS: Members = {
  ...LIST,
  ...ASSET,
  ...BACKEND,
  ...TOKEN,
  ...PROBLEM,
  ...LIFECYCLE_SCHEMAS,
}
