import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { run } from '../../src/cli/run.ts'
import { readConfig } from '../../src/config.ts'
import { createLogger } from '../../src/http/logger.ts'
import { type Server, startServer } from '../../src/manage/server.ts'
import { packageOf } from '../support/packages.ts'
import { startPostgres, type TestPostgres } from '../support/postgres.ts'
import { DATABASES } from '../support/test-app.ts'

type Env = Readonly<Record<string, string>>

for (const database of DATABASES) {
  describe(`the commands for packages, on ${database}`, () => {
    let directory = ''
    let file = ''
    let postgres: TestPostgres | null = null
    let source: Env = {}
    let target: Env = {}
    const running: Server[] = []

    before(async () => {
      directory = await mkdtemp(join(tmpdir(), 'homeport-packages-'))
      file = join(directory, 'package.zip')
      postgres = database === 'postgres' ? await startPostgres() : null
      source = await start('source')
      target = await start('target')
    })
    after(async () => {
      for (const server of running) await server.stop()
      await postgres?.stop()
      await rm(directory, { recursive: true, force: true })
    })

    /** An installation that runs: quicker than opening the data for each command. */
    const start = async (name: string): Promise<Env> => {
      const env = {
        HOMEPORT_DATA_DIR: join(directory, name),
        HOMEPORT_PORT: '0',
        ...(postgres && { HOMEPORT_DATABASE_URL: await postgres.createDatabase() }),
      }
      const logger = createLogger('silent', { stream: 'stderr', buffered: false })
      running.push(await startServer(await readConfig({ env }), logger))
      return env
    }
    /** A command as a person types it. */
    const type = async (env: Env, ...argv: readonly string[]) => {
      const text = { stdout: '', stderr: '' }
      const sink = (name: 'stdout' | 'stderr') => ({
        write: (part: string) => {
          text[name] += part
        },
      })
      const code = await run(argv, {
        env,
        streams: { stdout: sink('stdout'), stderr: sink('stderr') },
      })
      return { code, ...text }
    }
    const done = async (env: Env, ...argv: readonly string[]) => {
      const { code, stdout } = await type(env, ...argv, '--json')
      assert.equal(code, 0, stdout)
      return JSON.parse(stdout)
    }

    it('write a file of what is named, and of all that it needs', async () => {
      const backend = await done(source, 'backend', 'create', '--name', 'Shop')
      await done(source, 'collection', 'create', '--name', 'Photos', '--sync')
      await done(source, 'policy', 'set', 'Shop.*.Some_Policy', 'one')
      const made = await done(
        source,
        ...['package', 'export', 'Shop', 'collection:Photos', '--out', file],
      )
      assert.deepEqual(
        [made.name, made.version, made.file, made.content, made.assets.length],
        ['Shop', '1.0', file, undefined, 2],
      )
      const bytes = await readFile(file, 'latin1')
      assert.ok(bytes.startsWith('PK') && !bytes.includes(backend.clientSecret))
      const { assets } = await done(source, 'package', 'list')
      assert.deepEqual([assets[0].name, assets[0].state], ['Shop', 'published'])
    })

    it('say what installing would do, and do it once', async () => {
      const checked = await type(target, 'package', 'check', file)
      assert.equal(checked.code, 0)
      assert.match(checked.stdout, /^NEW +MobileBackend +Shop +1\.0$/m)
      assert.match(checked.stdout, /^NEW +Policy +Shop\.\*\.Some_Policy +one$/m)
      assert.deepEqual(await done(target, 'collection', 'list'), { assets: [] })
      const set = ['--set', 'Shop.*.Some_Policy=two']
      const installed = await type(target, 'package', 'install', file, ...set)
      assert.equal(installed.code, 0, installed.stderr)
      assert.match(installed.stdout, /^CREATED +StorageCollection +Photos +1\.0$/m)
      const { value } = await done(target, 'policy', 'get', 'Shop.*.Some_Policy')
      assert.equal(value, 'two')
      const again = await type(target, 'package', 'install', file)
      assert.match(again.stdout, /^EXISTS +Package +Shop +1\.0$/m)
      assert.doesNotMatch(again.stdout, /CREATED|NEW/)
      assert.equal((await done(target, 'package', 'list')).assets.length, 1)
    })

    it('fail when there is something wrong, and install nothing', async () => {
      const bad = join(directory, 'bad.zip')
      await writeFile(bad, await packageOf({ policies: { '*.*.Some_Policy': 'x' } }))
      const checked = await type(target, 'package', 'check', bad)
      assert.equal(checked.code, 1)
      assert.match(checked.stdout, /is not about an asset of the package/)
      assert.equal((await type(target, 'package', 'install', bad)).code, 3)
      await writeFile(bad, 'hello')
      assert.equal((await type(target, 'package', 'check', bad)).code, 1)
      assert.equal((await done(target, 'collection', 'list')).assets.length, 1)
      const out = ['--out', join(directory, 'none.zip')]
      assert.equal((await type(source, 'package', 'export', 'Nothing', ...out)).code, 1)
      assert.equal((await type(source, 'package', 'export', ...out)).code, 2)
      assert.equal((await type(source, 'package', 'export', 'Shop')).code, 2)
      const set = ['--set', 'nothing']
      assert.equal((await type(target, 'package', 'install', file, ...set)).code, 2)
    })
  })
}
