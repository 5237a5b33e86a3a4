import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url))
/** The program as it is shipped, which `npm test` and `npm run build` make. */
const MAIN = join(REPOSITORY, 'dist', 'main.js')

before(() => assert.ok(existsSync(MAIN), 'npm run build makes the program'))

const root = mkdtempSync(join(tmpdir(), 'homeport-e2e-'))
after(() => rmSync(root, { recursive: true, force: true }))
const folder = () => mkdtempSync(join(root, 'd'))

const running = new Set<ChildProcess>()
afterEach(() => {
  for (const child of running) child.kill('SIGKILL')
})

type Env = Readonly<Record<string, string>>

/** A process of its own, in an environment that names no setting but those of the test. */
function launch(args: readonly string[], env: Env = {}) {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: root,
    env: { PATH: '/usr/bin:/bin', ...env },
  })
  running.add(child)
  const text = { stdout: '', stderr: '' }
  child.stdout.on('data', (data) => {
    text.stdout += data
  })
  child.stderr.on('data', (data) => {
    text.stderr += data
  })
  const ended = once(child, 'close').then(([code]) => {
    running.delete(child)
    return { code: code as number | null, ...text }
  })
  return { child, text, ended }
}

const run = (args: readonly string[], env?: Env) => launch(args, env).ended

/** A command's one JSON object, and its exit code. */
async function json(args: readonly string[], env?: Env) {
  const { code, stdout, stderr } = await run([...args, '--json'], env)
  const lines = stdout.split('\n')
  assert.equal(lines.length, 2, `not one line: ${stdout}${stderr}`)
  return { code, data: JSON.parse(stdout) }
}

async function until<T>(find: () => T | null | undefined | false): Promise<T> {
  for (let waitedMs = 0; waitedMs < 20_000; waitedMs += 20) {
    const found = find()
    if (found) return found
    await sleep(20)
  }
  throw new Error('waited in vain')
}

/** A server on a free port; `told` is the object it printed. */
async function start(dataDir: string, env: Env = {}) {
  const server = launch(['start', '--data-dir', dataDir, '--port', '0', '--json'], env)
  await until(() => server.text.stdout.endsWith('\n') || server.child.exitCode !== null)
  assert.ok(server.text.stdout, server.text.stderr)
  return { ...server, told: JSON.parse(server.text.stdout) }
}

async function stop({ child, ended }: Pick<ReturnType<typeof launch>, 'child' | 'ended'>) {
  child.kill('SIGTERM')
  assert.equal((await ended).code, 0)
}

