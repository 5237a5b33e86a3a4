import { INSTANCE } from '../../../engine/backend.ts'
import { ApiError } from '../../../errors.ts'
import type { StoredRecord } from '../../../storage/port.ts'
import type { ToolsContext } from '../../context.ts'
import { requireAllowed } from '../../policies/known.ts'
import type { Scope } from '../../policies/policy.ts'
import type { Asset } from '../asset.ts'
import { dependenciesOf, dependentsOf, partsOf, reachable } from '../dependencies.ts'
import { nameClaim } from '../fields.ts'
import { type AssetAction, outcomeOf } from '../lifecycle.ts'
import { readAssets } from '../read.ts'
import { assetTypeOf } from '../types.ts'

export type BatchAction = Extract<AssetAction, 'trash' | 'untrash' | 'purge'>

/** How much is told; `forced` also takes in what hangs below. */
export const FORMATS = ['short', 'graph', 'forced'] as const

export type Format = (typeof FORMATS)[number]

/** One asset of a batch: what stands in its way, and those it hangs together with. */
export type Member = {
  readonly record: StoredRecord
  readonly error: ApiError | null
  /** Below it: all of them, or those that stand in the way. */
  readonly dependencies: readonly StoredRecord[]
  /** Above it, likewise. */
  readonly reverseDependencies: readonly StoredRecord[]
}

type Asked = {
  readonly action: BatchAction
  readonly ids: readonly string[]
  readonly format: Format
}

const POLICIES = {
  trash: 'Asset_AllowTrash',
  untrash: 'Asset_AllowUntrash',
  purge: 'Asset_AllowPurge',
} as const

/**
 * What would become of a batch, asset by asset.
 *
 * @throws {ApiError} `asset_unknown`, naming the ids that there are not
 */
export async function planBatch(tools: ToolsContext, asked: Asked): Promise<Member[]> {
  const found = await readAssets(tools, asked.ids)
  const known = new Set(found.map(({ id }) => id))
  const unknown = asked.ids.filter((id) => !known.has(id.toLowerCase()))
  if (unknown.length > 0) {
    const named = unknown.slice(0, 5).map((id) => id.slice(0, 60))
    throw new ApiError('asset_unknown', `There is no asset with the id ${named.join(', ')}.`)
  }
  // Parts share the fate of the whole.
  const parts = await reachable(found, (one) => partsAlong(tools, one, asked.action))
  const wholes = [...found, ...parts]
  const batch = asked.format === 'forced' ? [...wholes, ...(await ownBelow(tools, wholes))] : wholes
  return Promise.all(batch.map((record) => planMember(tools, record, { ...asked, batch })))
}

/** A part that went into the trash by itself stays there when the whole is restored. */
async function partsAlong(
  tools: ToolsContext,
  whole: StoredRecord,
  action: BatchAction,
): Promise<StoredRecord[]> {
  const parts = await partsOf(tools, whole)
  if (action !== 'untrash') return parts
  const { deletedOn } = assetOf(whole)
  return parts.filter((part) => assetOf(part).deletedOn === deletedOn)
}

/** What hangs below a batch and is used by nobody else. */
async function ownBelow(
  tools: ToolsContext,
  batch: readonly StoredRecord[],
): Promise<StoredRecord[]> {
  let below = await reachable(batch, (one) => allBelow(tools, one))
  // Whoever stays may keep another one that hangs below it.
  for (let before = -1; before !== below.length; ) {
    before = below.length
    const going = new Set([...batch, ...below].map(({ id }) => id))
    const shared = await Promise.all(
      below.map(async (one) =>
        (await dependentsOf(tools, one)).some(({ record }) => !going.has(record.id)),
      ),
    )
    below = below.filter((_, at) => !shared[at])
  }
  return below
}

async function allBelow(tools: ToolsContext, record: StoredRecord): Promise<StoredRecord[]> {
  const { assets, parts } = await dependenciesOf(tools, record)
  return [...assets, ...parts]
}

type Batch = Asked & { readonly batch: readonly StoredRecord[] }

