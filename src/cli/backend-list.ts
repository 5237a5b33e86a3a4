import { defineCommand } from './command.ts'
import { manage } from './manage.ts'
import { columns } from './output.ts'

export const backendList = defineCommand({
  name: 'backend list',
  about: 'List the mobile backends.',
  options: {},
  async run(call) {
    const result = await manage(call, 'backend.list', {})
    const rows = result.backends.map(({ id, name, version, state }) => [name, version, state, id])
    const lines = rows.length > 0 ? columns(rows) : ['There are no backends yet.']
    const brief = result.backends.map(({ id }) => id).join('\n')
    call.output.result(result, { lines, brief })
    return 0
  },
})
