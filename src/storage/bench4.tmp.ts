import { mkdtempSync, rmSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { dateKey, numberKey, textKey } from './keys.ts'
import { openStore } from './open.ts'

const id = (n: number) => n.toString(16).padStart(24, '0')
let r = 1
const rnd = () => {
  r = (r * 1103515245 + 12345) & 0x7fffffff
  return r / 0x7fffffff
}
const rec = (n: number, type = 'custom:boat') => {
  const at = 1.7e12 + n * 1000,
    city = `city${Math.floor(rnd() * 10)}`,
    score = Math.floor(rnd() * 1e6),
    price = Math.floor(rnd() * 1000)
  return {
    backendId: 'b'.repeat(24),
    type,
    id: id(n),
    ownerId: id(7),
    aclId: null,
    createdAt: at,
    updatedAt: at,
    data: JSON.stringify({
      id: id(n),
      created_at: new Date(at).toISOString(),
      updated_at: new Date(at).toISOString(),
      user_id: id(7),
      name: `boat ${n}`,
      custom_fields: {
        city,
        score,
        price,
        active: n % 2 === 0,
        note: 'some text that is a bit longer than the others to make up the size of an object',
      },
    }),
    hidden: null,
    keys: {
      created_at: dateKey(at),
      updated_at: dateKey(at),
      user_id: textKey(id(7)),
      city: textKey(city),
      score: numberKey(score),
      price: numberKey(price),
      active: n % 2 === 0 ? '41' : '40',
      note: textKey('note ' + n),
    },
    claims: [],
  }
}
const dir = mkdtempSync('/tmp/perfe-')
const store = await openStore({ kind: 'sqlite', directory: dir })
const w = new Worker('/tmp/bare-worker.mjs', { workerData: { file: dir + '/bare.sqlite' } })
const waiting = new Map<number, () => void>()
w.on('message', (ids: number[]) => {
  for (const i of ids) {
    waiting.get(i)!()
    waiting.delete(i)
  }
})
let out: unknown[] = [],
  k = 0
const bare = (call: unknown) =>
  new Promise<void>((res) => {
    const i = k++
    waiting.set(i, res)
    if (out.push({ id: i, call }) === 1)
      setImmediate(() => {
        const o = out
        out = []
        w.postMessage(o)
      })
  })
let next = 0
const N = 3000
const round = async (name: string, f: (n: number) => Promise<unknown>) => {
  const end = next + N
  const c0 = process.cpuUsage()
  const t = Date.now()
  await Promise.all(
    Array.from({ length: 32 }, async () => {
      for (;;) {
        const n = next++
        if (n >= end) return
        await f(n)
      }
    }),
  )
  const s = (Date.now() - t) / 1000
  const c = process.cpuUsage(c0)
  next = end
  console.log(name, (N / s).toFixed(0) + '/s', ((c.user + c.system) / N).toFixed(0), 'µs cpu')
}
for (let i = 0; i < 4; i++) {
  await round('bare ', (n) => {
    const x = rec(n)
    return bare({ id: x.id, data: x.data })
  })
  await round('store', (n) =>
    store.write({ operations: [{ op: 'insert', record: rec(n) }], actor: 'x', at: 1 }),
  )
}
await w.terminate()
await store.close()
rmSync(dir, { recursive: true })
