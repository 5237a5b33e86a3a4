import type { NewRecord, StoredRecord } from '../../storage/port.ts'
import { toolsPath } from '../http/paths.ts'

/** What assets of every type share. Times are milliseconds since 1970, UTC. */
export type Asset = {
  /** UUID; each version of an asset has its own. */
  readonly id: string
  readonly name: string
  readonly version: string
  /** The display name. */
  readonly title: string | null
  readonly desc: string | null
  /** Of APIs and implementations; other types have none. */
  readonly namespace: string | null
  readonly max: boolean
  readonly published: boolean
  readonly inTrash: boolean
  readonly inactive: boolean
  readonly actionComment: string | null
  /** A counter as text: the version of the record. */
  readonly etag: string
  readonly createdOn: number
  readonly createdBy: string | null
  readonly modifiedOn: number
  readonly modifiedBy: string | null
  readonly deletedOn: number | null
  readonly deletedBy: string | null
}

/** The members that someone fills in. */
export type AssetFields = Pick<
  Asset,
  'name' | 'version' | 'title' | 'desc' | 'max' | 'actionComment'
>

/**
 * The part of `data` that assets of every type share. The record's own `updatedAt` moves with every
 * write, and trashing must not move `modifiedOn`: so it is kept here.
 */
type AssetData = Omit<Asset, 'id' | 'etag' | 'createdOn' | 'modifiedOn' | 'deletedOn'> & {
  readonly modifiedOn: string
  readonly deletedOn: string | null
}

/** `data` of a draft that `actor` makes now. */
export function draftData(
  { namespace = null, ...fields }: AssetFields & Partial<Pick<Asset, 'namespace'>>,
  actor: string,
  nowMs: number,
): AssetData {
  return {
    ...fields,
    namespace,
    published: false,
    inTrash: false,
    inactive: false,
    createdBy: actor,
    modifiedOn: new Date(nowMs).toISOString(),
    modifiedBy: actor,
    deletedOn: null,
    deletedBy: null,
  }
}

export function assetOf(record: StoredRecord): Asset {
  const data = JSON.parse(record.data) as AssetData
  return {
    id: record.id,
    name: data.name,
    version: data.version,
    title: data.title,
    desc: data.desc,
    namespace: data.namespace,
    max: data.max,
    published: data.published,
    inTrash: data.inTrash,
    inactive: data.inactive,
    actionComment: data.actionComment,
    etag: String(record.version),
    createdOn: record.createdAt,
    createdBy: data.createdBy,
    modifiedOn: Date.parse(data.modifiedOn),
    modifiedBy: data.modifiedBy,
    deletedOn: data.deletedOn === null ? null : Date.parse(data.deletedOn),
    deletedBy: data.deletedBy,
  }
}

/** The record of an asset that is being made; nobody owns it, since the whole team does. */
export function newAssetRecord(
  part: Pick<NewRecord, 'backendId' | 'type' | 'id' | 'data' | 'hidden' | 'claims' | 'keys'>,
  nowMs: number,
): NewRecord {
  return { ...part, ownerId: null, aclId: null, createdAt: nowMs, updatedAt: nowMs }
}

export type Link = { readonly rel: string; readonly href: string }

/**
 * The shared members as they go out. The order is that of the published example; what an asset has
 * not (title, description, namespace) is left out, but the three nulls below are always said.
 */
export function presentAsset(asset: Asset, links: readonly Link[]) {
  return {
    id: asset.id,
    name: asset.name,
    ...(asset.namespace !== null && { namespace: asset.namespace }),
    version: asset.version,
    ...(asset.title !== null && { title: asset.title }),
    ...(asset.desc !== null && { desc: asset.desc }),
    ...(asset.max && { max: true }),
    links,
    published: asset.published,
    inTrash: asset.inTrash,
    actionComment: asset.actionComment,
    etag: asset.etag,
    createdOn: timeText(asset.createdOn),
    ...(asset.createdBy !== null && { createdBy: asset.createdBy }),
    modifiedOn: timeText(asset.modifiedOn),
    modifiedBy: asset.modifiedBy,
    deletedOn: asset.deletedOn === null ? null : timeText(asset.deletedOn),
    deletedBy: asset.deletedBy,
  }
}

/** The links to the operations on many assets: their ids go into the body, not the address. */
export function batchLinks(): Link[] {
  return [
    'purgeDependencies',
    'purging',
    'trashDependencies',
    'trashing',
    'untrashDependencies',
    'untrashing',
  ].map((rel) => ({ rel, href: toolsPath('assets', rel) }))
}

function timeText(ms: number): string {
  return new Date(ms).toISOString()
}
