import { numberKey } from './keys.ts'
import type { StoredRecord, WriteOperation } from './port.ts'

type Increment = Extract<WriteOperation, { readonly op: 'increment' }>
type Members = Record<string, unknown>

const CUSTOM_FIELDS = 'custom_fields'

/**
 * The record after an increment, or `null` when a member holds something that is not a number, or
 * the sum is none that JSON can say.
 */
export function incremented(record: StoredRecord, increment: Increment): StoredRecord | null {
  const data = JSON.parse(record.data) as Members
  const keys: Members = { ...record.keys }
  for (const { path, key, by } of increment.add) {
    const [holder, member] = placeOf(data, path)
    if (!holder) return null
    const old = Object.hasOwn(holder, member) ? holder[member] : 0
    if (typeof old !== 'number' || !Number.isFinite(old + by)) return null
    setMember(holder, member, old + by)
    setMember(keys, key, numberKey(old + by))
  }
  return {
    ...record,
    data: JSON.stringify(data),
    keys: keys as StoredRecord['keys'],
    version: record.version + 1,
    updatedAt: increment.updatedAt ?? record.updatedAt,
  }
}

/** The object that a path's last name belongs to; custom fields come into being when needed. */
function placeOf(data: Members, path: string): [holder: Members | null, member: string] {
  if (!path.startsWith(`${CUSTOM_FIELDS}.`)) return [data, path]
  const member = path.slice(CUSTOM_FIELDS.length + 1)
  if (!Object.hasOwn(data, CUSTOM_FIELDS)) data[CUSTOM_FIELDS] = {}
  const holder = data[CUSTOM_FIELDS]
  const isObject = typeof holder === 'object' && holder !== null && !Array.isArray(holder)
  return [isObject ? (holder as Members) : null, member]
}

/** Defined and not assigned: a member may be called `__proto__`. */
function setMember(holder: Members, member: string, value: unknown): void {
  Object.defineProperty(holder, member, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  })
}
