import { toolsPath } from '../tools/http/paths.ts'
import {
  jsonContent,
  type Operation,
  type Parameter,
  type PathItem,
  type Response,
  schemaRef,
} from './document.ts'
import {
  BACKENDS,
  ETAG,
  ID,
  IF_MATCH,
  LIST_PARAMETERS,
  LOCATION,
  oneBackend,
  PROBLEMS,
  query,
  TEAM,
} from './tools-parts.ts'

export const ASSETS = 'Assets'
export const POLICIES = 'Policies'

type Told = {
  readonly tag?: string
  readonly summary: string
  readonly parameters?: readonly Parameter[]
  /** The schema of the body. */
  readonly takes?: string
  /** The schema of the reply; none for 204. */
  readonly gives?: string
  readonly reply?: Readonly<Record<string, Response>>
}

function told(operationId: string, given: Told): Operation {
  const { tag = BACKENDS, summary, parameters = [], takes, gives, reply } = given
  const success: Readonly<Record<string, Response>> = gives
    ? { '200': { description: 'As asked.', content: jsonContent(schemaRef(gives)) } }
    : { '204': { description: 'Done.', headers: ETAG } }
  return {
    operationId,
    tags: [tag],
    summary,
    security: TEAM,
    ...(parameters.length > 0 && { parameters }),
    ...(takes && { requestBody: { required: true, content: jsonContent(schemaRef(takes)) } }),
    responses: { ...(reply ?? success), ...PROBLEMS },
  }
}

const PAGED: readonly Parameter[] = LIST_PARAMETERS.filter(({ name }) =>
  ['limit', 'offset', 'totalResults'].includes(name),
)

function own(...parts: readonly string[]): string {
  return toolsPath('mobilebackends', '{id}', ...parts)
}

const ONE = [ID] as const
const CHANGE = [ID, IF_MATCH] as const

const RELATIONS: Readonly<Record<string, PathItem>> = {
  [own('dependencies')]: {
    get: told('mobilebackendsDependencies', {
      summary: 'Tells what a backend needs.',
      parameters: [ID, query('type', 'internal or external; both unless given.')],
      gives: 'dependencies',
    }),
  },
  [own('reverseDependencies')]: {
    get: told('mobilebackendsReverseDependencies', {
      summary: 'Tells what needs a backend.',
      parameters: ONE,
      gives: 'reverseDependencies',
    }),
  },
  ...emptyList('Apis', own('apis'), 'APIs of a backend'),
  ...emptyList('Collections', own('collections'), 'storage collections of a backend'),
  ...emptyList(
    'Notifications',
    toolsPath('notifications', 'mobilebackends', '{id}', 'notifications'),
    'notifications of a backend',
  ),
}

function emptyList(name: string, path: string, what: string): Record<string, PathItem> {
  const summary = `Lists the ${what}; there are none yet.`
  const parameters = [ID, ...PAGED]
  const get = told(`mobilebackends${name}`, { summary, parameters, gives: 'emptyPaging' })
  return { [path]: { get } }
}

const LIFECYCLE: Readonly<Record<string, PathItem>> = {
  [own('history')]: {
    get: told('mobilebackendsHistory', {
      summary: 'Tells who did what to a backend, the latest first.',
      parameters: [ID, ...PAGED, query('orderBy', 'performedOn:asc or performedOn:desc.')],
      gives: 'historyPaging',
    }),
  },
  [own('publication')]: {
    get: told('mobilebackendsPublication', {
      summary: 'Tells whether a backend can be published, and with which drafts.',
      parameters: ONE,
      gives: 'publication',
    }),
    post: publish('mobilebackendsPublish'),
    put: publish('mobilebackendsPublishByPut'),
  },
  [own('versions')]: {
    post: told('mobilebackendsCreateVersion', {
      summary: 'Copies a backend to a draft of another version, with keys of its own.',
      parameters: CHANGE,
      takes: 'versionCreate',
      reply: { '201': oneBackend('The new version.', { ...ETAG, ...LOCATION }) },
    }),
  },
  [own('target')]: {
    put: told('mobilebackendsReroute', {
      summary: 'Names the published backend that calls are rerouted to, or none.',
      parameters: CHANGE,
      takes: 'target',
    }),
  },
}

function publish(operationId: string): Operation {
  const summary = 'Publishes a backend for good, and the drafts that are named.'
  return told(operationId, { summary, parameters: CHANGE, takes: 'publish' })
}

const SECURITY: Readonly<Record<string, PathItem>> = {
  [own('security', 'basic')]: {
    get: told('mobilebackendsBasic', {
      summary: 'Tells whether HTTP Basic is on.',
      parameters: ONE,
      gives: 'basicAuthentication',
    }),
    put: told('mobilebackendsSwitchBasic', {
      summary: 'Switches HTTP Basic of a draft.',
      parameters: CHANGE,
      takes: 'basicAuthenticationUpdate',
    }),
  },
  [own('security', 'basic', 'keys')]: keys('Basic', 'basicKeys'),
  [own('security', 'oauth', 'keys')]: keys('OAuth', 'oauthKeys'),
  [own('security', 'identityproviders')]: {
    get: told('mobilebackendsIdentityProviders', {
      summary: 'Lists the identity providers of a backend, without secrets.',
      parameters: ONE,
      gives: 'identityProviderArray',
    }),
  },
  [own('security', 'identityproviders', '{providerId}')]: {
    put: told('mobilebackendsUpdateIdentityProvider', {
      summary: 'Switches an identity provider of a draft.',
      parameters: [
        ID,
        { name: 'providerId', in: 'path', required: true, schema: { type: 'string' } },
        IF_MATCH,
      ],
      takes: 'identityProviderUpdate',
    }),
  },
}

