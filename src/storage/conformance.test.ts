import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { EARTH_RADIUS_KM } from './geo.ts'
import { numberKey, pointKey } from './keys.ts'
import type { Store } from './port.ts'
import { FIND_CASES, recordsOf } from './testing/cases.ts'
import { changeRules } from './testing/change-rules.ts'
import { jobRules } from './testing/job-rules.ts'
import { aRecord, idOf, inserts, TEST_STORES, type TestStore } from './testing/stores.ts'
import { writeRules } from './testing/write-rules.ts'

for (const [name, open] of Object.entries(TEST_STORES)) {
  describe(`store on ${name}`, () => {
    let opened: TestStore
    before(async () => {
      opened = await open()
    })
    after(() => opened.close())

    const store = (): Store => opened.store
    findRules(store)
    writeRules(store)
    changeRules(store)
    jobRules(store)
  })
}

/** Every case has a tenant of its own, and a second one beside it that must never show. */
function findRules(store: () => Store): void {
  for (const [group, cases] of Object.entries(FIND_CASES)) {
    describe(group, () => {
      for (const { name, records, query, finds } of cases) {
        it(name, async () => {
          const backendId = randomBytes(12).toString('hex')
          await store().write(inserts(recordsOf(records, backendId)))
          await store().write(inserts(recordsOf(records, `${backendId}x`)))
          const found = await store().find({ backendId, type: 'thing', limit: 100, ...query })
          const ids = found.records.map(({ id }) => id)
          assert.deepEqual(ids, finds.map(idOf))
          assert.ok(found.records.every((record) => record.backendId === backendId))
          if (query.limit !== undefined || query.offset !== undefined) return
          const counted = await store().count({ backendId, type: 'thing', ...query })
          assert.deepEqual(counted, { count: finds.length, exact: true })
        })
      }
    })
  }

  it('tells the distances', async () => {
    const backendId = randomBytes(12).toString('hex')
    const keys = { at: pointKey(0, 1) }
    await store().write(inserts([aRecord({ backendId, keys })]))
    const where = { op: 'near', field: 'at', longitude: 0, latitude: 0, sorts: true } as const
    const { distancesKm } = await store().find({ backendId, type: 'thing', where, limit: 1 })
    const [distance = 0] = distancesKm ?? []
    assert.ok(Math.abs(distance - (EARTH_RADIUS_KM * Math.PI) / 180) < 0.001, `${distance}`)
  })

  it('counts no further than asked', async () => {
    const backendId = randomBytes(12).toString('hex')
    const records = [1, 2, 3].map((n) =>
      aRecord({ backendId, id: idOf(n), keys: { n: numberKey(n) } }),
    )
    await store().write(inserts(records))
    const count = (upTo: number) => store().count({ backendId, type: 'thing', upTo })
    assert.deepEqual(await count(2), { count: 2, exact: false })
    assert.deepEqual(await count(3), { count: 3, exact: true })
  })
}
