import { incremented } from './increment.ts'
import {
  type Change,
  type Claim,
  type NewJob,
  type RecordAddress,
  type StoredRecord,
  type WriteBatch,
  WriteConflict,
  type WriteOperation,
} from './port.ts'

/** A record that a batch changes: what it was and what it becomes; `null` is no record. */
export type RecordChange = {
  /** The operation that had the last word, for reporting a conflict. */
  readonly index: number
  readonly before: StoredRecord | null
  readonly after: StoredRecord | null
}

/** What a batch comes to, once it is known what was there before. */
export type Effects = {
  readonly records: readonly RecordChange[]
  readonly log: readonly Pick<Change, 'backendId' | 'type' | 'id' | 'operation'>[]
  readonly jobs: readonly { readonly index: number; readonly job: NewJob }[]
}

export function addressKey(address: RecordAddress): string {
  return `${address.backendId}\n${address.type}\n${address.id}`
}

export function addressOf(operation: WriteOperation): RecordAddress | null {
  switch (operation.op) {
    case 'insert':
    case 'replace':
      return operation.record
    case 'enqueue':
      return null
    default:
      return operation.address
  }
}

/**
 * The records that have to be read before a batch can be worked out. An insert alone needs none:
 * the database says whether the id was taken.
 */
export function addressesToRead(batch: WriteBatch): RecordAddress[] {
  const addresses = new Map<string, RecordAddress>()
  for (const operation of batch.operations) {
    const address = operation.op === 'insert' ? null : addressOf(operation)
    if (address) addresses.set(addressKey(address), address)
  }
  return [...addresses.values()]
}

/**
 * Works out what a batch comes to, its operations one after the other. Claims of other records and
 * the ids of plain inserts are left for the database to check, when the effects are applied.
 * @param read the records of {@link addressesToRead} that exist, by {@link addressKey}
 * @throws {WriteConflict}
 */
export function effectsOf(batch: WriteBatch, read: ReadonlyMap<string, StoredRecord>): Effects {
  const states = new Map<string, RecordChange>()
  const log: Effects['log'][number][] = []
  const jobs: Effects['jobs'][number][] = []
  batch.operations.forEach((operation, index) => {
    if (operation.op === 'enqueue') {
      jobs.push({ index, job: operation.job })
      return
    }
    const address = addressOf(operation) as RecordAddress
    const key = addressKey(address)
    const state = states.get(key)
    const before = state ? state.before : (read.get(key) ?? null)
    const current = state ? state.after : before
    const after = applied(operation, index, current)
    if (after === current) return
    states.set(key, { index, before, after })
    const { backendId, type, id } = address
    log.push({ backendId, type, id, operation: kindOf(current, after) })
  })
  const records = [...states.values()].filter(({ before, after }) => before ?? after)
  refuseSharedClaims(records)
  return { records, log, jobs }
}

function kindOf(before: StoredRecord | null, after: StoredRecord | null): Change['operation'] {
  if (!before) return 'insert'
  return after ? 'replace' : 'delete'
}

/** @throws {WriteConflict} */
function applied(
  operation: Exclude<WriteOperation, { readonly op: 'enqueue' }>,
  index: number,
  current: StoredRecord | null,
): StoredRecord | null {
  if (operation.op === 'insert') {
    if (current) throw new WriteConflict(index, 'exists')
    return { ...operation.record, version: 1 }
  }
  if (operation.op === 'check' && operation.is === 'absent') {
    if (current) throw new WriteConflict(index, 'exists')
    return current
  }
  if (!current) throw new WriteConflict(index, 'missing')
  const version = requiredVersion(operation)
  if (version !== undefined && version !== current.version)
    throw new WriteConflict(index, 'version')
  if (operation.op === 'replace') return { ...operation.record, version: current.version + 1 }
  if (operation.op === 'delete') return null
  if (operation.op === 'check') return current
  const next = incremented(current, operation)
  if (!next) throw new WriteConflict(index, 'type')
  return next
}

function requiredVersion(operation: WriteOperation): number | undefined {
  if (operation.op === 'replace' || operation.op === 'delete') return operation.ifVersion
  return operation.op === 'check' && typeof operation.is === 'number' ? operation.is : undefined
}

/** The claims that a change gives up and those that it takes. */
export function claimChanges(change: RecordChange): { remove: Claim[]; add: Claim[] } {
  const old = new Map((change.before?.claims ?? []).map((claim) => [claimKey(claim), claim]))
  const add = new Map<string, Claim>()
  for (const claim of change.after?.claims ?? []) {
    const key = claimKey(claim)
    if (!old.delete(key) && !keptClaim(change, key)) add.set(key, claim)
  }
  return { remove: [...old.values()], add: [...add.values()] }
}

/** A claim that is listed twice must not be taken for a new one the second time. */
function keptClaim(change: RecordChange, key: string): boolean {
  return (change.before?.claims ?? []).some((claim) => claimKey(claim) === key)
}

function claimKey(claim: Claim): string {
  return `${claim.scope}\n${claim.value}`
}

/** @throws {WriteConflict} when two records of one batch would hold the same claim */
function refuseSharedClaims(records: readonly RecordChange[]): void {
  if (records.length < 2) return
  const holders = new Map<string, RecordChange>()
  for (const change of records) {
    const seen = new Set<string>()
    for (const claim of change.after?.claims ?? []) {
      const key = `${change.after?.backendId}\n${claimKey(claim)}`
      const holder = holders.get(key)
      if (holder && !seen.has(key)) {
        throw new WriteConflict(Math.max(holder.index, change.index), 'claimed', claim.scope)
      }
      seen.add(key)
      holders.set(key, change)
    }
  }
}
