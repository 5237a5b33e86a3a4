import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { find } from './find.ts'
import { numberKey, textKey } from './keys.ts'
import { ProbeMemory } from './probe.ts'
import { BatchWriter } from './sqlite/apply.ts'
import { connect, SqliteConnection } from './sqlite/connection.ts'
import { migrateFile } from './sqlite/migrate-file.ts'

let state = 1
const random = (below: number) => {
  state = (state + 0x6d2b_79f5) | 0
  let m = Math.imul(state ^ (state >>> 15), 1 | state)
  m = (m + Math.imul(m ^ (m >>> 7), 61 | m)) ^ m
  return Math.floor((((m ^ (m >>> 14)) >>> 0) / 2 ** 32) * below)
}
const dir = '/tmp/pf-db1m'
const B = '5f0000000000000000000001',
  T = 'custom:0'
if (!existsSync(dir)) {
  mkdirSync(dir)
  await migrateFile(dir + '/db.sqlite')
  const db = connect(dir + '/db.sqlite', 'write')
  db.exec('PRAGMA synchronous=OFF; PRAGMA cache_size=-1000000')
  const w = new BatchWriter(db)
  for (let n = 0; n < 1000000; ) {
    db.exec('BEGIN')
    for (const end = n + 1000; n < end; n++) {
      const boat = {
        city: `city ${random(10)}`,
        score: random(1e6),
        price: random(1000),
        active: n % 2 === 0,
        note: `note ${n}`,
      }
      w.apply({
        operations: [
          {
            op: 'insert',
            record: {
              backendId: B,
              type: T,
              id: n.toString(16).padStart(24, '0'),
              ownerId: null,
              aclId: null,
              createdAt: 0,
              updatedAt: 0,
              data: JSON.stringify(boat),
              hidden: null,
              keys: {
                city: textKey(boat.city),
                score: numberKey(boat.score),
                price: numberKey(boat.price),
                active: boat.active ? '41' : '40',
                note: textKey(boat.note),
              },
              claims: [],
            },
          },
        ],
        actor: 'x',
        at: 0,
      })
    }
    db.exec('COMMIT')
  }
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  db.close()
}
const connection = new SqliteConnection(dir + '/db.sqlite')
const core = { connection, memory: new ProbeMemory() }
const times = new Map<string, [number, number]>()
const all = connection.all.bind(connection)
connection.all = async (s) => {
  const c = process.cpuUsage()
  const r = await all(s)
  const d = process.cpuUsage(c)
  const k = s.texts.join('?').slice(0, 60)
  const t = times.get(k) ?? [0, 0]
  times.set(k, [t[0] + 1, t[1] + d.user + d.system])
  return r
}
const run = async (n: number) => {
  for (let k = 0; k < n; k++)
    await find(core, {
      backendId: B,
      type: T,
      where: {
        op: 'and',
        all: [
          { op: 'eq', field: 'city', value: textKey(`city ${random(10)}`) },
          { op: 'gt', field: 'price', value: numberKey(random(900)) },
        ],
      },
      orderBy: [{ field: 'score', direction: 'desc' }],
      limit: 20,
    })
}
await run(300)
times.clear()
const c = process.cpuUsage()
await run(500)
const d = process.cpuUsage(c)
console.log('total', (d.user + d.system) / 500)
for (const [k, [n, t]] of times)
  console.log(k, n, (t / n).toFixed(0), 'µs each', (t / 500).toFixed(0), 'µs per query')
const st = sqlTail()
function sqlTail() {
  return 0
}
void st
