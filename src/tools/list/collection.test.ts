import assert from 'node:assert/strict'
import { it } from 'node:test'
import { INSTANCE } from '../../engine/backend.ts'
import type { Store, StoredRecord } from '../../storage/port.ts'
import { assetOf, draftData } from '../assets/asset.ts'
import { AssetCollection } from './collection.ts'

const ORDER = [{ attribute: 'name', direction: 'asc' }] as const
const TYPE = 'thing'

it('reads a changed asset again, and no other', async () => {
  const { store, put, reads } = aStore()
  put('1', 'b')
  put('2', 'c')
  const collection = new AssetCollection(store, TYPE, assetOf)
  assert.equal(await namesOf(collection), 'b c')
  put('2', 'a')
  assert.equal(await namesOf(collection), 'a b')
  assert.equal(await namesOf(collection), 'a b')
  assert.deepEqual(reads, ['all', '2'])
})

it('shows a change that comes in while it reads', async () => {
  const { store, put, whileReading } = aStore()
  put('1', 'a')
  const collection = new AssetCollection(store, TYPE, assetOf)
  let later: Promise<string> | null = null
  whileReading(() => {
    put('1', 'z')
    later = namesOf(collection)
  })
  await namesOf(collection)
  assert.equal(await later, 'z')
})

it('reads everything again when changes may have been missed', async () => {
  const { store, put, forget, reads } = aStore()
  put('1', 'a')
  const collection = new AssetCollection(store, TYPE, assetOf)
  await namesOf(collection)
  forget()
  assert.equal(await namesOf(collection), 'a')
  assert.deepEqual(reads, ['all', 'all'])
})

it('tries again after the store failed', async () => {
  const { store, put, whileReading } = aStore()
  put('1', 'a')
  const collection = new AssetCollection(store, TYPE, assetOf)
  whileReading(() => {
    throw new Error('the database is away')
  })
  await assert.rejects(namesOf(collection), /away/)
  assert.equal(await namesOf(collection), 'a')
})

it('hears nothing after it was closed', async () => {
  const { store, put, listeners } = aStore()
  const collection = new AssetCollection(store, TYPE, assetOf)
  collection.close()
  put('1', 'a')
  assert.equal(listeners.size, 0)
})

async function namesOf(collection: AssetCollection<ReturnType<typeof assetOf>>): Promise<string> {
  const snapshot = await collection.current()
  return snapshot
    .sorted(ORDER, 'en', null)
    .map(({ asset }) => asset.name)
    .join(' ')
}

/** As much of a store as a collection uses, with its reads on record. */
function aStore() {
  const records = new Map<string, StoredRecord>()
  const listeners = new Set<Parameters<Store['subscribe']>[0]>()
  const reads: string[] = []
  let once: (() => void) | null = null
  const reading = (what: string) => {
    reads.push(what)
    const act = once
    once = null
    act?.()
  }
  const tell: Parameters<Store['subscribe']>[0] = (changes) => {
    for (const listener of listeners) listener(changes)
  }
  const store: Pick<Store, 'find' | 'getMany' | 'subscribe'> = {
    async find() {
      await null
      const found = { records: [...records.values()] }
      reading('all')
      return found
    },
    async getMany(_backendId, _type, ids) {
      await null
      const found = ids.flatMap((id) => records.get(id) ?? [])
      reading(ids.join())
      return found
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  const put = (id: string, name: string) => {
    records.set(id, aRecord(id, name))
    tell([{ backendId: INSTANCE, type: TYPE, id }])
  }
  const whileReading = (act: () => void) => {
    once = act
  }
  return { store: store as Store, put, forget: () => tell([]), reads, whileReading, listeners }
}

function aRecord(id: string, name: string): StoredRecord {
  const fields = { name, version: '1.0', title: null, desc: null, max: false, actionComment: null }
  return {
    backendId: INSTANCE,
    type: TYPE,
    id,
    ownerId: null,
    aclId: null,
    createdAt: 0,
    updatedAt: 0,
    version: 1,
    data: JSON.stringify(draftData(fields, 'jdoe', 0)),
    hidden: null,
    keys: {},
    claims: [],
  }
}
