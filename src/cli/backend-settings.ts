import { defineCommand, UsageError } from './command.ts'
import { manage } from './manage.ts'
import { columns } from './output.ts'

export const backendSettings = defineCommand({
  name: 'backend settings',
  about: 'Print the settings of a backend, after changing some if so told.',
  options: {
    set: {
      value: 'NAME=VALUE',
      about: 'Change a setting; may come several times. Lists have commas, null is nothing.',
      repeats: true,
    },
  },
  positionals: ['BACKEND'],
  async run(call) {
    const [backend = ''] = call.positionals
    const given = call.values.set.map(pairOf)
    const set = given.length > 0 ? JSON.stringify(Object.fromEntries(given)) : undefined
    const result = await manage(call, 'backend.settings', { backend, set })
    const rows = Object.entries(result.settings).map(([name, value]) => [name, textOf(value)])
    call.output.result(result, { lines: columns(rows) })
    return 0
  },
})

function pairOf(text: string): [name: string, value: string] {
  const at = text.indexOf('=')
  if (at < 1) throw new UsageError(`"${text}" is not of the form NAME=VALUE.`)
  return [text.slice(0, at), text.slice(at + 1)]
}

function textOf(value: unknown): string {
  return Array.isArray(value) ? value.join(',') : String(value)
}