/** A call whose body is sent up to the last byte, which waits for `finish`. */
async function halfCall(url: string, path: string) {
  const { hostname, port } = new URL(url)
  const body = 'username=ada&password=lovelace&password_confirmation=lovelace'
  const socket = connect(Number(port), hostname)
  let reply = ''
  socket.on('data', (data) => {
    reply += data
  })
  const closed = once(socket, 'close').then(() => reply)
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: ${hostname}\r\nContent-Length: ${body.length}\r\n` +
      `Content-Type: application/x-www-form-urlencoded\r\n\r\n${body.slice(0, -1)}`,
  )
  await sleep(200)
  return { finish: () => socket.write(body.slice(-1)), closed }
}

describe('a command line', () => {
  for (const [why, args, message] of [
    ['says nothing', [], /Say what to do/],
    ['names no command', ['strat'], /Did you mean start\?/],
    ['names half a command', ['backend'], /backend create, backend list, backend show/],
    ['has an unknown flag', ['backend', 'create', '--nmae', 'x'], /Did you mean --name\?/],
    ['lacks a flag', ['backend', 'create'], /--name NAME is missing/],
    ['lacks a value', ['backend', 'create', '--name'], /--name/],
    ['has too many words', ['backend', 'list', 'x'], /"x" is not expected/],
    ['has too few words', ['backend', 'show'], /BACKEND is missing/],
    ['gives a secret as a flag', ['start', '--admin-password', 'x'], /no flag --admin-password/],
    ['gives a wrong value', ['start', '--port', 'x'], /flag --port: must be/],
  ] as const) {
    it(`is refused with exit code 2 when it ${why}`, async () => {
      const plain = await run(args)
      assert.equal(plain.code, 2)
      assert.equal(plain.stdout, '')
      assert.match(plain.stderr, message)
      const { code, data } = await json(args)
      assert.equal(code, 2)
      assert.match(data.error.message, message)
    })
  }

  it('is refused with exit code 2 when a setting is wrong', async () => {
    const { code, stderr } = await run(['status'], { HOMEPORT_PROT: '1' })
    assert.equal(code, 2)
    assert.match(stderr, /HOMEPORT_PROT: .*Did you mean HOMEPORT_PORT/)
  })

  it('gets help for every command', async () => {
    const { data } = await json(['--help'])
    for (const command of data.commands) {
      const { code, stdout } = await run([...command.split(' '), '--help'])
      assert.equal(code, 0)
      assert.match(stdout, new RegExp(`^Usage: homeport ${command}`))
    }
  })
})

describe('a first start', () => {
  it('makes secrets that nobody else can read, a backend, and a way in', async () => {
    const dataDir = folder()
    const server = await start(dataDir)
    const { backend, setupUrl, url } = server.told
    assert.match(backend.clientId, /^[0-9a-f]{32}$/)
    assert.equal((await fetch(setupUrl)).status, 200)
    for (const name of ['secrets.json', 'server.json', 'db.sqlite']) {
      assert.equal(statSync(join(dataDir, name)).mode & 0o077, 0, name)
    }
    assert.equal((await fetch(`${url}/health/live`)).status, 200)
    assert.equal((await fetch(`${url}/health/ready`)).status, 200)
    await stop(server)
    const log = server.text.stderr.split('\n').filter((line) => line.startsWith('{'))
    assert.match(log.join(), /setup\?token=\*/)
    assert.ok(!log.join().includes(new URL(setupUrl).searchParams.get('token') ?? ''))

    const again = await start(dataDir)
    assert.equal(again.told.backend, null)
    await stop(again)
  })

  it('tells people a call that works as pasted', async () => {
    const server = launch(['start', '--data-dir', folder(), '--port', '0'])
    const line = await until(() => /^ {2}(curl .*)$/m.exec(server.text.stderr)?.[1])
    const reply = JSON.parse(execFileSync('sh', ['-c', line], { encoding: 'utf8' }))
    assert.equal(reply.meta.code, 200)
    assert.equal(reply.response.users[0].username, 'ada')
    for (const logged of server.text.stdout.trim().split('\n')) JSON.parse(logged)
    await stop(server)
  })

  it('makes the administrator whom the settings name, and then prints no link', async () => {
    const dataDir = folder()
    const env = { HOMEPORT_ADMIN_EMAIL: 'ada@example.org', HOMEPORT_ADMIN_PASSWORD: 'lovelace1815' }
    const server = await start(dataDir, env)
    assert.equal(server.told.setupUrl, null)
    const args = ['admin', 'create', '--login', 'ada@example.org', '--data-dir', dataDir]
    const { code } = await json(args)
    assert.equal(code, 3)
    assert.doesNotMatch(server.text.stderr + server.text.stdout, /lovelace1815/)
    await stop(server)
  })
})

describe('management commands', () => {
  /** One story, told by commands; it must end the same with and without a server. */
  async function manage(dataDir: string) {
    const at = ['--data-dir', dataDir]
    const backend = (await json(['backend', 'create', '--name', 'shop', ...at])).data
    assert.match(backend.clientId, /^[0-9a-f]{32}$/)
    assert.ok(backend.clientSecret && backend.basicAuthBackendId)
    assert.equal((await json(['backend', 'create', '--name', 'shop', ...at])).code, 3)
    await json(['backend', 'create', '--name', 'shop', '--version', '2.0', ...at])

    const user = ['user', 'create', '--login', 'ada', '--password', 'lovelace', '--admin', ...at]
    const created = await json([...user, '--backend', backend.id])
    assert.equal(created.code, 0, JSON.stringify(created.data))
    assert.match(created.data.id, /^[0-9a-f]{24}$/)
    const ambiguous = await json([...user, '--backend', 'shop'])
    assert.equal(ambiguous.code, 2)
    assert.match(ambiguous.data.error.message, new RegExp(backend.id))
    const unknown = await json([...user, '--backend', 'nowhere'])
    assert.equal(unknown.code, 1)
    assert.equal(unknown.data.error.code, 'asset_unknown')

    const plain = ['--login', 'bob', '--backend', backend.id, ...at]
    assert.equal((await json(['user', 'create', '--password', 'builder1', ...plain])).code, 0)
    assert.equal((await json(['user', 'promote', ...plain])).code, 0)

    const { token } = (await json(['token', 'create', '--role', 'Administrator', ...at])).data
    assert.equal((await json(['token', 'create', '--role', 'King', ...at])).code, 2)
    assert.equal((await json(['admin', 'create', '--login', 'eve', ...at])).code, 0)
    const reset = await run(['admin', 'reset', '--login', 'eve', ...at, '--quiet'])
    assert.match(reset.stdout, /^[\w-]{20,}\n$/)
    assert.equal((await json(['team', 'add', 'joe', '--roles', 'Analyst', ...at])).code, 0)
    assert.equal((await json(['team', 'remove', 'eve', ...at])).code, 3)
    const since = ['audit', '--since', '-1h', '--actor', 'command line', '--limit', '2']
    const { entries } = (await json([...since, ...at])).data
    assert.deepEqual(
      entries.map((one: { actions: string[] }) => one.actions.join()),
      ['CREATED', 'PASSWORD_CHANGED'],
    )

    const listed = await run(['backend', 'list', '--quiet', ...at])
    assert.ok(listed.stdout.split('\n').includes(backend.id))
    const shown = (await json(['backend', 'show', backend.id, ...at])).data
    assert.deepEqual(shown, backend)
    return { token, backend }
  }

  async function check(url: string, { token, backend }: Awaited<ReturnType<typeof manage>>) {
    const headers = { authorization: `Bearer ${token}` }
    const list = await fetch(`${url}/mobile/tools/1.0/mobilebackends`, { headers })
    assert.equal(list.status, 200)
    const { items } = (await list.json()) as { items: { id: string }[] }
    assert.ok(items.some(({ id }) => id === backend.id))
    const body = new URLSearchParams({ login: 'ada', password: 'lovelace' })
    const login = `${url}/v1/users/login.json?key=${backend.clientId}`
    const reply = await (await fetch(login, { method: 'POST', body })).text()
    assert.equal(JSON.parse(reply).response.users[0].admin, 'true')
  }

  it('work through the running server', async () => {
    const dataDir = folder()
    const server = await start(dataDir)
    await check(server.told.url, await manage(dataDir))
    await stop(server)
  })

  it('work without a server', async () => {
    const dataDir = folder()
    const made = await manage(dataDir)
    const server = await start(dataDir)
    await check(server.told.url, made)
    await stop(server)
  })

  it('are nothing to those who do not have the token, or come from elsewhere', async () => {
    const dataDir = folder()
    const server = await start(dataDir)
    const { token } = JSON.parse(readFileSync(join(dataDir, 'server.json'), 'utf8'))
    const call = (headers: Record<string, string>) =>
      fetch(`${server.told.url}/_homeport/manage/backend.list`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: '{}',
      })
    const authorization = `Bearer ${token}`
    assert.equal((await call({ authorization })).status, 200)
    assert.equal((await call({})).status, 404)
    assert.equal((await call({ authorization: 'Bearer x' })).status, 404)
    assert.equal((await call({ authorization, 'x-forwarded-for': '10.0.0.1' })).status, 404)
    await stop(server)
  })

  it('take part at once: none is refused because another is at work', async () => {
    const dataDir = folder()
    const names = ['a', 'b', 'c']
    const made = await Promise.all(
      names.map((name) => json(['backend', 'create', '--name', name, '--data-dir', dataDir])),
    )
    assert.deepEqual(
      made.map(({ code }) => code),
      [0, 0, 0],
    )
  })
})

describe('status, doctor, migrate, config show', () => {
  it('tell how things are before, during and after', async () => {
    const dataDir = folder()
    const at = ['--data-dir', dataDir]
    assert.deepEqual((await json(['status', ...at])).data, { running: false, dataDir })
    assert.equal((await run(['status', ...at])).code, 1)
    const plan = (await json(['migrate', 'plan', ...at])).data
    assert.equal(plan.applied.length, 0)
    assert.deepEqual((await json(['migrate', 'up', ...at])).data, { applied: plan.pending })
    assert.deepEqual((await json(['migrate', 'plan', ...at])).data.pending, [])

    const server = await start(dataDir)
    const { code, data } = await json(['status', ...at])
    assert.equal(code, 0)
    assert.deepEqual([data.running, data.url, data.pid], [true, server.told.url, server.child.pid])
    const examined = await json(['doctor', ...at])
    assert.equal(examined.code, 0, JSON.stringify(examined.data))
    await stop(server)
  })

  it('find what is wrong, and say what to do', async () => {
    const dataDir = folder()
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as { port: number }
    writeFileSync(join(dataDir, 'secrets.json'), '{}', { mode: 0o644 })
    const args = ['doctor', '--data-dir', dataDir, '--port', String(port)]
    const { code, data } = await json(args, { HOMEPORT_SMTP_URL: 'smtp://127.0.0.1:1' })
    taken.close()
    assert.equal(code, 1)
    const failed = data.checks.filter((one: { state: string }) => one.state === 'fail')
    const names = failed.map(({ check, advice }: { check: string; advice?: string }) => {
      assert.ok(advice)
      return check
    })
    assert.deepEqual(names, ['data directory', 'port', 'mail'])
  })

  it('show settings without secrets, and where they come from', async () => {
    const env = { HOMEPORT_ADMIN_EMAIL: 'a@b.c', HOMEPORT_ADMIN_PASSWORD: 'lovelace1815' }
    const { data } = await json(['config', 'show', '--port', '9000'], env)
    const find = (wanted: string) =>
      data.settings.find((one: { name: string }) => one.name === wanted)
    assert.equal(find('HOMEPORT_PORT').origin, 'flag --port')
    assert.equal(find('HOMEPORT_ADMIN_PASSWORD').value, '***')
  })
})

describe('a server', () => {
  it('lets a call that is under way end when it is told to stop', async () => {
    const server = await start(folder())
    const path = `/v1/users/create.json?key=${server.told.backend.clientId}`
    const call = await halfCall(server.told.url, path)
    server.child.kill('SIGTERM')
    await sleep(300)
    assert.equal(server.child.exitCode, null)
    await assert.rejects(fetch(`${server.told.url}/health/live`))
    call.finish()
    assert.match(await call.closed, /^HTTP\/1.1 200 /)
    assert.equal((await server.ended).code, 0)
  })

  it('waits for such a call no longer than it may', async () => {
    const server = await start(folder(), { HOMEPORT_DRAIN_TIMEOUT_MS: '300' })
    const call = await halfCall(server.told.url, '/v1/users/create.json?key=x')
    const before = performance.now()
    server.child.kill('SIGTERM')
    assert.equal((await server.ended).code, 0)
    assert.ok(performance.now() - before < 4000)
    await call.closed
  })

  it('ends at once when it is told twice', async () => {
    const server = await start(folder(), { HOMEPORT_DRAIN_TIMEOUT_MS: '60000' })
    await halfCall(server.told.url, '/v1/users/create.json?key=x')
    server.child.kill('SIGTERM')
    await sleep(200)
    server.child.kill('SIGINT')
    assert.equal((await server.ended).code, 1)
  })

  it('starts again after it was killed, with all that it had acknowledged', async () => {
    const dataDir = folder()
    const server = await start(dataDir)
    const { data } = await json(['backend', 'create', '--name', 'kept', '--data-dir', dataDir])
    server.child.kill('SIGKILL')
    await server.ended
    const again = await start(dataDir)
    const shown = await json(['backend', 'show', 'kept', '--data-dir', dataDir])
    assert.deepEqual(shown.data, data)
    await stop(again)
  })

  it('is refused the data of another, a port that is taken, and data of a newer version', async () => {
    const dataDir = folder()
    const server = await start(dataDir)
    const port = new URL(server.told.url).port
    const same = await json(['start', '--data-dir', dataDir, '--port', '0'])
    assert.deepEqual([same.code, same.data.error.code], [3, 'data_dir_in_use'])
    const other = await json(['start', '--data-dir', folder(), '--port', port])
    assert.deepEqual([other.code, other.data.error.code], [3, 'port_in_use'])
    await stop(server)
    writeFileSync(join(dataDir, 'VERSION'), '999.0.0\n')
    const older = await json(['start', '--data-dir', dataDir, '--port', '0'])
    assert.deepEqual([older.code, older.data.error.code], [3, 'data_dir_newer'])
  })
})
