import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdir, utimes } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import sharp from 'sharp'
import { openDatabase } from '../../src/storage/sqlite/driver.ts'
import { ApiClient } from '../support/api-client.ts'
import { ServerProcess } from '../support/process.ts'
import { Ledger, StormWriter, type Writer } from '../support/storm.ts'
import { DATABASES, type Database } from '../support/test-app.ts'

const ROUNDS = 4
/** Before the kill, per round. */
const WRITES_LEAST = 60
const STORM_MS_MAX = 30_000
const WRITERS = ['ann', 'bob', 'cat', 'dan']

/** A job that ran when the process was killed is out of reach until its lease ends. */
const LEASE_MS = 60_000

// At the same time, since most of it is waiting for the leases of killed jobs to end.
describe('a server that is killed in a storm of writes', { concurrency: DATABASES.length }, () => {
  for (const database of DATABASES)
    describe(`on ${database}`, { concurrency: 1 }, () => survive(database))
})

function survive(database: Database): void {
  const ledger = new Ledger()
  const writers: Writer[] = []
  let server: ServerProcess
  let counterId: string
  before(async () => {
    server = await ServerProcess.start(database)
    const { url, backend } = server
    for (const name of WRITERS) {
      writers.push(await ApiClient.signUp(url, backend.clientId, name))
    }
    const password = ['--login', 'root', '--password', 'secret', '--admin']
    await server.json(['user', 'create', '--backend', backend.id, ...password])
    counterId = await makeCounter()
  })
  after(async () => server?.dispose())

  const anyone = () => new ApiClient(server.url, server.backend.clientId)

  /** An object that everybody may write. */
  async function makeCounter(): Promise<string> {
    const { url, backend } = server
    const ann = new ApiClient(url, backend.clientId, writers[0]?.session)
    await ann.post('acls/create', { name: 'all', public_read: true, public_write: true })
    const fields = { raised: 0 }
    const made = await ann.post('objects/counter/create', { fields, acl_name: 'all' })
    return made.body.response.counter[0].id
  }

  for (let round = 1; round <= ROUNDS; round += 1) {
    it(`keeps all that it acknowledged, round ${round}`, async () => {
      const where = { url: server.url, key: server.backend.clientId }
      const all = writers.map((writer, at) =>
        new StormWriter(`${WRITERS[at]}`, where, writer, { ledger, counterId, round }).run(2 * at),
      )
      // At some moment in the midst of it, each time another.
      await acknowledged(WRITES_LEAST * (1 + Math.random()))
      await server.kill()
      await Promise.all(all)
      await server.restart()
      await checkPlaces()
      await checkCounter()
      await checkNames()
      await checkPhotoRows()
      assert.deepEqual(ledger.faults, [])
    })
  }

  async function acknowledged(count: number): Promise<void> {
    const before = ledger.acknowledged
    for (let waitedMs = 0; ledger.acknowledged < before + count; waitedMs += 3) {
      assert.ok(waitedMs < STORM_MS_MAX, `only ${ledger.acknowledged - before} writes were done`)
      await sleep(3)
    }
  }

  async function checkPlaces(): Promise<void> {
    const stored = new Map((await allOf('places')).map((place) => [place.id, place]))
    for (const [id, known] of ledger.places) {
      const step = stored.get(id)?.custom_fields.step ?? null
      const allowed = known.inDoubt === undefined ? [known.step] : [known.step, known.inDoubt]
      assert.ok(allowed.includes(step), `place ${id} is ${step}, not one of ${allowed}`)
      // From here on there is no doubt.
      Object.assign(known, { step, inDoubt: undefined })
    }
    for (const { id, name } of stored.values()) {
      const acknowledged = ledger.placeNames.get(name)
      assert.ok(acknowledged === id || acknowledged === null, `nobody made ${name} ${id}`)
    }
  }

  async function checkCounter(): Promise<void> {
    const { body } = await anyone().get('objects/counter/show', { id: counterId })
    const { raised } = body.response.counter[0]
    const most = ledger.raised + ledger.raisedPerhaps
    assert.ok(raised >= ledger.raised && raised <= most, `${raised} of ${ledger.raised}..${most}`)
    Object.assign(ledger, { raised, raisedPerhaps: 0 })
  }

  async function checkNames(): Promise<void> {
    const users = await allOf('users')
    const names = users.map(({ username }) => username)
    assert.deepEqual(names.toSorted(), [...new Set(names)].toSorted(), 'a name stands twice')
    for (const [username, id] of ledger.userNames) {
      assert.equal(users.find((user) => user.username === username)?.id, id)
    }
  }

  /** Every photo has the file that its row tells of, whether or not its upload was answered. */
  async function checkPhotoRows(): Promise<void> {
    const photos = new Map((await allOf('photos')).map((photo) => [photo.id, photo]))
    for (const [id, known] of ledger.photos) {
      const md5 = photos.get(id)?.md5
      const allowed = known.inDoubt === undefined ? [known.md5] : [known.md5, known.inDoubt]
      assert.ok(allowed.includes(md5), `photo ${id} is ${md5}`)
      Object.assign(known, { md5, inDoubt: undefined })
    }
    for (const { id, md5 } of photos.values()) {
      assert.ok(ledger.photos.has(id) || ledger.picturesInDoubt.has(md5), `nobody made ${id}`)
    }
  }

  it('finishes the jobs that waited, of every photo there is', async () => {
    const deadline = Date.now() + LEASE_MS + 60_000
    let photos = await allOf('photos')
    while (photos.some(({ processed }) => !processed)) {
      assert.ok(Date.now() < deadline, 'some photos are never processed')
      await sleep(500)
      photos = await allOf('photos')
    }
    assert.ok(photos.length >= ledger.photos.size && ledger.photos.size > 0)
    for (const { md5, urls } of photos) {
      const original = await download(urls.original)
      assert.equal(createHash('md5').update(original).digest('hex'), md5)
      const { width, height } = await sharp(await download(urls.preview)).metadata()
      assert.deepEqual([width, height], [32, 32])
    }
  })

  it('counts the photos of each user right', async () => {
    const photos = await allOf('photos')
    for (const { id } of writers) {
      const own = photos.filter(({ user_id }) => user_id === id)
      const { body } = await anyone().get('users/show', { user_id: id })
      const { stats } = body.response.users[0]
      const used = own.reduce((sum, { size }) => sum + size, 0)
      assert.deepEqual(stats, { photos: { total_count: own.length }, storage: { used } })
    }
  })

  it('has no job left over', async () => {
    const deadline = Date.now() + LEASE_MS + 20_000
    while ((await countJobs(server)) > 0) {
      assert.ok(Date.now() < deadline, `${await countJobs(server)} jobs are never done`)
      await sleep(1000)
    }
  })

  it('gave each name to one of the users who wanted it at the same time', () => {
    assert.ok(ledger.userNames.size > 0 && ledger.namesTaken > 0)
  })

  it('takes new writes of the same users', async () => {
    for (const { session, id } of writers) {
      const client = new ApiClient(server.url, server.backend.clientId, session)
      const { body } = await client.post('places/create', { name: 'after', city: 'Calm' })
      assert.equal(body.response.places[0].user_id, id)
    }
  })

  it('removes what half an upload left, when nobody can be sending it any more', async () => {
    const staging = join(server.dataDir, 'files', '.staging')
    const upload = await halfUpload(server, writers[0]?.session ?? '')
    await untilThere(staging)
    await server.kill()
    upload.destroy()
    const left = await readdir(staging)
    assert.ok(left.length > 0)
    await server.restart()
    assert.deepEqual(await readdir(staging), left, 'another server may be receiving these')
    await server.kill()
    const old = new Date(Date.now() - 25 * 3_600_000)
    for (const name of left) await utimes(join(staging, name), old, old)
    await server.restart()
    assert.deepEqual(await readdir(staging), [])
  })

  it('never logged an error', () => {
    const errors = server.problems.filter((line) => !line.includes('"level":"warn"'))
    assert.deepEqual(errors, [])
  })

  // biome-ignore lint/suspicious/noExplicitAny: objects of several kinds.
  async function allOf(collection: string): Promise<any[]> {
    const all = []
    for (let below = 'f'.repeat(24); ; ) {
      const where = { _id: { $lt: below } }
      const { status, body } = await anyone().get(`${collection}/query`, { where, limit: 1000 })
      assert.equal(status, 200, body.meta.message)
      const found = body.response[collection] ?? []
      all.push(...found)
      if (found.length < 1000) return all
      below = found.at(-1).id
    }
  }
}

