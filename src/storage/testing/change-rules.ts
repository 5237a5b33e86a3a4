import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import type { Store } from '../port.ts'
import { aBatch, aRecord, idOf, inserts } from './stores.ts'

export function changeRules(store: () => Store): void {
  describe('the change log', () => {
    logRules(store)
    subscriptionRules(store)
  })
}

function logRules(store: () => Store): void {
  it('lists changes in their order', async () => {
    const backendId = randomBytes(12).toString('hex')
    const thing = aRecord({ backendId })
    const add = [{ path: 'n', key: 'n', by: 1 }]
    await store().write({ ...inserts([thing]), actor: 'ada', at: 1_700_000_000_001 })
    await store().write(
      aBatch(
        { op: 'replace', record: thing, ifVersion: 1 },
        { op: 'increment', address: thing, add },
      ),
    )
    await store().write(aBatch({ op: 'delete', address: thing }))
    const changes = await store().changesAfter(backendId, '', 10)
    assert.deepEqual(
      changes.map(({ operation }) => operation),
      ['insert', 'replace', 'replace', 'delete'],
    )
    const [first, second] = changes
    assert.deepEqual(
      { ...first, sequence: '' },
      {
        backendId,
        sequence: '',
        type: 'thing',
        id: thing.id,
        operation: 'insert',
        actor: 'ada',
        at: 1_700_000_000_001,
      },
    )
    const later = await store().changesAfter(backendId, first?.sequence ?? '', 1)
    assert.deepEqual(later, [second])
  })

  it('forgets old changes', async () => {
    const backendId = randomBytes(12).toString('hex')
    await store().write(inserts([aRecord({ backendId })]))
    assert.equal(await store().trimChanges(0), 0)
    const trimmed = await store().trimChanges(Date.now() + 1_000_000)
    assert.ok(trimmed >= 1)
    assert.deepEqual(await store().changesAfter(backendId, '', 10), [])
  })
}

function subscriptionRules(store: () => Store): void {
  it('tells subscribers before the write is answered', async () => {
    const backendId = randomBytes(12).toString('hex')
    const heard: unknown[] = []
    const stop = store().subscribe((changes) => {
      heard.push(...changes.filter((change) => change.backendId === backendId))
    })
    await store().write(
      inserts([aRecord({ backendId, id: idOf(1) }), aRecord({ backendId, id: idOf(2) })]),
    )
    assert.deepEqual(heard, [
      { backendId, type: 'thing', id: idOf(1) },
      { backendId, type: 'thing', id: idOf(2) },
    ])
    await assert.rejects(store().write(inserts([aRecord({ backendId, id: idOf(1) })])))
    stop()
    await store().write(inserts([aRecord({ backendId, id: idOf(3) })]))
    assert.equal(heard.length, 2)
  })
}
