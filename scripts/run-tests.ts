import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startPostgres } from '../test/support/postgres.ts'

/**
 * What `npm test` runs: all tests, or with words those whose path has one of them
 * (`npm test -- places`). With `--api-only` those that need no built program, and on SQLite alone:
 * it is the one part that differs between versions of Node. Tables of who may call what, and what
 * commands print, are left out there too, since no version of Node has a say in them.
 */

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** These start the program as users do, from `dist`. */
const NEEDS_BUILD = 'test/e2e/'

/** Long, and the same on every version of Node. */
const SAME_EVERYWHERE = /^test\/api\/(permissions.*|tenants|.*-commands)\.test\.ts$/

/** The machine that this has to work on has two processors; more would only make tests wait. */
const FILES_AT_ONCE = 2

/** For one file, whose process may never end. Node 24 holds only single tests to it. */
const FILE_TIMEOUT_MS = 8 * 60 * 1000

/** Far beyond what all tests need, and soon enough for a continuous integration job to say why. */
const TIMEOUT_MS = 30 * 60 * 1000

const children = new Set<ReturnType<typeof spawn>>()

process.exitCode = await main()

async function main(): Promise<number> {
  const { values, positionals: words } = parseArgs({
    options: { 'api-only': { type: 'boolean', default: false } },
    allowPositionals: true,
  })
  const files = testFiles().filter(
    (file) =>
      !(values['api-only'] && (file.startsWith(NEEDS_BUILD) || SAME_EVERYWHERE.test(file))) &&
      (words.length === 0 || words.some((word) => file.includes(word))),
  )
  if (files.length === 0) {
    say(`No test file has ${words.join(' or ')} in its path.`)
    return 1
  }
  if (files.some((file) => file.startsWith(NEEDS_BUILD)) && (await build()) !== 0) {
    say('The program could not be built, so nothing was tested.')
    return 1
  }
  return runFiles(files, values['api-only'] ? { HOMEPORT_TEST_DATABASE: 'sqlite' } : {})
}

function testFiles(): string[] {
  return ['src', 'test']
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map(
        (name) => `${folder}/${name}`,
      ),
    )
    .filter((file) => file.endsWith('.test.ts'))
    .sort()
}

function build(): Promise<number> {
  return run(['--import', 'tsx', 'scripts/build.ts'])
}

async function runFiles(
  files: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'homeport-tests-'))
  const counts = join(folder, 'counts.tap')
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  forwardSignals()
  // Started once for all files; each makes databases of its own there.
  const postgres = await startPostgres()
  try {
    const ended = await run(
      [
        ...['--import', 'tsx', '--test', `--test-concurrency=${FILES_AT_ONCE}`],
        `--test-timeout=${FILE_TIMEOUT_MS}`,
        ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
        ...['--test-reporter=tap', `--test-reporter-destination=${counts}`],
        ...files,
      ],
      { HOMEPORT_TEST_POSTGRES_URL: postgres.url, ...env },
    )
    const tap = readFileSync(counts, 'utf8')
    // Node 22 ends with 0 when all that failed is a hook after a suite.
    const code = ended === 0 && /^\s*not ok (?!.*# (TODO|SKIP))/m.test(tap) ? 1 : ended
    say(summary(tap, code))
    return code
  } finally {
    await postgres.stop()
  }
}

/** Runs Node with these arguments. @returns the exit code, 1 for a process that was killed */
async function run(args: readonly string[], env: Record<string, string> = {}): Promise<number> {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    // biome-ignore lint/style/noProcessEnv: the tests run in the caller's environment.
    env: { ...process.env, ...env },
  })
  children.add(child)
  const timer = setTimeout(() => {
    say(`The tests did not end within ${TIMEOUT_MS / 60_000} minutes.`)
    child.kill()
  }, TIMEOUT_MS)
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code) => resolve(code ?? 1))
    })
  } finally {
    clearTimeout(timer)
    children.delete(child)
  }
}

/** Whoever stops this stops the tests, and the database server must not outlive them. */
function forwardSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      for (const child of children) child.kill(signal)
    })
  }
}

/** The runner's own counts. What it failed for without counting it, such as a hook, is told too. */
function summary(tap: string, code: number): string {
  // The last line of each kind: what tests print stands as such lines too, further up.
  const count = (what: string) =>
    Number([...tap.matchAll(new RegExp(`^# ${what} (\\d+)$`, 'gm'))].at(-1)?.[1] ?? 0)
  const skipped = count('skipped') + count('todo')
  if (skipped > 0) say(`${skipped} skipped`)
  const failed = count('fail') + count('cancelled')
  return `${count('pass')} passed, ${code === 0 ? failed : Math.max(failed, 1)} failed`
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
