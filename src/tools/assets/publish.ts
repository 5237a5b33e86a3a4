import { ApiError } from '../../errors.ts'
import type { StoredRecord } from '../../storage/port.ts'
import type { ToolsContext } from '../context.ts'
import type { Asset } from './asset.ts'
import { type ChangeOptions, changeAsset, type Decision, unchanged } from './change.ts'
import { allNeeds, type Needs, presentNeeds, presentReference } from './dependencies.ts'
import { outcomeOf, stateOf } from './lifecycle.ts'
import { readOfType } from './read.ts'
import { type AssetType, assetTypeOf } from './types.ts'

/** An asset, and the state of it that someone means. */
export type AssetMention = { readonly id: string; readonly etag: string | null }

export type PublishOptions = ChangeOptions & {
  readonly comment: string | null
  /** The drafts that may be published along. */
  readonly agreed: readonly AssetMention[]
}

/** Whether an asset could be published now, and with which drafts. @throws `asset_unknown` */
export async function publicationOf(tools: ToolsContext, type: AssetType, id: string) {
  const record = await readOfType(tools, type, id)
  const needs = await allNeeds(tools, record)
  const { published } = type.read(record)
  const state = stateOf(type.read(record))
  const drafts = draftsOf(needs)
  return {
    published,
    publishable: state === 'draft' && obstacles(needs).length === 0 && drafts.length === 0,
    dependencies: presentNeeds({ assets: drafts }),
    unresolvedDependencies: needs.unresolved,
  }
}

/**
 * Publishes an asset for good, and with it the drafts that it needs if the caller agreed to them.
 *
 * @throws {ApiError} `asset_unknown`, `etag_stale`, `asset_frozen`, `dependency_unpublished`,
 *   `asset_blocked`
 */
export async function publishAsset<A extends Asset>(
  tools: ToolsContext,
  type: AssetType<A>,
  { id, ...options }: PublishOptions & { readonly id: string },
): Promise<A> {
  await readOfType(tools, type, id)
  return type.read(
    await changeAsset(tools, id, options, (before) => decidePublish(tools, before, options)),
  )
}

async function decidePublish(
  tools: ToolsContext,
  before: StoredRecord,
  { comment, agreed }: PublishOptions,
): Promise<Decision> {
  outcomeOf(assetTypeOf(before).read(before), 'publish')
  const needs = await allNeeds(tools, before)
  const [obstacle] = obstacles(needs)
  if (obstacle) throw new ApiError('asset_blocked', obstacle)
  const drafts = draftsOf(needs)
  refuseUnless(drafts, agreed)
  const change = {
    data: { published: true, ...(comment !== null && { actionComment: comment }) },
    happenings: [{ action: 'PUBLISHED', comment }] as const,
  }
  const published = needs.assets.filter((one) => !drafts.includes(one))
  return {
    ...change,
    also: drafts.map((one) => ({ ...change, before: one })),
    checks: published.map(unchanged),
  }
}

/** The drafts that an asset needs: what has to be agreed to when it is published. */
export async function draftsNeeded(
  tools: ToolsContext,
  record: StoredRecord,
): Promise<StoredRecord[]> {
  return draftsOf(await allNeeds(tools, record))
}

function draftsOf({ assets }: Pick<Needs, 'assets'>): StoredRecord[] {
  return assets.filter((record) => !assetTypeOf(record).read(record).published)
}

function obstacles({ assets, unresolved }: Pick<Needs, 'assets' | 'unresolved'>): string[] {
  const trashed = assets.filter((record) => assetTypeOf(record).read(record).inTrash)
  return [
    ...trashed.map((record) => `${titleOf(record)} is in the trash.`),
    ...unresolved.map(({ name, version }) => `Nothing matches ${name} ${version}.`),
  ]
}

function refuseUnless(drafts: readonly StoredRecord[], agreed: readonly AssetMention[]): void {
  const mentions = new Map(agreed.map(({ id, etag }) => [id.toLowerCase(), etag]))
  const missing = drafts.filter(({ id }) => !mentions.has(id))
  if (missing.length > 0) {
    const detail = `Publish these too, or first: ${missing.map(titleOf).join(', ')}.`
    const details = { title: 'Drafts', detail, assets: missing.map(presentReference) }
    throw new ApiError('dependency_unpublished', detail, { details })
  }
  const stale = drafts.some(({ id, version }) => {
    const etag = mentions.get(id) ?? null
    return etag !== null && etag !== String(version)
  })
  if (stale) throw new ApiError('etag_stale')
}

function titleOf(record: StoredRecord): string {
  const { name, version } = assetTypeOf(record).read(record)
  return `${assetTypeOf(record).name} ${name} ${version}`
}
