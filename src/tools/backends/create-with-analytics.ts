import { WriteConflict } from '../../storage/port.ts'
import { ANALYTICS_APPS, isTimeZone } from '../analytics/app.ts'
import { bodyOf } from '../assets/body.ts'
import { createAsset } from '../assets/create.ts'
import { type Acting, byOf } from '../audit/entry.ts'
import type { ToolsContext } from '../context.ts'
import { namedClaim } from '../named/named.ts'
import { namedCreation } from '../named/store.ts'
import { defaultVersion } from '../policies/known.ts'
import type { BackendAsset } from './backend.ts'
import { analyticsWish, createBackend, newBackendRecord, readBackendFields } from './create.ts'
import { BACKENDS } from './type.ts'

/**
 * Makes a backend as a body asks for it, and the analytics app that it names, in one batch. An app
 * that cannot be made is no reason not to make the backend, which then has none: there is one of
 * this name, or no such time zone.
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
  if (wish === null || !isTimeZone(wish.timeZone)) return createBackend(tools, fields, acting)
  const by = byOf(acting, tools.now())
  const app = namedCreation(ANALYTICS_APPS, wish, by)
  const record = newBackendRecord({ ...fields, analyticsAppGuid: app.id }, by)
  const made = { ...by, record, comment: fields.actionComment, also: app.operations }
  try {
    return await createAsset(tools, BACKENDS, made)
  } catch (error) {
    const { scope } = namedClaim(ANALYTICS_APPS, wish.name)
    if (!(error instanceof WriteConflict && error.scope === scope)) throw error
    return createBackend(tools, fields, acting)
  }
}
