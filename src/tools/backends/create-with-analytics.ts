import { analyticsAppForNew, deleteAnalyticsApp } from '../analytics/store.ts'
import { bodyOf } from '../assets/body.ts'
import type { Acting } from '../audit/entry.ts'
import type { ToolsContext } from '../context.ts'
import { defaultVersion } from '../policies/known.ts'
import type { BackendAsset } from './backend.ts'
import { analyticsWish, createBackend, readBackendFields } from './create.ts'

/**
 * Makes a backend as a body asks for it, and the analytics app that it names. One that cannot be made
 * is no reason not to make the backend, which then has none.
 *
 * @throws {ApiError} `param_invalid`, `asset_exists`; then there is no analytics app either
 */
export async function createWithAnalytics(
  tools: ToolsContext,
  json: unknown,
  acting: Acting,
): Promise<BackendAsset> {
  const fields = readBackendFields(json, await defaultVersion(tools))
  const wish = fields.analyticsAppGuid === null ? analyticsWish(bodyOf(json)) : null
  const made = wish && (await analyticsAppForNew(tools, wish, acting))
  if (made === null) return createBackend(tools, fields, acting)
  try {
    return await createBackend(tools, { ...fields, analyticsAppGuid: made }, acting)
  } catch (error) {
    await deleteAnalyticsApp(tools, { id: made, ...acting })
    throw error
  }
}
