import { randomUUID } from 'node:crypto'
import { INSTANCE } from '../../engine/backend.ts'
import type { NewRecord, StoredRecord } from '../../storage/port.ts'
import { toolsPath } from '../http/paths.ts'
import type { FilterTypes } from '../list/filter-types.ts'
import {
  type Asset,
  type AssetFields,
  assetOf,
  batchLinks,
  draftData,
  type Link,
  newAssetRecord,
  presentAsset,
} from './asset.ts'
import { nameClaim } from './fields.ts'
import { type Members, storedMembers } from './members.ts'
import { type References, referenceKeys } from './references.ts'
import type { AssetType } from './types.ts'
import type { Copied } from './versions.ts'

/** What a plain type of assets declares of itself. Its routes and its lifecycle derive from this. */
export type KindDeclaration<Own extends object> = Pick<
  AssetType,
  'name' | 'what' | 'recordType' | 'group' | 'isTenant'
> & {
  /** Where the assets have one. */
  readonly namespace?: string
  readonly filterTypes: FilterTypes<Asset & Own>
  /** Values of `filterType` that hold where none of the same axis is given. */
  readonly filterDefaults?: readonly string[]
  /** The members that only this type has. */
  readonly members: Members<Own>
  /** Those that stay as they were made. */
  readonly fixed?: readonly (keyof Own & string)[]
  /** Those that can still be changed when the asset is published. */
  readonly adjustable?: readonly (keyof Own & string)[]
  references?(asset: Asset & Own): References
  /** How the own members go out, if not as they are. */
  presentOwn?(asset: Asset & Own): object
  /** Addresses below that of the asset, besides those that all have. */
  readonly ownLinks?: readonly string[]
  /** Addresses elsewhere that belong to the asset. */
  moreLinks?(asset: Asset & Own): Link[]
}

/** A plain type of assets. */
export type AssetKind<Own extends object> = Copied<Asset & Own> &
  Pick<
    KindDeclaration<Own>,
    'filterTypes' | 'filterDefaults' | 'members' | 'fixed' | 'adjustable'
  > & {
    present(asset: Asset & Own): object
    /** The record of a draft. */
    newRecord(fields: AssetFields & Own, made: Made): NewRecord
  }

type Made = {
  readonly actor: string
  readonly at: number
  readonly id?: string
}

export function assetKind<Own extends object>(declared: KindDeclaration<Own>): AssetKind<Own> {
  const { namespace, members, presentOwn } = declared
  const ownNames = (Object.keys(members) as (keyof Own & string)[]).filter(
    (name) => !members[name].onlyAlone,
  )
  const references = (asset: Asset & Own) => declared.references?.(asset) ?? {}
  const claims = (asset: Asset) => (asset.inTrash ? [] : [nameClaim(declared.recordType, asset)])
  const read = (record: StoredRecord): Asset & Own => {
    const data = JSON.parse(record.data) as Partial<Own>
    return { ...assetOf(record), ...storedMembers(members, data) }
  }
  const links = (id: string) => linksOf(declared, id)
  const newRecord: AssetKind<Own>['newRecord'] = (fields, { actor, at, id = randomUUID() }) => {
    const draft = {
      ...fields,
      ...draftData({ ...sharedOf(fields), namespace: namespace ?? null }, actor, at),
    }
    const asset = { ...fields, namespace: namespace ?? null, inTrash: false } as Asset & Own
    return newAssetRecord(
      {
        ...{ backendId: INSTANCE, type: declared.recordType, id, hidden: null },
        data: JSON.stringify(draft),
        claims: claims(asset),
        keys: referenceKeys(references(asset)),
      },
      at,
    )
  }
  return {
    ...declared,
    read,
    links,
    claims,
    references,
    present: (asset) => ({
      ...presentAsset(asset, [...links(asset.id), ...(declared.moreLinks?.(asset) ?? [])]),
      ...(presentOwn ? presentOwn(asset) : pick(asset, ownNames)),
    }),
    newRecord,
    copyOf: (original, { version, comment }, made) => {
      const asset = read(original)
      return newRecord({ ...asset, ...sharedOf(asset), version, actionComment: comment }, made)
    },
  }
}

function sharedOf({ name, version, title, desc, max, actionComment }: AssetFields): AssetFields {
  return { name, version, title, desc, max, actionComment }
}

function linksOf(
  { group, ownLinks = [] }: Pick<KindDeclaration<object>, 'group' | 'ownLinks'>,
  id: string,
): Link[] {
  const own = (rel: string, ...parts: string[]): Link => ({
    rel,
    href: toolsPath(group, id, ...parts),
  })
  const common = ['dependencies', 'history', 'publication', 'reverseDependencies']
  return [
    own('canonical'),
    ...batchLinks(),
    ...[...common, ...ownLinks].map((rel) => own(rel, rel)),
  ]
}

function pick<T extends object>(from: T, names: readonly (keyof T)[]): Partial<T> {
  return Object.fromEntries(names.map((name) => [name, from[name]])) as Partial<T>
}
