import { randomUUID } from 'node:crypto'
import { ApiError } from '../../../errors.ts'
import { clientId as newClientId } from '../../../lib/ids.ts'
import { type ChangeOptions, changeAsset } from '../../assets/change.ts'
import { outcomeOf } from '../../assets/lifecycle.ts'
import type { ToolsContext } from '../../context.ts'
import { type BackendAsset, backendAssetOf } from '../backend.ts'
import { newAnonymousKey } from '../create.ts'
import { readBackendRecord } from '../read.ts'

export const KEY_SETS = ['oauth', 'basic'] as const

/** Each opens one door of a backend. */
export type KeySet = (typeof KEY_SETS)[number]

type Rules = {
  readonly history: string
  fresh(): { readonly data: object; readonly hidden: object }
  readonly none: { readonly data: object; readonly hidden: object }
  /** `null` when they were revoked. */
  present(backend: BackendAsset): object | null
}

const RULES: Readonly<Record<KeySet, Rules>> = {
  oauth: {
    history: 'oauthKeys',
    // The client id is renewed too: as the App Key it opens the data API without any secret.
    fresh: () => ({
      data: { clientId: newClientId() },
      hidden: { clientSecret: randomUUID() },
    }),
    none: { data: { clientId: null }, hidden: { clientSecret: null } },
    present: ({ clientId, clientSecret }) =>
      clientId === null || clientSecret === null
        ? null
        : { clientId, clientSecret: clientSecret.reveal() },
  },
  basic: {
    history: 'basicAuthKeys',
    fresh: () => ({
      data: { basicAuthBackendId: randomUUID() },
      hidden: { anonymousKey: newAnonymousKey() },
    }),
    none: { data: { basicAuthBackendId: null }, hidden: { anonymousKey: null } },
    present: ({ basicAuthBackendId, anonymousKey }) =>
      basicAuthBackendId === null || anonymousKey === null
        ? null
        : { basicAuthBackendId, anonymousKey: anonymousKey.reveal() },
  },
}

/** @throws {ApiError} `asset_unknown` */
export async function readKeys(tools: ToolsContext, id: string, set: KeySet) {
  const backend = backendAssetOf(await readBackendRecord(tools, id))
  return { backend, keys: keysOf(backend, set) }
}

/** @throws {ApiError} `keys_revoked` */
export function keysOf(backend: BackendAsset, set: KeySet): object {
  const keys = RULES[set].present(backend)
  if (!keys) throw new ApiError('keys_revoked')
  return keys
}

type KeyOptions = ChangeOptions & {
  readonly set: KeySet
  readonly to: 'fresh' | 'none'
}

/**
 * Replaces a set of keys, or takes it away; the old keys open nothing from then on. Also of a
 * published backend: a key that leaked must be replaceable.
 *
 * @throws {ApiError} `asset_unknown`, `etag_stale`, `asset_frozen`, and `keys_revoked` when there
 *   are none to take away
 */
export async function changeKeys(
  tools: ToolsContext,
  id: string,
  { set, to, ...options }: KeyOptions,
): Promise<BackendAsset> {
  await readBackendRecord(tools, id)
  const changed = await changeAsset(tools, id, options, (before) => {
    const backend = backendAssetOf(before)
    outcomeOf(backend, 'changeKeys')
    if (to === 'none') keysOf(backend, set)
    const { data, hidden } = to === 'fresh' ? RULES[set].fresh() : RULES[set].none
    const action = to === 'fresh' ? 'KEYS_REFRESHED' : 'KEYS_REVOKED'
    return {
      data: { ...data },
      hidden: { ...hidden },
      happenings: [{ action, changed: [RULES[set].history] }],
    }
  })
  return backendAssetOf(changed)
}
