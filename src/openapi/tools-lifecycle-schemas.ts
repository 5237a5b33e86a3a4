import type { JsonSchema } from '../engine/params.ts'
import { closed, schemaRef } from './document.ts'

type Members = Readonly<Record<string, JsonSchema>>

const TEXT: JsonSchema = { type: 'string' }
const FLAG: JsonSchema = { type: 'boolean' }
const TIME: JsonSchema = { type: 'string', format: 'date-time' }
const UUID: JsonSchema = { type: 'string', format: 'uuid' }
const TEXT_OR_NULL: JsonSchema = { type: ['string', 'null'] }
const COUNT: JsonSchema = { type: 'integer', minimum: 0 }
const FORMAT: JsonSchema = { enum: ['short', 'graph', 'forced'] }
const APP_POLICY_VALUE: JsonSchema = { type: ['string', 'number', 'boolean'] }
const COMMENT: JsonSchema = { type: ['string', 'null'], maxLength: 4000 }

function listOf(items: JsonSchema): JsonSchema {
  return { type: 'array', items }
}

/** A request: what is not listed is ignored. */
function request(properties: Members, required: readonly string[] = []): JsonSchema {
  return { type: 'object', properties, ...(required.length > 0 ? { required } : {}) }
}

/** A page of a list with these items. */
function paging(items: JsonSchema): JsonSchema {
  return closed({
    ...{ count: COUNT, totalResults: COUNT, hasMore: FLAG, limit: COUNT, offset: COUNT },
    links: schemaRef('paginationLinksArray'),
    items: listOf(items),
  })
}

const REFERENCES = listOf(schemaRef('assetReference'))

const DEPENDENCIES: Members = {
  ...{ apis: REFERENCES, collections: REFERENCES, connectors: REFERENCES },
  ...{ implementations: REFERENCES, mobilebackends: REFERENCES, packages: REFERENCES },
  roles: listOf(closed({ name: TEXT })),
  unresolvedDependencies: listOf(closed({ name: TEXT, version: TEXT })),
}

const RELATIONS: Members = {
  dependencies: closed(DEPENDENCIES),
  reverseDependencies: closed({ ...DEPENDENCIES, clients: REFERENCES }),
}

const BACKEND: Members = {
  mobilebackendUpdate: request(
    {
      name: { type: 'string', maxLength: 100, pattern: '^[a-zA-Z][a-zA-Z0-9_]*$' },
      version: { type: 'string', maxLength: 100, pattern: '^[a-zA-Z0-9][\\w.]*$' },
      title: { type: ['string', 'null'], maxLength: 255 },
      desc: { type: ['string', 'null'], maxLength: 100 },
      max: FLAG,
      actionComment: COMMENT,
      oauth: FLAG,
      basic: FLAG,
      inactive: { type: 'boolean', description: 'Calls of an inactive backend answer 404.' },
      roleAccess: schemaRef('mobilebackendRoleAccess'),
    },
    ['name'],
  ),
  historyPaging: paging(
    closed(
      {
        ...{ action: TEXT, actionComment: TEXT_OR_NULL, etag: TEXT, version: TEXT },
        ...{ performedBy: TEXT, performedOn: TIME },
        changed: { ...listOf(TEXT), description: 'The members that became others.' },
      },
      ['action', 'actionComment', 'etag', 'version', 'performedBy', 'performedOn'],
    ),
  ),
  publication: closed({
    ...{ published: FLAG, publishable: FLAG },
    dependencies: schemaRef('dependencies'),
    unresolvedDependencies: listOf(closed({ name: TEXT, version: TEXT })),
  }),
  publish: request({
    actionComment: COMMENT,
    dependencies: listOf(request({ id: UUID, etag: TEXT }, ['id'])),
  }),
  versionCreate: request({ version: TEXT, actionComment: COMMENT }, ['version']),
  target: request({ id: { ...UUID, type: ['string', 'null'] } }, ['id']),
  basicAuthentication: closed({ basicAuth: FLAG }),
  basicAuthenticationUpdate: request({ basic: FLAG }),
  appPolicies: { type: 'object', additionalProperties: APP_POLICY_VALUE },
  appPolicyValue: request({ value: APP_POLICY_VALUE }, ['value']),
  basicKeys: closed({ basicAuthBackendId: UUID, anonymousKey: TEXT }),
  oauthKeys: closed({ clientId: TEXT, clientSecret: TEXT }),
  identityProviderUpdate: request({
    enabled: FLAG,
    credential: { type: ['object', 'null'], properties: { key: TEXT } },
  }),
}

/** An asset of a batch, or in the list of all. */
const TYPED_ASSET: JsonSchema = {
  allOf: [schemaRef('assetGet'), request({ type: TEXT }, ['type'])],
}

const BATCH: Members = {
  assetPaging: paging({ ...TYPED_ASSET, unevaluatedProperties: false }),
  batchQuestion: request({ ids: listOf(UUID) }, ['ids']),
  batchCommand: request(
    {
      ...{ actionComment: COMMENT, format: FORMAT },
      dependencies: listOf(
        request({ asset: request({ id: UUID, etag: TEXT }, ['id']) }, ['asset']),
      ),
    },
    ['dependencies'],
  ),
  batch: listOf(
    closed({
      asset: {
        allOf: [
          TYPED_ASSET,
          request({ error: closed({ title: TEXT, detail: TEXT, 'o:errorCode': TEXT }) }),
        ],
        unevaluatedProperties: false,
      },
      ...{ dependencies: REFERENCES, reverseDependencies: REFERENCES },
    }),
  ),
  purgePaging: paging(
    closed({
      ...{ id: UUID, name: TEXT, version: TEXT, purgedBy: TEXT, purgedOn: TIME },
      state: { enum: ['RUNNING', 'DONE'] },
      recordsLeft: { type: ['integer', 'null'], description: 'Not yet counted when null.' },
      finishedOn: { type: ['string', 'null'], format: 'date-time' },
    }),
  ),
}

const POLICY: Members = {
  policySet: request(
    { name: { type: 'string', maxLength: 506 }, value: { type: 'string', maxLength: 4000 } },
    ['name', 'value'],
  ),
  policy: { type: 'object', additionalProperties: TEXT, minProperties: 1, maxProperties: 1 },
  policyExport: closed({
    policies: { type: 'object', additionalProperties: TEXT },
    ...{ systemPolicies: { type: 'object' }, hiddenPolicies: { type: 'object' } },
    ...{ environment: TEXT, systemVersion: TEXT },
  }),
  policyImport: request(
    {
      file: { type: 'string', format: 'binary' },
      ...{ desc: TEXT, overwrite: { enum: ['true', 'false'] }, purge: { enum: ['true', 'false'] } },
    },
    ['file'],
  ),
  policyImported: closed({ valid: FLAG, validationResults: listOf(TEXT) }),
  environment: closed({
    ...{ baseUri: TEXT, displayName: TEXT, envId: TEXT, oauthServer: TEXT, serviceName: TEXT },
  }),
}

export const LIFECYCLE_SCHEMAS: Members = { ...RELATIONS, ...BACKEND, ...BATCH, ...POLICY }
