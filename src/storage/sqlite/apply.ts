import {
  addressesToRead,
  addressKey,
  claimChanges,
  type Effects,
  effectsOf,
  type RecordChange,
} from '../effects.ts'
import { type Entry, entriesOf, entryChanges, shapeOf } from '../entries.ts'
import { type RecordAddress, type StoredRecord, type WriteBatch, WriteConflict } from '../port.ts'
import { toRecord } from '../rows.ts'
import { SequenceMaker } from '../sequence.ts'
import type { Row } from '../sql.ts'
import type { Database } from './driver.ts'
import { type WriteStatements, writeStatements } from './write-statements.ts'

/** Applies batches inside a transaction that somebody else begins and commits. */
export class BatchWriter {
  readonly #sql: WriteStatements
  readonly #sequences = new SequenceMaker()

  constructor(db: Database) {
    this.#sql = writeStatements(db)
    const last = this.#sql.lastSequence.get() as [string | null]
    if (last[0] !== null) this.#sequences.skipTo(last[0])
  }

  /** @throws {WriteConflict} after some of the batch may have been applied: roll back */
  apply(batch: WriteBatch): void {
    const effects = effectsOf(batch, this.#read(addressesToRead(batch)))
    // Given up first: one record may take over the claim that another lets go.
    for (const change of effects.records) this.#removeOld(change)
    for (const change of effects.records) this.#putNew(change)
    this.#enqueue(effects, batch.at)
    for (const { backendId, type, id, operation } of effects.log) {
      const sequence = this.#sequences.next(batch.at)
      this.#sql.log.run(backendId, sequence, type, id, operation, batch.actor, batch.at)
    }
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
    const { index, before, after } = change
    if (!after) return
    if (before) this.#update(after)
    else if (!this.#insert(after)) throw new WriteConflict(index, 'exists')
    for (const claim of claimChanges(change).add) {
      const { backendId, type, id } = after
      const taken = this.#sql.addClaim.run(backendId, claim.scope, claim.value, type, id)
      if (Number(taken.changes) === 0) throw new WriteConflict(index, 'claimed', claim.scope)
    }
    this.#addEntries(
      after,
      before ? entryChanges(before.keys, after.keys).add : entriesOf(after.keys),
    )
  }

  #insert(record: StoredRecord): boolean {
    const { backendId, type, id } = record
    return Number(this.#sql.insert.run(backendId, type, id, ...content(record)).changes) === 1
  }

  #update(record: StoredRecord): void {
    const { backendId, type, id } = record
    this.#sql.update.run(...content(record), backendId, type, id)
  }

  #addEntries(record: StoredRecord, entries: readonly Entry[]): void {
    const { backendId, type, id } = record
    const shape = shapeOf(record.keys)
    this.#sql.addShape.run(backendId, type, shape.id, shape.fields)
    for (const { field, value, first } of entries) {
      this.#sql.addEntry.run(backendId, type, field, value, id, first)
    }
  }

  #enqueue(effects: Effects, at: number): void {
    for (const { index, job } of effects.jobs) {
      const { backendId, id, kind, payload, runAt } = job
      const added = this.#sql.enqueue.run(backendId, id, kind, payload, runAt, runAt, at)
      if (Number(added.changes) === 0) throw new WriteConflict(index, 'exists')
    }
  }
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
