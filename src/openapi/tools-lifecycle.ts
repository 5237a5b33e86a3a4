import { toolsPath } from '../tools/http/paths.ts'
import type { Parameter, PathItem } from './document.ts'
import { API_PATHS } from './tools-apis.ts'
import { ASSET_AND_POLICY_PATHS } from './tools-assets.ts'
import { commonPaths, KIND_PATHS } from './tools-kinds.ts'
import { BACKENDS, ETAG, ID, IF_MATCH, LOCATION, oneBackend, PAGED, told } from './tools-parts.ts'

function own(...parts: readonly string[]): string {
  return toolsPath('mobilebackends', '{id}', ...parts)
}

const ONE = [ID] as const
const CHANGE = [ID, IF_MATCH] as const

const ASSOCIATIONS: Readonly<Record<string, PathItem>> = {
  ...association('Apis', 'apis', 'custom API'),
  ...association('Collections', 'collections', 'storage collection'),
}

function association(name: string, group: string, what: string): Record<string, PathItem> {
  const other: Parameter = {
    ...{ name: 'otherId', in: 'path', required: true },
    schema: { type: 'string', format: 'uuid' },
  }
  const parameters = [ID, other, IF_MATCH]
  return {
    [own(group)]: {
      get: told(`mobilebackends${name}`, {
        ...{ summary: `Lists what apps reach: every ${what}.`, gives: `${group}Paging` },
        parameters: [ID, ...PAGED],
      }),
    },
    [own(group, '{otherId}')]: {
      put: told(`mobilebackendsAdd${name}`, {
        ...{ parameters, summary: `Lets apps of a draft backend reach a ${what}.` },
      }),
      delete: told(`mobilebackendsRemove${name}`, {
        ...{ parameters, summary: `Lets apps of a draft backend reach a ${what} no longer.` },
      }),
    },
  }
}

const LIFECYCLE: Readonly<Record<string, PathItem>> = {
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

const APP_POLICY = [
  ID,
  { name: 'name', in: 'path', required: true, schema: { type: 'string' } },
] as const

const APP_POLICIES: Readonly<Record<string, PathItem>> = {
  [own('appPolicies')]: {
    get: told('mobilebackendsAppPolicies', {
      summary: 'Shows the values that the apps of a backend read at run time.',
      parameters: ONE,
      gives: 'appPolicies',
    }),
    put: told('mobilebackendsSetAppPolicies', {
      summary: 'Sets all of those values, also of a published backend. Others go.',
      parameters: CHANGE,
      takes: 'appPolicies',
    }),
    delete: told('mobilebackendsDeleteAppPolicies', {
      summary: 'Takes all of those values away.',
      parameters: CHANGE,
    }),
  },
  [own('appPolicies', '{name}')]: {
    get: told('mobilebackendsAppPolicy', {
      summary: 'Shows one value that the apps of a backend read.',
      parameters: APP_POLICY,
      gives: 'appPolicies',
    }),
    put: told('mobilebackendsSetAppPolicy', {
      summary: 'Sets one value that the apps of a backend read.',
      parameters: [...APP_POLICY, IF_MATCH],
      takes: 'appPolicyValue',
    }),
    delete: told('mobilebackendsDeleteAppPolicy', {
      summary: 'Takes one value away that the apps of a backend read.',
      parameters: [...APP_POLICY, IF_MATCH],
    }),
  },
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
  ...commonPaths({
    ...{ group: 'mobilebackends', operations: 'mobilebackends' },
    ...{ what: 'backend', tag: BACKENDS },
  }),
  ...{ ...ASSOCIATIONS, ...LIFECYCLE, ...SECURITY, ...APP_POLICIES },
  // `apis/raml` is no API of that id, so it goes first.
  ...{ ...API_PATHS, ...KIND_PATHS },
  ...ASSET_AND_POLICY_PATHS,
}
