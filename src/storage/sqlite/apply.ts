import {
  addressesToRead,
  addressKey,
  claimChanges,
  type Effects,
  effectsOf,
  type RecordChange,
} from '../effects.ts'
import { type Entry, entriesOf, entryChanges, shapeOf } from '../entries.ts'
import {
  type Claim,
  type RecordAddress,
  type StoredRecord,
  type WriteBatch,
  WriteConflict,
} from '../port.ts'
import { toRecord } from '../rows.ts'
import { SequenceMaker } from '../sequence.ts'
import type { Row } from '../sql.ts'
import type { Database } from './driver.ts'
import { ENTRIES_AT_ONCE_MAX, type WriteStatements, writeStatements } from './write-statements.ts'

/** Applies batches inside a transaction that somebody else begins and commits. */
export class BatchWriter {
  readonly #sql: WriteStatements
  readonly #sequences = new SequenceMaker()
  /** Shapes that are in the database for certain. */
  readonly #shapes = new Set<string>()

  constructor(db: Database) {
    this.#sql = writeStatements(db)
    const last = this.#sql.lastSequence.get() as [string | null]
    if (last[0] !== null) this.#sequences.skipTo(last[0])
  }

  /**
   * Everything is checked before anything is written: a batch that is refused leaves no trace, and
   * the transaction goes on with the next one. Savepoints would copy every page that is touched.
   * @throws {WriteConflict} and nothing was written
   */
  apply(batch: WriteBatch): void {
    const effects = effectsOf(batch, this.#read(addressesToRead(batch)))
    this.#checkIds(effects)
    this.#checkClaims(effects)
    this.#checkJobs(effects)
    // Given up first: one record may take over the claim that another lets go.
    for (const change of effects.records) this.#removeOld(change)
    for (const change of effects.records) this.#putNew(change)
    this.#enqueue(effects, batch.at)
    for (const { backendId, type, id, operation } of effects.log) {
      const sequence = this.#sequences.next(batch.at)
      this.#sql.log.run(backendId, sequence, type, id, operation, batch.actor, batch.at)
    }
  }

  /** What was written may have been rolled back or purged. */
  forget(): void {
    this.#shapes.clear()
  }

  #read(addresses: readonly RecordAddress[]): Map<string, StoredRecord> {
    const records = new Map<string, StoredRecord>()
    for (const address of addresses) {
      const { backendId, type, id } = address
      const row = this.#sql.get.get(backendId, type, id) as Row | undefined
      if (row) records.set(addressKey(address), toRecord(backendId, type, row))
    }
    return records
  }

  #checkIds({ records }: Effects): void {
    for (const { index, before, after } of records) {
      if (before || !after) continue
      if (this.#rowOf(after) !== null) throw new WriteConflict(index, 'exists')
    }
  }

  /** A claim is free when its holder gives it up in the same batch. */
  #checkClaims({ records }: Effects): void {
    for (const change of records) {
      const { index, after } = change
      if (!after) continue
      for (const claim of claimChanges(change).add) {
        const holder = this.#holderOf(after.backendId, claim)
        if (holder && !givesUp(records, holder, claim)) {
          throw new WriteConflict(index, 'claimed', claim.scope)
        }
      }
    }
  }

  #holderOf(backendId: string, { scope, value }: Claim): RecordAddress | null {
    const row = this.#sql.claimHolder.get(backendId, scope, value) as [string, string] | undefined
    return row ? { backendId, type: row[0], id: row[1] } : null
  }

  #checkJobs({ jobs }: Effects): void {
    const names = new Set<string>()
    for (const { index, job } of jobs) {
      const name = `${job.backendId}\n${job.id}`
      const isQueued = this.#sql.isQueued.get(job.backendId, job.id) !== undefined
      if (isQueued || names.has(name)) throw new WriteConflict(index, 'exists')
      names.add(name)
    }
  }

  #removeOld(change: RecordChange): void {
    const { before, after } = change
    if (!before) return
    const { backendId, type, id } = before
    const gone = after ? entryChanges(before.keys, after.keys).remove : entriesOf(before.keys)
    for (const { field, value } of gone) {
      this.#sql.removeEntry.run(backendId, type, field, value, id)
    }
    for (const claim of claimChanges(change).remove) {
      this.#sql.removeClaim.run(backendId, claim.scope, claim.value, type, id)
    }
    if (!after) this.#sql.remove.run(backendId, type, id)
  }

  #putNew(change: RecordChange): void {
    const { before, after } = change
    if (!after) return
    const { backendId, type, id } = after
    for (const claim of claimChanges(change).add) {
      this.#sql.addClaim.run(backendId, claim.scope, claim.value, type, id)
    }
    const row = this.#putRow(before, after)
    this.#addShape(after)
    this.#addEntries(
      after,
      row,
      before ? entryChanges(before.keys, after.keys).add : entriesOf(after.keys),
    )
  }

  /** @returns the number of the row */
  #putRow(before: StoredRecord | null, after: StoredRecord): number {
    const { backendId, type, id } = after
    if (!before) {
      return Number(this.#sql.insert.run(backendId, type, id, ...content(after)).lastInsertRowid)
    }
    this.#sql.update.run(...content(after), backendId, type, id)
    return this.#rowOf(after) ?? 0
  }

  #rowOf({ backendId, type, id }: RecordAddress): number | null {
    const row = this.#sql.rowOf.get(backendId, type, id) as [number] | undefined
    return row ? row[0] : null
  }

  #addShape({ backendId, type, keys }: StoredRecord): void {
    const shape = shapeOf(keys)
    const name = `${backendId}\n${type}\n${shape.id}`
    if (this.#shapes.has(name)) return
    this.#sql.addShape.run(backendId, type, shape.id, shape.fields)
    if (this.#shapes.size >= SHAPES_KNOWN_MAX) this.#shapes.clear()
    this.#shapes.add(name)
  }

  #addEntries({ backendId, type, id }: StoredRecord, row: number, entries: readonly Entry[]): void {
    for (let at = 0; at < entries.length; at += ENTRIES_AT_ONCE_MAX) {
      const some = entries.slice(at, at + ENTRIES_AT_ONCE_MAX)
      const values = some.flatMap(({ field, value, first }) => [field, value, first])
      this.#sql.addEntries[some.length]?.().run(backendId, type, id, row, ...values)
    }
  }

  #enqueue(effects: Effects, at: number): void {
    for (const { job } of effects.jobs) {
      const { backendId, id, kind, payload, runAt } = job
      this.#sql.enqueue.run(backendId, id, kind, payload, runAt, runAt, at)
    }
  }
}

const SHAPES_KNOWN_MAX = 10_000

function givesUp(records: readonly RecordChange[], holder: RecordAddress, claim: Claim): boolean {
  const change = records.find(({ before }) => before && addressKey(before) === addressKey(holder))
  if (!change) return false
  return !change.after?.claims.some(
    ({ scope, value }) => scope === claim.scope && value === claim.value,
  )
}

function content(record: StoredRecord): (string | number | null)[] {
  return [
    record.ownerId,
    record.aclId,
    record.createdAt,
    record.updatedAt,
    record.version,
    record.data,
    record.hidden,
    JSON.stringify(record.keys),
    JSON.stringify(record.claims),
  ]
}
