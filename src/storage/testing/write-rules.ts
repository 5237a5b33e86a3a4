import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { numberKey, textKey } from '../keys.ts'
import {
  type ConflictReason,
  type NewRecord,
  type RecordAddress,
  type Store,
  WriteConflict,
  type WriteOperation,
} from '../port.ts'
import { aBatch, aRecord, idOf, inserts } from './stores.ts'

type Conflict = { readonly index: number; readonly reason: ConflictReason; readonly scope?: string }

/** A write that has to be refused, after `given` was written. */
type RefusedWrite = {
  readonly name: string
  readonly given: (backendId: string) => readonly NewRecord[]
  readonly operations: (backendId: string) => readonly WriteOperation[]
  readonly conflict: Conflict
}

const claim = (value: string) => [{ scope: 'user.name', value }]
const address = (backendId: string, number: number): RecordAddress => ({
  backendId,
  type: 'thing',
  id: idOf(number),
})
const record = (backendId: string, number: number, fields: Partial<NewRecord> = {}): NewRecord =>
  aRecord({ ...address(backendId, number), ...fields })

const REFUSED: readonly RefusedWrite[] = [
  {
    name: 'an id that is taken',
    given: (b) => [record(b, 1)],
    operations: (b) => [{ op: 'insert', record: record(b, 1) }],
    conflict: { index: 0, reason: 'exists' },
  },
  {
    name: 'an id that is taken before a claim that is',
    given: (b) => [record(b, 1, { claims: claim('ada') })],
    operations: (b) => [{ op: 'insert', record: record(b, 1, { claims: claim('ada') }) }],
    conflict: { index: 0, reason: 'exists' },
  },
  {
    name: 'an id that comes twice in one batch',
    given: () => [],
    operations: (b) => [
      { op: 'insert', record: record(b, 1) },
      { op: 'insert', record: record(b, 1) },
    ],
    conflict: { index: 1, reason: 'exists' },
  },
  {
    name: 'a claim that is taken',
    given: (b) => [record(b, 1, { claims: claim('ada') })],
    operations: (b) => [
      { op: 'insert', record: record(b, 2) },
      { op: 'insert', record: record(b, 3, { claims: claim('ada') }) },
    ],
    conflict: { index: 1, reason: 'claimed', scope: 'user.name' },
  },
  {
    name: 'a claim that is taken within the batch',
    given: () => [],
    operations: (b) => [
      { op: 'insert', record: record(b, 1, { claims: claim('ada') }) },
      { op: 'insert', record: record(b, 2, { claims: claim('ada') }) },
    ],
    conflict: { index: 1, reason: 'claimed', scope: 'user.name' },
  },
  {
    name: 'a claim that is taken, when replacing',
    given: (b) => [record(b, 1, { claims: claim('ada') }), record(b, 2, { claims: claim('bob') })],
    operations: (b) => [
      { op: 'replace', record: record(b, 2, { claims: claim('ada') }), ifVersion: 1 },
    ],
    conflict: { index: 0, reason: 'claimed', scope: 'user.name' },
  },
  {
    name: 'to replace what is missing',
    given: () => [],
    operations: (b) => [{ op: 'replace', record: record(b, 1), ifVersion: 1 }],
    conflict: { index: 0, reason: 'missing' },
  },
  {
    name: 'to replace another version',
    given: (b) => [record(b, 1)],
    operations: (b) => [{ op: 'replace', record: record(b, 1), ifVersion: 2 }],
    conflict: { index: 0, reason: 'version' },
  },
  {
    name: 'to delete what is missing',
    given: () => [],
    operations: (b) => [{ op: 'delete', address: address(b, 1) }],
    conflict: { index: 0, reason: 'missing' },
  },
  {
    name: 'to delete another version',
    given: (b) => [record(b, 1)],
    operations: (b) => [{ op: 'delete', address: address(b, 1), ifVersion: 7 }],
    conflict: { index: 0, reason: 'version' },
  },
  {
    name: 'to increment what is missing',
    given: () => [],
    operations: (b) => [
      { op: 'increment', address: address(b, 1), add: [{ path: 'n', key: 'n', by: 1 }] },
    ],
    conflict: { index: 0, reason: 'missing' },
  },
  {
    name: 'to increment text',
    given: (b) => [record(b, 1, { data: '{"n":"1"}' })],
    operations: (b) => [
      { op: 'increment', address: address(b, 1), add: [{ path: 'n', key: 'n', by: 1 }] },
    ],
    conflict: { index: 0, reason: 'type' },
  },
  {
    name: 'a check for a record that is missing',
    given: () => [],
    operations: (b) => [{ op: 'check', address: address(b, 1), is: 'present' }],
    conflict: { index: 0, reason: 'missing' },
  },
  {
    name: 'a check for absence of a record that exists',
    given: (b) => [record(b, 1)],
    operations: (b) => [{ op: 'check', address: address(b, 1), is: 'absent' }],
    conflict: { index: 0, reason: 'exists' },
  },
  {
    name: 'a check for another version',
    given: (b) => [record(b, 1)],
    operations: (b) => [{ op: 'check', address: address(b, 1), is: 3 }],
    conflict: { index: 0, reason: 'version' },
  },
  {
    name: 'a whole batch for its last operation',
    given: (b) => [record(b, 1)],
    operations: (b) => [
      { op: 'insert', record: record(b, 2, { claims: claim('new') }) },
      { op: 'replace', record: record(b, 1, { data: '{"changed":true}' }), ifVersion: 1 },
      { op: 'delete', address: address(b, 9) },
    ],
    conflict: { index: 2, reason: 'missing' },
  },
]

