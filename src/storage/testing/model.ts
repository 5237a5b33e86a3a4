import { RE2JS } from 're2js'
import { portablePattern } from '../../lib/safe-regex.ts'
import { addressesToRead, addressKey, effectsOf } from '../effects.ts'
import { distanceRadians, EARTH_RADIUS_KM } from '../geo.ts'
import { compareText, pointOfKey, textKey, textOfKey, typeBounds } from '../keys.ts'
import {
  type Condition,
  type Counted,
  type CountQuery,
  EVERYONE,
  type FindQuery,
  type Found,
  type NewRecord,
  type RecordAddress,
  type Store,
  type StoredRecord,
  type WriteBatch,
  WriteConflict,
} from '../port.ts'

type Near = Extract<Condition, { readonly op: 'near' }>
type Text = Extract<Condition, { readonly op: 'text' }>

/**
 * What a store has to do, said as plainly as possible and as slowly as it comes: every query looks
 * at every record. For tests, which compare the real stores with it.
 */
export class ModelStore implements Pick<Store, 'get' | 'find' | 'count' | 'write'> {
  readonly #records = new Map<string, StoredRecord>()

  async get(address: RecordAddress): Promise<StoredRecord | null> {
    return this.#records.get(addressKey(address)) ?? null
  }

  async find(query: FindQuery): Promise<Found> {
    const near = topLevel(query.where, 'near').find(({ sorts }) => sorts)
    const text = topLevel(query.where, 'text')[0]
    const found = this.#matching(query).sort((a, b) => compareText(b.id, a.id))
    const isOrdered = (query.orderBy?.length ?? 0) > 0
    for (const { field, direction } of [...(query.orderBy ?? [])].reverse()) {
      found.sort((a, b) => compareSortKeys(a, b, field) * (direction === 'asc' ? 1 : -1))
    }
    if (!isOrdered && near) found.sort((a, b) => distanceTo(near, a) - distanceTo(near, b))
    else if (!isOrdered && text) found.sort((a, b) => score(text, b) - score(text, a))
    const offset = query.offset ?? 0
    const records = found.slice(offset, offset + query.limit)
    if (isOrdered || !near) return { records }
    return {
      records,
      distancesKm: records.map((record) => distanceTo(near, record) * EARTH_RADIUS_KM),
    }
  }

  async count(query: CountQuery): Promise<Counted> {
    const count = this.#matching(query).length
    const exact = query.upTo === undefined || count <= query.upTo
    return { count: exact ? count : (query.upTo ?? count), exact }
  }

  /** @throws {WriteConflict} */
  async write(batch: WriteBatch): Promise<void> {
    const read = new Map(addressesToRead(batch).flatMap((address) => this.#entry(address)))
    const { records } = effectsOf(batch, read)
    const next = new Map(this.#records)
    for (const { before } of records) if (before) next.delete(addressKey(before))
    for (const { index, before, after } of records) {
      if (!after) continue
      if (!before && next.has(addressKey(after))) throw new WriteConflict(index, 'exists')
      const taken = claimTaken(next, after)
      if (taken !== undefined) throw new WriteConflict(index, 'claimed', taken)
      next.set(addressKey(after), after)
    }
    this.#records.clear()
    for (const [key, record] of next) this.#records.set(key, record)
  }

  #entry(address: RecordAddress): [string, StoredRecord][] {
    const record = this.#records.get(addressKey(address))
    return record ? [[addressKey(address), record]] : []
  }

  #matching(query: CountQuery): StoredRecord[] {
    return [...this.#records.values()].filter(
      (record) =>
        record.backendId === query.backendId &&
        record.type === query.type &&
        (!query.where || holds(query.where, record)) &&
        (query.visibleTo === undefined || this.#isVisible(record, query.visibleTo)),
    )
  }

  #isVisible(record: StoredRecord, userId: string | null): boolean {
    if (record.aclId === null) return true
    if (userId !== null && record.ownerId === userId) return true
    const guard = this.#records.get(
      addressKey({ backendId: record.backendId, type: 'acl', id: record.aclId }),
    )
    if (!guard) return true
    const readers = keysOfField(guard, 'readers')
    return (
      readers.includes(textKey(EVERYONE)) || (userId !== null && readers.includes(textKey(userId)))
    )
  }
}

