import { defineCommand, UsageError } from './command.ts'
import { manage } from './manage.ts'
import { PASSWORD_OPTIONS, passwordFrom } from './password.ts'

export const userCreate = defineCommand({
  name: 'user create',
  about: 'Make a user of a backend.',
  options: {
    backend: { value: 'BACKEND', about: 'Name or id of the backend.', required: true },
    login: { value: 'LOGIN', about: 'Username or e-mail address.', required: true },
    ...PASSWORD_OPTIONS,
    admin: { about: 'Make an administrator of the application.' },
  },
  async run(call) {
    const { backend, login, admin } = call.values
    const password = passwordFrom(call.values)
    if (password === undefined) throw new UsageError('Give --password or --password-file.')
    const user = await manage(call, 'user.create', { backend, login, password, admin })
    const what = admin ? 'an administrator' : 'a user'
    const lines = [`${login} is ${what} of ${user.backend.name}.`, `Id: ${user.id}`]
    call.output.result(user, { lines, brief: user.id })
    return 0
  },
})
