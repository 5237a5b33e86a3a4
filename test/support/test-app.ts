import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe } from 'node:test'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { buildApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { type Context, closeContext, openContext } from '../../src/context.ts'
import { type BackendSettings, backendOf } from '../../src/engine/backend.ts'
import { createLogger } from '../../src/http/logger.ts'
import { createManagedUser } from '../../src/objects/users/manage.ts'
import { BACKEND_DEFAULTS, createBackend } from '../../src/tools/backends/create.ts'
import { updateBackendSettings } from '../../src/tools/backends/settings.ts'
import { ensureTeamClient } from '../../src/tools/team/team-client.ts'
import { startPostgres, type TestPostgres } from './postgres.ts'
import { validateReplies } from './validate-replies.ts'

const ALL_DATABASES = ['sqlite', 'postgres'] as const
export type Database = (typeof ALL_DATABASES)[number]

// biome-ignore lint/style/noProcessEnv: the runner tells so that another Node needs SQLite alone.
const only = process.env.HOMEPORT_TEST_DATABASE

export const DATABASES: readonly Database[] = ALL_DATABASES.filter(
  (database) => only === undefined || database === only,
)

/** A backend of the app under test, with its keys. */
export type TestBackend = { readonly id: string; readonly key: string; readonly secret: string }

export type TestUser = { readonly id: string; readonly session: string }

/** The body of a data API reply. */
export type Body = {
  readonly meta: Record<string, unknown> & {
    readonly code: number
    readonly message?: string
    readonly session_id?: string
  }
  // biome-ignore lint/suspicious/noExplicitAny: tests look into replies of every shape.
  readonly response?: any
}

export type Answer = {
  readonly status: number
  readonly body: Body
  readonly headers: Record<string, unknown>
}

type Values = Readonly<Record<string, unknown>>

/** The real time, and how far tests have put the server's clock ahead of it. */
type Clock = { aheadMs: number }

/** The whole server in this process, with a database and files of its own. */
export class TestApp {
  readonly app: FastifyInstance
  readonly context: Context
  readonly backend: TestBackend
  readonly #clock: Clock
  #users = 0

  constructor(app: FastifyInstance, context: Context, backend: TestBackend, clock: Clock) {
    this.app = app
    this.context = context
    this.backend = backend
    this.#clock = clock
  }

  /** Puts the clock of the data API ahead; that of the job queue goes on as it was. */
  advance(ms: number): void {
    this.#clock.aheadMs += ms
  }

  /** Calls a method of the data API, `places/create`, as SDKs do: a form, or a query string. */
  async call(
    verb: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    values: Values = {},
    as?: TestUser | null,
    backend: TestBackend = this.backend,
  ): Promise<Answer> {
    const session = as ? { _session_id: as.session } : {}
    const query = new URLSearchParams({ key: backend.key, ...session })
    const form = new URLSearchParams()
    for (const [name, one] of Object.entries(values)) form.append(name, asText(one))
    const isQuery = verb === 'GET' || verb === 'DELETE'
    if (isQuery) for (const [name, value] of form) query.append(name, value)
    return this.send({
      method: verb,
      url: `/v1/${path}.json?${query}`,
      ...(isQuery
        ? {}
        : {
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
            payload: form.toString(),
          }),
    })
  }

  get(path: string, values?: Values, as?: TestUser | null): Promise<Answer> {
    return this.call('GET', path, values, as)
  }

  post(path: string, values?: Values, as?: TestUser | null): Promise<Answer> {
    return this.call('POST', path, values, as)
  }

  put(path: string, values?: Values, as?: TestUser | null): Promise<Answer> {
    return this.call('PUT', path, values, as)
  }

  del(path: string, values?: Values, as?: TestUser | null): Promise<Answer> {
    return this.call('DELETE', path, values, as)
  }

  /** A multipart body, with files. */
  async upload(
    verb: 'POST' | 'PUT',
    path: string,
    values: Readonly<Record<string, string | Blob>>,
    as?: TestUser | null,
    backend: TestBackend = this.backend,
  ): Promise<Answer> {
    const form = new FormData()
    for (const [name, value] of Object.entries(values)) {
      if (typeof value === 'string') form.append(name, value)
      else form.append(name, value, value instanceof File ? value.name : 'picture.jpg')
    }
    const request = new Request('http://localhost/', { method: 'POST', body: form })
    const query = new URLSearchParams({
      key: backend.key,
      ...(as ? { _session_id: as.session } : {}),
    })
    return this.send({
      method: verb,
      url: `/v1/${path}.json?${query}`,
      headers: { 'content-type': request.headers.get('content-type') ?? '' },
      payload: Buffer.from(await request.arrayBuffer()),
    })
  }

  /** Any body, as it is. The key, and the session if there is one, stand in the query. */
  async raw(
    verb: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    contentType: string,
    payload: string | Buffer,
    as?: TestUser | null,
  ): Promise<Answer> {
    const session = as ? { _session_id: as.session } : {}
    const query = new URLSearchParams({ key: this.backend.key, ...session })
    return this.send({
      method: verb,
      url: `/v1/${path}.json?${query}`,
      headers: { 'content-type': contentType },
      payload,
    })
  }

  /** Files that were received and have neither got their name nor been removed. */
  stagedFiles(): Promise<string[]> {
    return readdir(join(this.context.config.files.directory, '.staging'))
  }

  async send(options: InjectOptions): Promise<Answer> {
    const reply = await this.app.inject(options)
    const isJson = String(reply.headers['content-type']).startsWith('application/json')
    return {
      status: reply.statusCode,
      body: isJson ? reply.json() : (reply.body as unknown as Body),
      headers: reply.headers,
    }
  }

  /** A new user of a backend, logged in. */
  async user(name?: string, backend: TestBackend = this.backend): Promise<TestUser> {
    this.#users += 1
    const username = name ?? `user${this.#users}`
    const password = { password: 'secret', password_confirmation: 'secret' }
    const values = { username, ...password }
    const { body } = await this.call('POST', 'users/create', values, null, backend)
    return { id: body.response.users[0].id, session: String(body.meta.session_id) }
  }

  /** An application administrator, logged in. */
  async admin(name = 'admin', backend: TestBackend = this.backend): Promise<TestUser> {
    const input = { login: name, password: 'secret', admin: true }
    const { id } = await createManagedUser(this.context, backend.id, input)
    const values = { login: name, password: 'secret' }
    const { body } = await this.call('POST', 'users/login', values, null, backend)
    return { id, session: String(body.meta.session_id) }
  }

  /** Another backend on the same server. */
  async newBackend(name: string, settings: Partial<BackendSettings> = {}): Promise<TestBackend> {
    const backend = await makeBackend(this.context, name)
    await this.set(settings, backend)
    return backend
  }

  /** Changes settings of a backend's data API. */
  async set(
    settings: Partial<BackendSettings>,
    backend: TestBackend = this.backend,
  ): Promise<void> {
    if (Object.keys(settings).length === 0) return
    const change = { changes: settings, actor: 'test' }
    await updateBackendSettings(this.context.tools, backend.id, change)
  }

  /** What `work` puts on the queue waits until `settle`, so that one can look at what is before. */
  async holdingJobs<T>(work: () => Promise<T>): Promise<T> {
    const { wakeJobs } = this.context
    Object.assign(this.context, { wakeJobs: () => undefined })
    try {
      return await work()
    } finally {
      Object.assign(this.context, { wakeJobs })
    }
  }

  /** Resolves when no job is due any more. */
  async settle(): Promise<void> {
    this.context.jobs.wake()
    await this.context.jobs.idle()
  }
}

function asText(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
}

async function makeBackend(context: Context, name: string): Promise<TestBackend> {
  const asset = await createBackend(context.tools, { ...BACKEND_DEFAULTS, name }, 'test')
  const address = { backendId: 'homeport', type: 'mobilebackend', id: asset.id }
  const record = await context.store.get(address)
  const backend = record && backendOf(record)
  if (!backend) throw new Error('the backend that was made is not there')
  const secret = backend.clientSecret?.reveal() ?? ''
  return { id: backend.id, key: backend.clientId ?? '', secret }
}

type Started = { readonly test: TestApp; close(): Promise<void> }

async function start(database: Database, env: Readonly<Record<string, string>>): Promise<Started> {
  const directory = await mkdtemp(join(tmpdir(), 'homeport-test-'))
  const server: TestPostgres | null = database === 'postgres' ? await startPostgres() : null
  const url = server ? await server.createDatabase() : undefined
  const config = await readConfig({
    env: {
      HOMEPORT_DATA_DIR: directory,
      ...(url ? { HOMEPORT_DATABASE_URL: url } : {}),
      ...env,
    },
  })
  const opened = await openContext(
    config,
    createLogger('silent', { stream: 'stderr', buffered: false }),
  )
  const clock: Clock = { aheadMs: 0 }
  const context: Context = { ...opened, now: () => Date.now() + clock.aheadMs }
  await ensureTeamClient(context.store, context.now())
  const app = await buildApp(context)
  const problems = validateReplies(app)
  context.jobs.start()
  const backend = await makeBackend(context, 'test')
  return {
    test: new TestApp(app, context, backend, clock),
    async close() {
      await app.close()
      await context.jobs.stop({ graceMs: 2000 })
      await closeContext(context)
      await server?.stop()
      await rm(directory, { recursive: true, force: true })
      // Last: a failure must not leave the server behind, which would keep the process alive.
      problems.assertNoProblems()
    },
  }
}

/**
 * Runs the same tests on SQLite and on PostgreSQL, each with a server of its own.
 *
 * @param tests declares the tests; it gets a function that gives the running app
 */
export function onEachDatabase(
  name: string,
  tests: (app: () => TestApp) => void,
  env: Readonly<Record<string, string>> = {},
): void {
  for (const database of DATABASES) {
    describe(`${name}, on ${database}`, () => {
      let running: Started | undefined
      before(async () => {
        running = await start(database, env)
      })
      after(async () => running?.close())
      tests(() => {
        if (!running) throw new Error('the app has not started')
        return running.test
      })
    })
  }
}
