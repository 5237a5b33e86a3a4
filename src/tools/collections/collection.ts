import { type AssetKind, assetKind } from '../assets/kind.ts'
import { flag } from '../assets/members.ts'
import { MAX_FILTERS, PUBLICATION_FILTERS, TRASH_FILTERS } from '../list/filter-types.ts'
import { ANY_USER, type Permission, permissionList } from './permissions.ts'

export type CollectionMembers = {
  /** Each user sees only their own objects. */
  readonly userIsolated: boolean
  /** Clients may keep copies. */
  readonly syncControl: boolean
  /** Who may do what with the objects; with none, every user who logs in may read and write. */
  readonly permissions: readonly Permission[]
}

/** The records of storage collections; their objects live in a tenant of the collection's id. */
export const COLLECTION_TYPE = 'storageCollection'

export const COLLECTIONS: AssetKind<CollectionMembers> = assetKind({
  name: 'StorageCollection',
  what: 'storage collection',
  recordType: COLLECTION_TYPE,
  group: 'collections',
  filterTypes: { ...PUBLICATION_FILTERS, ...TRASH_FILTERS, ...MAX_FILTERS },
  filterDefaults: ['MAX_EXCLUDE'],
  members: { userIsolated: flag(false), syncControl: flag(false), permissions: permissionList },
  // Objects that were everybody's would become nobody's.
  fixed: ['userIsolated'],
  references: (asset) => ({ roles: rolesIn(asset.permissions) }),
  isTenant: true,
})

function rolesIn(list: readonly Permission[]): string[] {
  return [...new Set(list.map(({ role }) => role).filter((role) => role !== ANY_USER))]
}
