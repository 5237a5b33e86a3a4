import { ApiError } from '../../errors.ts'
import { ATTEMPTS_MAX } from '../../lib/lockout.ts'
import { hashPassword, type Verdict, verifyNothing, verifyPassword } from '../../lib/password.ts'
import { type StoredRecord, WriteConflict } from '../../storage/port.ts'
import { type Acting, auditInsert, batchBy, byOf } from '../audit/entry.ts'
import type { ToolsContext } from '../context.ts'
import { loginKey, memberHidden, memberOfRecord } from './member.ts'
import { findMember, memberTarget, replaceHidden } from './members.ts'

type LogIn = Pick<Acting, 'trace'> & { readonly login: string; readonly password: string }

/** `failures`: how many log-ins with this name had failed since the last that did not. */
export type LoggedIn = { readonly record: StoredRecord; readonly failures: number }

/**
 * The member with this name and password.
 *
 * @throws {ApiError} `login_failed`, the same whether the name or the password is wrong, or
 *   `rate_limited`
 */
export async function logIn(
  tools: ToolsContext,
  { login, password, trace }: LogIn,
): Promise<LoggedIn> {
  const record = await findMember(tools, login)
  const who = record ? memberOfRecord(record) : { id: null, login }
  const { ok, rehash, failures } = await attempt(tools, { ...who, ...(trace && { trace }) }, () =>
    record ? verifyPassword(memberHidden(record).password, password) : refuseNobody(password),
  )
  if (!record || !ok) throw new ApiError('login_failed', 'The user name or password is wrong.')
  if (memberOfRecord(record).disabled) {
    throw new ApiError('login_failed', 'An administrator has disabled this member.')
  }
  if (rehash) await renewHash(tools, record, password)
  return { record, failures }
}

type Trying = Pick<Acting, 'trace'> & {
  /** `null`: nobody has this name. */
  readonly id: string | null
  readonly login: string
}

// A longer one is nobody's, and must not fill the memory.
const NAME_MAX = 100

/**
 * Checks a password as the lockout allows. One at a time for each name, so that many who log in at
 * once with the right password are not taken for many who guess. The failure that locks a name goes
 * into the audit log, and none of the others: whoever guesses must not fill that.
 *
 * @throws {ApiError} `rate_limited`
 */
export function attempt(
  tools: ToolsContext,
  who: Trying,
  check: () => Promise<Verdict>,
): Promise<Verdict & Pick<LoggedIn, 'failures'>> {
  const name = `member:${loginKey(who.login.slice(0, NAME_MAX))}`
  const { lockout, turns, now } = tools
  return turns.run(name, async () => {
    const retryAfterS = lockout.attempt(name, now())
    if (retryAfterS > 0) {
      const text = `Too many attempts for this user name; try again in ${retryAfterS} s.`
      throw new ApiError('rate_limited', text, { retryAfterS })
    }
    const verdict = await check()
    if (verdict.ok) return { ...verdict, failures: lockout.succeeded(name) }
    if (lockout.lockedFor(name, now()) > 0) await noteLockOut(tools, who)
    return { ...verdict, failures: 0 }
  })
}

async function noteLockOut(tools: ToolsContext, { id, login, trace }: Trying): Promise<void> {
  // Whatever someone typed: it may hold what a database refuses.
  const actor = login.slice(0, NAME_MAX).replace(/\p{C}/gu, '\ufffd')
  const by = byOf({ actor, ...(trace && { trace }) }, tools.now())
  const changes = [{ member: 'failedSignIns', from: 0, to: ATTEMPTS_MAX }]
  const target = { type: 'Member', id, name: actor }
  await tools.store.write(
    batchBy(by, [auditInsert({ actions: ['LOCKED_OUT'], target, changes }, by)]),
  )
}

/** Takes as long as a wrong password does. */
async function refuseNobody(password: string): Promise<Verdict> {
  await verifyNothing(password)
  return { ok: false, rehash: false }
}

/** Hashes the password anew with the costs of today, while it is known. */
async function renewHash(
  tools: ToolsContext,
  record: StoredRecord,
  password: string,
): Promise<void> {
  const hidden = { ...memberHidden(record), password: await hashPassword(password) }
  try {
    await replaceHidden(tools, record, { hidden, actor: 'system' })
  } catch (error) {
    // Someone else changed the member; the next log-in finds out what is to do.
    if (!(error instanceof WriteConflict)) throw error
  }
}

/** What the audit log says when a member has signed in. */
export function signedInEvent({ record, failures }: LoggedIn) {
  const changes = failures === 0 ? [] : [{ member: 'failedSignIns', from: failures, to: 0 }]
  return { actions: ['SIGNED_IN'], target: memberTarget(memberOfRecord(record)), changes }
}
