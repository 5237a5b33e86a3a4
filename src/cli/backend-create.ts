import { backendLines } from './backend-lines.ts'
import { defineCommand } from './command.ts'
import { manage } from './manage.ts'

export const backendCreate = defineCommand({
  name: 'backend create',
  about: 'Make a mobile backend and print its keys.',
  options: {
    name: { value: 'NAME', about: 'Name, unique with the version.', required: true },
    version: { value: 'VERSION', about: 'Version, 1.0 unless given.' },
  },
  async run(call) {
    const { name, version } = call.values
    const backend = await manage(call, 'backend.create', { name, version })
    call.output.result(backend, { lines: backendLines(backend), brief: backend.id })
    return 0
  },
})
