import { BACKEND_TYPE, INSTANCE } from '../../engine/backend.ts'
import { ApiError } from '../../errors.ts'
import type { StoredRecord } from '../../storage/port.ts'
import type { ToolsContext } from '../context.ts'
import { type BackendAsset, backendAssetOf } from './backend.ts'

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

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
  const address = { backendId: INSTANCE, type: BACKEND_TYPE, id: id.toLowerCase() }
  // An address may hold bytes that a database refuses, so only ids get as far as the store.
  const record = UUID.test(address.id) ? await tools.store.get(address) : null
  if (!record) throw new ApiError('asset_unknown')
  return record
}
