import { VERSION } from '../manage/version.ts'
import { defineCommand } from './command.ts'

export const version = defineCommand({
  name: 'version',
  about: 'Print the version of this program.',
  options: {},
  async run({ output }) {
    const data = { name: 'homeport', version: VERSION, node: process.versions.node }
    output.result(data, { lines: [`homeport ${VERSION} (Node ${data.node})`], brief: VERSION })
    return 0
  },
})
