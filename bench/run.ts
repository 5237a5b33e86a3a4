/**
 * Measures Homeport against the bare limit: the same work by Fastify and SQLite alone, in the same
 * run, on the same core. Each pair is measured in turns and the median of the ratios counts, since
 * a machine's speed drifts. Prints one line a measure; `--quick` is for trying the benchmark, and
 * `--data FOLDER` keeps the objects there for the next run. `--only create` measures what has that
 * word in its name.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { openStore } from '../src/storage/open.ts'
import { measureLists } from './backends.ts'
import { LIMIT, ORDER, WHERE } from './cases.ts'
import { fieldsOf, fill, idOf } from './dataset.ts'
import type { LoadOptions } from './load.ts'
import { load, type Running, residentMb, startServer, stop } from './processes.ts'

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    data: { type: 'string' },
    only: { type: 'string', default: '' },
  },
})
const isQuick = flags.quick
const SECONDS = isQuick ? 2 : 5
const ROUNDS = isQuick ? 1 : 3
const SMALL = isQuick ? 10_000 : 100_000
const LARGE = isQuick ? 50_000 : 1_000_000

type Requests = LoadOptions['requests']

const print = (line: string) => process.stdout.write(`${line}\n`)
const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

const folder = flags.data ?? (await mkdtemp(join(tmpdir(), 'homeport-bench-')))
const env = {
  HOMEPORT_DATA_DIR: join(folder, 'data'),
  HOMEPORT_PORT: '0',
  HOMEPORT_LOG_LEVEL: 'warn',
  HOMEPORT_UPLOAD_MAX_BYTES: '30000000',
}
async function measure(): Promise<void> {
  const { backendId, key, session, userId } = await prepare()
  const store = await openStore({ kind: 'sqlite', directory: env.HOMEPORT_DATA_DIR })
  const types = await store.types(backendId)
  if (!types.includes('custom:ship')) {
    print(`filling in ${SMALL} and ${LARGE} objects ...`)
    await fill(store, backendId, userId, 'boat', SMALL)
    await fill(store, backendId, userId, 'ship', LARGE)
  }
  await store.close()

  if (flags.only === '') await measureStart()
  const ours = await startHomeport()
  const bareArgs = ['--import', 'tsx', 'bench/bare-server.ts']
  const bare = await startServer([...bareArgs, env.HOMEPORT_DATA_DIR, folder, backendId])
  const auth = `key=${key}&_session_id=${session}`

  await compare('show, key and session', 0.6, [ours, shows(auth)], [bare, bareShows()])
  const small = await compare(
    `query of ${SMALL}, two conditions, sort, limit ${LIMIT}`,
    0.6,
    [ours, [queryOf('boat', auth)]],
    [bare, [{ method: 'GET', path: '/query?class=boat' }]],
  )
  const large = await compare(
    `the same query of ${LARGE}`,
    0.6,
    [ours, [queryOf('ship', auth)]],
    [bare, [{ method: 'GET', path: '/query?class=ship' }]],
  )
  const slower = small / large
  if (!Number.isNaN(slower))
    print(
      `${slower <= 1.3 ? 'ok  ' : 'MISS'} slower at ${LARGE} than at ${SMALL}: ${slower.toFixed(2)} (at most 1.3)`,
    )
  await compare(
    'create, 5 fields, multipart, durable',
    0.6,
    [ours, [create(`/v1/objects/raft/create.json?${auth}`)]],
    [bare, [create('/create')]],
  )
  await stop(bare)
  if (flags.only === '') await measureUnderLoad(ours, auth)
  await stop(ours)
  if ('backends'.includes(flags.only)) await printLists()
}

async function printLists(): Promise<void> {
  const lists = await mkdtemp(join(tmpdir(), 'homeport-bench-lists-'))
  const count = isQuick ? 1000 : 10_000
  try {
    for (const { database, result } of await measureLists(lists, { count, seconds: 3 * SECONDS })) {
      print(
        `${verdict(result.p99 < 20)} list of ${count} backends by q, orderBy and language on ${database}: ` +
          `p99 ${result.p99} ms (under 20); p50 ${result.p50} ms, max ${result.max} ms`,
      )
    }
  } finally {
    await rm(lists, { recursive: true, force: true })
  }
}

/** A first start, which makes the backend; a user of it, and his session. */
async function prepare() {
  const first = await startServer(['dist/main.js', 'start', '--json'], env)
  const args = ['dist/main.js', 'backend', 'show', 'first', '--json']
  const { execFileSync } = await import('node:child_process')
  const backend = JSON.parse(
    execFileSync(process.execPath, args, {
      // biome-ignore lint/style/noProcessEnv: the command needs the path and the like.
      env: { ...process.env, ...env },
      encoding: 'utf8',
    }),
  ) as { id: string; clientId: string }
  const { meta, response } = await session(first, backend.clientId)
  await stop(first)
  return {
    backendId: backend.id,
    key: backend.clientId,
    session: meta.session_id,
    userId: response.users[0]?.id ?? '',
  }
}

type Session = { meta: { session_id: string }; response: { users: { id: string }[] } }

/** Of a user who is made, or was in an earlier run. */
async function session(server: Running, key: string): Promise<Session> {
  const password = { password: 'bench', password_confirmation: 'bench' }
  const made = await post(server, `users/create.json?key=${key}`, {
    username: 'bench',
    ...password,
  })
  if (made.ok) return (await made.json()) as Session
  const login = { login: 'bench', password: 'bench' }
  const found = await post(server, `users/login.json?key=${key}`, login)
  if (!found.ok) throw new Error(await found.text())
  return (await found.json()) as Session
}

