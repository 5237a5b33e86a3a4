import { INSTANCE } from '../../engine/backend.ts'
import { tokenDigest } from '../../lib/ids.ts'
import { dateKey, textKey } from '../../storage/keys.ts'
import type { NewRecord, RecordAddress, StoredRecord } from '../../storage/port.ts'
import type { Role } from './roles.ts'

export const TOKEN_TYPE = 'token'

/**
 * What a token stands for: a member for an hour (or, as `refresh`, the right to another hour),
 * anyone who uses a backend, or a script with a role of its own.
 */
export type TokenGrant =
  | {
      readonly kind: 'member' | 'refresh'
      readonly memberId: string
      /** The member's generation when it was issued; see {@link MemberHidden}. */
      readonly generation: number
    }
  | {
      readonly kind: 'backend'
      readonly backendId: string
      /** The backend's key when it was issued: with another, the token is worth nothing. */
      readonly clientId: string
    }
  | { readonly kind: 'personal'; readonly name: string; readonly role: Role }

/** `expiresAt`: milliseconds since 1970, or `null` for a token that lasts until it is revoked. */
export type TokenData = TokenGrant & { readonly expiresAt: number | null }

/** A token is found by the start of its digest; 96 bits do not meet by accident. */
export function tokenAddress(token: string): RecordAddress {
  return { backendId: INSTANCE, type: TOKEN_TYPE, id: tokenDigest(token).slice(0, 24) }
}

export function newTokenRecord(token: string, data: TokenData, nowMs: number): NewRecord {
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
    },
    claims: [],
  }
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