async function planMember(
  tools: ToolsContext,
  record: StoredRecord,
  asked: Batch,
): Promise<Member> {
  const blockers = await blockersOf(tools, record, asked)
  const error = await errorOf(tools, record, { ...asked, blockers })
  const downward = asked.action === 'untrash'
  if (asked.format !== 'graph') {
    const dependencies = downward ? blockers : []
    return { record, error, dependencies, reverseDependencies: downward ? [] : blockers }
  }
  const [dependencies, reverseDependencies] = await Promise.all([
    reachable([record], (one) => allBelow(tools, one)),
    reachable([record], async (one) => (await dependentsOf(tools, one)).map((user) => user.record)),
  ])
  return { record, error, dependencies, reverseDependencies }
}

/** Those outside of the batch that forbid the action, whatever its own state. */
async function blockersOf(
  tools: ToolsContext,
  record: StoredRecord,
  { action, format, batch }: Batch,
): Promise<StoredRecord[]> {
  const inBatch = new Set(batch.map(({ id }) => id))
  const outside = (one: StoredRecord) => !inBatch.has(one.id)
  if (action === 'untrash') {
    const { assets } = await dependenciesOf(tools, record)
    const whole = await readAssets(tools, wholesOf(record))
    return [...assets, ...whole].filter((one) => outside(one) && assetOf(one).inTrash)
  }
  if (action === 'trash' && assetOf(record).inTrash) return []
  const users = await dependentsOf(tools, record)
  // Who only points at it can do without, if the caller means it.
  const bound = users.filter(({ onlyPoints }) => !(onlyPoints && format === 'forced'))
  const records = bound.map((user) => user.record).filter(outside)
  return action === 'trash' ? records.filter((one) => !assetOf(one).inTrash) : records
}

/** The asset that another one is a part of. */
function wholesOf(record: StoredRecord): string[] {
  const { partOf } = assetTypeOf(record).references(assetOf(record))
  return partOf ? [partOf] : []
}

async function errorOf(
  tools: ToolsContext,
  record: StoredRecord,
  asked: Batch & { readonly blockers: readonly StoredRecord[] },
): Promise<ApiError | null> {
  const { action, blockers } = asked
  const asset = assetOf(record)
  // What is in the trash already is left as it is.
  if (action === 'trash' && asset.inTrash) return null
  try {
    outcomeOf(asset, action)
    const { published } = asset
    await requireAllowed(tools, POLICIES[action], { published, scope: scopeOf(record) })
    if (action === 'untrash') await requireFreeName(tools, record, asked.batch)
  } catch (error) {
    if (error instanceof ApiError) return error
    throw error
  }
  return blockers.length > 0 ? new ApiError('asset_blocked', sentence(action, blockers)) : null
}

function sentence(action: BatchAction, blockers: readonly StoredRecord[]): string {
  const named = blockers.slice(0, 5).map((one) => `${assetOf(one).name} ${assetOf(one).version}`)
  const more = blockers.length > 5 ? ` and ${blockers.length - 5} more` : ''
  return action === 'untrash'
    ? `It needs what is in the trash: ${named.join(', ')}${more}.`
    : `It is used by ${named.join(', ')}${more}.`
}

/** @throws {ApiError} `asset_exists` when another took the name, or is to be given it too */
async function requireFreeName(
  { store }: ToolsContext,
  record: StoredRecord,
  batch: readonly StoredRecord[],
): Promise<void> {
  const { namespace, name, version } = assetOf(record)
  const claim = nameClaim(record.type, { namespace, name, version })
  const holder = await store.getByClaim(INSTANCE, claim)
  const twins = batch.filter((one) => {
    return (
      one.type === record.type &&
      assetOf(one).namespace === namespace &&
      assetOf(one).name === name &&
      assetOf(one).version === version
    )
  })
  if ((holder && holder.id !== record.id) || twins.length > 1) {
    throw new ApiError('asset_exists', `Another ${name} ${version} has taken its name and version.`)
  }
}

function scopeOf(record: StoredRecord): Scope {
  const { name, namespace, version } = assetOf(record)
  const versioned = { name: namespace === null ? name : `${namespace}/${name}`, version }
  return assetTypeOf(record).name === 'MobileBackend'
    ? { backend: versioned }
    : { artifact: versioned }
}

function assetOf(record: StoredRecord): Asset {
  return assetTypeOf(record).read(record)
}
