import { INSTANCE } from '../../engine/backend.ts'
import { ApiError } from '../../errors.ts'
import type { StoredRecord } from '../../storage/port.ts'
import type { ToolsContext } from '../context.ts'
import { ASSET_TYPES, type AssetType } from './types.ts'

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/**
 * The record of an asset of any type, also from the trash.
 *
 * @throws {ApiError} `asset_unknown`
 */
export async function readAsset(tools: ToolsContext, id: string): Promise<StoredRecord> {
  const [record] = await readAssets(tools, [id])
  if (!record) throw new ApiError('asset_unknown')
  return record
}

/**
 * As {@link readAsset}; of another type it is as good as unknown.
 *
 * @throws {ApiError} `asset_unknown`
 */
export async function readOfType(
  tools: ToolsContext,
  { recordType, what }: Pick<AssetType, 'recordType' | 'what'>,
  id: string,
): Promise<StoredRecord> {
  const [record] = await readAssets(tools, [id])
  if (record?.type === recordType) return record
  throw new ApiError('asset_unknown', `There is no ${what} with this id.`)
}

/** Those that exist, of whatever type. */
export async function readAssets(
  { store }: Pick<ToolsContext, 'store'>,
  ids: readonly string[],
): Promise<StoredRecord[]> {
  // An address may hold bytes that a database refuses, so only ids get as far as the store.
  const wanted = [...new Set(ids.map((id) => id.toLowerCase()))].filter((id) => UUID.test(id))
  if (wanted.length === 0) return []
  const found = await Promise.all(
    ASSET_TYPES.map(({ recordType }) => store.getMany(INSTANCE, recordType, wanted)),
  )
  return found.flat()
}
