import { CUSTOM_NAMESPACE } from '../apis/api.ts'
import type { Asset } from '../assets/asset.ts'
import { type AssetKind, assetKind } from '../assets/kind.ts'
import { optionalText, ours } from '../assets/members.ts'
import type { Mention } from '../assets/references.ts'
import { toolsPath } from '../http/paths.ts'
import { MAX_FILTERS, PUBLICATION_FILTERS, TRASH_FILTERS } from '../list/filter-types.ts'

/** An API or a connector by its full name, as a manifest wants it: `custom/orders`. */
export type Needed = { readonly name: string; readonly version: string }

export type ImplementationMembers = {
  readonly apiId: string
  /** Whether it takes the calls of its API, which knows. Told of one alone, and never kept. */
  readonly default: boolean
  /** Answers with the examples of the definition; it comes with its API and has no archive. */
  readonly mock: boolean
  /** The archive that was uploaded. */
  readonly artifactId: string | null
  /** The script that it starts with, a path in the archive. */
  readonly main: string | null
  /** The version of Node that it wants. */
  readonly node: string | null
  readonly needs: readonly Needed[]
  /** Where the program runs that calls are handed to; see docs/adr/0009-custom-apis.md. */
  readonly upstreamUrl: string | null
}

export type Implementation = Asset & ImplementationMembers

const UPSTREAM_URL = {
  charactersMax: 2000,
  pattern: /^https?:\/\/[^\s@?#]+$/,
  form: 'an http or https address without a password, a query or a fragment',
}

const TEXT = { type: ['string', 'null'] }

const NEEDED = {
  type: 'object',
  properties: { name: { type: 'string' }, version: { type: 'string' } },
}

export const IMPLEMENTATIONS: AssetKind<ImplementationMembers> = assetKind({
  name: 'APIImplementation',
  what: 'API implementation',
  recordType: 'apiImplementation',
  group: 'implementations',
  namespace: CUSTOM_NAMESPACE,
  filterTypes: { ...PUBLICATION_FILTERS, ...TRASH_FILTERS, ...MAX_FILTERS },
  filterDefaults: ['MAX_EXCLUDE'],
  members: {
    apiId: ours('', { type: 'string' }),
    default: { ...ours(false, { type: 'boolean' }), onlyAlone: true },
    mock: ours(false, { type: 'boolean' }),
    artifactId: ours<string | null>(null, TEXT),
    main: ours<string | null>(null, TEXT),
    node: ours<string | null>(null, TEXT),
    needs: ours<readonly Needed[]>([], { type: 'array', items: NEEDED }),
    upstreamUrl: optionalText(UPSTREAM_URL),
  },
  // It depends on where the server runs, and so it is not part of what is published.
  adjustable: ['upstreamUrl'],
  references: ({ apiId, needs }) => ({ partOf: apiId, mentions: needs.flatMap(mentionOf) }),
  moreLinks: ({ apiId, artifactId }) => [
    { rel: 'api', href: toolsPath('apis', apiId) },
    ...(artifactId === null ? [] : [{ rel: 'artifact', href: toolsPath('artifacts', artifactId) }]),
  ],
})

/** The name of the implementation that an API has from the beginning; no longer than names may be. */
export function mockName(apiName: string): string {
  return `${apiName.slice(0, 95)}_mock`
}

function mentionOf({ name, version }: Needed): Mention[] {
  const [namespace = '', plain = ''] = name.split('/')
  const type = namespace === CUSTOM_NAMESPACE ? 'API' : 'Connector'
  return [{ type, namespace, name: plain, version }]
}
