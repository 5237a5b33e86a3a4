import { BACKEND_TYPE } from '../../engine/backend.ts'
import { ApiError } from '../../errors.ts'
import type { StoredRecord } from '../../storage/port.ts'
import { readAsset } from '../assets/read.ts'
import type { ToolsContext } from '../context.ts'
import { type BackendAsset, backendAssetOf } from './backend.ts'

/**
 * A backend by its id, also from the trash.
 *
 * @throws {ApiError} `asset_unknown`
 */
export async function readBackend(tools: ToolsContext, id: string): Promise<BackendAsset> {
  return backendAssetOf(await readBackendRecord(tools, id))
}

/** @throws {ApiError} `asset_unknown` */
export async function readBackendRecord(tools: ToolsContext, id: string): Promise<StoredRecord> {
  const record = await readAsset(tools, id)
  if (record.type !== BACKEND_TYPE) throw new ApiError('asset_unknown')
  return record
}
