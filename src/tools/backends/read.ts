import type { StoredRecord } from '../../storage/port.ts'
import { readOfType } from '../assets/read.ts'
import type { ToolsContext } from '../context.ts'
import { type BackendAsset, backendAssetOf } from './backend.ts'
import { BACKENDS } from './type.ts'

/**
 * A backend by its id, also from the trash.
 *
 * @throws {ApiError} `asset_unknown`
 */
export async function readBackend(tools: ToolsContext, id: string): Promise<BackendAsset> {
  return backendAssetOf(await readBackendRecord(tools, id))
}

/** @throws {ApiError} `asset_unknown` */
export function readBackendRecord(tools: ToolsContext, id: string): Promise<StoredRecord> {
  return readOfType(tools, BACKENDS, id)
}
