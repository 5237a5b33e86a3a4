import { ApiError } from '../../errors.ts'

/** Each may do whatever those after it may. */
export const ROLES = ['Administrator', 'Developer', 'Analyst'] as const

export type Role = (typeof ROLES)[number]

/** The role of this name, in any case. */
export function roleNamed(name: string): Role | undefined {
  return ROLES.find((role) => role.toLowerCase() === name.toLowerCase())
}

/** Whether someone with these roles may do what `role` may. */
export function coversRole(roles: readonly Role[], role: Role): boolean {
  return roles.some((one) => ROLES.indexOf(one) <= ROLES.indexOf(role))
}

/** @throws {ApiError} `role_required`, naming the role that is missing */
export function requireRole(roles: readonly Role[], role: Role): void {
  if (!coversRole(roles, role)) throw new ApiError('role_required', `This needs the role ${role}.`)
}