export function writeRules(store: () => Store): void {
  describe('refuses', () => {
    for (const { name, given, operations, conflict } of REFUSED) {
      it(name, async () => {
        const backendId = randomBytes(12).toString('hex')
        await store().write(inserts(given(backendId)))
        const before = await everything(store(), backendId)
        await assert.rejects(store().write(aBatch(...operations(backendId))), (error) => {
          assert.ok(error instanceof WriteConflict)
          const { index, reason, scope } = error
          assert.deepEqual({ index, reason, scope }, { scope: undefined, ...conflict })
          return true
        })
        assert.deepEqual(await everything(store(), backendId), before)
      })
    }
  })

  describe('writes', () => {
    recordRules(store)
    incrementRules(store)
    claimRules(store)
    raceRules(store)
  })
}

/** All that can be seen of a tenant. */
async function everything(store: Store, backendId: string): Promise<unknown> {
  const { records } = await store.find({ backendId, type: 'thing', limit: 100 })
  const changes = await store.changesAfter(backendId, '', 100)
  const claimed = await store.getByClaim(backendId, { scope: 'user.name', value: 'new' })
  return { records: records.map((each) => ({ ...each })), changes, claimed }
}

function recordRules(store: () => Store): void {
  it('keeps a record as it was given', async () => {
    const backendId = randomBytes(12).toString('hex')
    const given = record(backendId, 1, {
      ownerId: 'ada',
      aclId: idOf(7),
      createdAt: 1_700_000_000_123,
      updatedAt: 1_700_000_000_456,
      data: '{"b":1, "a":"\u{1d11e}\\u0000"}',
      hidden: '{"password":"x"}',
      keys: { text: textKey('né'), list: [textKey('a'), textKey('b')], empty: [] },
      claims: claim('ada'),
    })
    await store().write(inserts([given]))
    const kept = await store().get(given)
    assert.deepEqual({ ...kept }, { ...given, version: 1 })
    const byClaim = await store().getByClaim(backendId, { scope: 'user.name', value: 'ada' })
    assert.deepEqual({ ...byClaim }, { ...kept })
  })

  it('answers null for what is not there', async () => {
    assert.equal(await store().get(address('nobody', 1)), null)
    assert.equal(await store().getByClaim('nobody', { scope: 'user.name', value: 'ada' }), null)
  })

  it('gives several records in the order asked for', async () => {
    const backendId = randomBytes(12).toString('hex')
    await store().write(inserts([1, 2, 3].map((n) => record(backendId, n))))
    const ids = [idOf(3), idOf(9), idOf(1)]
    const records = await store().getMany(backendId, 'thing', ids)
    assert.deepEqual(
      records.map(({ id }) => id),
      [idOf(3), idOf(1)],
    )
  })

  it('finds a replaced record by its new values only', async () => {
    const backendId = randomBytes(12).toString('hex')
    const keysBefore = { f: [numberKey(1), numberKey(2)], gone: numberKey(1) }
    await store().write(inserts([record(backendId, 1, { keys: keysBefore })]))
    const keys = { f: [numberKey(2), numberKey(3)] }
    await store().write(
      aBatch({
        op: 'replace',
        record: record(backendId, 1, { keys, data: '{"n":2}' }),
        ifVersion: 1,
      }),
    )
    const countOf = async (field: string, value: number) => {
      const where = { op: 'eq', field, value: numberKey(value) } as const
      return (await store().count({ backendId, type: 'thing', where })).count
    }
    assert.deepEqual(
      await Promise.all([countOf('f', 1), countOf('f', 2), countOf('f', 3), countOf('gone', 1)]),
      [0, 1, 1, 0],
    )
    const orderBy = [{ field: 'gone', direction: 'asc' }] as const
    const { records } = await store().find({ backendId, type: 'thing', orderBy, limit: 5 })
    assert.deepEqual(
      records.map(({ data, version }) => ({ data, version })),
      [{ data: '{"n":2}', version: 2 }],
    )
  })

  it('applies operations on one record one after the other', async () => {
    const backendId = randomBytes(12).toString('hex')
    await store().write(
      aBatch(
        { op: 'insert', record: record(backendId, 1) },
        { op: 'replace', record: record(backendId, 1, { data: '{"n":5}' }), ifVersion: 1 },
        { op: 'increment', address: address(backendId, 1), add: [{ path: 'n', key: 'n', by: 2 }] },
        { op: 'check', address: address(backendId, 1), is: 3 },
      ),
    )
    assert.equal((await store().get(address(backendId, 1)))?.data, '{"n":7}')
    await store().write(
      aBatch(
        { op: 'delete', address: address(backendId, 1) },
        { op: 'insert', record: record(backendId, 1, { data: '{"again":true}' }) },
      ),
    )
    const again = await store().get(address(backendId, 1))
    assert.deepEqual([again?.data, again?.version], ['{"again":true}', 1])
  })

  it('lists the types of a tenant', async () => {
    const backendId = randomBytes(12).toString('hex')
    assert.deepEqual(await store().types(backendId), [])
    const types = ['thing', '$session', 'custom:boat', 'thing']
    await store().write(
      inserts(types.map((type, at) => aRecord({ backendId, type, id: idOf(at) }))),
    )
    assert.deepEqual(await store().types(backendId), ['$session', 'custom:boat', 'thing'])
  })

  it('keeps tenants apart', async () => {
    const [a, b] = [randomBytes(12).toString('hex'), randomBytes(12).toString('hex')]
    await store().write(inserts([record(a, 1, { claims: claim('ada') })]))
    await store().write(inserts([record(b, 1, { claims: claim('ada') })]))
    await store().write(aBatch({ op: 'delete', address: address(a, 1) }))
    assert.equal((await store().get(address(b, 1)))?.backendId, b)
  })

  it('purges one tenant, slice by slice', async () => {
    const [a, b] = [randomBytes(12).toString('hex'), randomBytes(12).toString('hex')]
    const fields = { keys: { n: numberKey(1) }, claims: [] }
    for (const tenant of [a, b]) {
      await store().write(inserts([1, 2, 3, 4, 5].map((n) => record(tenant, n, fields))))
    }
    const left: number[] = []
    do left.push(await store().purgeTenant(a, 2))
    while (left.at(-1) !== 0)
    assert.equal(left[0], 3)
    assert.equal((await store().count({ backendId: a, type: 'thing' })).count, 0)
    assert.deepEqual(await store().changesAfter(a, '', 10), [])
    assert.equal((await store().count({ backendId: b, type: 'thing' })).count, 5)
  })

  it('answers that it is well', async () => {
    await store().check()
  })
}

