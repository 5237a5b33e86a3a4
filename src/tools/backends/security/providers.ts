import { ApiError } from '../../../errors.ts'
import {
  bodyOf,
  flagMember,
  objectMember,
  refuseBad,
  requiredTextMember,
} from '../../assets/body.ts'
import { type ChangeOptions, changeAsset } from '../../assets/change.ts'
import { outcomeOf } from '../../assets/lifecycle.ts'
import type { ToolsContext } from '../../context.ts'
import { type BackendAsset, backendAssetOf, type IdentityProvider } from '../backend.ts'
import { readBackendRecord } from '../read.ts'

const KEY = {
  charactersMax: 100,
  pattern: /^[A-Za-z0-9][\w.-]*$/,
  form: 'the name of a key: letters, digits, dots, hyphens and underscores',
}

type ProviderChanges = Partial<Pick<IdentityProvider, 'enabled' | 'credential'>>

/** @throws {ApiError} `param_invalid` */
export function readProviderChanges(json: unknown): ProviderChanges {
  const body = bodyOf(json)
  const enabled = flagMember(body, 'enabled')
  const credential = objectMember(body, 'credential')
  const key = credential && requiredTextMember(credential, 'key', KEY)
  refuseBad(body)
  return {
    ...(enabled !== null && { enabled }),
    ...(Object.hasOwn(body.members, 'credential') && {
      credential: key === null ? null : { key },
    }),
  }
}

/**
 * Switches an identity provider of a draft, or names the key that holds its secret.
 *
 * @throws {ApiError} `asset_unknown`, `provider_unknown`, `param_invalid`, `etag_stale`,
 *   `asset_frozen`
 */
export async function updateProvider(
  tools: ToolsContext,
  id: string,
  options: ChangeOptions & { readonly providerId: string; readonly changes: ProviderChanges },
): Promise<BackendAsset> {
  await readBackendRecord(tools, id)
  const changed = await changeAsset(tools, id, options, (before) => {
    const backend = backendAssetOf(before)
    const wanted = options.providerId.toLowerCase()
    const provider = backend.identityProviders.find((one) => one.id === wanted)
    if (!provider) throw new ApiError('provider_unknown')
    outcomeOf(backend, 'edit')
    const after = { ...provider, ...options.changes }
    if (after.enabled && !after.credential) {
      throw new ApiError('param_invalid', 'A provider without a credential cannot be enabled.')
    }
    const all = backend.identityProviders.map((one) => (one === provider ? after : one))
    return {
      data: { identityProviders: all },
      happenings: [{ action: 'UPDATED', changed: ['identityProviders'] }],
    }
  })
  return backendAssetOf(changed)
}
