import { defineCommand } from './command.ts'
import { manage } from './manage.ts'
import { PASSWORD_OPTIONS, passwordFrom } from './password.ts'

export const adminCreate = defineCommand({
  name: 'admin create',
  about: 'Make an administrator; without a password one is made up and printed.',
  options: {
    login: { value: 'LOGIN', about: 'User name, mostly an e-mail address.', required: true },
    ...PASSWORD_OPTIONS,
  },
  async run(call) {
    const { login } = call.values
    const password = passwordFrom(call.values)
    const created = await manage(call, 'admin.create', { login, password })
    const lines = [`${created.login} is an administrator.`]
    if (created.password) lines.push(`Password: ${created.password}`)
    call.output.result(created, { lines, brief: created.password ?? created.id })
    return 0
  },
})
