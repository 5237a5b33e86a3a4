/**
 * Lists of many backends, on both databases: how long one call of the tools API takes when it
 * searches, sorts and cuts a page out of 10,000. The texts differ from call to call, and so do the
 * languages and orders.
 */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DiskBlobStore } from '../src/blobs/disk.ts'
import type { StoreOptions } from '../src/storage/open.ts'
import { openStore } from '../src/storage/open.ts'
import { creationOperations } from '../src/tools/assets/change.ts'
import { BACKEND_DEFAULTS, newBackendRecord } from '../src/tools/backends/create.ts'
import { createTools } from '../src/tools/context.ts'
import { createToken } from '../src/tools/team/tokens.ts'
import { startPostgres } from '../test/support/postgres.ts'
import type { LoadOptions, LoadResult } from './load.ts'
import { load, startServer, stop } from './processes.ts'

const BATCH = 200
const SYLLABLES = ['ba', 'ke', 'lo', 'mi', 'nu', 'ro', 'sa', 'te', 'vi', 'zo']
const LANGUAGES = ['en', 'da', 'de', 'sv-SE,sv;q=0.9']
const ORDERS = ['name', 'modifiedOn:desc', 'version:desc', 'createdOn,name:desc']

export type ListMeasure = { readonly database: string; readonly result: LoadResult }

/** @param folder for the databases, which are made anew */
export async function measureLists(
  folder: string,
  { count, seconds }: { readonly count: number; readonly seconds: number },
): Promise<ListMeasure[]> {
  const sqlite = join(folder, 'lists')
  const results = [
    await measureOn('SQLite', { kind: 'sqlite', directory: sqlite }, { count, seconds, env: {} }),
  ]
  const postgres = await startPostgres({ isDurable: true })
  try {
    const url = await postgres.createDatabase()
    const env = { HOMEPORT_DATABASE_URL: url }
    results.push(await measureOn('PostgreSQL', { kind: 'postgres', url }, { count, seconds, env }))
  } finally {
    await postgres.stop()
  }
  return results

  async function measureOn(
    database: string,
    store: StoreOptions,
    options: { count: number; seconds: number; env: Record<string, string> },
  ): Promise<ListMeasure> {
    const env = {
      ...{ HOMEPORT_DATA_DIR: sqlite, HOMEPORT_PORT: '0', HOMEPORT_LOG_LEVEL: 'warn' },
      ...options.env,
    }
    // The first start makes the tables.
    await stop(await startServer(['dist/main.js', 'start', '--json'], env))
    const token = await fillBackends(store, options.count)
    const server = await startServer(['dist/main.js', 'start', '--json'], env)
    const all = { url: server.url, connections: 1, requests: requestsWith(token) }
    // The first calls read everything, and learn each order.
    await load({ ...all, seconds: 2 })
    const result = await load({ ...all, seconds: options.seconds })
    await stop(server)
    return { database, result }
  }
}

/** @returns the token of a developer */
async function fillBackends(options: StoreOptions, count: number): Promise<string> {
  const store = await openStore(options)
  // Backends have no files, but the tools want to know where they would be.
  const blobs = await DiskBlobStore.open(join(tmpdir(), 'homeport-bench-files'))
  const tools = createTools({ store, blobs })
  const by = { actor: 'bench', at: Date.now() }
  for (let start = 0; start < count; start += BATCH) {
    const operations = Array.from({ length: Math.min(BATCH, count - start) }, (_, at) => {
      const record = newBackendRecord(fieldsOf(start + at), { ...by, at: by.at + start + at })
      return creationOperations(record, { action: 'CREATED' }, by)
    }).flat()
    await store.write({ operations, ...by })
  }
  const token = await createToken(tools, { role: 'Developer', name: 'bench' })
  tools.close()
  await store.close()
  return token
}

function fieldsOf(i: number) {
  const word = wordOf(i * 7919)
  return {
    ...BACKEND_DEFAULTS,
    name: `${word}${i}`,
    version: `${1 + (i % 7)}.${i % 13}`,
    title: `The ${wordOf(i * 31)} of ${word}`,
    desc: i % 2 === 0 ? `For ${wordOf(i)}, made to be listed` : null,
  }
}

function wordOf(i: number): string {
  return [i % 10, Math.floor(i / 10) % 10, Math.floor(i / 100) % 10]
    .map((at) => SYLLABLES[at])
    .join('')
}

function requestsWith(token: string): LoadOptions['requests'] {
  return Array.from({ length: 200 }, (_, i) => {
    const query = new URLSearchParams({
      q: wordOf(i * 37).slice(0, 2 + (i % 4)),
      orderBy: ORDERS[i % ORDERS.length] ?? '',
      limit: '50',
    })
    return {
      method: 'GET' as const,
      path: `/mobile/tools/1.0/mobilebackends?${query}`,
      headers: {
        authorization: `Bearer ${token}`,
        'accept-language': LANGUAGES[i % LANGUAGES.length] ?? '',
      },
    }
  })
}
