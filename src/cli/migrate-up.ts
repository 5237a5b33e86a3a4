import { storeOptions } from '../config.ts'
import { openDataDirectory } from '../manage/data-dir/data-directory.ts'
import { defineCommand } from './command.ts'

export const migrateUp = defineCommand({
  name: 'migrate up',
  about: 'Apply the waiting migrations now, as a start would.',
  options: {},
  async run({ config, output }) {
    const settings = await config()
    const { migrationStatus, openStore } = await import('../storage/open.ts')
    const options = storeOptions(settings)
    const directory = await openDataDirectory(settings)
    try {
      const { pending } = await migrationStatus(options)
      const store = await openStore(options)
      await store.close()
      const lines = pending.length > 0 ? pending.map((name) => `Applied ${name}.`) : UP_TO_DATE
      output.result({ applied: pending }, { lines, brief: pending.join('\n') })
      return 0
    } finally {
      directory.close()
    }
  },
})

const UP_TO_DATE = ['The tables were up to date.']
