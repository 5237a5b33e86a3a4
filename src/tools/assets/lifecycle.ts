import { ApiError } from '../../errors.ts'
import type { Asset } from './asset.ts'

/** An asset in the trash remembers whether it was published: `published` stays as it is. */
export type AssetState = 'draft' | 'published' | 'trashed'

export type AssetAction =
  | 'edit'
  | 'associate'
  | 'publish'
  | 'deactivate'
  | 'activate'
  | 'changeKeys'
  | 'configure'
  | 'copyToVersion'
  | 'reroute'
  | 'trash'
  | 'untrash'
  | 'purge'

type Outcome = 'stays' | 'published' | 'trashed' | 'restored' | 'gone'

type Table = Readonly<Record<AssetState, Readonly<Partial<Record<AssetAction, Outcome>>>>>

/**
 * The whole lifecycle of assets of every type: what may be done in which state, and what becomes of
 * the asset. A pair that is not listed is refused. There is no way back from published to draft; a
 * leaked key must be replaceable in any live state, and settings are the owner's, though published
 * assets are frozen otherwise.
 */
const LIFECYCLE: Table = {
  draft: {
    edit: 'stays',
    associate: 'stays',
    publish: 'published',
    deactivate: 'stays',
    activate: 'stays',
    changeKeys: 'stays',
    configure: 'stays',
    copyToVersion: 'stays',
    trash: 'trashed',
  },
  published: {
    deactivate: 'stays',
    activate: 'stays',
    changeKeys: 'stays',
    configure: 'stays',
    copyToVersion: 'stays',
    reroute: 'stays',
    trash: 'trashed',
  },
  trashed: { untrash: 'restored', purge: 'gone' },
}

/** Only these roles may take the action; other actions are open to every developer. */
export const ADMINISTRATORS_ONLY: ReadonlySet<AssetAction> = new Set<AssetAction>(['purge'])

export function stateOf(asset: Pick<Asset, 'published' | 'inTrash'>): AssetState {
  if (asset.inTrash) return 'trashed'
  return asset.published ? 'published' : 'draft'
}

/** @throws {ApiError} `asset_frozen`, naming what is allowed instead */
export function outcomeOf(
  asset: Pick<Asset, 'name' | 'version' | 'published' | 'inTrash'>,
  action: AssetAction,
): Outcome {
  const state = stateOf(asset)
  const outcome = LIFECYCLE[state][action]
  if (outcome) return outcome
  const allowed = Object.keys(LIFECYCLE[state]).join(', ')
  throw new ApiError(
    'asset_frozen',
    `Cannot ${action} ${asset.name} ${asset.version}: it is ${state}; allowed: ${allowed}.`,
  )
}