function keys(kind: string, gives: string): PathItem {
  return {
    get: told(`mobilebackends${kind}Keys`, {
      summary: `Shows the ${kind} keys of a backend.`,
      parameters: ONE,
      gives,
    }),
    post: told(`mobilebackendsRefresh${kind}Keys`, {
      summary: `Makes new ${kind} keys; the old ones open nothing any more.`,
      parameters: CHANGE,
      gives,
    }),
    delete: told(`mobilebackendsRevoke${kind}Keys`, {
      summary: `Takes the ${kind} keys away.`,
      parameters: CHANGE,
    }),
  }
}

const FORMAT = query('format', 'short, graph or forced.')

const BATCHES: Readonly<Record<string, PathItem>> = Object.fromEntries(
  (
    [
      ['trash', 'be trashed', 'Trashes'],
      ['untrash', 'be restored', 'Restores'],
      ['purge', 'be purged', 'Purges'],
    ] as const
  ).flatMap(([name, what, does]): [string, PathItem][] => {
    const question = told(`${name}Dependencies`, {
      ...{ tag: ASSETS, summary: `Tells whether assets can ${what}.` },
      ...{ parameters: [FORMAT], takes: 'batchQuestion', gives: 'batch' },
    })
    const command = told(name, {
      ...{ tag: ASSETS, summary: `${does} assets: all of them, or none.` },
      ...{ parameters: [FORMAT, IF_MATCH], takes: 'batchCommand' },
      reply: {
        '200': { description: 'With `format`.', content: jsonContent(schemaRef('batch')) },
        '204': { description: 'Done.' },
      },
    })
    const purges = told('purges', {
      ...{ tag: ASSETS, summary: 'Lists purges and how far each is.' },
      ...{ parameters: PAGED, gives: 'purgePaging' },
    })
    const verb = name === 'purge' ? 'purging' : `${name}ing`
    return [
      [toolsPath('assets', `${name}Dependencies`), { post: question }],
      [toolsPath('assets', verb), { ...(name === 'purge' && { get: purges }), post: command }],
    ]
  }),
)

const ASSET_PATHS: Readonly<Record<string, PathItem>> = {
  [toolsPath('assets')]: {
    get: told('assets', {
      tag: ASSETS,
      summary: 'Lists assets of any type.',
      parameters: [
        ...LIST_PARAMETERS.filter(({ name }) => name !== 'filterType'),
        query('filterType', 'PUBLISHED, TRASH, MAX_EXCLUDE and so on, comma-separated.'),
        query('assetTypes', 'Only those of these types, comma-separated.'),
        query('apiTypes', 'Only APIs of these types, comma-separated.'),
      ],
      gives: 'assetPaging',
    }),
  },
  [toolsPath('assets', 'lookup')]: {
    get: told('assetLookup', {
      tag: ASSETS,
      summary: 'Finds a live asset by its full name.',
      parameters: [
        query('fqn', 'name(version), for APIs namespace/name(version).'),
        query('type', 'The type of the asset.'),
      ],
      gives: 'assetShort',
    }),
  },
}

const POLICY_NAME: Parameter = {
  name: 'policyName',
  in: 'path',
  required: true,
  schema: { type: 'string', maxLength: 607 },
}

const POLICY_PATHS: Readonly<Record<string, PathItem>> = {
  [toolsPath('policies')]: {
    put: told('policySet', {
      ...{ tag: POLICIES, summary: 'Sets a policy. For administrators.', takes: 'policySet' },
    }),
  },
  [toolsPath('policies', 'export')]: {
    get: told('policiesExport', {
      ...{ tag: POLICIES, summary: 'Exports all policies, as properties or JSON.' },
      parameters: [query('format', 'properties (the default) or json.')],
      reply: {
        '200': {
          description: 'All policies.',
          content: {
            'text/plain': { schema: { type: 'string' } },
            ...jsonContent(schemaRef('policyExport')),
          },
        },
      },
    }),
  },
  [toolsPath('policies', 'import')]: {
    post: {
      ...told('policiesImport', {
        ...{ tag: POLICIES, summary: 'Sets the policies of a file, or none of them.' },
        gives: 'policyImported',
      }),
      requestBody: {
        required: true,
        content: { 'multipart/form-data': { schema: schemaRef('policyImport') } },
      },
    },
  },
  [toolsPath('policies', '{policyName}')]: {
    get: told('policyRead', {
      ...{ tag: POLICIES, summary: 'Shows a policy.', parameters: [POLICY_NAME], gives: 'policy' },
    }),
    delete: told('policyDelete', {
      ...{ tag: POLICIES, summary: 'Removes a policy.', parameters: [POLICY_NAME] },
    }),
  },
  [toolsPath('environment')]: {
    get: told('environment', {
      ...{ tag: POLICIES, summary: 'Facts about this installation.', gives: 'environment' },
    }),
  },
}

/** What there is besides the backends themselves. */
export const LIFECYCLE_PATHS: Readonly<Record<string, PathItem>> = {
  ...{ ...RELATIONS, ...LIFECYCLE, ...SECURITY },
  ...{ ...BATCHES, ...ASSET_PATHS, ...POLICY_PATHS },
}
