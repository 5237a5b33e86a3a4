import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '../../../test/support/postgres.ts'
import { openStore } from '../open.ts'
import type { NewRecord, Store, WriteBatch, WriteOperation } from '../port.ts'

/** A store for tests and what has to be done when they are over. */
export type TestStore = { readonly store: Store; close(): Promise<void> }

type Tuning = { readonly sortedMax?: number }

/** Each kind of store, by its name. */
export const TEST_STORES: Readonly<
  Record<'sqlite' | 'postgres', (options?: Tuning) => Promise<TestStore>>
> = {
  sqlite: async (options) => {
    const directory = await mkdtemp(join(tmpdir(), 'homeport-store-'))
    const store = await openStore({ kind: 'sqlite', directory, ...options })
    return {
      store,
      close: async () => {
        await store.close()
        await rm(directory, { recursive: true, force: true })
      },
    }
  },
  postgres: async (options) => {
    const server = await startPostgres()
    const store = await openStore({
      kind: 'postgres',
      url: await server.createDatabase(),
      ...options,
    })
    return {
      store,
      close: async () => {
        await store.close()
        await server.stop()
      },
    }
  },
}

export const BACKEND = '000000000000000000000b01'

/** A short name as an id of 24 digits. */
export function idOf(number: number): string {
  return number.toString(16).padStart(24, '0')
}

export function aRecord(fields: Partial<NewRecord> = {}): NewRecord {
  return {
    backendId: BACKEND,
    type: 'thing',
    id: idOf(1),
    ownerId: null,
    aclId: null,
    createdAt: 1000,
    updatedAt: 1000,
    data: '{}',
    hidden: null,
    keys: {},
    claims: [],
    ...fields,
  }
}

export function aBatch(...operations: WriteOperation[]): WriteBatch {
  return { operations, actor: 'tester', at: 1_700_000_000_000 }
}

export function inserts(records: readonly NewRecord[]): WriteBatch {
  return aBatch(...records.map((record) => ({ op: 'insert', record }) as const))
}
