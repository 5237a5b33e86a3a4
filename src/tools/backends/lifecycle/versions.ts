import { type StoredRecord, WriteConflict } from '../../../storage/port.ts'
import { bodyOf, refuseBad, requiredTextMember, textMember } from '../../assets/body.ts'
import { type ChangeOptions, creationOperations, retrying, unchanged } from '../../assets/change.ts'
import { ACTION_COMMENT, VERSION } from '../../assets/fields.ts'
import { outcomeOf } from '../../assets/lifecycle.ts'
import type { ToolsContext } from '../../context.ts'
import { requireMatch } from '../../http/if-match.ts'
import { type BackendAsset, backendAssetOf, hiddenOf } from '../backend.ts'
import { isNameTaken, nameTaken, newBackendRecord } from '../create.ts'
import { readBackendRecord } from '../read.ts'

type VersionOptions = ChangeOptions & {
  readonly version: string
  readonly comment: string | null
}

/** @throws {ApiError} `param_invalid` */
export function readVersionFields(json: unknown): Pick<VersionOptions, 'version' | 'comment'> {
  const body = bodyOf(json)
  const version = requiredTextMember(body, 'version', VERSION)
  const comment = textMember(body, 'actionComment', ACTION_COMMENT)
  refuseBad(body)
  return { version, comment }
}

/**
 * Makes a draft that is a copy of a backend under another version: its metadata and settings, but
 * new keys, and none of its data or clients. The original stays as it is.
 *
 * @throws {ApiError} `asset_unknown`, `etag_stale`, `asset_frozen`, `asset_exists`
 */
export function createVersion(
  tools: ToolsContext,
  id: string,
  { ifMatch = null, actor, version, comment }: VersionOptions,
): Promise<BackendAsset> {
  return retrying(async () => {
    const original = await readBackendRecord(tools, id)
    requireMatch(ifMatch, String(original.version))
    outcomeOf(backendAssetOf(original), 'copyToVersion')
    const at = tools.now()
    const record = copyOf(original, { version, comment }, { actor, at })
    const created = { action: 'CREATED', comment } as const
    const operations = [...creationOperations(record, created, { actor, at }), unchanged(original)]
    try {
      await tools.store.write({ operations, actor, at })
    } catch (error) {
      if (!(error instanceof WriteConflict && isNameTaken(error))) throw error
      throw nameTaken({ name: backendAssetOf(original).name, version }, error)
    }
    return backendAssetOf({ ...record, version: 1 })
  })
}

function copyOf(
  original: StoredRecord,
  { version, comment }: Pick<VersionOptions, 'version' | 'comment'>,
  made: { readonly actor: string; readonly at: number },
) {
  const { name, title, desc, max, oauth, basicAuth, roleAccess, analyticsAppGuid, ...rest } =
    backendAssetOf(original)
  const metadata = { name, title, desc, max, oauth, basicAuth, roleAccess, analyticsAppGuid }
  const providers = rest.identityProviders.map(({ id: _, ...provider }) => provider)
  return newBackendRecord({ ...metadata, version, actionComment: comment }, made, {
    identityProviders: providers,
    settings: hiddenOf(original).settings,
  })
}
