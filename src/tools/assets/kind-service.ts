import { ApiError } from '../../errors.ts'
import type { Acting } from '../audit/entry.ts'
import type { ToolsContext } from '../context.ts'
import { defaultVersion } from '../policies/known.ts'
import type { Asset, AssetFields } from './asset.ts'
import { bodyOf, refuseBad } from './body.ts'
import type { ChangeOptions } from './change.ts'
import { createAsset } from './create.ts'
import { type AssetChanges, readAssetFields } from './fields.ts'
import type { AssetKind } from './kind.ts'
import { readMembers } from './members.ts'
import { createVersion, type VersionFields } from './versions.ts'

/** What of a type takes more than its declaration. */
export type KindRules<Own extends object> = {
  /**
   * Refuses what cannot be told from a body alone.
   * @throws {ApiError}
   */
  check?(members: Partial<Own>): Promise<void>
  /** Makes one, if a record of its own is not all that comes to be; `null`: not by POST. */
  create?: ((fields: AssetFields & Own, acting: Acting) => Promise<Asset & Own>) | null
  /** Changes one, if its own record is not all that becomes another. */
  change?(options: ChangeOf<Own>): Promise<Asset & Own>
  /** Copies one, if its own record is not all that is copied; `null`: there are no copies. */
  copy?: ((options: CopyOptions) => Promise<Asset & Own>) | null
  /** The members that are told of one asset by itself. */
  presentAlone?(asset: Asset & Own): Promise<object>
}

type ChangeOf<Own> = ChangeOptions & {
  readonly id: string
  readonly changes: Partial<AssetChanges> & Partial<Own>
}

type CopyOptions = ChangeOptions & VersionFields & { readonly id: string }

/** A type as it is served: what it declares, and what it takes more. */
export type ServedKind<Own extends object> = {
  readonly kind: AssetKind<Own>
  readonly rules: KindRules<Own>
}

/**
 * Makes one of what a client sends.
 *
 * @throws {ApiError} `param_invalid`, naming every member that is wrong; `asset_exists`
 */
export async function createOfKind<Own extends object>(
  tools: ToolsContext,
  { kind, rules }: ServedKind<Own>,
  { json, ...acting }: Acting & { readonly json: unknown },
): Promise<Asset & Own> {
  if (rules.create === null) throw new ApiError('method_not_allowed')
  const fields = readFields(kind, json, await defaultVersion(tools))
  await rules.check?.(fields)
  if (rules.create) return rules.create(fields, acting)
  const record = kind.newRecord(fields, { ...acting, at: tools.now() })
  return createAsset(tools, kind, { ...acting, record, comment: fields.actionComment })
}

/** Copies one to a draft of another version. @throws {ApiError} as {@link createVersion} */
export function copyOfKind<Own extends object>(
  tools: ToolsContext,
  { kind, rules }: ServedKind<Own>,
  options: CopyOptions,
): Promise<Asset & Own> {
  if (rules.copy === null) throw new ApiError('method_not_allowed')
  return rules.copy ? rules.copy(options) : createVersion(tools, kind, options)
}

/** @throws {ApiError} `param_invalid`, naming every member that is wrong */
function readFields<Own extends object>(
  kind: AssetKind<Own>,
  json: unknown,
  version: string,
): AssetFields & Own {
  const body = bodyOf(json)
  const fields = { ...readAssetFields(body, version), ...readMembers(kind.members, body) }
  refuseBad(body)
  return fields
}