function incrementRules(store: () => Store): void {
  it('increments members and their keys', async () => {
    const backendId = randomBytes(12).toString('hex')
    const data = '{"n":1,"custom_fields":{"score":1.5}}'
    await store().write(inserts([record(backendId, 1, { data })]))
    const add = [
      { path: 'n', key: 'n', by: -3 },
      { path: 'custom_fields.score', key: 'score', by: 1 },
      { path: 'custom_fields.a.b', key: 'a.b', by: 4 },
    ]
    await store().write(
      aBatch({ op: 'increment', address: address(backendId, 1), add, updatedAt: 2000 }),
    )
    const kept = await store().get(address(backendId, 1))
    assert.deepEqual(JSON.parse(kept?.data ?? ''), {
      n: -2,
      custom_fields: { score: 2.5, 'a.b': 4 },
    })
    assert.deepEqual(kept?.keys, { n: numberKey(-2), score: numberKey(2.5), 'a.b': numberKey(4) })
    assert.deepEqual([kept?.version, kept?.updatedAt], [2, 2000])
    const where = { op: 'eq', field: 'score', value: numberKey(2.5) } as const
    assert.equal((await store().count({ backendId, type: 'thing', where })).count, 1)
  })

  it('loses no increment when many come at once', async () => {
    const backendId = randomBytes(12).toString('hex')
    await store().write(inserts([record(backendId, 1)]))
    const add = [{ path: 'n', key: 'n', by: 1 }]
    const one = aBatch({ op: 'increment', address: address(backendId, 1), add })
    await Promise.all(Array.from({ length: 20 }, () => store().write(one)))
    assert.equal((await store().get(address(backendId, 1)))?.data, '{"n":20}')
  })
}

