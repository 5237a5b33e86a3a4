import { EMAIL_SCOPE, USERNAME_SCOPE } from '../../engine/caller.ts'
import type { Call } from '../../engine/definition.ts'
import type { Draft } from '../../engine/draft.ts'
import { validationFailed } from '../../engine/fill.ts'
import { findSession, handedOver, type NewSession, newSession } from '../../engine/sessions.ts'
import { ApiError } from '../../errors.ts'
import { formatDate } from '../../lib/dates.ts'
import { hashPassword } from '../../lib/password.ts'
import { isMailAddress } from '../../mail/address.ts'
import type { StoredRecord } from '../../storage/port.ts'
import { folded } from './users.ts'

/** UTF-8 bytes: long enough for any phrase, short enough that hashing it costs no more. */
const PASSWORD_BYTES_MAX = 1024

type PasswordValues = {
  readonly password?: string | undefined
  readonly password_confirmation?: string | undefined
}

/**
 * The hash of a new password, or `undefined` when none was sent.
 * @throws {ApiError} `param_invalid` when it is empty, too long, or differs from its confirmation
 */
export async function newPasswordHash(
  what: string,
  { password, password_confirmation: confirmation }: PasswordValues,
): Promise<string | undefined> {
  if (password === undefined) return undefined
  if (password === '') throw validationFailed(what, ["Password can't be blank"])
  if (Buffer.byteLength(password) > PASSWORD_BYTES_MAX) {
    throw validationFailed(what, [`Password is longer than ${PASSWORD_BYTES_MAX} bytes`])
  }
  if (password !== confirmation) {
    throw validationFailed(what, ["Password doesn't match confirmation"])
  }
  return hashPassword(password)
}

/** Sets or takes away the address. @throws {ApiError} `param_invalid` for what is none */
export function setEmail(draft: Draft, email: string | undefined, what: string): void {
  if (email === undefined) return
  if (email === '') {
    delete draft.hidden.email
    return
  }
  const address = email.trim()
  if (!isMailAddress(address)) throw validationFailed(what, ['Email is invalid'])
  draft.hidden.email = address
}

/** Members that every user has from the beginning. */
export function beginUser(draft: Draft, now: number, isConfirmed: boolean): void {
  draft.data.admin = 'false'
  draft.data.external_accounts = []
  if (isConfirmed) draft.data.confirmed_at = formatDate(now)
}

/** The user of a login name, which is an e-mail address or a username. */
export async function findByLogin(call: Call, login: string): Promise<StoredRecord | null> {
  const claim = { scope: USERNAME_SCOPE, value: folded(login) }
  const byName = await call.context.store.getByClaim(call.backend.id, claim)
  return byName ?? findByEmail(call, login)
}

export function findByEmail(call: Call, email: string): Promise<StoredRecord | null> {
  const claim = { scope: EMAIL_SCOPE, value: folded(email) }
  return call.context.store.getByClaim(call.backend.id, claim)
}

/**
 * The session that a user gets at login: a live one of the caller is handed over to him. To be
 * asked again with each attempt to write, since the session may have changed meanwhile.
 */
export async function sessionFor(call: Call, userId: string): Promise<NewSession> {
  const { context, backend, caller, request } = call
  const token = caller.session ? request.sessionToken : null
  const session = token === null ? null : await findSession(context, backend, token)
  return token !== null && session
    ? handedOver(context, backend, session, token, userId)
    : newSession(context, backend, userId)
}

/** The same call, as the user who has just logged in. */
export function calledBy(call: Call, record: StoredRecord): Call {
  const { admin } = JSON.parse(record.data) as { admin?: string }
  const caller = { session: call.caller.session, userId: record.id, admin: admin === 'true' }
  return { ...call, caller }
}

/** @throws {ApiError} `not_confirmed` */
export function assertConfirmed(call: Call, record: StoredRecord): void {
  const { confirmed_at } = JSON.parse(record.data) as { confirmed_at?: string }
  if (call.backend.settings.newUserVerification && confirmed_at === undefined) {
    throw new ApiError('not_confirmed')
  }
}
