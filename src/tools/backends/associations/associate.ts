import { ApiError } from '../../../errors.ts'
import type { StoredRecord } from '../../../storage/port.ts'
import type { Asset } from '../../assets/asset.ts'
import { type ChangeOptions, changeAsset } from '../../assets/change.ts'
import type { HistoryAction } from '../../assets/history.ts'
import { outcomeOf } from '../../assets/lifecycle.ts'
import { readAssets, readOfType } from '../../assets/read.ts'
import type { AssetType } from '../../assets/types.ts'
import type { ToolsContext } from '../../context.ts'
import type { IfMatch } from '../../http/if-match.ts'
import { requireMatch } from '../../http/if-match.ts'
import { backendAssetOf } from '../backend.ts'
import { readBackendRecord } from '../read.ts'

/** What a backend can be associated with. */
export type Side = {
  readonly member: 'apiIds' | 'collectionIds'
  readonly type: AssetType & { present(asset: Asset): object }
  readonly added: HistoryAction
  readonly removed: HistoryAction
}

export type AssociationOptions = ChangeOptions & {
  readonly id: string
  readonly otherId: string
  readonly to: 'associated' | 'apart'
}

/**
 * Lets a draft backend's apps reach an API or a collection, or no longer. Both count the change.
 *
 * @returns the counters of the two, backend first
 * @throws {ApiError} `asset_unknown`, also when there is nothing to take apart; `etag_stale`,
 *   `asset_frozen`, `asset_blocked`
 */
export async function associate(
  tools: ToolsContext,
  side: Side,
  { id, otherId, to, ifMatch = null, ...acting }: AssociationOptions,
): Promise<readonly [backend: string, other: string]> {
  const before = await readBackendRecord(tools, id)
  const other = await readOfType(tools, side.type, otherId)
  if (to === 'associated' && backendAssetOf(before)[side.member].includes(other.id)) {
    requirePair(ifMatch, before, other)
    return [String(before.version), String(other.version)]
  }
  let otherVersion = 0
  const changed = await changeAsset(tools, id, acting, async (now) => {
    const otherNow = await readOfType(tools, side.type, otherId)
    requirePair(ifMatch, now, otherNow)
    otherVersion = otherNow.version + 1
    return decide(tools, side, { now, other: otherNow, to })
  })
  return [String(changed.version), String(otherVersion)]
}

/** The tag of both counters that replies carry, or that of the backend alone. */
function requirePair(ifMatch: IfMatch, backend: StoredRecord, other: StoredRecord): void {
  requireMatch(ifMatch, String(backend.version), `${backend.version},${other.version}`)
}

async function decide(
  tools: ToolsContext,
  { member, type, added, removed }: Side,
  { now, other, to }: { now: StoredRecord; other: StoredRecord; to: AssociationOptions['to'] },
) {
  const backend = backendAssetOf(now)
  outcomeOf(backend, 'associate')
  const rest = backend[member].filter((one) => one !== other.id)
  if (to === 'apart' && rest.length === backend[member].length) {
    throw new ApiError('asset_unknown', `The ${type.what} is not associated with the backend.`)
  }
  if (to === 'associated') await requireReachable(tools, type, { other, rest })
  const ids = to === 'associated' ? [...rest, other.id] : rest
  const happenings = [{ action: to === 'associated' ? added : removed, changed: [member] }]
  return {
    data: { [member]: ids },
    happenings,
    also: [{ before: other, keepsModified: true, happenings: [] }],
  }
}

/** Apps address APIs and collections by name: so there cannot be two of one name in a backend. */
async function requireReachable(
  tools: ToolsContext,
  type: AssetType,
  { other, rest }: { readonly other: StoredRecord; readonly rest: readonly string[] },
): Promise<void> {
  const { name, version, inTrash } = type.read(other)
  if (inTrash) throw new ApiError('asset_blocked', `${name} ${version} is in the trash.`)
  const twin = (await readAssets(tools, rest)).map(type.read).find((one) => one.name === name)
  if (!twin) return
  throw new ApiError(
    'asset_blocked',
    `The backend has ${name} ${twin.version} already; take that away before adding ${version}.`,
  )
}
