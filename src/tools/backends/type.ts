import { BACKEND_TYPE, INSTANCE } from '../../engine/backend.ts'
import { textKey } from '../../storage/keys.ts'
import type { AssetType } from '../assets/types.ts'
import { backendAssetOf, backendClaims, backendLinks } from './backend.ts'

/** More than sensible people reroute to one backend. */
const POINTING_MAX = 1000

/** Backends, as operations on assets of every type see them. */
export const BACKENDS: AssetType = {
  name: 'MobileBackend',
  recordType: BACKEND_TYPE,
  group: 'mobilebackends',
  read: backendAssetOf,
  links: backendLinks,
  claims: (record) => backendClaims(backendAssetOf(record)),
  keys: (record) => {
    const { targetBackendId } = backendAssetOf(record)
    return targetBackendId === null ? {} : { target: textKey(targetBackendId) }
  },
  // A target is no need: when it is gone, calls are simply not rerouted.
  needs: async (_tools, record) => ({
    assets: [],
    roles: backendAssetOf(record).roleAccess.roles,
    unresolved: [],
  }),
  usedBy: async ({ store }, { id }) => {
    const { records } = await store.find({
      backendId: INSTANCE,
      type: BACKEND_TYPE,
      where: { op: 'eq', field: 'target', value: textKey(id) },
      limit: POINTING_MAX,
    })
    return records.map((record) => ({ record, onlyPoints: true }))
  },
  entries: async ({ backends }) => (await backends.current()).entries,
}
