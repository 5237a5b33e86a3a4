import { INSTANCE } from '../../engine/backend.ts'
import { ApiError } from '../../errors.ts'
import { hashPassword, verifyPassword } from '../../lib/password.ts'
import { textKey } from '../../storage/keys.ts'
import type { StoredRecord, WriteOperation } from '../../storage/port.ts'
import { retrying, unchanged } from '../assets/change.ts'
import { changesBetween, secretChange } from '../audit/changes.ts'
import { type Actor, type AuditEvent, auditInsert, type By, batchBy, byOf } from '../audit/entry.ts'
import type { ToolsContext } from '../context.ts'
import { type IfMatch, requireMatch } from '../http/if-match.ts'
import { refuseIfAny } from '../problems.ts'
import { attempt } from './log-in.ts'
import { changedMemberRecord, type Member, memberHidden, memberOfRecord } from './member.ts'
import {
  memberTarget,
  otherAdministrator,
  passwordProblems,
  readMember,
  roleProblems,
} from './members.ts'
import type { Role } from './roles.ts'
import { TOKEN_TYPE } from './token-record.ts'

/** More than anyone has; those that are left are worth nothing all the same. */
const TOKENS_MAX = 1000

export type MemberChanges = {
  readonly roles?: readonly Role[]
  readonly disabled?: boolean
  readonly password?: string
}

type Options = { readonly actor: Actor; readonly ifMatch?: IfMatch }

/**
 * Gives a member other roles, shuts them out or lets them in again, or sets a new password. Shutting
 * out and a new password end all their tokens.
 *
 * @param wanted the member's id or login
 * @throws {ApiError} `param_invalid`, `member_unknown`, `etag_stale`, and `last_administrator` when
 *   nobody could administer any more
 */
export async function changeMember(
  tools: ToolsContext,
  wanted: string,
  { changes, ...options }: Options & { readonly changes: MemberChanges },
): Promise<Member> {
  const { roles, disabled, password } = changes
  refuseIfAny([
    ...(roles === undefined ? [] : roleProblems(roles)),
    ...(password === undefined ? [] : passwordProblems(password)),
  ])
  const hash = password === undefined ? null : await hashPassword(password)
  return writeMember(tools, wanted, options, (before) => {
    const { password: oldHash, generation } = memberHidden(before)
    const member = memberOfRecord(before)
    const after = { ...member, roles: roles ?? member.roles, disabled: disabled ?? member.disabled }
    const ends = hash !== null || (after.disabled && !member.disabled)
    const hidden = { password: hash ?? oldHash, generation: generation + (ends ? 1 : 0) }
    const { login } = member
    const data = { login, roles: after.roles, disabled: after.disabled }
    return {
      after: changedMemberRecord(before, data, hidden),
      endsTokens: ends,
      events: [eventOf(member, after, hash !== null)],
    }
  })
}

/**
 * Gives a member a new password and ends all their tokens.
 *
 * @throws {ApiError} `param_invalid` or `member_unknown`
 */
export async function resetMemberPassword(
  tools: ToolsContext,
  { login, password }: { readonly login: string; readonly password: string },
  actor: Actor,
): Promise<void> {
  await changeMember(tools, login, { actor, changes: { password } })
}

/**
 * The same, by the member, who has to know the old one.
 *
 * @throws {ApiError} `param_invalid`, `password_wrong`, `rate_limited`
 */
export async function changeOwnPassword(
  tools: ToolsContext,
  memberId: string,
  passwords: { readonly oldPassword: string; readonly newPassword: string; readonly actor: Actor },
): Promise<void> {
  const { oldPassword, newPassword, actor } = passwords
  const record = await readMember(tools, memberId)
  const { ok } = await attempt(tools, memberOfRecord(record), () =>
    verifyPassword(memberHidden(record).password, oldPassword),
  )
  if (!ok) throw new ApiError('password_wrong')
  // Only while the old one is still the one that was checked.
  const ifMatch = [String(record.version)]
  await changeMember(tools, memberId, { actor, ifMatch, changes: { password: newPassword } })
}

