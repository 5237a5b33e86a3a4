import { BACKEND_TYPE } from '../../../engine/backend.ts'
import { ApiError } from '../../../errors.ts'
import type { StoredRecord } from '../../../storage/port.ts'
import { type ChangeOptions, changeAsset, unchanged } from '../../assets/change.ts'
import { presentShort } from '../../assets/dependencies.ts'
import { outcomeOf } from '../../assets/lifecycle.ts'
import { readAssets } from '../../assets/read.ts'
import type { ToolsContext } from '../../context.ts'
import { type BackendAsset, backendAssetOf, type Target } from '../backend.ts'
import { readBackendRecord } from '../read.ts'

const HOPS_MAX = 100

/** Where the calls of a backend go, or why they cannot go there. */
export async function targetOf(
  tools: ToolsContext,
  { targetBackendId }: Pick<BackendAsset, 'targetBackendId'>,
): Promise<Target> {
  if (targetBackendId === null) return { targetBackend: null, targetBackendError: null }
  const record = await backendWith(tools, targetBackendId)
  if (!record) {
    const gone = `The backend ${targetBackendId} that calls were rerouted to was purged.`
    return { targetBackend: null, targetBackendError: gone }
  }
  const { name, version, inTrash, inactive } = backendAssetOf(record)
  const fault = inTrash ? 'is in the trash' : inactive ? 'is inactive' : null
  return {
    targetBackend: presentShort(record),
    targetBackendError: fault && `${name} ${version}, which calls are rerouted to, ${fault}.`,
  }
}

/**
 * Reroutes the calls of a published backend to another one, or to itself again.
 *
 * @throws {ApiError} `asset_unknown`, `etag_stale`, `asset_frozen`, `target_invalid`
 */
export async function setTarget(
  tools: ToolsContext,
  id: string,
  { targetId, ...options }: ChangeOptions & { readonly targetId: string | null },
): Promise<BackendAsset> {
  await readBackendRecord(tools, id)
  const changed = await changeAsset(tools, id, options, async (before) => {
    outcomeOf(backendAssetOf(before), 'reroute')
    const chain = targetId === null ? [] : await chainFrom(tools, targetId, before.id)
    return {
      data: { targetBackendId: targetId?.toLowerCase() ?? null },
      happenings: [{ action: 'REROUTED', changed: ['targetBackend'] }],
      // Two changes that are sound alone could close a circle together.
      checks: chain.map(unchanged),
    }
  })
  return backendAssetOf(changed)
}

/** The backends that calls would pass from a target on. @throws {ApiError} `target_invalid` */
async function chainFrom(
  tools: ToolsContext,
  targetId: string,
  sourceId: string,
): Promise<StoredRecord[]> {
  const chain: StoredRecord[] = []
  let next: string | null = targetId.toLowerCase()
  while (next !== null) {
    if (next === sourceId || chain.length >= HOPS_MAX) {
      throw new ApiError('target_invalid', 'Calls would go round in a circle.')
    }
    const record = await backendWith(tools, next)
    if (chain.length === 0) requirePublished(record)
    if (!record) break
    chain.push(record)
    next = backendAssetOf(record).targetBackendId
  }
  return chain
}

function requirePublished(record: StoredRecord | null): void {
  if (!record) throw new ApiError('asset_unknown', 'There is no backend with the id of the target.')
  const { published, inTrash } = backendAssetOf(record)
  if (published && !inTrash) return
  throw new ApiError('target_invalid', 'The target must be published and not in the trash.')
}

async function backendWith(tools: ToolsContext, id: string): Promise<StoredRecord | null> {
  const [record] = await readAssets(tools, [id])
  return record?.type === BACKEND_TYPE ? record : null
}
