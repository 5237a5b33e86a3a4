import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readConfig } from '../../src/config.ts'
import { closeContext, openContext } from '../../src/context.ts'
import type { BackendSettings } from '../../src/engine/backend.ts'
import { createLogger } from '../../src/http/logger.ts'
import { updateBackendSettings } from '../../src/tools/backends/settings.ts'
import { startPostgres } from './postgres.ts'
import type { Database } from './test-app.ts'

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

const START_TIMEOUT_MS = 30_000

export type Env = Readonly<Record<string, string>>

/** What a command left behind. */
export type Ended = {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A backend as `backend create --json` and a first start print it. */
export type ShownBackend = {
  readonly id: string
  readonly name: string
  readonly version: string
  readonly state: string
  readonly clientId: string
  readonly clientSecret: string
}

type Launched = {
  readonly child: ChildProcess
  /** What it has written so far. */
  readonly text: { stdout: string; stderr: string }
  readonly ended: Promise<Ended>
}

/** Runs the built program as users do, in an environment that names no setting but those given. */
export function launch(args: readonly string[], env: Env = {}): Launched {
  assert.ok(existsSync(MAIN), 'these tests run the built program: npm run build')
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const text = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (data: string) => {
    text.stdout += data
  })
  child.stderr.setEncoding('utf8').on('data', (data: string) => {
    text.stderr += data
  })
  const ended = once(child, 'close').then(([code]) => ({ code, ...text }))
  return { child, text, ended }
}

/** A server in a process of its own, on a data directory that outlives its process. */
export class ServerProcess {
  readonly dataDir: string
  /** Made at the first start. */
  readonly backend: ShownBackend
  readonly #env: Env
  readonly #dispose: () => Promise<void>
  readonly #earlierProblems: string[] = []
  #running: Launched
  #url: string

  private constructor(
    home: { dataDir: string; env: Env; dispose: () => Promise<void> },
    started: Started,
  ) {
    assert.ok(started.backend, 'a first start makes a backend')
    this.dataDir = home.dataDir
    this.backend = started.backend
    this.#env = home.env
    this.#dispose = home.dispose
    this.#running = started.running
    this.#url = started.url
  }

  /** A new server on `database`, ready for calls. */
  static async start(database: Database, env: Env = {}): Promise<ServerProcess> {
    const dataDir = await mkdtemp(join(tmpdir(), 'homeport-process-'))
    const postgres = database === 'postgres' ? await startPostgres() : null
    const dispose = async () => {
      await postgres?.stop()
      await rm(dataDir, { recursive: true, force: true })
    }
    const home = {
      dataDir,
      dispose,
      env: {
        HOMEPORT_LOG_LEVEL: 'warn',
        ...(postgres ? { HOMEPORT_DATABASE_URL: await postgres.createDatabase() } : {}),
        ...env,
      },
    }
    try {
      return new ServerProcess(home, await begin(dataDir, home.env))
    } catch (error) {
      await dispose()
      throw error
    }
  }

  /** Where it listens: another port after every start. */
  get url(): string {
    return this.#url
  }

  /** The host and port of {@link url}. */
  get host(): string {
    return new URL(this.#url).host
  }

  get pid(): number {
    return this.#running.child.pid ?? 0
  }

  /** What it has logged as warnings or worse, over all its starts. */
  get problems(): string[] {
    return [...this.#earlierProblems, ...problemsIn(this.#running.text.stderr)]
  }

  get databaseUrl(): string | undefined {
    return this.#env.HOMEPORT_DATABASE_URL
  }

  /** Ends it in good order. @returns its exit code */
  async stop(): Promise<number | null> {
    this.#running.child.kill('SIGTERM')
    return (await this.#running.ended).code
  }

  /** Ends it as a crash does: nothing of it runs on, not even to tidy up. */
  async kill(): Promise<void> {
    this.#running.child.kill('SIGKILL')
    await this.#running.ended
  }

  /** Starts again on the same data, after {@link stop} or {@link kill}. */
  async restart(): Promise<void> {
    const started = await begin(this.dataDir, this.#env)
    assert.equal(started.backend, null, 'only a first start makes a backend')
    this.#earlierProblems.push(...problemsIn(this.#running.text.stderr))
    this.#running = started.running
    this.#url = started.url
  }

  /** A command on the same data, running server or not. */
  command(args: readonly string[]): Promise<Ended> {
    return launch([...args, '--data-dir', this.dataDir], this.#env).ended
  }

  /** The one JSON object that a command prints; the command must succeed. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into results of every shape.
  async json(args: readonly string[]): Promise<any> {
    const { code, stdout, stderr } = await this.command([...args, '--json'])
    assert.equal(code, 0, `homeport ${args.join(' ')}: ${stdout}${stderr}`)
    assert.match(stdout, /^\{.*\}\n$/, 'stdout must be one line of JSON')
    return JSON.parse(stdout)
  }

  /** A token of the tools API, for an administrator. */
  async token(): Promise<string> {
    return (await this.json(['token', 'create', '--role', 'Administrator'])).token
  }

  /** Changes settings of a backend's data API, for which the server has to stand still. */
  async set(settings: Partial<BackendSettings>, id: string = this.backend.id): Promise<void> {
    await this.stop()
    const env = { ...this.#env, HOMEPORT_DATA_DIR: this.dataDir }
    const logger = createLogger('silent', { stream: 'stderr', buffered: false })
    const context = await openContext(await readConfig({ env }), logger)
    try {
      await updateBackendSettings(context.tools, id, { changes: settings, actor: 'test' })
    } finally {
      await closeContext(context)
    }
    await this.restart()
  }

  /** Ends it, if it still runs, and removes its data. */
  async dispose(): Promise<void> {
    await this.kill()
    await this.#dispose()
  }
}

/** Talk goes to stderr too, but each line of the log is an object. */
function problemsIn(stderr: string): string[] {
  return stderr.split('\n').filter((line) => line.startsWith('{'))
}

type Started = {
  readonly running: Launched
  readonly url: string
  readonly backend: ShownBackend | null
}

/** Starts the process and waits until it says that it is ready, and is. */
async function begin(dataDir: string, env: Env): Promise<Started> {
  const running = launch(['start', '--data-dir', dataDir, '--port', '0', '--json'], env)
  const told = await new Promise<string>((resolve, reject) => {
    const late = setTimeout(() => {
      running.child.kill('SIGKILL')
      reject(new Error(`the server did not start in time: ${running.text.stderr}`))
    }, START_TIMEOUT_MS)
    running.child.stdout?.on('data', () => {
      if (!running.text.stdout.endsWith('\n')) return
      clearTimeout(late)
      resolve(running.text.stdout)
    })
    running.ended.then(({ code, stdout, stderr }) => {
      clearTimeout(late)
      reject(new Error(`the server ended with code ${code}: ${stdout}${stderr}`))
    })
  })
  const { url, backend } = JSON.parse(told) as Pick<Started, 'url' | 'backend'>
  assert.ok(url, `the server did not start: ${told}`)
  const ready = await fetch(`${url}/health/ready`)
  assert.equal(ready.status, 200, await ready.text())
  return { running, url, backend }
}