function claimTaken(
  records: ReadonlyMap<string, StoredRecord>,
  after: NewRecord,
): string | undefined {
  return after.claims.find(({ scope, value }) =>
    [...records.values()].some(
      (other) =>
        other.backendId === after.backendId &&
        addressKey(other) !== addressKey(after) &&
        other.claims.some((claim) => claim.scope === scope && claim.value === value),
    ),
  )?.scope
}

function keysOfField(record: StoredRecord, field: string): readonly string[] {
  if (!Object.hasOwn(record.keys, field)) return []
  const key = record.keys[field] ?? []
  return typeof key === 'string' ? [key] : key
}

function holds(condition: Condition, record: StoredRecord): boolean {
  switch (condition.op) {
    case 'and':
      return condition.all.every((each) => holds(each, record))
    case 'or':
      return condition.any.some((each) => holds(each, record))
    case 'not':
      return !holds(condition.not, record)
    case 'near':
      return distanceTo(condition, record) <= (condition.maxDistanceRadians ?? Math.PI + 1)
    case 'text':
      return holdsText(condition, record)
    default: {
      const isId = condition.field === 'id'
      const values = isId ? [record.id] : keysOfField(record, condition.field)
      return values.some((value) => holdsFor(condition, value, isId))
    }
  }
}

type Plain = Exclude<Condition, { readonly op: 'and' | 'or' | 'not' | 'near' | 'text' }>

function holdsFor(condition: Plain, value: string, isId: boolean): boolean {
  switch (condition.op) {
    case 'exists':
      return true
    case 'in':
      return condition.values.includes(value)
    case 'element':
      return condition.all.every(({ op, value: other }) => compares(op, value, other, isId))
    case 'regex': {
      const text = isId ? value : textOfKey(value)
      if (text === null || !text.startsWith(condition.prefix)) return false
      if (condition.pattern === undefined) return true
      const pattern = RE2JS.compile(portablePattern(condition.pattern), RE2JS.DOTALL)
      return pattern.matcher(text).find()
    }
    default:
      return compares(condition.op, value, condition.value, isId)
  }
}

function compares(op: string, value: string, other: string, isId: boolean): boolean {
  const { from, to } = typeBounds(other)
  const sameType = isId || (compareText(value, from) >= 0 && compareText(value, to) < 0)
  const order = compareText(value, other)
  if (op === 'eq') return order === 0
  if (op === 'ne') return order !== 0
  if (op === 'lt') return sameType && order < 0
  if (op === 'lte') return sameType && order <= 0
  if (op === 'gt') return sameType && order > 0
  return sameType && order >= 0
}

function holdsText({ words, phrases, without }: Text, record: StoredRecord): boolean {
  const has = (word: string): boolean => keysOfField(record, '$text').includes(textKey(word))
  if (words.length === 0 && phrases.flat().length === 0) return false
  return (words.length === 0 || words.some(has)) && phrases.flat().every(has) && !without.some(has)
}

function score({ words, phrases }: Text, record: StoredRecord): number {
  const keys = keysOfField(record, '$text')
  return [...new Set([...words, ...phrases.flat()])].filter((word) => keys.includes(textKey(word)))
    .length
}

/** Infinite without a point. */
function distanceTo(near: Near, record: StoredRecord): number {
  const points = keysOfField(record, near.field).filter((key) => /^[0-9a-f]{16}$/.test(key))
  return Math.min(
    ...points.map((key) => distanceRadians(near, pointOfKey(key))),
    Number.POSITIVE_INFINITY,
  )
}

/** Missing before everything. */
function compareSortKeys(a: StoredRecord, b: StoredRecord, field: string): number {
  if (field === 'id') return compareText(a.id, b.id)
  const [keyA, keyB] = [keysOfField(a, field)[0], keysOfField(b, field)[0]]
  if (keyA === undefined || keyB === undefined) {
    return Number(keyA !== undefined) - Number(keyB !== undefined)
  }
  return compareText(keyA, keyB)
}

/** The conditions of a kind that every record has to satisfy. */
function topLevel<Op extends Condition['op']>(
  where: Condition | undefined,
  op: Op,
): Extract<Condition, { readonly op: Op }>[] {
  if (where?.op === 'and' && op !== 'and') return where.all.flatMap((each) => topLevel(each, op))
  return where?.op === op ? [where as Extract<Condition, { readonly op: Op }>] : []
}
