import type { Call } from '../../engine/definition.ts'
import { missing } from '../../engine/params.ts'
import { ApiError } from '../../errors.ts'
import { facebookPerson } from './facebook.ts'

/** An account elsewhere that the caller has proved to be his. */
export type VerifiedAccount = {
  readonly type: string
  readonly id: string
  readonly token: string
  readonly firstName?: string | undefined
  readonly lastName?: string | undefined
}

type Claimed = { readonly type: string; readonly id?: string | undefined; readonly token: string }

/** Asks a provider whom a token belongs to. @throws {ApiError} `login_failed`, `unavailable` */
type Verifier = (call: Call, token: string) => Promise<Omit<VerifiedAccount, 'type' | 'token'>>

/** The providers that can be asked. */
const VERIFIERS: ReadonlyMap<string, Verifier> = new Map([['facebook', facebookPerson]])

/**
 * Checks that an external account is the caller's. The original believed every type but Facebook
 * as sent, so whoever knew an id got in: here the backend's owner has to allow that.
 *
 * @throws {ApiError} `login_failed`, or `param_invalid` for a type that nobody vouches for
 */
export async function verified(call: Call, { type, id, token }: Claimed): Promise<VerifiedAccount> {
  const verify = VERIFIERS.get(type)
  if (verify) {
    const account = await verify(call, token)
    if (id && id !== account.id) {
      throw new ApiError('login_failed', 'Invalid external account or token')
    }
    return { ...account, type, token }
  }
  if (!call.backend.settings.trustedAccountTypes.includes(type)) {
    const text = `Accounts of type ${type} cannot be verified; the backend's trustedAccountTypes can allow them.`
    throw new ApiError('param_invalid', text)
  }
  if (!id) throw missing('id')
  return { type, id, token }
}