async function download(url: string): Promise<Buffer> {
  const reply = await fetch(url)
  assert.equal(reply.status, 200, url)
  return Buffer.from(await reply.arrayBuffer())
}

/** Whatever state they are in: done jobs are not kept. */
async function countJobs(server: ServerProcess): Promise<number> {
  const query = 'SELECT count(*) AS count FROM job'
  if (!server.databaseUrl) {
    const db = openDatabase(join(server.dataDir, 'db.sqlite'), { readOnly: true })
    try {
      return Number((db.prepare(query).get() as { count: number }).count)
    } finally {
      db.close()
    }
  }
  const client = new pg.Client({ connectionString: server.databaseUrl })
  await client.connect()
  try {
    return Number((await client.query(query)).rows[0].count)
  } finally {
    await client.end()
  }
}

/** Sends the first part of a photo and then nothing. */
async function halfUpload({ url, backend }: ServerProcess, session: string) {
  const { hostname, port, host } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => undefined)
  const path = `/v1/photos/create.json?key=${backend.clientId}&_session_id=${session}`
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 1000000\r\n` +
      'Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n' +
      'Content-Disposition: form-data; name="photo"; filename="a.jpg"\r\n' +
      `Content-Type: image/jpeg\r\n\r\n${'x'.repeat(100_000)}`,
  )
  return socket
}

async function untilThere(folder: string): Promise<void> {
  for (let tries = 0; (await readdir(folder)).length === 0; tries += 1) {
    assert.ok(tries < 100, 'nothing is received')
    await sleep(50)
  }
}
