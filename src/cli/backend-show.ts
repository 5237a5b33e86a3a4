import { backendLines } from './backend-lines.ts'
import { defineCommand } from './command.ts'
import { manage } from './manage.ts'

export const backendShow = defineCommand({
  name: 'backend show',
  about: 'Print a mobile backend with its keys.',
  options: {},
  positionals: ['BACKEND'],
  async run(call) {
    const [wanted = ''] = call.positionals
    const backend = await manage(call, 'backend.show', { backend: wanted })
    call.output.result(backend, { lines: backendLines(backend), brief: backend.id })
    return 0
  },
})
