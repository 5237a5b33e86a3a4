import { INSTANCE } from '../../engine/backend.ts'
import { textKey } from '../../storage/keys.ts'
import type { Claim, NewRecord, StoredRecord } from '../../storage/port.ts'
import type { Role } from './roles.ts'

export const MEMBER_TYPE = 'member'

/** Someone who manages backends. They have nothing to do with the users of an app. */
export type Member = {
  readonly id: string
  /** As it was written when the member was made; compared without regard to case. */
  readonly login: string
  readonly roles: readonly Role[]
  /** Milliseconds since 1970. */
  readonly createdAt: number
}

type MemberData = Pick<Member, 'login' | 'roles'>

/** `generation` grows with each new password, and with it all tokens of the member end. */
export type MemberHidden = { readonly password: string; readonly generation: number }

export function memberOfRecord(record: StoredRecord): Member {
  const { login, roles } = JSON.parse(record.data) as MemberData
  return { id: record.id, login, roles, createdAt: record.createdAt }
}

export function memberHidden(record: StoredRecord): MemberHidden {
  return JSON.parse(record.hidden ?? '{}') as MemberHidden
}

export function newMemberRecord(member: Member, hidden: MemberHidden): NewRecord {
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
    keys: { roles: member.roles.map(textKey).sort() },
    claims: [loginClaim(member.login)],
  }
}

export function loginClaim(login: string): Claim {
  return { scope: 'member.login', value: loginKey(login) }
}

/** Two logins with the same key are one. */
export function loginKey(login: string): string {
  return login.normalize('NFC').toLowerCase()
}
