import { INSTANCE } from '../../engine/backend.ts'
import { tokenDigest } from '../../lib/ids.ts'
import { dateKey, textKey } from '../../storage/keys.ts'
import type { NewRecord, RecordAddress, StoredRecord } from '../../storage/port.ts'
import type { Scope } from './access.ts'
import type { Role } from './roles.ts'

export const TOKEN_TYPE = 'token'

/** Whose token it is. */
export type Holder = {
  readonly memberId: string
  /** The member's generation when it was issued; see {@link MemberHidden}. */
  readonly generation: number
}

/** Signed in for an hour, or, as `refresh`, the right to another hour. */
export type SignedInGrant = Holder & {
  readonly kind: 'member' | 'refresh'
  /** Those of one sign-in have the same; tokens made before there were any have none. */
  readonly family?: string
}

/** Anyone who uses a backend. */
type BackendGrant = {
  readonly kind: 'backend'
  readonly backendId: string
  /** The backend's key when it was issued: with another, the token is worth nothing. */
  readonly clientId: string
}

/** A user of a backend. */
type UserGrant = Omit<BackendGrant, 'kind'> & {
  readonly kind: 'user'
  readonly userId: string
  /** Changes with the user's password, and the token is worth nothing then. */
  readonly proof: string
}

/** Made for something: by a member for themselves, or, without an owner, for a script. */
export type PersonalGrant = {
  readonly kind: 'personal'
  readonly name: string
  /** `null`: whatever roles its owner has. */
  readonly role: Role | null
  /** What it is limited to; absent: nothing. */
  readonly scopes?: readonly Scope[] | null
  readonly owner?: Holder
}

export type TokenGrant = SignedInGrant | BackendGrant | UserGrant | PersonalGrant

/** `expiresAt`: milliseconds since 1970, or `null` for a token that lasts until it is revoked. */
export type TokenData = TokenGrant & { readonly expiresAt: number | null }

/** A token is found by the start of its digest; 96 bits do not meet by accident. */
export function tokenAddress(token: string): RecordAddress {
  return { backendId: INSTANCE, type: TOKEN_TYPE, id: tokenDigest(token).slice(0, 24) }
}

export function newTokenRecord(token: string, data: TokenData, nowMs: number): NewRecord {
  const memberId = memberIdOf(data)
  return {
    ...tokenAddress(token),
    ownerId: null,
    aclId: null,
    createdAt: nowMs,
    updatedAt: nowMs,
    data: JSON.stringify(data),
    hidden: JSON.stringify({ digest: tokenDigest(token) }),
    keys: {
      kind: textKey(data.kind),
      createdAt: dateKey(nowMs),
      ...(data.expiresAt !== null && { expiresAt: dateKey(data.expiresAt) }),
      ...(memberId !== null && { member: textKey(memberId) }),
      ...('family' in data && data.family && { family: textKey(data.family) }),
    },
    claims: [],
  }
}

/** The member whom a token belongs to. */
export function memberIdOf(grant: TokenGrant): string | null {
  if (grant.kind === 'personal') return grant.owner?.memberId ?? null
  return grant.kind === 'member' || grant.kind === 'refresh' ? grant.memberId : null
}

export function tokenData(record: StoredRecord): TokenData {
  return JSON.parse(record.data) as TokenData
}

/** True when the record is that of this very token, and has not expired. */
export function isLiveToken(record: StoredRecord, token: string, nowMs: number): boolean {
  const { digest } = JSON.parse(record.hidden ?? '{}') as { digest?: string }
  const { expiresAt } = tokenData(record)
  return digest === tokenDigest(token) && (expiresAt === null || expiresAt > nowMs)
}
