import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { startPostgres, type TestPostgres } from '../../../test/support/postgres.ts'
import type { ChangedAddress } from '../listeners.ts'
import { openStore } from '../open.ts'
import type { Store } from '../port.ts'
import { aRecord, idOf, inserts } from '../testing/stores.ts'

const PATIENCE_MS = 5000

describe('two servers on one database', () => {
  let server: TestPostgres
  let url: string
  let here: Store
  let there: Store

  before(async () => {
    server = await startPostgres()
    url = await server.createDatabase()
    here = await openStore({ kind: 'postgres', url })
    there = await openStore({ kind: 'postgres', url })
    // The second one's greeting, which tells the first to forget everything.
    await sleep(200)
  })

  after(async () => {
    await here.close()
    await there.close()
    await server.stop()
  })

  it('hear of what the other wrote', async () => {
    const heard = listen(there)
    const record = aRecord({ id: idOf(1) })
    await here.write(inserts([record]))
    const { backendId, type, id } = record
    assert.deepEqual(await heard.first(), [{ backendId, type, id }])
  })

  it('forget everything when it was too much to name', async () => {
    const heard = listen(there)
    const many = Array.from({ length: 300 }, (_, at) => aRecord({ id: idOf(at + 10) }))
    await here.write(inserts(many))
    assert.deepEqual(await heard.first(), [])
  })

  it('forget everything when they were cut off, and listen again', async () => {
    const heard = listen(there)
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND query LIKE 'LISTEN%'`,
    )
    await client.end()
    assert.deepEqual(await heard.first(), [])
    await sleep(1500)
    const again = listen(there)
    await here.write(inserts([aRecord({ id: idOf(9) })]))
    assert.equal((await again.first()).at(-1)?.id, idOf(9))
  })
})

function listen(store: Store): { first(): Promise<readonly ChangedAddress[]> } {
  const { promise, resolve } = withResolvers<readonly ChangedAddress[]>()
  const stop = store.subscribe((changes) => {
    stop()
    resolve(changes)
  })
  return {
    first: () =>
      Promise.race([
        promise,
        sleep(PATIENCE_MS, undefined, { ref: false }).then(() => {
          throw new Error('heard nothing')
        }),
      ]),
  }
}

function withResolvers<T>(): { promise: Promise<T>; resolve(value: T): void } {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
