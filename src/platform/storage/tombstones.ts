import { dateKey } from '../../storage/keys.ts'
import { WriteConflict } from '../../storage/port.ts'
import type { PlatformContext } from '../context.ts'
import type { Collection } from './collections.ts'
import { OBJECT_TYPE } from './object.ts'

/** No client keeps a copy, and its tag, for longer than it can be sure of. */
const KEPT_MS = 90 * 86_400_000
const SWEEP = 20

/**
 * Forgets some objects that were deleted long ago. Each deletion calls it, so their number stays
 * bounded by that of recent deletions, and no timer is needed.
 */
export async function sweepTombstones(
  { store, now }: PlatformContext,
  { id: backendId }: Pick<Collection, 'id'>,
): Promise<void> {
  const at = now()
  const { records } = await store.find({
    ...{ backendId, type: OBJECT_TYPE, limit: SWEEP },
    where: { op: 'lt', field: 'goneOn', value: dateKey(at - KEPT_MS) },
  })
  if (records.length === 0) return
  const operations = records.map(
    (record) => ({ op: 'delete', address: record, ifVersion: record.version }) as const,
  )
  try {
    await store.write({ operations, actor: 'system', at })
  } catch (error) {
    // One of them has come back, or someone else sweeps the same ones.
    if (!(error instanceof WriteConflict)) throw error
  }
}
