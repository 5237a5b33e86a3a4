import { INSTANCE } from '../../engine/backend.ts'
import { textKey } from '../../storage/keys.ts'
import type { Keys } from '../../storage/port.ts'

/** An entry for each change of an asset; only the purge of the asset removes them. */
export const HISTORY_TYPE = 'assetHistory'

/** A file that an asset has; the record says what it is, the file itself is in the blob store. */
export const ARTIFACT_TYPE = 'artifact'

/** What of an API is too long for lists of them. */
export const API_CONTENT_TYPE = 'customApiContent'

/** Records that are kept for an asset, and go with its purge. */
const BELONGINGS = [HISTORY_TYPE, ARTIFACT_TYPE, API_CONTENT_TYPE]

/** By what such a record is found. */
export function belongingKeys(assetId: string): Keys {
  return { asset: textKey(assetId) }
}

/** What finds those of an asset that are of one type. */
export function belongingOf(type: string, assetId: string) {
  const where = { op: 'eq', field: 'asset', value: textKey(assetId) } as const
  return { backendId: INSTANCE, type, where }
}

export function belongingsOf(assetId: string) {
  return BELONGINGS.map((type) => belongingOf(type, assetId))
}
