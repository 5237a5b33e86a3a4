import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { type FastifyInstance, fastify, type LightMyRequestResponse } from 'fastify'
import { DiskBlobStore } from '../../src/blobs/disk.ts'
import { BACKEND_TYPE, INSTANCE } from '../../src/engine/backend.ts'
import { openStore } from '../../src/storage/open.ts'
import type { Store } from '../../src/storage/port.ts'
import type { BackendAsset } from '../../src/tools/backends/backend.ts'
import {
  BACKEND_DEFAULTS,
  type BackendFields,
  createBackend,
} from '../../src/tools/backends/create.ts'
import { createTools, type ToolsContext } from '../../src/tools/context.ts'
import { mountTools } from '../../src/tools/routes.ts'
import { createToken } from '../../src/tools/team/tokens.ts'
import { startPostgres, type TestPostgres } from '../support/postgres.ts'
import { DATABASES, type Database } from '../support/test-app.ts'

/** When the tests take place, unless they turn the clock. */
export const NOW = Date.parse('2026-06-01T12:00:00.000Z')

export type OpenedStore = { readonly store: Store; readonly close: () => Promise<void> }

type StoreOpener = { readonly name: string; readonly open: () => Promise<OpenedStore> }

const OPENERS: Readonly<Record<Database, StoreOpener>> = {
  sqlite: { name: 'SQLite', open: openSqlite },
  postgres: { name: 'PostgreSQL', open: openPostgres },
}

/** Every suite runs once for each of these. */
export const STORES: readonly StoreOpener[] = DATABASES.map((database) => OPENERS[database])

async function openSqlite(): Promise<OpenedStore> {
  const directory = await mkdtemp(join(tmpdir(), 'homeport-tools-'))
  const store = await openStore({ kind: 'sqlite', directory })
  const close = async () => {
    await store.close()
    await rm(directory, { recursive: true })
  }
  return { store, close }
}

// One server for all suites of a test file, started by the first that needs it.
let server: Promise<TestPostgres> | null = null

after(async () => {
  await (await server)?.stop()
})

async function openPostgres(): Promise<OpenedStore> {
  server ??= startPostgres()
  const url = await (await server).createDatabase()
  const store = await openStore({ kind: 'postgres', url })
  return { store, close: () => store.close() }
}

export type ToolsApp = {
  readonly app: FastifyInstance
  readonly tools: ToolsContext
  readonly clock: { now: number }
  /** A call by a developer, to a path after `/mobile/tools/1.0`. */
  call(method: string, path: string, options?: CallOptions): Promise<LightMyRequestResponse>
  close(): Promise<void>
}

type CallOptions = {
  readonly payload?: object | string
  /** `undefined` leaves a header out that is sent otherwise. */
  readonly headers?: Readonly<Record<string, string | undefined>>
}

export async function openToolsApp(
  { open }: StoreOpener,
  options: { readonly listLimitMax?: number } = {},
): Promise<ToolsApp> {
  const opened = await open()
  const clock = { now: NOW }
  const directory = await mkdtemp(join(tmpdir(), 'homeport-files-'))
  const blobs = await DiskBlobStore.open(directory)
  const tools = createTools({ store: opened.store, blobs, now: () => clock.now, ...options })
  const app = fastify()
  mountTools(app, tools)
  const token = await createToken(tools, { role: 'Developer', name: 'jdoe', ttlMs: null })
  const call: ToolsApp['call'] = (method, path, { payload, headers } = {}) => {
    const all = { authorization: `Bearer ${token}`, ...headers }
    const sent = Object.entries(all).filter(([, value]) => value !== undefined)
    return app.inject({
      method: method as 'GET',
      url: `/mobile/tools/1.0${path}`,
      headers: Object.fromEntries(sent),
      ...(payload !== undefined && { payload }),
    })
  }
  const close = async () => {
    await app.close()
    tools.close()
    await opened.close()
    await rm(directory, { recursive: true })
  }
  return { app, tools, clock, call, close }
}

type Planted = Partial<BackendFields> & {
  readonly name: string
  /** What only the lifecycle changes; written as it would. */
  readonly state?: Readonly<Record<string, unknown>>
  readonly at?: number
}

/** A backend in any state, made at a time of its own. */
export async function plant(
  { tools, clock }: Pick<ToolsApp, 'tools' | 'clock'>,
  { state, at = clock.now, ...fields }: Planted,
): Promise<BackendAsset> {
  const before = clock.now
  clock.now = at
  const backend = await createBackend(tools, { ...BACKEND_DEFAULTS, ...fields }, 'jdoe')
  clock.now = before
  if (state) await patch(tools.store, backend.id, state)
  return backend
}

/** Changes members of a backend's data, as an operation would. */
export async function patch(
  store: Store,
  id: string,
  changes: Readonly<Record<string, unknown>>,
): Promise<void> {
  const record = await store.get({ backendId: INSTANCE, type: BACKEND_TYPE, id })
  if (!record) throw new Error('no such backend')
  const data = JSON.stringify({ ...JSON.parse(record.data), ...changes })
  await store.write({
    operations: [{ op: 'replace', record: { ...record, data }, ifVersion: record.version }],
    actor: 'test',
    at: NOW,
  })
}
