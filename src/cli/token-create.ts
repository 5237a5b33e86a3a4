import { defineCommand } from './command.ts'
import { manage } from './manage.ts'

export const tokenCreate = defineCommand({
  name: 'token create',
  about: 'Make a token for the tools API; it is printed once and not kept.',
  options: {
    role: { value: 'ROLE', about: 'Administrator, Developer or Analyst.', required: true },
    name: { value: 'NAME', about: 'What it is for, as histories show it.' },
  },
  async run(call) {
    const { role, name } = call.values
    const created = await manage(call, 'token.create', { role, name })
    const lines = [
      created.token,
      '',
      'Send it as "Authorization: Bearer TOKEN". It is not shown again.',
    ]
    call.output.result(created, { lines, brief: created.token })
    return 0
  },
})