function post(server: Running, path: string, values: Record<string, string>): Promise<Response> {
  return fetch(`${server.url}/v1/${path}`, { method: 'POST', body: new URLSearchParams(values) })
}

function startHomeport(): Promise<Running> {
  return startServer(['dist/main.js', 'start', '--json'], env)
}

async function measureStart(): Promise<void> {
  const began = performance.now()
  const server = await startHomeport()
  await fetch(`${server.url}/health/ready`)
  const seconds = (performance.now() - began) / 1000
  await new Promise((resolve) => {
    setTimeout(resolve, 3000)
  })
  const memory = await residentMb(server)
  await stop(server)
  print(`${verdict(seconds <= 1.5)} start to first answer: ${seconds.toFixed(2)} s (at most 1.5)`)
  print(`${verdict(memory <= 150)} idle memory: ${memory.toFixed(0)} MB (at most 150)`)
}

const verdict = (isMet: boolean) => (isMet ? 'ok  ' : 'MISS')

type Side = readonly [server: Running, requests: Requests]

/** @returns our requests per second */
async function compare(name: string, least: number, ours: Side, bare: Side): Promise<number> {
  if (!name.includes(flags.only)) return Number.NaN
  const runs: { ours: number; bare: number; p99: number }[] = []
  for (let round = 0; round <= ROUNDS; round += 1) {
    const theirs = await loaded(bare)
    const own = await loaded(ours)
    // The first round warms both up.
    if (round > 0) runs.push({ ours: own.perSecond, bare: theirs.perSecond, p99: own.p99 })
  }
  const ratio = median(runs.map((one) => one.ours / one.bare))
  const perSecond = median(runs.map((one) => one.ours))
  const limit = median(runs.map((one) => one.bare))
  const p99 = median(runs.map((one) => one.p99))
  print(
    `${verdict(ratio >= least)} ${name}: ${ratio.toFixed(2)} of bare (at least ${least}); ` +
      `${perSecond.toFixed(0)}/s, bare ${limit.toFixed(0)}/s, p99 ${p99} ms`,
  )
  return perSecond
}

function loaded([server, requests]: Side) {
  return load({ url: server.url, seconds: SECONDS, requests })
}

const SHOWN = Array.from({ length: 500 }, (_, i) => idOf((i * 193) % SMALL))

function shows(auth: string): Requests {
  return SHOWN.map((id) => ({ method: 'GET', path: `/v1/objects/boat/show.json?id=${id}&${auth}` }))
}

function bareShows(): Requests {
  return SHOWN.map((id) => ({ method: 'GET', path: `/show?id=${id}` }))
}

function queryOf(classname: string, auth: string): Requests[number] {
  const where = encodeURIComponent(JSON.stringify(WHERE))
  const query = `where=${where}&order=${ORDER}&limit=${LIMIT}&${auth}`
  return { method: 'GET', path: `/v1/objects/${classname}/query.json?${query}` }
}

function create(path: string): Requests[number] {
  const boundary = '----bench'
  const fields = JSON.stringify(fieldsOf(7))
  const disposition = 'Content-Disposition: form-data; name="fields"'
  return {
    method: 'POST',
    path,
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: `--${boundary}\r\n${disposition}\r\n\r\n${fields}\r\n--${boundary}--\r\n`,
  }
}

/** One client scans without an index, another uploads large photos; how long do others wait? */
async function measureUnderLoad(ours: Running, auth: string): Promise<void> {
  const end = { isOver: false }
  const where = encodeURIComponent(
    JSON.stringify({ name: { $ne: 'x' }, color: { $nin: ['teal'] }, length_m: { $lt: -1 } }),
  )
  const unindexed = encodeURIComponent(JSON.stringify({ $nor: [{ price: { $gte: 0 } }] }))
  const scans = repeat(end, async () => {
    for (const one of [where, unindexed]) {
      await (
        await fetch(`${ours.url}/v1/objects/ship/query.json?where=${one}&${auth}`)
      ).arrayBuffer()
    }
  })
  const photo = await largePhoto()
  const uploads = repeat(end, async () => {
    const form = new FormData()
    form.append('photo', new Blob([photo], { type: 'image/jpeg' }), 'large.jpg')
    form.append('photo_sizes[small]', '240x240')
    const reply = await fetch(`${ours.url}/v1/photos/create.json?${auth}`, {
      method: 'POST',
      body: form,
    })
    if (reply.status !== 200) throw new Error(await reply.text())
    await reply.arrayBuffer()
  })
  const result = await load({ url: ours.url, seconds: SECONDS * 3, requests: shows(auth) })
  end.isOver = true
  const [scanned, uploaded] = await Promise.all([scans, uploads])
  print(
    `${verdict(result.p99 < 50)} show during scans of ${LARGE} and ${(photo.byteLength / 1e6).toFixed(0)} MB uploads: ` +
      `p99 ${result.p99} ms (under 50); ${result.perSecond.toFixed(0)}/s, max ${result.max} ms, ` +
      `${2 * scanned} scans and ${uploaded} uploads done`,
  )
}

async function repeat(end: { isOver: boolean }, work: () => Promise<void>): Promise<number> {
  let times = 0
  for (; !end.isOver; times += 1) await work()
  return times
}

/** Noise does not compress: a JPEG of about 20 MB with no more pixels than a camera's. */
async function largePhoto(): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const
  const create = { width: 4900, height: 3700, channels: 3, background: '#888', noise } as const
  return sharp({ create }).jpeg({ quality: 98 }).toBuffer()
}

try {
  await measure()
} finally {
  if (flags.data === undefined) await rm(folder, { recursive: true, force: true })
}
