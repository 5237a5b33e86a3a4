import { BACKEND_TYPE } from '../../engine/backend.ts'
import type { AssetType } from '../assets/types.ts'
import { type BackendAsset, backendAssetOf, backendClaims, backendLinks } from './backend.ts'

/** Backends, as operations on assets of every type see them. */
export const BACKENDS: AssetType<BackendAsset> = {
  name: 'MobileBackend',
  what: 'backend',
  recordType: BACKEND_TYPE,
  group: 'mobilebackends',
  read: backendAssetOf,
  links: backendLinks,
  claims: backendClaims,
  references: ({ apiIds, collectionIds, roleAccess, targetBackendId }) => ({
    ids: [...apiIds, ...collectionIds],
    roles: roleAccess.roles,
    // A target is no need: when it is gone, calls are simply not rerouted.
    pointsAt: targetBackendId === null ? [] : [targetBackendId],
  }),
  isTenant: true,
}
