import { ApiError } from '../../errors.ts'
import type { StoredRecord } from '../../storage/port.ts'
import type { ToolsContext } from '../context.ts'
import type { Asset } from './asset.ts'
import { type ChangeOptions, changeAsset, type Decision } from './change.ts'
import type { AssetChanges } from './fields.ts'
import type { Happening } from './history.ts'
import type { AssetKind } from './kind.ts'
import { outcomeOf } from './lifecycle.ts'
import { readOfType } from './read.ts'

/** The members of `wanted` that an asset has otherwise. */
export function changedMembers<A extends Asset>(wanted: Partial<A>, asset: A): string[] {
  return Object.entries(wanted)
    .filter(([name, value]) => !isSame(value, asset[name as keyof A]))
    .map(([name]) => name)
}

/** What an edit is in the history. */
export function editHappenings(changed: readonly string[], comment: string | null): Happening[] {
  const updated = changed.filter((name) => name !== 'version')
  return [
    ...(updated.length > 0 ? [{ action: 'UPDATED', comment, changed: updated } as const] : []),
    ...(changed.includes('version') ? [{ action: 'RENUMBERED', comment } as const] : []),
  ]
}

type Changes<Own> = Partial<AssetChanges> & Partial<Own>

type UpdateOptions<Own> = ChangeOptions & {
  readonly id: string
  readonly changes: Changes<Own>
  /** What changes with it, or not at all. */
  more?(before: StoredRecord): Promise<Pick<Decision, 'also' | 'writes'>>
}

/**
 * Changes a draft; of a published asset only what its type lets be adjusted.
 *
 * @throws {ApiError} `asset_unknown`, `etag_stale`, `asset_frozen`, `asset_exists`, and
 *   `param_invalid` for a member that stays as it was made
 */
export async function updateAsset<Own extends object>(
  tools: ToolsContext,
  kind: AssetKind<Own>,
  { id, changes, more, ...options }: UpdateOptions<Own>,
): Promise<Asset & Own> {
  await readOfType(tools, kind, id)
  return kind.read(
    await changeAsset(tools, id, options, async (before) => ({
      ...decideUpdate(kind, before, changes),
      ...(await more?.(before)),
    })),
  )
}

function decideUpdate<Own extends object>(
  kind: AssetKind<Own>,
  before: StoredRecord,
  changes: Changes<Own>,
): Decision {
  const asset = kind.read(before)
  const { actionComment, ...wanted } = changes
  const changed = changedMembers(wanted as Partial<Asset & Own>, asset)
  const adjustable: readonly string[] = kind.adjustable ?? []
  const onlyAdjusts =
    Object.keys(wanted).some((name) => adjustable.includes(name)) &&
    changed.every((name) => adjustable.includes(name))
  outcomeOf(asset, onlyAdjusts ? 'configure' : 'edit')
  const fixed = kind.fixed?.find((name) => changed.includes(name))
  if (fixed) throw new ApiError('param_invalid', `'${fixed}' stays as it was made.`)
  const comment = actionComment ?? null
  const happenings = editHappenings(changed, comment)
  return {
    data: { ...wanted, ...(actionComment !== undefined && { actionComment }) },
    happenings: happenings.length > 0 ? happenings : [{ action: 'UPDATED', comment, changed: [] }],
  }
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
