import { defineCommand } from './command.ts'
import { manage } from './manage.ts'
import { PASSWORD_OPTIONS, passwordFrom } from './password.ts'

export const adminReset = defineCommand({
  name: 'admin reset',
  about: 'Give a team member a new password and end all their tokens.',
  options: {
    login: { value: 'LOGIN', about: 'User name of the member.', required: true },
    ...PASSWORD_OPTIONS,
  },
  async run(call) {
    const { login } = call.values
    const password = passwordFrom(call.values)
    const reset = await manage(call, 'admin.reset', { login, password })
    const lines = [`${reset.login} has a new password.`]
    if (reset.password) lines.push(`Password: ${reset.password}`)
    call.output.result(reset, { lines, brief: reset.password ?? reset.login })
    return 0
  },
})
