import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { type Store, WriteConflict } from './port.ts'
import { type Step, steps } from './testing/arbitraries.ts'
import { ModelStore } from './testing/model.ts'
import { aBatch, TEST_STORES, type TestStore } from './testing/stores.ts'

const TIME_LIMIT_MS = 20_000
const RUNS = 150

/** Each store twice: as it comes, and walking indexes where so few records would be sorted. */
const OPENERS = [
  () => TEST_STORES.sqlite(),
  () => TEST_STORES.sqlite({ sortedMax: 2 }),
  () => TEST_STORES.postgres({ sortedMax: 2 }),
]

describe('stores and the model', () => {
  let opened: TestStore[] = []
  before(async () => {
    opened = await Promise.all(OPENERS.map((open) => open()))
  })
  after(() => Promise.all(opened.map((each) => each.close())))

  it('agree on whatever is written and asked', async (t) => {
    const seed = Date.now() % 2 ** 31
    t.diagnostic(`seed ${seed}`)
    const stores = opened.map(({ store }) => store)
    await fc.assert(
      fc.asyncProperty(steps(PLACEHOLDER), (plan) => agree(stores, plan)),
      {
        seed,
        numRuns: RUNS,
        interruptAfterTimeLimit: TIME_LIMIT_MS,
        markInterruptAsFailure: false,
        includeErrorInReport: true,
      },
    )
  })
})

/** Replaced by a tenant of its own for each run, so that no run sees what another left. */
const PLACEHOLDER = 'tenant'

async function agree(stores: readonly Store[], plan: readonly Step[]): Promise<void> {
  const backendId = randomBytes(8).toString('hex')
  const own = JSON.parse(
    JSON.stringify(plan).replaceAll(`"backendId":"${PLACEHOLDER}"`, `"backendId":"${backendId}"`),
  ) as Step[]
  const model = new ModelStore()
  for (const step of own) {
    const expected = await outcome(model, step)
    const actual = await Promise.all(stores.map((store) => outcome(store, step)))
    for (const each of actual) assert.deepEqual(each, expected, JSON.stringify(step))
  }
}

type Asked = Pick<Store, 'write' | 'find' | 'count' | 'get'>

/** What a step comes to, as plain data. */
async function outcome(store: Asked, step: Step): Promise<unknown> {
  if ('find' in step) {
    const { records, distancesKm } = await store.find(step.find)
    const { orderBy: _, limit, offset: __, ...countQuery } = step.find
    const counted = await store.count({ ...countQuery, upTo: limit })
    const total = await store.count(countQuery)
    return { records: records.map((record) => ({ ...record })), distancesKm, counted, total }
  }
  try {
    await store.write(aBatch(...step.write))
    return 'written'
  } catch (error) {
    // Which of several conflicts is named is left open.
    if (error instanceof WriteConflict) return step.write.length === 1 ? error.reason : 'conflict'
    throw error
  }
}
