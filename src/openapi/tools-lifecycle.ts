import { toolsPath } from '../tools/http/paths.ts'
import type { Operation, PathItem } from './document.ts'
import { ASSET_AND_POLICY_PATHS } from './tools-assets.ts'
import { ETAG, ID, IF_MATCH, LOCATION, oneBackend, PAGED, query, told } from './tools-parts.ts'

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

/** What there is besides the backends themselves. */
export const LIFECYCLE_PATHS: Readonly<Record<string, PathItem>> = {
  ...{ ...RELATIONS, ...LIFECYCLE, ...SECURITY },
  ...ASSET_AND_POLICY_PATHS,
}
