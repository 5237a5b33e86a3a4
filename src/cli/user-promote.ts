import { defineCommand } from './command.ts'
import { manage } from './manage.ts'

export const userPromote = defineCommand({
  name: 'user promote',
  about: 'Make a user an administrator of the application.',
  options: {
    backend: { value: 'BACKEND', about: 'Name or id of the backend.', required: true },
    login: { value: 'LOGIN', about: 'Username or e-mail address of the user.', required: true },
  },
  async run(call) {
    const { backend, login } = call.values
    const user = await manage(call, 'user.promote', { backend, login })
    const lines = [`${login} is an administrator of ${user.backend.name}.`]
    call.output.result(user, { lines })
    return 0
  },
})