/**
 * Takes someone off the team, and ends all their tokens.
 *
 * @throws {ApiError} `member_unknown`, `etag_stale`, `last_administrator`
 */
export function removeMember(
  tools: ToolsContext,
  wanted: string,
  options: Options,
): Promise<Member> {
  return writeMember(tools, wanted, options, (before) => ({
    after: null,
    endsTokens: true,
    events: [{ actions: ['DELETED'], target: memberTarget(memberOfRecord(before)) }],
  }))
}

function eventOf(before: Member, after: Member, hasNewPassword: boolean): AuditEvent {
  const told = ({ roles, disabled }: Member) => ({ roles, disabled })
  const changes = changesBetween(told(before), told(after))
  const switched = before.disabled !== after.disabled
  const has = (member: string) => changes.some((one) => one.member === member)
  const actions = [
    ...(has('roles') ? ['UPDATED'] : []),
    ...(switched ? [after.disabled ? 'DISABLED' : 'ENABLED'] : []),
    ...(hasNewPassword ? ['PASSWORD_CHANGED'] : []),
  ]
  return {
    actions: actions.length > 0 ? actions : ['UPDATED'],
    target: memberTarget(before),
    changes: [...changes, ...(hasNewPassword ? [secretChange('password', 'old', 'new')] : [])],
  }
}

type Decision = {
  /** `null`: gone. */
  readonly after: StoredRecord | null
  readonly endsTokens: boolean
  readonly events: readonly AuditEvent[]
}

/** Reads, decides and writes; a lost race begins anew. */
function writeMember(
  tools: ToolsContext,
  wanted: string,
  { actor, ifMatch = null }: Options,
  decide: (before: StoredRecord) => Decision,
): Promise<Member> {
  return retrying(async () => {
    const before = await readMember(tools, wanted)
    requireMatch(ifMatch, String(before.version))
    const decision = decide(before)
    const by = byOf(actor, tools.now())
    const operations = [
      writeOf(before, decision.after, by),
      ...(await administratorCheck(tools, before, decision.after)),
      ...(decision.endsTokens ? await tokenDeletions(tools, before.id) : []),
      ...decision.events.map((event) => auditInsert(event, by)),
    ]
    await tools.store.write(batchBy(by, operations))
    const { after } = decision
    return memberOfRecord(
      after ? { ...after, updatedAt: by.at, version: before.version + 1 } : before,
    )
  })
}

function writeOf(before: StoredRecord, after: StoredRecord | null, { at }: By): WriteOperation {
  const { version: ifVersion } = before
  return after
    ? { op: 'replace', record: { ...after, updatedAt: at }, ifVersion }
    : { op: 'delete', address: before, ifVersion }
}

/**
 * Holds in the batch that another administrator is there: of two who take each other off at once,
 * one is refused.
 *
 * @throws {ApiError} `last_administrator`
 */
async function administratorCheck(
  tools: ToolsContext,
  before: StoredRecord,
  after: StoredRecord | null,
): Promise<WriteOperation[]> {
  if (!administers(before) || (after && administers(after))) return []
  const other = await otherAdministrator(tools, before.id)
  if (!other) throw new ApiError('last_administrator')
  return [unchanged(other)]
}

function administers(record: StoredRecord): boolean {
  const { roles, disabled } = memberOfRecord(record)
  return !disabled && roles.includes('Administrator')
}

async function tokenDeletions(
  { store }: Pick<ToolsContext, 'store'>,
  memberId: string,
): Promise<WriteOperation[]> {
  const { records } = await store.find({
    ...{ backendId: INSTANCE, type: TOKEN_TYPE, limit: TOKENS_MAX },
    where: { op: 'eq', field: 'member', value: textKey(memberId) },
  })
  return records.map((address) => ({ op: 'delete', address }))
}
