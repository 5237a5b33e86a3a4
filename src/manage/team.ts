import { ApiError } from '../errors.ts'
import { sessionToken } from '../lib/ids.ts'
import { createMember, resetMemberPassword } from '../tools/team/members.ts'
import { ROLES, roleNamed } from '../tools/team/roles.ts'
import { createToken as makeToken } from '../tools/team/tokens.ts'
import { COMMAND_ACTOR } from './backends.ts'
import { operation } from './operation.ts'

const FIELDS = { login: 'text', password: 'text?' } as const

/** Without a password one is made up, and told this once. */
export const createAdmin = operation(FIELDS, async ({ tools }, { login, password }) => {
  const made = password === undefined ? { password: sessionToken() } : {}
  const chosen = password ?? made.password ?? ''
  const member = { login, password: chosen, roles: ['Administrator'] as const }
  const { id } = await createMember(tools, member, COMMAND_ACTOR)
  return { id, login, role: 'Administrator', ...made }
})

export const resetPassword = operation(FIELDS, async ({ tools }, { login, password }) => {
  const made = password === undefined ? { password: sessionToken() } : {}
  const chosen = password ?? made.password ?? ''
  await resetMemberPassword(tools, { login, password: chosen }, COMMAND_ACTOR)
  return { login, ...made }
})

export const createToken = operation(
  { role: 'text', name: 'text?' },
  async ({ tools }, { role: wanted, name }) => {
    const role = roleNamed(wanted)
    if (!role) {
      throw new ApiError('param_invalid', `"${wanted}" is not a role; use ${ROLES.join(', ')}.`)
    }
    const token = await makeToken(tools, { role, ...(name === undefined ? {} : { name }) })
    return { token, role, name: name ?? null }
  },
)
