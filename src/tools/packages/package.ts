import type { Asset } from '../assets/asset.ts'
import { type AssetKind, assetKind } from '../assets/kind.ts'
import { ours } from '../assets/members.ts'
import type { Mention } from '../assets/references.ts'
import { toolsPath } from '../http/paths.ts'
import { MAX_FILTERS, PUBLICATION_FILTERS, TRASH_FILTERS } from '../list/filter-types.ts'

/** An asset of this installation of which a package has a copy. */
export type Held = Mention & { readonly id: string }

export type PackageMembers = {
  /** The ZIP archive. */
  readonly artifactId: string | null
  readonly assets: readonly Held[]
}

export type Package = Asset & PackageMembers

const TEXT = { type: 'string' }

const HELD = {
  type: 'object',
  properties: {
    ...{ id: TEXT, type: TEXT, name: TEXT, version: TEXT },
    namespace: { type: ['string', 'null'] },
  },
  required: ['id', 'type', 'name', 'namespace', 'version'],
}

/**
 * Copies of assets in one file, for other installations. They come by export and by installing, and
 * are published from the beginning: the file will not change any more.
 */
export const PACKAGES: AssetKind<PackageMembers> = assetKind({
  name: 'Package',
  what: 'package',
  recordType: 'package',
  group: 'packages',
  filterTypes: { ...PUBLICATION_FILTERS, ...TRASH_FILTERS, ...MAX_FILTERS },
  filterDefaults: ['MAX_EXCLUDE'],
  members: {
    artifactId: ours<string | null>(null, { type: ['string', 'null'] }),
    assets: ours<readonly Held[]>([], { type: 'array', items: HELD }),
  },
  references: ({ assets }) => ({ holds: assets.map(({ id }) => id) }),
  moreLinks: ({ artifactId }) =>
    artifactId === null ? [] : [{ rel: 'artifact', href: toolsPath('artifacts', artifactId) }],
})
