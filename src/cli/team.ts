import type { ShownMember } from '../manage/team.ts'
import { type Command, defineCommand } from './command.ts'
import { manage } from './manage.ts'
import { columns } from './output.ts'
import { PASSWORD_OPTIONS, passwordFrom } from './password.ts'

const LOGIN = ['LOGIN'] as const

const ROLES = {
  value: 'ROLES',
  about: 'Administrator, Developer, Analyst, or some of them with commas between.',
  required: true,
} as const

export const teamList = defineCommand({
  name: 'team list',
  about: 'List the members of the team.',
  options: {},
  async run(call) {
    const result = await manage(call, 'team.list', {})
    const rows = [['LOGIN', 'ROLES', 'STATE', 'ID'], ...result.members.map(rowOf)]
    const none = ['Nobody is on the team yet: homeport admin create.']
    const lines = result.members.length > 0 ? columns(rows) : none
    call.output.result(result, {
      lines,
      brief: result.members.map(({ login }) => login).join('\n'),
    })
    return 0
  },
})

function rowOf({ login, roles, disabled, id }: ShownMember): string[] {
  return [login, roles.join(','), disabled ? 'disabled' : 'active', id]
}

export const teamAdd = defineCommand({
  name: 'team add',
  about: 'Add a member; without a password one is made up and printed.',
  options: { roles: ROLES, ...PASSWORD_OPTIONS },
  positionals: LOGIN,
  async run(call) {
    const [login = ''] = call.positionals
    const password = passwordFrom(call.values)
    const added = await manage(call, 'team.add', { login, roles: call.values.roles, password })
    const lines = [`${added.login} is on the team: ${added.roles.join(', ')}.`]
    if (added.password) lines.push(`Password: ${added.password}`)
    call.output.result(added, { lines, brief: added.password ?? added.id })
    return 0
  },
})

export const teamSetRoles = defineCommand({
  name: 'team set-roles',
  about: 'Give a member other roles.',
  options: { roles: ROLES },
  positionals: LOGIN,
  async run(call) {
    const [login = ''] = call.positionals
    const member = await manage(call, 'team.setRoles', { login, roles: call.values.roles })
    const roles = member.roles.join(', ')
    call.output.result(member, { lines: [`${member.login} is now: ${roles}.`], brief: roles })
    return 0
  },
})

function switching(verb: 'disable' | 'enable', about: string): Command {
  return defineCommand({
    name: `team ${verb}`,
    about,
    options: {},
    positionals: LOGIN,
    async run(call) {
      const [login = ''] = call.positionals
      const member = await manage(call, `team.${verb}`, { login })
      const state = member.disabled ? 'disabled' : 'active'
      call.output.result(member, { lines: [`${member.login} is ${state}.`], brief: state })
      return 0
    },
  })
}

export const teamDisable = switching('disable', 'Shut a member out, and end all their tokens.')
export const teamEnable = switching('enable', 'Let a disabled member in again.')

export const teamRemove = defineCommand({
  name: 'team remove',
  about: 'Take a member off the team, and end all their tokens.',
  options: {},
  positionals: LOGIN,
  async run(call) {
    const [login = ''] = call.positionals
    const removed = await manage(call, 'team.remove', { login })
    call.output.result(removed, { lines: [`${removed.login} is off the team.`] })
    return 0
  },
})

export const teamResetPassword = defineCommand({
  name: 'team reset-password',
  about: 'Give a member a new password, and end all their tokens.',
  options: PASSWORD_OPTIONS,
  positionals: LOGIN,
  async run(call) {
    const [login = ''] = call.positionals
    const password = passwordFrom(call.values)
    const reset = await manage(call, 'admin.reset', { login, password })
    const lines = [`${reset.login} has a new password.`]
    if (reset.password) lines.push(`Password: ${reset.password}`)
    call.output.result(reset, { lines, brief: reset.password ?? reset.login })
    return 0
  },
})
