import { optionalText } from '../assets/members.ts'
import type { NamedKind } from '../named/named.ts'

const NAME = {
  charactersMax: 100,
  pattern: /^[A-Za-z][\w.-]*$/,
  form: 'a letter followed by letters, digits, dots, hyphens and underscores',
}

/** Roles of mobile users: their names are given to users and asked for by assets. */
export const ROLES: NamedKind<{ readonly desc: string | null }> = {
  what: 'a role',
  auditType: 'Role',
  recordType: 'userRole',
  path: ['roles'],
  nameRule: NAME,
  members: { desc: optionalText({ charactersMax: 100 }) },
  unknown: 'role_unknown',
}
