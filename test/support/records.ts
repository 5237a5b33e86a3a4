import { objectId } from '../../src/lib/ids.ts'
import type { StoredRecord } from '../../src/storage/port.ts'
import type { TestApp, TestBackend } from './test-app.ts'

type Hidden = Record<string, unknown>

export type RecordHandle = {
  read(): Promise<StoredRecord | null>
  /** What of it never goes out. */
  hidden(): Promise<Hidden>
  /** Changes hidden members behind the API's back, as an import or the passing of time would. */
  hide(changes: Hidden): Promise<void>
}

/** The stored form of an object. */
export function recordOf(
  app: TestApp,
  type: string,
  id: string,
  backend: TestBackend = app.backend,
): RecordHandle {
  const { store } = app.context
  const read = () => store.get({ backendId: backend.id, type, id })
  const hidden = async () => JSON.parse((await read())?.hidden ?? '{}') as Hidden
  return {
    read,
    hidden,
    async hide(changes) {
      const before = await read()
      if (!before) throw new Error(`there is no ${type} ${id}`)
      const record = { ...before, hidden: JSON.stringify({ ...(await hidden()), ...changes }) }
      const operation = { op: 'replace', record, ifVersion: before.version } as const
      await store.write({ operations: [operation], actor: 'test', at: Date.now() })
    },
  }
}

type Inserted = {
  readonly type: string
  readonly ownerId: string
  readonly data: Readonly<Record<string, unknown>>
}

/** An object that no method of the test's made, such as the target of a reference. @returns its id */
export async function insertRecord(
  app: TestApp,
  { type, ownerId, data }: Inserted,
): Promise<string> {
  const at = Date.now()
  const id = objectId(at)
  const record = {
    ...{ backendId: app.backend.id, type, id, ownerId, aclId: null, createdAt: at, updatedAt: at },
    ...{ data: JSON.stringify(data), hidden: null, keys: {}, claims: [] },
  }
  await app.context.store.write({ operations: [{ op: 'insert', record }], actor: 'test', at })
  return id
}
