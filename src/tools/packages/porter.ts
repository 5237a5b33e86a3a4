import type { NewRecord, StoredRecord, WriteOperation } from '../../storage/port.ts'
import type { Artifact } from '../artifacts/artifact.ts'
import type { Asset, AssetFields } from '../assets/asset.ts'
import { type Body, objectMember, requiredTextMember } from '../assets/body.ts'
import { NAME, readAssetFields, VERSION } from '../assets/fields.ts'
import type { AssetKind } from '../assets/kind.ts'
import type { Mention } from '../assets/references.ts'
import { type AssetTypeName, assetTypeNamed } from '../assets/types.ts'
import type { By } from '../audit/entry.ts'
import type { ToolsContext } from '../context.ts'

/** How assets of one type are put into packages and taken out of them. */
export type Porter = {
  /** What a package has of an asset: nothing that is secret, and no ids, which mean nothing elsewhere. */
  pack(tools: ToolsContext, record: StoredRecord): Promise<Packed>
  /**
   * Reads the same; what is wrong is told to the body.
   *
   * @throws {ApiError} for what takes more than the body to be found wrong
   */
  unpack(body: Body, unpacking: Unpacking): Promise<Draft>
}

export type Packed = { readonly content: object; readonly archive: Artifact | null }

export type Unpacking = {
  readonly tools: ToolsContext
  /** Where the archive of the asset is; `null` when the package has none. */
  readonly archivePath: string | null
}

/** An asset that a package has, read and not yet made. */
export type Draft = {
  /** Assets that it is tied to: without them it cannot be made. */
  readonly ties: readonly Mention[]
  /** Assets that it needs, and can be made without. */
  readonly needs: readonly Mention[]
  readonly roles: readonly string[]
  make(making: Making): Made
}

export type Making = {
  readonly by: By
  readonly id: string
  /** Why, for the history. */
  readonly comment: string
  /** Of an asset that the draft is tied to. */
  idOf(mention: Mention): string
  /** The implementation that an API is bound to; `null`: its mock. */
  readonly defaultId: string | null
  readonly artifact: Artifact | null
}

export type Made = { readonly record: NewRecord; readonly also: readonly WriteOperation[] }

/** The members that assets of all types have in a package. */
export function sharedContent({ name, version, title, desc, max }: Asset) {
  return { name, version, title, desc, max }
}

/** @param comment takes the place of what was said in the other installation */
export function sharedFields(body: Body): Omit<AssetFields, 'actionComment'> {
  const { actionComment: _, ...fields } = readAssetFields(body, '')
  return fields
}

/** An asset as it would be read if it were made of these; for what follows from its members. */
export function asRead<Own extends object>(
  kind: AssetKind<Own>,
  fields: Omit<AssetFields, 'actionComment'> & Own,
): Asset & Own {
  const record = kind.newRecord({ ...fields, actionComment: null }, { actor: '', at: 0 })
  return kind.read({ ...record, version: 1 })
}

/** An asset by name and version, as a member of another one. */
export function shortContent({ name, version }: Pick<Asset, 'name' | 'version'>) {
  return { name, version }
}

/** Reads the same. What a body says of the namespace is not asked: it follows from the type. */
export function mentionIn(body: Body, type: AssetTypeName): Mention {
  return {
    type,
    namespace: assetTypeNamed(type)?.namespace ?? null,
    name: requiredTextMember(body, 'name', NAME),
    version: requiredTextMember(body, 'version', VERSION),
  }
}

export function mentionMember(body: Body, name: string, type: AssetTypeName): Mention | null {
  const given = objectMember(body, name)
  return given && mentionIn(given, type)
}
