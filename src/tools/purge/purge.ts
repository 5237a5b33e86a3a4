import { INSTANCE } from '../../engine/backend.ts'
import { numberKey } from '../../storage/keys.ts'
import {
  type NewRecord,
  type StoredRecord,
  WriteConflict,
  type WriteOperation,
} from '../../storage/port.ts'
import { belongingsOf } from '../assets/belongings.ts'
import { assetTypeOf } from '../assets/types.ts'
import type { ToolsContext } from '../context.ts'

/** What became of a purged asset: how far the removal of its data is, and who wanted it. */
const PURGE_TYPE = 'purge'

export const PURGE_JOB = 'tools.purge'

/** Records in one slice: few enough that other writers hardly wait. */
const SLICE = 500
const LIST_MAX = 1000

type PurgeData = {
  readonly name: string
  readonly version: string
  readonly state: 'RUNNING' | 'DONE'
  /** Records that are left; `null` before they were counted. */
  readonly recordsLeft: number | null
  readonly purgedBy: string
  readonly purgedOn: string
  readonly finishedOn: string | null
}

/** Removes an asset and, in a job of the same batch, all that belongs to it. */
export function purgeOperations(
  before: StoredRecord,
  { actor, at }: { readonly actor: string; readonly at: number },
): WriteOperation[] {
  const { name, version } = JSON.parse(before.data) as Pick<PurgeData, 'name' | 'version'>
  const data: PurgeData = {
    ...{ name, version, state: 'RUNNING', recordsLeft: null },
    ...{ purgedBy: actor, purgedOn: new Date(at).toISOString(), finishedOn: null },
  }
  const record: NewRecord = {
    ...{ backendId: INSTANCE, type: PURGE_TYPE, id: before.id, ownerId: null, aclId: null },
    ...{ createdAt: at, updatedAt: at, data: JSON.stringify(data), hidden: null, claims: [] },
    keys: { purgedOn: numberKey(at) },
  }
  // Not in the tenant that it removes: jobs go with their tenant.
  const job = {
    ...{ backendId: INSTANCE, id: `purge:${before.id}`, kind: PURGE_JOB, runAt: at },
    payload: JSON.stringify({
      assetId: before.id,
      isTenant: assetTypeOf(before).isTenant === true,
    }),
  }
  return [
    { op: 'delete', address: before, ifVersion: before.version },
    { op: 'insert', record },
    { op: 'enqueue', job },
  ]
}

export type PurgePayload = { readonly assetId: string; readonly isTenant: boolean }

/** Where a tenant's files are. */
export type TenantFiles = { deleteAll(prefix: string): Promise<void> }

/**
 * The job: removes the history of a purged asset and whatever else is kept for it, its files, and of
 * a backend every record and job of its tenant, slice by slice. Run again after a kill, it goes on
 * with what is left.
 */
export async function runPurge(
  tools: Pick<ToolsContext, 'store' | 'now'>,
  files: TenantFiles,
  { payload, signal }: { readonly payload: PurgePayload; readonly signal: AbortSignal },
): Promise<void> {
  const { assetId, isTenant } = payload
  await removeBelongings(tools, assetId, signal)
  if (isTenant) await removeTenant(tools, assetId, signal)
  await files.deleteAll(`${assetId}/`)
  // What ran while the backend went may have written once more.
  if (isTenant) await removeTenant(tools, assetId, signal)
  const finishedOn = new Date(tools.now()).toISOString()
  await note(tools, assetId, { state: 'DONE', recordsLeft: 0, finishedOn })
}

async function removeTenant(
  tools: Pick<ToolsContext, 'store' | 'now'>,
  tenant: string,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    signal.throwIfAborted()
    const left = await tools.store.purgeTenant(tenant, SLICE)
    if (left === 0) return
    await note(tools, tenant, { recordsLeft: left })
  }
}

async function removeBelongings(
  { store, now }: Pick<ToolsContext, 'store' | 'now'>,
  assetId: string,
  signal: AbortSignal,
): Promise<void> {
  for (const query of belongingsOf(assetId)) {
    for (;;) {
      signal.throwIfAborted()
      const { records } = await store.find({ ...query, limit: SLICE })
      if (records.length === 0) break
      const operations = records.map((address) => ({ op: 'delete', address }) as const)
      await store.write({ operations, actor: 'system', at: now() })
    }
  }
}

async function note(
  { store, now }: Pick<ToolsContext, 'store' | 'now'>,
  assetId: string,
  changes: Partial<PurgeData>,
): Promise<void> {
  const record = await store.get({ backendId: INSTANCE, type: PURGE_TYPE, id: assetId })
  if (!record) return
  const data = JSON.stringify({ ...(JSON.parse(record.data) as PurgeData), ...changes })
  const after = { ...record, data, updatedAt: now() }
  try {
    const operations = [{ op: 'replace', record: after, ifVersion: record.version }] as const
    await store.write({ operations, actor: 'system', at: now() })
  } catch (error) {
    // A run that was thought dead is still at it, and notes as much.
    if (!(error instanceof WriteConflict)) throw error
  }
}

/** The purges that were ordered, the latest first, and how far each is. */
export async function listPurges({ store }: Pick<ToolsContext, 'store'>) {
  const { records } = await store.find({
    backendId: INSTANCE,
    type: PURGE_TYPE,
    orderBy: [{ field: 'purgedOn', direction: 'desc' }],
    limit: LIST_MAX,
  })
  return records.map(({ id, data }) => ({ id, ...(JSON.parse(data) as PurgeData) }))
}
