import type { NewRecord, StoredRecord } from '../../storage/port.ts'
import type { ToolsContext } from '../context.ts'
import { requireMatch } from '../http/if-match.ts'
import type { Asset } from './asset.ts'
import { bodyOf, refuseBad, requiredTextMember, textMember } from './body.ts'
import { type ChangeOptions, retrying, unchanged } from './change.ts'
import { createAsset } from './create.ts'
import { ACTION_COMMENT, VERSION } from './fields.ts'
import { outcomeOf } from './lifecycle.ts'
import { readOfType } from './read.ts'
import type { AssetType } from './types.ts'

export type VersionFields = { readonly version: string; readonly comment: string | null }

type Made = { readonly actor: string; readonly at: number }

/** A type whose assets can be copied. */
export type Copied<A extends Asset> = AssetType<A> & {
  /** The record of a draft under another version. */
  copyOf(original: StoredRecord, fields: VersionFields, made: Made): NewRecord
}

/** @throws {ApiError} `param_invalid` */
export function readVersionFields(json: unknown): VersionFields {
  const body = bodyOf(json)
  const version = requiredTextMember(body, 'version', VERSION)
  const comment = textMember(body, 'actionComment', ACTION_COMMENT)
  refuseBad(body)
  return { version, comment }
}

/**
 * Makes a draft that is a copy of an asset under another version. The original stays as it is.
 *
 * @throws {ApiError} `asset_unknown`, `etag_stale`, `asset_frozen`, `asset_exists`
 */
export function createVersion<A extends Asset>(
  tools: ToolsContext,
  type: Copied<A>,
  { id, ifMatch = null, ...options }: ChangeOptions & VersionFields & { readonly id: string },
): Promise<A> {
  return retrying(async () => {
    const original = await readOfType(tools, type, id)
    requireMatch(ifMatch, String(original.version))
    outcomeOf(type.read(original), 'copyToVersion')
    const record = type.copyOf(original, options, { ...options, at: tools.now() })
    return createAsset(tools, type, { ...options, record, also: [unchanged(original)] })
  })
}
