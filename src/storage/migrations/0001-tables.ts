import { type CreateTableBuilder, type Kysely, sql } from 'kysely'
import type { ColumnTypes } from './column-types.ts'

/**
 * The tenant leads every key, and there are no foreign keys, triggers or sequences: so the tables
 * can be distributed by tenant as they are.
 */
export async function createTables(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  await createRecordTables(db, types)
  await createSideTables(db, types)
  const { text, integer } = types

  await db.schema
    .createTable('change_log')
    .addColumn('backend_id', text, (column) => column.notNull())
    .addColumn('sequence', text, (column) => column.notNull())
    .addColumn('type', text, (column) => column.notNull())
    .addColumn('id', text, (column) => column.notNull())
    .addColumn('operation', text, (column) => column.notNull())
    .addColumn('actor', text, (column) => column.notNull())
    .addColumn('at', integer, (column) => column.notNull())
    .addPrimaryKeyConstraint('change_log_key', ['backend_id', 'sequence'] as never)
    .modifyEnd(types.keyTableSuffix)
    .execute()

  // due_at is when a job may be taken: its time, or the end of its lease, or never.
  await db.schema
    .createTable('job')
    .addColumn('backend_id', text, (column) => column.notNull())
    .addColumn('id', text, (column) => column.notNull())
    .addColumn('kind', text, (column) => column.notNull())
    .addColumn('payload', text, (column) => column.notNull())
    .addColumn('run_at', integer, (column) => column.notNull())
    .addColumn('due_at', integer)
    .addColumn('attempts', integer, (column) => column.notNull())
    .addColumn('last_error', text)
    .addColumn('created_at', integer, (column) => column.notNull())
    .addPrimaryKeyConstraint('job_key', ['backend_id', 'id'] as never)
    .execute()
  await db.schema.createIndex('job_due').on('job').column('due_at').execute()

  await db.schema
    .createTable('store_check')
    .addColumn('backend_id', text, (column) => column.notNull())
    .addColumn('at', integer, (column) => column.notNull())
    .addPrimaryKeyConstraint('store_check_key', ['backend_id'] as never)
    .execute()
}

async function createRecordTables(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  const { text, json, integer } = types

  // The keys come before the data: reading them must not lead through a long text.
  const record = recordTable(db, types)
    .addColumn('backend_id', text, (column) => column.notNull())
    .addColumn('type', text, (column) => column.notNull())
    .addColumn('id', text, (column) => column.notNull())
    .addColumn('owner_id', text)
    .addColumn('acl_id', text)
    .addColumn('created_at', integer, (column) => column.notNull())
    .addColumn('updated_at', integer, (column) => column.notNull())
    .addColumn('version', integer, (column) => column.notNull())
    .addColumn('keys', json, (column) => column.notNull())
    .addColumn('claims', text, (column) => column.notNull())
    .addColumn('data', text, (column) => column.notNull())
    .addColumn('hidden', text)
  const recordKey = ['backend_id', 'type', 'id']
  await (types.numbersRows
    ? record.addUniqueConstraint('record_key', recordKey)
    : record.addPrimaryKeyConstraint('record_key', recordKey)
  ).execute()

  // One row for each key of a record; `first` marks the one by which the record sorts.
  const index = (db.schema.createTable('record_index') as TableBuilder)
    .addColumn('backend_id', text, (column) => column.notNull())
    .addColumn('type', text, (column) => column.notNull())
    .addColumn('field', text, (column) => column.notNull())
    .addColumn('value', text, (column) => column.notNull())
    .addColumn('object_id', text, (column) => column.notNull())
    .addColumn('first', sql`smallint`, (column) => column.notNull())
  await (types.numbersRows ? index.addColumn('row', integer, (column) => column.notNull()) : index)
    .addPrimaryKeyConstraint('record_index_key', [
      'backend_id',
      'type',
      'field',
      'value',
      'object_id',
    ])
    .modifyEnd(types.keyTableSuffix)
    .execute()
}

async function createSideTables(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  const { text } = types

  // Which fields the records of a type have: says without a search whether any lacks one.
  await db.schema
    .createTable('record_shape')
    .addColumn('backend_id', text, (column) => column.notNull())
    .addColumn('type', text, (column) => column.notNull())
    .addColumn('shape', text, (column) => column.notNull())
    .addColumn('fields', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('record_shape_key', ['backend_id', 'type', 'shape'] as never)
    .modifyEnd(types.keyTableSuffix)
    .execute()

  await db.schema
    .createTable('claim')
    .addColumn('backend_id', text, (column) => column.notNull())
    .addColumn('scope', text, (column) => column.notNull())
    .addColumn('value', text, (column) => column.notNull())
    .addColumn('type', text, (column) => column.notNull())
    .addColumn('object_id', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('claim_key', ['backend_id', 'scope', 'value'] as never)
    .modifyEnd(types.keyTableSuffix)
    .execute()
}

/** Of columns whose names are not known to the compiler. */
type TableBuilder = CreateTableBuilder<string, string>

function recordTable(db: Kysely<unknown>, { numbersRows }: ColumnTypes): TableBuilder {
  const table = db.schema.createTable('record') as TableBuilder
  if (!numbersRows) return table
  return table.addColumn('row', 'integer', (column) => column.primaryKey())
}
