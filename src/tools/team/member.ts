import { INSTANCE } from '../../engine/backend.ts'
import { textKey } from '../../storage/keys.ts'
import type { Claim, Keys, NewRecord, StoredRecord } from '../../storage/port.ts'
import type { Role } from './roles.ts'

export const MEMBER_TYPE = 'member'

/** Someone who manages backends. They have nothing to do with the users of an app. */
export type Member = {
  readonly id: string
  /** As it was written when the member was made; compared without regard to case. */
  readonly login: string
  readonly roles: readonly Role[]
  /** Cannot sign in, and has no token that works. */
  readonly disabled: boolean
  /** A counter as text: the version of the record. */
  readonly etag: string
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly updatedAt: number
}

type MemberData = Pick<Member, 'login' | 'roles'> & Partial<Pick<Member, 'disabled'>>

/**
 * `generation` grows with each new password, and when the member is shut out, and with it all tokens
 * of the member end.
 */
export type MemberHidden = { readonly password: string; readonly generation: number }

export function memberOfRecord(record: StoredRecord): Member {
  const { login, roles, disabled = false } = JSON.parse(record.data) as MemberData
  const { id, version, createdAt, updatedAt } = record
  return { id, login, roles, disabled, etag: String(version), createdAt, updatedAt }
}

export function memberHidden(record: StoredRecord): MemberHidden {
  return JSON.parse(record.hidden ?? '{}') as MemberHidden
}

export function newMemberRecord(
  member: Pick<Member, 'id' | 'login' | 'roles' | 'createdAt'>,
  hidden: MemberHidden,
): NewRecord {
  const data: MemberData = { login: member.login, roles: member.roles }
  return {
    backendId: INSTANCE,
    type: MEMBER_TYPE,
    id: member.id,
    ownerId: null,
    aclId: null,
    createdAt: member.createdAt,
    updatedAt: member.createdAt,
    data: JSON.stringify(data),
    hidden: JSON.stringify(hidden),
    keys: memberKeys(data),
    claims: [loginClaim(member.login)],
  }
}

/** The same record with other roles, or shut out, or with another password. */
export function changedMemberRecord(
  before: StoredRecord,
  data: Required<MemberData>,
  hidden: MemberHidden,
): StoredRecord {
  const keys = memberKeys(data)
  return { ...before, data: JSON.stringify(data), hidden: JSON.stringify(hidden), keys }
}

/** By the roles of those who can use them. */
function memberKeys({ roles, disabled = false }: Omit<MemberData, 'login'>): Keys {
  return { roles: disabled ? [] : roles.map(textKey).sort() }
}

export function loginClaim(login: string): Claim {
  return { scope: 'member.login', value: loginKey(login) }
}

/** Two logins with the same key are one. */
export function loginKey(login: string): string {
  return login.normalize('NFC').toLowerCase()
}
