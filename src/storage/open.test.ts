import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import pg from 'pg'
import { startPostgres, type TestPostgres } from '../../test/support/postgres.ts'
import { migrationStatus, openStore, type StoreOptions } from './open.ts'
import { openDatabase } from './sqlite/driver.ts'

const ADD_UNKNOWN =
  "INSERT INTO schema_migration (name, timestamp) VALUES ('9999-future', '2030-01-01')"

let server: TestPostgres
let directory: string

before(async () => {
  server = await startPostgres()
  directory = await mkdtemp(join(tmpdir(), 'homeport-open-'))
})

after(async () => {
  await server.stop()
  await rm(directory, { recursive: true, force: true })
})

const KINDS: readonly {
  readonly name: string
  options(): Promise<StoreOptions>
  addUnknown(options: StoreOptions): Promise<void>
}[] = [
  {
    name: 'sqlite',
    options: async () => ({ kind: 'sqlite', directory: await mkdtemp(join(directory, 'db-')) }),
    addUnknown: async (options) => {
      if (options.kind !== 'sqlite') return
      const db = openDatabase(join(options.directory, 'db.sqlite'))
      db.exec(ADD_UNKNOWN)
      db.close()
    },
  },
  {
    name: 'postgres',
    options: async () => ({ kind: 'postgres', url: await server.createDatabase() }),
    addUnknown: async (options) => {
      if (options.kind !== 'postgres') return
      const client = new pg.Client({ connectionString: options.url })
      await client.connect()
      await client.query(ADD_UNKNOWN)
      await client.end()
    },
  },
]

for (const { name, options, addUnknown } of KINDS) {
  describe(`opening ${name}`, () => {
    it('tells what is to be migrated without doing it', async () => {
      const fresh = await options()
      const pending = { applied: [], pending: ['0001-tables'] }
      assert.deepEqual(await migrationStatus(fresh), pending)
      assert.deepEqual(await migrationStatus(fresh), pending)
    })

    it('migrates, and opens again', async () => {
      const fresh = await options()
      const stores = [await openStore(fresh), await openStore(fresh)]
      assert.deepEqual(await migrationStatus(fresh), { applied: ['0001-tables'], pending: [] })
      for (const store of stores) await store.close()
    })

    it('refuses what a newer release has written', async () => {
      const newer = await options()
      await (await openStore(newer)).close()
      await addUnknown(newer)
      await assert.rejects(openStore(newer), { name: 'NewerSchemaError' })
      await assert.rejects(migrationStatus(newer), /9999-future/)
    })
  })
}
