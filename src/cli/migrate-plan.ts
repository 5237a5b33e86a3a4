import { storeOptions } from '../config.ts'
import { defineCommand } from './command.ts'

export const migratePlan = defineCommand({
  name: 'migrate plan',
  about: 'List the migrations that the next start would apply; change nothing.',
  options: {},
  async run({ config, output }) {
    const { migrationStatus } = await import('../storage/open.ts')
    const plan = await migrationStatus(storeOptions(await config()))
    const lines =
      plan.pending.length > 0
        ? ['To be applied:', ...plan.pending.map((name) => `  ${name}`)]
        : ['The tables are up to date.']
    output.result(plan, { lines, brief: plan.pending.join('\n') })
    return 0
  },
})
