import { BACKEND_TYPE, INSTANCE } from '../../engine/backend.ts'
import { ApiError } from '../../errors.ts'
import type { ToolsContext } from '../context.ts'
import type { BackendAsset } from './backend.ts'
import { BACKEND_DEFAULTS, createBackend } from './create.ts'

const FIRST = { ...BACKEND_DEFAULTS, name: 'first', title: 'First backend' }

/**
 * Makes a backend on an installation that has none, so that a first call can be made at once.
 *
 * @returns it with its keys, or `null` when there was one before: keys are printed once
 */
export async function ensureFirstBackend(tools: ToolsContext): Promise<BackendAsset | null> {
  const { count } = await tools.store.count({ backendId: INSTANCE, type: BACKEND_TYPE, upTo: 1 })
  if (count > 0) return null
  try {
    return await createBackend(tools, FIRST, 'system')
  } catch (error) {
    // Another server on the same database was quicker.
    if (error instanceof ApiError && error.code === 'asset_exists') return null
    throw error
  }
}
