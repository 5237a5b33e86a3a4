import { ApiError } from '../../errors.ts'
import type { StoredRecord } from '../../storage/port.ts'
import { APIS, type Api } from '../apis/api.ts'
import { type ChangeOptions, changeAsset, type Decision, unchanged } from '../assets/change.ts'
import { outcomeOf } from '../assets/lifecycle.ts'
import { readOfType } from '../assets/read.ts'
import type { ToolsContext } from '../context.ts'
import { IMPLEMENTATIONS } from './implementation.ts'

/**
 * Has an implementation take the calls of its API. Also of a published one, since this is what
 * policies may change about it.
 *
 * @throws {ApiError} `asset_unknown`, `etag_stale`, `asset_frozen`, `asset_blocked`
 */
export async function setDefault(
  tools: ToolsContext,
  apiId: string,
  { implementationId, ...options }: ChangeOptions & { readonly implementationId: string },
): Promise<Api> {
  await readOfType(tools, APIS, apiId)
  const changed = await changeAsset(tools, apiId, options, async (before) => {
    return defaultDecision(before, await readOfType(tools, IMPLEMENTATIONS, implementationId))
  })
  return APIS.read(changed)
}

/** @throws {ApiError} `asset_unknown`, `asset_frozen`, `asset_blocked` */
export function defaultDecision(
  apiRecord: StoredRecord,
  record: StoredRecord,
): Decision & Required<Pick<Decision, 'checks'>> {
  const api = APIS.read(apiRecord)
  const { id, name, version, apiId, inTrash, published } = IMPLEMENTATIONS.read(record)
  if (apiId !== api.id) {
    throw new ApiError('asset_unknown', `${name} ${version} implements another API.`)
  }
  outcomeOf(api, 'configure')
  if (inTrash) throw new ApiError('asset_blocked', `${name} ${version} is in the trash.`)
  if (api.published && !published) {
    const detail = `${api.name} ${api.version} is published, and ${name} ${version} is a draft; publish that first.`
    throw new ApiError('asset_blocked', detail)
  }
  return {
    data: { defaultImplementationId: id },
    happenings: [{ action: 'UPDATED', changed: ['defaultImplementationId'] }],
    checks: [unchanged(record)],
  }
}
