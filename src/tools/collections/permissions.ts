import { type Body, objectsMember, requiredTextMember } from '../assets/body.ts'
import { ROLE } from '../assets/fields.ts'
import type { Member } from '../assets/members.ts'

const ACCESSES = ['READ', 'READ_WRITE', 'READ_ALL', 'READ_WRITE_ALL'] as const

/** In an isolated collection the two with `_ALL` reach what other users have, too. */
export type Access = (typeof ACCESSES)[number]

/** What the users with a role may do; {@link ANY_USER} stands for everyone who has logged in. */
export type Permission = { readonly role: string; readonly access: Access }

export const ANY_USER = '*'

const ACCESS = {
  charactersMax: 20,
  pattern: new RegExp(`^(?:${ACCESSES.join('|')})$`),
  form: `one of ${ACCESSES.join(', ')}`,
}

/** The member `permissions` of a collection. */
export const permissionList: Member<readonly Permission[]> = {
  read: (body, name) =>
    (body.members[name] ?? null) === null ? null : objectsMember(body, name).map(readPermission),
  absent: [],
  schema: {
    type: 'array',
    items: {
      type: 'object',
      properties: {
        role: { type: 'string', maxLength: ROLE.charactersMax },
        access: { enum: ACCESSES },
      },
      required: ['role', 'access'],
    },
  },
}

function readPermission(body: Body): Permission {
  const role = requiredTextMember(body, 'role', ROLE)
  // Sound: the pattern lets only these through, and a body with problems is refused.
  return { role, access: requiredTextMember(body, 'access', ACCESS) as Access }
}
