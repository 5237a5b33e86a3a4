import { flagMember } from '../assets/body.ts'
import { type AssetKind, assetKind } from '../assets/kind.ts'
import { MAX_FILTERS, PUBLICATION_FILTERS, TRASH_FILTERS } from '../list/filter-types.ts'

export type CollectionMembers = {
  /** Each user sees only their own objects. */
  readonly userIsolated: boolean
  /** Clients may keep copies. */
  readonly syncControl: boolean
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
  ownDefaults: { userIsolated: false, syncControl: false },
  readOwn: (body) => ({
    userIsolated: flagMember(body, 'userIsolated') ?? false,
    syncControl: flagMember(body, 'syncControl') ?? false,
  }),
  readOwnChanges: (body) => {
    const userIsolated = flagMember(body, 'userIsolated')
    const syncControl = flagMember(body, 'syncControl')
    return {
      ...(userIsolated !== null && { userIsolated }),
      ...(syncControl !== null && { syncControl }),
    }
  },
  // Objects that were everybody's would become nobody's.
  fixed: ['userIsolated'],
  isTenant: true,
})
