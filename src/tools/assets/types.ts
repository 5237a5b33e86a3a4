import type { Claim, Keys, StoredRecord } from '../../storage/port.ts'
import { BACKENDS } from '../backends/type.ts'
import type { ToolsContext } from '../context.ts'
import type { Entry } from '../list/snapshot.ts'
import type { Asset, Link } from './asset.ts'

/** The types of assets that the tools API names; those without an entry below have no assets. */
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

/** What an asset needs, directly. */
export type Needs = {
  readonly assets: readonly StoredRecord[]
  readonly roles: readonly string[]
  /** Names in a manifest that match nothing. */
  readonly unresolved: readonly { readonly name: string; readonly version: string }[]
}

/** An asset that needs another; one that only points at it can do without, and says so then. */
export type User = { readonly record: StoredRecord; readonly onlyPoints: boolean }

/** All that operations on assets of every type have to know of one type. */
export type AssetType = {
  readonly name: AssetTypeName
  readonly recordType: string
  readonly group: DependencyGroup
  read(record: StoredRecord): Asset
  links(id: string): Link[]
  /** The names that it holds alone; in the trash it gives up name and version. */
  claims(record: StoredRecord): Claim[]
  keys(record: StoredRecord): Keys
  needs(tools: ToolsContext, record: StoredRecord): Promise<Needs>
  usedBy(tools: ToolsContext, record: StoredRecord): Promise<readonly User[]>
  /** All that there are; the same list until one changes. */
  entries(tools: ToolsContext): Promise<readonly Entry<Asset>[]>
}

/** Every type of assets that there is. */
export const ASSET_TYPES: readonly AssetType[] = [BACKENDS]

/** @throws {RangeError} for a record that is no asset */
export function assetTypeOf({ type }: Pick<StoredRecord, 'type'>): AssetType {
  const found = ASSET_TYPES.find(({ recordType }) => recordType === type)
  if (!found) throw new RangeError(`records of the type ${type} are no assets`)
  return found
}
