import { hashPassword, verifyNothing, verifyPassword } from '../../lib/password.ts'
import { type StoredRecord, WriteConflict } from '../../storage/port.ts'
import type { ToolsContext } from '../context.ts'
import { LOCKED_MS } from './lockout.ts'
import { loginKey, memberHidden } from './member.ts'
import { findMember, replaceHidden } from './members.ts'
import { OAuthRefusal } from './oauth-refusal.ts'

/**
 * The member with this name and password.
 *
 * @throws {OAuthRefusal} `invalid_grant`, the same whether the name or the password is wrong
 */
export async function logIn(
  tools: ToolsContext,
  { login, password }: { readonly login: string; readonly password: string },
): Promise<StoredRecord> {
  if (!tools.lockout.attempt(loginKey(login))) {
    throw new OAuthRefusal(
      'invalid_grant',
      'Too many attempts for this user name; wait a minute.',
      {
        status: 429,
        retryAfterS: LOCKED_MS / 1000,
      },
    )
  }
  const record = await findMember(tools, login)
  const { ok, rehash } = record
    ? await verifyPassword(memberHidden(record).password, password)
    : await refuseNobody(password)
  if (!record || !ok) throw new OAuthRefusal('invalid_grant', 'The user name or password is wrong.')
  tools.lockout.succeeded(loginKey(login))
  if (rehash) await renewHash(tools, record, password)
  return record
}

/** Takes as long as a wrong password does. */
async function refuseNobody(password: string): Promise<{ ok: boolean; rehash: boolean }> {
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
