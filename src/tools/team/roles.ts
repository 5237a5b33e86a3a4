import { ApiError } from '../../errors.ts'

export const ROLES = ['Administrator', 'Developer', 'Analyst'] as const

export type Role = (typeof ROLES)[number]

/** The role of this name, in any case. */
export function roleNamed(name: string): Role | undefined {
  return ROLES.find((role) => role.toLowerCase() === name.toLowerCase())
}

/**
 * An administrator may do whatever a developer may.
 *
 * @throws {ApiError} `role_required`, naming the role that is missing
 */
export function requireRole(roles: readonly Role[], role: Role): void {
  if (roles.includes(role)) return
  if (role === 'Developer' && roles.includes('Administrator')) return
  throw new ApiError('role_required', `This needs the role ${role}.`)
}
