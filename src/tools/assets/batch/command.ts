import { ApiError } from '../../../errors.ts'
import type { StoredRecord, WriteOperation } from '../../../storage/port.ts'
import { auditInsert, batchBy, type Trace } from '../../audit/entry.ts'
import type { ToolsContext } from '../../context.ts'
import { type IfMatch, requireMatch } from '../../http/if-match.ts'
import { purgeOperations } from '../../purge/purge.ts'
import type { TeamCaller } from '../../team/bearer.ts'
import { requireRole } from '../../team/roles.ts'
import {
  auditTarget,
  type Change,
  changeOperations,
  recordAfter,
  retrying,
  unchanged,
} from '../change.ts'
import { ADMINISTRATORS_ONLY } from '../lifecycle.ts'
import { assetTypeOf } from '../types.ts'
import { type BatchAction, type Format, type Member, planBatch } from './plan.ts'
import { presentBatch } from './present.ts'

export type BatchCommand = {
  readonly action: BatchAction
  /** The assets, and the states of them that the caller means. */
  readonly assets: readonly { readonly id: string; readonly etag: string | null }[]
  readonly comment: string | null
  readonly format: Format
  readonly ifMatch?: IfMatch
  readonly caller: TeamCaller
  readonly trace?: Trace
}

/**
 * Trashes, restores or purges assets: all of them, or none.
 *
 * @returns them as they are now, or were at the last
 * @throws {ApiError} `role_required`, `asset_unknown`, `etag_stale`, `asset_blocked` with each
 *   asset and what stands in its way
 */
export async function runBatch(tools: ToolsContext, command: BatchCommand): Promise<Member[]> {
  const { action, assets, format, caller } = command
  if (ADMINISTRATORS_ONLY.has(action)) requireRole(caller.roles, 'Administrator')
  const ids = assets.map(({ id }) => id)
  const done = await retrying(async () => {
    const members = await planBatch(tools, { action, ids, format })
    requireTags(members, command)
    refuseBlocked(action, members)
    return write(tools, members, command)
  })
  if (action === 'purge') tools.wakeJobs()
  return done
}

function requireTags(
  members: readonly Member[],
  { assets, ifMatch = null }: Pick<BatchCommand, 'assets' | 'ifMatch'>,
): void {
  if (ifMatch === '*') return
  const tags = new Map(assets.map(({ id, etag }) => [id.toLowerCase(), etag]))
  for (const { record } of members) {
    const tag = tags.get(record.id) ?? null
    if (tag !== null) requireMatch([tag], String(record.version))
    if (tags.has(record.id)) requireMatch(ifMatch, String(record.version))
  }
}

function refuseBlocked(action: BatchAction, members: readonly Member[]): void {
  const blocked = members.filter(({ error }) => error !== null)
  const [first] = blocked
  if (!first) return
  const { name, version } = assetTypeOf(first.record).read(first.record)
  const more = blocked.length > 1 ? ` So are ${blocked.length - 1} more.` : ''
  const detail = `Cannot ${action} ${name} ${version}: ${first.error?.message}${more}`
  const details = { title: 'Blocked', detail, assets: presentBatch(members) }
  throw new ApiError('asset_blocked', detail, { details })
}

async function write(
  tools: ToolsContext,
  members: readonly Member[],
  { action, comment, caller, trace = {} }: BatchCommand,
): Promise<Member[]> {
  const by = { actor: caller.login, at: tools.now(), trace }
  const operations: WriteOperation[] = []
  const done = members.map((member) => {
    const { record: before } = member
    const change = changeFor(action, before, { ...by, comment })
    if (action === 'purge') {
      const event = { actions: ['PURGED'], target: auditTarget(before), comment }
      operations.push(...purgeOperations(before, by), auditInsert(event, by))
    } else if (change) operations.push(...changeOperations({ ...change, before }, by))
    else operations.push(unchanged(before))
    const record = change ? recordAfter({ ...change, before }, by) : before
    return { ...member, record, dependencies: [], reverseDependencies: [] }
  })
  if (operations.length > 0) await tools.store.write(batchBy(by, operations))
  return done
}

type Doing = { readonly actor: string; readonly at: number; readonly comment: string | null }

/** `null` when the asset stays as it is. */
function changeFor(
  action: BatchAction,
  before: StoredRecord,
  { actor, at, comment }: Doing,
): Change | null {
  if (action === 'purge') return null
  const trashes = action === 'trash'
  if (trashes && assetTypeOf(before).read(before).inTrash) return null
  return {
    data: {
      inTrash: trashes,
      deletedOn: trashes ? new Date(at).toISOString() : null,
      deletedBy: trashes ? actor : null,
      ...(comment !== null && { actionComment: comment }),
    },
    keepsModified: true,
    happenings: [{ action: trashes ? 'TRASHED' : 'UNTRASHED', comment }],
  }
}
