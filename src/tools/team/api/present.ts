import type { Member } from '../member.ts'
import type { ListedToken } from '../tokens.ts'

export function presentMember(member: Member) {
  const { id, login, roles, disabled, etag, createdAt, updatedAt } = member
  const dates = { createdOn: timeText(createdAt), modifiedOn: timeText(updatedAt) }
  return { id, login, roles, disabled, etag, ...dates }
}

export function presentToken(token: ListedToken) {
  const { id, name, role, scopes, member, createdAt, expiresAt } = token
  const expiresOn = expiresAt === null ? null : timeText(expiresAt)
  return { id, name, role, scopes, member, createdOn: timeText(createdAt), expiresOn }
}

function timeText(ms: number): string {
  return new Date(ms).toISOString()
}
