import { defineCommand } from './command.ts'
import { columns } from './output.ts'

export const configShow = defineCommand({
  name: 'config show',
  about: 'Print every setting and where its value came from; secrets are hidden.',
  options: {},
  takesSettings: true,
  async run({ config, output }) {
    const { shown } = await config()
    const rows = shown.map(({ name, value, origin }) => [name, value, `(${origin})`])
    output.result({ settings: shown }, { lines: columns(rows) })
    return 0
  },
})
