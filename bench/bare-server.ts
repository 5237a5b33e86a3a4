/**
 * The limit to come close to: Fastify and the database with nothing between. Each route does by
 * hand, for one fixed case, what a call of the data API does for all of them.
 *
 * argv: the folder of the database with the objects, the folder for inserts, the tenant's id
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { Busboy } from '@fastify/busboy'
import fastify from 'fastify'
import type { Dialect } from '../src/storage/dialect.ts'
import { find } from '../src/storage/find.ts'
import { ProbeMemory } from '../src/storage/probe.ts'
import { type Row, render, type Sql } from '../src/storage/sql.ts'
import { connect, SqliteConnection } from '../src/storage/sqlite/connection.ts'
import type { Inserted } from './bare-writer.ts'
import { measuredQuery } from './cases.ts'

const [, , dataFolder = '', insertFolder = '', backendId = ''] = process.argv
const file = join(dataFolder, 'db.sqlite')
const db = connect(file, 'read')

/** Notes the statements that the store runs, so that the bare server can run the same. */
class Recorder extends SqliteConnection {
  readonly statements: { text: string; values: readonly unknown[] }[] = []

  override async all(statement: Sql): Promise<readonly Row[]> {
    const dialect: Dialect = this.dialect
    const text = render(statement, dialect.placeholder)
    this.statements.push({ text, values: statement.values })
    return super.all(statement)
  }
}

/** What remains of a query when the store has learnt which conditions leave many. */
async function statementsOf(classname: string) {
  const recorder = new Recorder(file)
  const core = { connection: recorder, memory: new ProbeMemory() }
  await find(core, measuredQuery(backendId, classname))
  recorder.statements.length = 0
  await find(core, measuredQuery(backendId, classname))
  const prepared = recorder.statements.map(({ text, values }) => {
    const statement = db.prepare(text)
    statement.setReturnArrays(true)
    return { statement, values: values as string[] }
  })
  recorder.close()
  return prepared
}

mkdirSync(insertFolder, { recursive: true })
// A thread has to load the TypeScript loader itself.
const writerUrl = JSON.stringify(new URL('./bare-writer.ts', import.meta.url).href)
const writer = new Worker(
  `import('tsx/esm/api').then(({ register }) => { register(); return import(${writerUrl}) })`,
  { eval: true, workerData: { file: join(insertFolder, 'bare.sqlite') } },
)
const waiting = new Map<number, () => void>()
let outbox: { id: number; data: string }[] = []
let isCommitting = false
let sequence = 0
writer.on('message', ({ ids }: Inserted) => {
  for (const id of ids) {
    waiting.get(id)?.()
    waiting.delete(id)
  }
  isCommitting = false
  commitWaiting()
})

/** All that has come while one commit ran goes into the next. */
function commitWaiting(): void {
  if (isCommitting || outbox.length === 0) return
  isCommitting = true
  writer.postMessage(outbox)
  outbox = []
}

function insert(data: string): Promise<void> {
  const id = ++sequence
  outbox.push({ id, data })
  setImmediate(commitWaiting)
  return new Promise((resolve) => {
    waiting.set(id, resolve)
  })
}

const app = fastify()
app.addContentTypeParser('multipart/form-data', (request, stream, done) => {
  const fields: Record<string, string> = {}
  const contentType = request.headers['content-type'] ?? ''
  const parser = new Busboy({ headers: { 'content-type': contentType } })
  parser.on('field', (name, value) => {
    fields[name] = value
  })
  parser.on('finish', () => done(null, fields))
  stream.pipe(parser)
})

const show = db.prepare('SELECT data FROM record WHERE backend_id = ? AND type = ? AND id = ?')
app.get<{ Querystring: { id: string } }>('/show', async ({ query }, reply) => {
  const row = show.get(backendId, 'custom:boat', query.id) as { data: string }
  return reply.type('application/json').send(`{"boat":[${row.data}]}`)
})

const QUERIES = { boat: await statementsOf('boat'), ship: await statementsOf('ship') }
const DATA = 6
app.get<{ Querystring: { class: keyof typeof QUERIES } }>('/query', async ({ query }, reply) => {
  let rows: Row[] = []
  for (const { statement, values } of QUERIES[query.class]) rows = statement.all(...values) as Row[]
  const texts = rows.map((row) => row[DATA])
  return reply.type('application/json').send(`{"boat":[${texts.join(',')}]}`)
})

app.post<{ Body: { fields: string } }>('/create', async ({ body }, reply) => {
  JSON.parse(body.fields)
  await insert(body.fields)
  return reply.type('application/json').send(`{"boat":[${body.fields}]}`)
})

await app.listen({ host: '127.0.0.1', port: 0 })
process.stdout.write(`${app.listeningOrigin}\n`)
