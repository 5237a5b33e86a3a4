import { claimChanges, type Effects, type RecordChange } from '../effects.ts'
import { entriesOf, entryChanges, shapeOf } from '../entries.ts'
import type { StoredRecord, WriteBatch } from '../port.ts'
import { RECORD_COLUMNS } from '../rows.ts'
import type { SequenceMaker } from '../sequence.ts'

type Cell = string | number | null

/** Effects as the arrays that the statements of writing bind: one array for each column. */

/** For `INSERT_RECORDS` and `UPDATE_RECORDS`. */
export function putArrays(changes: readonly RecordChange[], log: readonly Cell[][]): Cell[][] {
  const after = changes.flatMap((change) =>
    change.after ? [{ change, record: change.after }] : [],
  )
  return [
    ...columns(
      2 + RECORD_COLUMNS.length,
      after.map(({ record }) => recordRow(record)),
    ),
    ...columns(6, sorted(after.flatMap(({ change, record }) => entryRows(change, record)))),
    ...columns(4, sorted(uniqueShapes(after.map(({ record }) => record)))),
    ...columns(5, sorted(after.flatMap(({ change, record }) => claimRows(change, record)))),
    ...columns(7, log),
  ]
}

/** For `REMOVE`. */
export function removeArrays(changes: readonly RecordChange[]): Cell[][] {
  const before = changes.flatMap((change) =>
    change.before ? [{ change, record: change.before }] : [],
  )
  const gone = before.filter(({ change }) => !change.after)
  return [
    ...columns(
      3,
      gone.map(({ record }) => [record.backendId, record.type, record.id]),
    ),
    ...columns(
      5,
      before.flatMap(({ change, record: { backendId, type, id, keys } }) => {
        const { after } = change
        const entries = after ? entryChanges(keys, after.keys).remove : entriesOf(keys)
        return entries.map(({ field, value }) => [backendId, type, field, value, id])
      }),
    ),
    ...columns(
      5,
      before.flatMap(({ change, record: { backendId, type, id } }) =>
        claimChanges(change).remove.map(({ scope, value }) => [backendId, scope, value, type, id]),
      ),
    ),
  ]
}

export function logRows(effects: Effects, batch: WriteBatch, sequences: SequenceMaker): Cell[][] {
  return effects.log.map(({ backendId, type, id, operation }) => {
    const sequence = sequences.next(batch.at)
    return [backendId, sequence, type, id, operation, batch.actor, batch.at]
  })
}

/** Rows turned into columns; an empty list still has its columns. */
export function columns(width: number, rows: readonly (readonly Cell[])[]): Cell[][] {
  return Array.from({ length: width }, (_, at) => rows.map((row) => row[at] ?? null))
}

function recordRow(record: StoredRecord): Cell[] {
  return [
    record.backendId,
    record.type,
    record.id,
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

function entryRows(
  { before }: RecordChange,
  { backendId, type, id, keys }: StoredRecord,
): Cell[][] {
  const entries = before ? entryChanges(before.keys, keys).add : entriesOf(keys)
  return entries.map(({ field, value, first }) => [backendId, type, field, value, id, first])
}

function claimRows(change: RecordChange, { backendId, type, id }: StoredRecord): Cell[][] {
  return claimChanges(change).add.map(({ scope, value }) => [backendId, scope, value, type, id])
}

function uniqueShapes(records: readonly StoredRecord[]): Cell[][] {
  const rows = new Map<string, Cell[]>()
  for (const { backendId, type, keys } of records) {
    const { id, fields } = shapeOf(keys)
    rows.set(`${backendId}\n${type}\n${id}`, [backendId, type, id, fields])
  }
  return [...rows.values()]
}

/** In a fixed order, two batches that meet in the index wait for each other in one direction only. */
function sorted(rows: Cell[][]): Cell[][] {
  if (rows.length < 2) return rows
  return rows
    .map((row) => ({ row, text: row.join('\n') }))
    .sort((a, b) => (a.text < b.text ? -1 : 1))
    .map(({ row }) => row)
}
