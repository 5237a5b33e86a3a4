import type { ProfileChanges } from '../../objects/users/profile.ts'
import type { StoredRecord } from '../../storage/port.ts'
import { type Body, bodyOf, refuseBad, textMember } from '../../tools/assets/body.ts'
import type { VisitUser } from '../door/enter.ts'
import { platformPath } from '../paths.ts'

const TEXT = { charactersMax: 255 }

const SCIM_USER = 'urn:ietf:params:scim:schemas:core:2.0:User'

type Members = {
  readonly first_name?: string
  readonly last_name?: string
  readonly email?: string
}

function membersOf(record: StoredRecord): Members {
  const { email } = JSON.parse(record.hidden ?? '{}') as Members
  const { first_name, last_name } = JSON.parse(record.data) as Members
  return {
    ...(first_name !== undefined && { first_name }),
    ...(last_name !== undefined && { last_name }),
    ...(email !== undefined && { email }),
  }
}

/** A user in the form of SCIM (RFC 7643 §4.1), as far as users are known here. */
export function scimProfile(record: StoredRecord, { id, username, roles }: VisitUser) {
  const { first_name: givenName, last_name: familyName, email } = membersOf(record)
  const named = [givenName, familyName].filter((one) => one !== undefined)
  return {
    schemas: [SCIM_USER],
    id,
    userName: username,
    ...(named.length > 0 && {
      displayName: named.join(' '),
      name: {
        ...(givenName !== undefined && { givenName }),
        ...(familyName !== undefined && { familyName }),
      },
    }),
    emails: email === undefined ? [] : [{ value: email, primary: true }],
    roles: roles.map((value) => ({ value })),
    active: true,
    meta: {
      resourceType: 'User',
      created: new Date(record.createdAt).toISOString(),
      lastModified: new Date(record.updatedAt).toISOString(),
      location: platformPath('users', 'me'),
    },
  }
}

/** A user in the form of before SCIM. */
export function plainProfile(record: StoredRecord, { id, username }: VisitUser) {
  const { first_name, last_name, email } = membersOf(record)
  const href = platformPath('users', username)
  return {
    id,
    username,
    firstName: first_name ?? null,
    lastName: last_name ?? null,
    email: email ?? null,
    links: [
      { rel: 'canonical', href },
      { rel: 'self', href },
    ],
  }
}

/** The members that a comma list names; `null` and an empty list are all of them. */
export function withFields<T extends object>(profile: T, list: string | null): Partial<T> {
  const wanted = (list ?? '').split(',').map((one) => one.trim())
  if (wanted.every((one) => one === '')) return profile
  const members = Object.entries(profile).filter(([name]) => wanted.includes(name))
  return Object.fromEntries(members) as Partial<T>
}

/**
 * The members that users may change. Others may be sent along, as a reader gets them, and stay.
 *
 * @throws {ApiError} `param_invalid`
 */
export function readProfileChanges(json: unknown): ProfileChanges {
  const body = bodyOf(json)
  const changes = {
    first_name: changeIn(body, 'firstName'),
    last_name: changeIn(body, 'lastName'),
    email: changeIn(body, 'email'),
  }
  refuseBad(body)
  const sent = Object.entries(changes).filter(([, value]) => value !== undefined)
  return Object.fromEntries(sent) as ProfileChanges
}

/** Null removes, as empty text does. */
function changeIn(body: Body, name: string): string | undefined {
  const value = textMember(body, name, TEXT)
  return Object.hasOwn(body.members, name) ? (value ?? '') : undefined
}
