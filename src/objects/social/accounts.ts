import type { Call } from '../../engine/definition.ts'
import type { Draft } from '../../engine/draft.ts'
import { required, text } from '../../engine/params.ts'
import { ApiError } from '../../errors.ts'
import type { StoredRecord } from '../../storage/port.ts'
import { accountClaim, type ExternalAccount, externalAccounts } from '../users/users.ts'
import type { VerifiedAccount } from './verify.ts'

export const ACCOUNT_TYPE = required(
  text({ max: 50, pattern: /^[A-Za-z][A-Za-z0-9_.-]*$/, expected: 'the name of a provider' }),
)
export const ACCOUNT_ID = text({ max: 255 })
export const ACCOUNT_TOKEN = required(text({ max: 4096 }))

/** More than anybody has. */
const ACCOUNTS_MAX = 20

export function holderOf(call: Call, account: VerifiedAccount): Promise<StoredRecord | null> {
  return call.context.store.getByClaim(call.backend.id, accountClaim(account.type, account.id))
}

/** Adds an account to a user, or keeps the newer token of one that he has. */
export function addAccount(draft: Draft, { type, id, token }: VerifiedAccount): void {
  const accounts = externalAccounts(draft.data)
  const others = accounts.filter((one) => !isThis(one, type, id))
  if (others.length >= ACCOUNTS_MAX) {
    const text = `A user can have at most ${ACCOUNTS_MAX} external accounts.`
    throw new ApiError('param_invalid', text)
  }
  draft.data.external_accounts = [...others, { external_id: id, external_type: type }]
  draft.hidden.external_tokens = { ...tokensOf(draft.hidden), [keyOfAccount(type, id)]: token }
}

/** @returns whether there was such a one */
export function removeAccount(draft: Draft, type: string, id: string): boolean {
  const accounts = externalAccounts(draft.data)
  const others = accounts.filter((one) => !isThis(one, type, id))
  const { [keyOfAccount(type, id)]: _gone, ...tokens } = tokensOf(draft.hidden)
  draft.data.external_accounts = others
  draft.hidden.external_tokens = tokens
  return others.length < accounts.length
}

export function tokensOf(hidden: Draft['hidden']): Readonly<Record<string, string>> {
  return (hidden.external_tokens as Record<string, string> | undefined) ?? {}
}

export function keyOfAccount(type: string, id: string): string {
  return accountClaim(type, id).value
}

function isThis(one: ExternalAccount, type: string, id: string): boolean {
  return one.external_type === type && one.external_id === id
}
