import { toolsPath } from '../tools/http/paths.ts'
import { jsonContent, type Parameter, type PathItem, schemaRef } from './document.ts'
import { IF_MATCH, LIST_PARAMETERS, PAGED, query, told } from './tools-parts.ts'

export const ASSETS = 'Assets'
export const POLICIES = 'Policies'

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
  [`${toolsPath('policies')}/import`]: {
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

/** Operations on assets of every type, policies, and facts. */
export const ASSET_AND_POLICY_PATHS: Readonly<Record<string, PathItem>> = {
  ...{ ...BATCHES, ...ASSET_PATHS, ...POLICY_PATHS },
}
