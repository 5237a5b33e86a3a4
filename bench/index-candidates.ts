/**
 * Compares two ways of making every custom field queryable on SQLite, for the decision record:
 *
 * - `expression`: an index on the JSON member for each class and field, made on demand;
 * - `entries`: the side table of index entries, as the storage layer has it.
 *
 * Run: `node --import tsx bench/index-candidates.ts [objects ...]`, by default 100,000 and
 * 1,000,000. Times are processor time, so that a busy machine disturbs less.
 */
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { find } from '../src/storage/find.ts'
import { keysOf, numberKey, textKey } from '../src/storage/keys.ts'
import type { FindQuery, NewRecord } from '../src/storage/port.ts'
import { ProbeMemory } from '../src/storage/probe.ts'
import { BatchWriter } from '../src/storage/sqlite/apply.ts'
import { connect, SqliteConnection } from '../src/storage/sqlite/connection.ts'
import type { Database, Statement } from '../src/storage/sqlite/driver.ts'
import { migrateFile } from '../src/storage/sqlite/migrate-file.ts'

const BACKEND = '5f0000000000000000000001'
const BATCH = 500
const QUERIES = 200
/** A candidate that takes longer to fill is measured with what it has by then. */
const FILL_MAX_MS = 240_000
const FIELDS = ['city', 'score', 'price', 'active', 'note'] as const

type Boat = Readonly<Record<(typeof FIELDS)[number], string | number | boolean>>
type Layout = { readonly classes: number; readonly each: number }

/** Writes and queries through one of the candidates. */
type Candidate = {
  readonly name: string
  insert(type: string, id: string, boat: Boat): void
  /** @returns how many were found */
  query(type: string, city: string, priceAbove: number): Promise<number>
  close(): void
}

let state = 1

/** The same numbers each time (mulberry32: a plainer generator repeats patterns that show here). */
function random(below: number): number {
  state = (state + 0x6d2b_79f5) | 0
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
}

function aBoat(number: number): Boat {
  return {
    city: `city ${random(10)}`,
    score: random(1_000_000),
    price: random(1000),
    active: number % 2 === 0,
    note: `note ${number}`,
  }
}

/**
 * The query is told to walk the index of its order, as the other candidate does. Left alone the
 * planner takes that of the equality and sorts what it finds, which takes 30 times as long already
 * with 100,000 objects.
 */
function expressionIndexes(db: Database): Candidate {
  db.exec(`CREATE TABLE object (backend_id TEXT, type TEXT, id TEXT, data TEXT,
    PRIMARY KEY (backend_id, type, id))`)
  const insert = db.prepare('INSERT INTO object VALUES (?, ?, ?, ?)')
  const queries = new Map<string, Statement>()
  const indexed = new Set<string>()
  const member = (field: string): string => `json_extract(data, '$.${field}')`
  const index = (type: string): void => {
    if (indexed.has(type)) return
    indexed.add(type)
    for (const field of FIELDS) {
      db.exec(`CREATE INDEX "${type}_${field}"
        ON object (backend_id, ${member(field)}, id) WHERE type = '${type}'`)
    }
  }
  return {
    name: 'expression',
    insert: (type, id, boat) => {
      index(type)
      insert.run(BACKEND, type, id, JSON.stringify(boat))
    },
    query: async (type, city, priceAbove) => {
      const known = queries.get(type)
      const statement =
        known ??
        db.prepare(`SELECT id, data FROM object INDEXED BY "${type}_score"
          WHERE backend_id = ? AND type = '${type}'
          AND ${member('city')} = ? AND ${member('price')} > ?
          ORDER BY ${member('score')} DESC, id DESC LIMIT 20`)
      queries.set(type, statement)
      return statement.all(BACKEND, city, priceAbove).length
    },
    close: () => db.close(),
  }
}

function indexEntries(db: Database, file: string): Candidate {
  const writer = new BatchWriter(db)
  const connection = new SqliteConnection(file)
  const core = { connection, memory: new ProbeMemory() }
  return {
    name: 'entries',
    insert: (type, id, boat) => {
      const operation = { op: 'insert', record: aRecord(type, id, boat) } as const
      writer.apply({ operations: [operation], actor: 'bench', at: 0 })
    },
    query: async (type, city, priceAbove) =>
      (await find(core, aQuery(type, city, priceAbove))).rows.length,
    close: () => {
      connection.close()
      db.close()
    },
  }
}

function aRecord(type: string, id: string, boat: Boat): NewRecord {
  return {
    backendId: BACKEND,
    type,
    id,
    ownerId: null,
    aclId: null,
    createdAt: 0,
    updatedAt: 0,
    data: JSON.stringify(boat),
    hidden: null,
    keys: Object.fromEntries(FIELDS.map((field) => [field, keysOf(boat[field])])),
    claims: [],
  }
}

function aQuery(type: string, city: string, priceAbove: number): FindQuery {
  return {
    backendId: BACKEND,
    type,
    where: {
      op: 'and',
      all: [
        { op: 'eq', field: 'city', value: textKey(city) },
        { op: 'gt', field: 'price', value: numberKey(priceAbove) },
      ],
    },
    orderBy: [{ field: 'score', direction: 'desc' }],
    limit: 20,
  }
}

/** Processor time of one of `count` repetitions, in microseconds. */
async function cost(count: number, body: (at: number) => unknown): Promise<number> {
  const before = process.cpuUsage()
  for (let at = 0; at < count; at++) await body(at)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / count
}

async function measure(
  make: (db: Database, file: string) => Candidate,
  { classes, each }: Layout,
): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'homeport-bench-'))
  const file = join(directory, 'db.sqlite')
  await migrateFile(file)
  const db = connect(file, 'write')
  const candidate = make(db, file)
  const total = classes * each
  state = 1
  const deadline = Date.now() + FILL_MAX_MS
  let inserted = 0
  const insert = await cost(total / BATCH, () => {
    if (Date.now() > deadline) return
    db.exec('BEGIN')
    for (const end = inserted + BATCH; inserted < end; inserted++) {
      const id = inserted.toString(16).padStart(24, '0')
      candidate.insert(`custom:${inserted % classes}`, id, aBoat(inserted))
    }
    db.exec('COMMIT')
  })
  const query = async (): Promise<number> =>
    candidate.query(`custom:${random(classes)}`, `city ${random(10)}`, random(900))
  await cost(QUERIES, query)
  const found = await cost(QUERIES, query)
  const opening = await cost(5, () => {
    const another = connect(file, 'read')
    another.prepare('SELECT count(*) FROM sqlite_schema').get()
    another.close()
  })
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  const megabytes = (await stat(file)).size / 2 ** 20
  candidate.close()
  await rm(directory, { recursive: true })
  const cells = [
    candidate.name.padEnd(11),
    `${classes} classes of ${each}`.padEnd(24),
    `insert ${((insert * total) / BATCH / inserted).toFixed(0)} µs`.padEnd(16),
    `query ${found.toFixed(0)} µs`.padEnd(16),
    `open ${(opening / 1000).toFixed(1)} ms`.padEnd(14),
    `${megabytes.toFixed(0)} MiB`,
    inserted < total ? `, stopped at ${inserted} objects` : '',
  ]
  return cells.join('')
}

const sizes = process.argv.slice(2).map(Number)
const layouts: readonly Layout[] = [
  ...(sizes.length > 0 ? sizes : [100_000, 1_000_000]).map((each) => ({ classes: 1, each })),
  { classes: 1000, each: 50 },
]
for (const layout of layouts) {
  for (const make of [expressionIndexes, indexEntries]) {
    process.stdout.write(`${await measure(make, layout)}\n`)
  }
}
