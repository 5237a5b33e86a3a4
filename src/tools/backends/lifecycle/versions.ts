import type { StoredRecord } from '../../../storage/port.ts'
import type { Copied, VersionFields } from '../../assets/versions.ts'
import { type BackendAsset, backendAssetOf, hiddenOf } from '../backend.ts'
import { newBackendRecord } from '../create.ts'
import { BACKENDS } from '../type.ts'

/**
 * A copy of a backend has its metadata, associations and settings, but new keys, and none of its
 * data or clients.
 */
export const COPIED_BACKENDS: Copied<BackendAsset> = { ...BACKENDS, copyOf }

function copyOf(
  original: StoredRecord,
  { version, comment }: VersionFields,
  made: { readonly actor: string; readonly at: number },
) {
  const { name, title, desc, max, oauth, basicAuth, roleAccess, analyticsAppGuid, ...rest } =
    backendAssetOf(original)
  const metadata = { name, title, desc, max, oauth, basicAuth, roleAccess, analyticsAppGuid }
  const providers = rest.identityProviders.map(({ id: _, ...provider }) => provider)
  return newBackendRecord({ ...metadata, version, actionComment: comment }, made, {
    identityProviders: providers,
    settings: hiddenOf(original).settings,
    apiIds: rest.apiIds,
    collectionIds: rest.collectionIds,
    appPolicies: rest.appPolicies,
  })
}
