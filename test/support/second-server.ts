import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildApp } from '../../src/app.ts'
import { readConfig, storeOptions } from '../../src/config.ts'
import { closeContext, openContext } from '../../src/context.ts'
import { createLogger } from '../../src/http/logger.ts'
import { TestApp } from './test-app.ts'

/** Another server on the same PostgreSQL database, with files and caches of its own. */
export async function openSecondServer(
  first: TestApp,
): Promise<{ readonly test: TestApp; close(): Promise<void> }> {
  const options = storeOptions(first.context.config)
  if (options.kind === 'sqlite') throw new Error('a file is for one server alone')
  const directory = await mkdtemp(join(tmpdir(), 'homeport-second-'))
  const env = { HOMEPORT_DATA_DIR: directory, HOMEPORT_DATABASE_URL: options.url }
  const logger = createLogger('silent', { stream: 'stderr', buffered: false })
  const context = await openContext(await readConfig({ env }), logger)
  const app = await buildApp(context)
  return {
    test: new TestApp(app, context, first.backend, { aheadMs: 0 }),
    async close() {
      await app.close()
      await closeContext(context)
      await rm(directory, { recursive: true, force: true })
    },
  }
}
