import type { Claim, StoredRecord } from '../../storage/port.ts'
import { APIS } from '../apis/api.ts'
import { BACKENDS } from '../backends/type.ts'
import { CLIENTS } from '../clients/client.ts'
import { COLLECTIONS } from '../collections/collection.ts'
import { CONNECTORS } from '../connectors/connector.ts'
import { IMPLEMENTATIONS } from '../implementations/implementation.ts'
import { PACKAGES } from '../packages/package.ts'
import type { Asset, Link } from './asset.ts'
import type { References } from './references.ts'

/** The types of assets that the tools API names. */
export const ASSET_TYPE_NAMES = [
  'API',
  'MobileBackend',
  'Connector',
  'APIImplementation',
  'Client',
  'StorageCollection',
  'Package',
] as const

export type AssetTypeName = (typeof ASSET_TYPE_NAMES)[number]

/** The lists of an object of dependencies, those of roles and unresolved names apart. */
export const DEPENDENCY_GROUPS = [
  'apis',
  'collections',
  'connectors',
  'implementations',
  'mobilebackends',
  'packages',
] as const

export type DependencyGroup = (typeof DEPENDENCY_GROUPS)[number]

/** All that operations on assets of every type have to know of one type. */
export type AssetType<A extends Asset = Asset> = {
  readonly name: AssetTypeName
  /** What people call one, for messages. */
  readonly what: string
  readonly recordType: string
  /** Also the first part of its addresses. The original's dependencies know no clients. */
  readonly group: DependencyGroup | 'clients'
  /** Of all its assets, where they have one. */
  readonly namespace?: string
  read(record: StoredRecord): A
  links(id: string): Link[]
  /** The names that it holds alone; in the trash it gives up name and version. */
  claims(asset: A): Claim[]
  /** What it refers to; from this follow its dependencies, and those of the others on it. */
  references(asset: A): References
  /** Purging one removes a tenant of the same id, with its records, jobs and files. */
  readonly isTenant?: boolean
}

/** Every type of assets that there is. */
export const ASSET_TYPES: readonly AssetType[] = [
  BACKENDS,
  COLLECTIONS,
  APIS,
  IMPLEMENTATIONS,
  CONNECTORS,
  CLIENTS,
  PACKAGES,
]

/** @throws {RangeError} for a record that is no asset */
export function assetTypeOf({ type }: Pick<StoredRecord, 'type'>): AssetType {
  const found = ASSET_TYPES.find(({ recordType }) => recordType === type)
  if (!found) throw new RangeError(`records of the type ${type} are no assets`)
  return found
}

export function assetTypeNamed(name: AssetTypeName): AssetType | undefined {
  return ASSET_TYPES.find((type) => type.name === name)
}