function claimRules(store: () => Store): void {
  it('frees a claim with the record that held it', async () => {
    const backendId = randomBytes(12).toString('hex')
    await store().write(inserts([record(backendId, 1, { claims: claim('ada') })]))
    await store().write(
      aBatch(
        { op: 'delete', address: address(backendId, 1) },
        { op: 'insert', record: record(backendId, 2, { claims: claim('ada') }) },
      ),
    )
    const holder = await store().getByClaim(backendId, { scope: 'user.name', value: 'ada' })
    assert.equal(holder?.id, idOf(2))
  })

  it('lets two records swap their claims', async () => {
    const backendId = randomBytes(12).toString('hex')
    const pair = (first: string, second: string) => [
      record(backendId, 1, { claims: claim(first) }),
      record(backendId, 2, { claims: claim(second) }),
    ]
    await store().write(inserts(pair('ada', 'bob')))
    const swapped = pair('bob', 'ada').map(
      (each) => ({ op: 'replace', record: each, ifVersion: 1 }) as const,
    )
    await store().write(aBatch(...swapped))
    const holder = await store().getByClaim(backendId, { scope: 'user.name', value: 'ada' })
    assert.equal(holder?.id, idOf(2))
  })
}

function raceRules(store: () => Store): void {
  const winners = async (writes: readonly Promise<void>[]): Promise<number> =>
    (await Promise.allSettled(writes)).filter(({ status }) => status === 'fulfilled').length

  it('lets one of many delete a record', async () => {
    const backendId = randomBytes(12).toString('hex')
    await store().write(inserts([record(backendId, 1)]))
    const take = aBatch({ op: 'delete', address: address(backendId, 1) })
    assert.equal(await winners(Array.from({ length: 8 }, () => store().write(take))), 1)
  })

  it('lets one of many have a claim', async () => {
    const backendId = randomBytes(12).toString('hex')
    const writes = Array.from({ length: 8 }, (_, at) =>
      store().write(inserts([record(backendId, at, { claims: claim('ada') })])),
    )
    assert.equal(await winners(writes), 1)
    assert.equal((await store().count({ backendId, type: 'thing' })).count, 1)
  })

  it('lets one of many replace a version', async () => {
    const backendId = randomBytes(12).toString('hex')
    await store().write(inserts([record(backendId, 1)]))
    const next = aBatch({ op: 'replace', record: record(backendId, 1), ifVersion: 1 })
    assert.equal(await winners(Array.from({ length: 8 }, () => store().write(next))), 1)
  })

  it('lets one of many create what each saw absent', async () => {
    const backendId = randomBytes(12).toString('hex')
    const writes = Array.from({ length: 6 }, (_, at) =>
      store().write(
        aBatch(
          { op: 'check', address: address(backendId, 100), is: 'absent' },
          { op: 'insert', record: record(backendId, at) },
          { op: 'insert', record: record(backendId, 100) },
        ),
      ),
    )
    assert.equal(await winners(writes), 1)
    assert.equal((await store().count({ backendId, type: 'thing' })).count, 2)
  })
}
