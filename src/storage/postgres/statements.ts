import { RECORD_COLUMNS } from '../rows.ts'

/** The fixed statements of writing. Lists come as arrays, so that one text does for any number. */

const CONTENT = RECORD_COLUMNS.slice(1)

/** What the columns of the record are bound as, in the order of `RECORD_COLUMNS`. */
const ARRAY_TYPES = ['text', 'text', 'text', 'int8', 'int8', 'int8', 'text', 'text', 'text', 'text']

const RECORD_ARRAYS = `unnest($1::text[], $2::text[], ${ARRAY_TYPES.map(
  (type, at) => `$${at + 3}::${type}[]`,
).join(', ')}) u(backend_id, type, ${RECORD_COLUMNS.join(', ')})`

const COLUMNS = RECORD_COLUMNS.join(', ')
const VALUES = RECORD_COLUMNS.map((column) => (column === 'keys' ? 'u.keys::jsonb' : `u.${column}`))

const PUT_ENTRIES = `entry AS (
  INSERT INTO record_index (backend_id, type, field, value, object_id, first)
  SELECT * FROM unnest($13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::int2[])
), shape AS (
  INSERT INTO record_shape (backend_id, type, shape, fields)
  SELECT * FROM unnest($19::text[], $20::text[], $21::text[], $22::text[])
  ON CONFLICT DO NOTHING
), claimed AS (
  INSERT INTO claim (backend_id, scope, value, type, object_id)
  SELECT * FROM unnest($23::text[], $24::text[], $25::text[], $26::text[], $27::text[])
), logged AS (
  INSERT INTO change_log (backend_id, sequence, type, id, operation, actor, at)
  SELECT * FROM unnest($28::text[], $29::text[], $30::text[], $31::text[], $32::text[], $33::text[], $34::int8[])
)`

/** New records with their entries, shapes, claims and changes, in one statement. */
export const INSERT_RECORDS = `WITH record_row AS (
  INSERT INTO record (backend_id, type, ${COLUMNS})
  SELECT u.backend_id, u.type, ${VALUES.join(', ')} FROM ${RECORD_ARRAYS}
), ${PUT_ENTRIES} SELECT 1`

/** The same for records that exist. */
export const UPDATE_RECORDS = `WITH record_row AS (
  UPDATE record r SET ${CONTENT.map((column) => `${column} = ${column === 'keys' ? 'u.keys::jsonb' : `u.${column}`}`).join(', ')}
  FROM ${RECORD_ARRAYS}
  WHERE r.backend_id = u.backend_id AND r.type = u.type AND r.id = u.id
), ${PUT_ENTRIES} SELECT 1`

/** Records, entries and claims that go. */
export const REMOVE = `WITH gone AS (
  DELETE FROM record r USING unnest($1::text[], $2::text[], $3::text[]) u(backend_id, type, id)
  WHERE r.backend_id = u.backend_id AND r.type = u.type AND r.id = u.id
), entry AS (
  DELETE FROM record_index i
  USING unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[]) u(backend_id, type, field, value, object_id)
  WHERE i.backend_id = u.backend_id AND i.type = u.type AND i.field = u.field
    AND i.value = u.value AND i.object_id = u.object_id
), claimed AS (
  DELETE FROM claim c
  USING unnest($9::text[], $10::text[], $11::text[], $12::text[], $13::text[]) u(backend_id, scope, value, type, object_id)
  WHERE c.backend_id = u.backend_id AND c.scope = u.scope AND c.value = u.value
    AND c.type = u.type AND c.object_id = u.object_id
) SELECT 1`

/** In a fixed order, so that two batches never wait for each other. */
export const LOCK_RECORDS = `SELECT r.backend_id, r.type, ${RECORD_COLUMNS.map((column) =>
  column === 'keys' ? 'r.keys::text' : `r.${column}`,
).join(', ')}
  FROM record r
  WHERE (r.backend_id, r.type, r.id) IN (SELECT * FROM unnest($1::text[], $2::text[], $3::text[]))
  ORDER BY r.backend_id, r.type, r.id FOR UPDATE`

/**
 * Holds the place of a record that must stay absent until the end of the transaction: whoever
 * inserts it meanwhile waits. There is no row that could be locked.
 */
export const HOLD_ABSENT = `INSERT INTO record
  (backend_id, type, id, created_at, updated_at, version, data, keys, claims)
  SELECT u.backend_id, u.type, u.id, 0, 0, 0, '{}', '{}', '[]'
  FROM unnest($1::text[], $2::text[], $3::text[]) u(backend_id, type, id)`

/** A job that was kept for inspection makes way for a new one of its name. */
export const ENQUEUE = `INSERT INTO job (backend_id, id, kind, payload, run_at, due_at, attempts, created_at)
  VALUES ($1, $2, $3, $4, $5, $5, 0, $6)
  ON CONFLICT (backend_id, id) DO UPDATE SET kind = excluded.kind, payload = excluded.payload,
    run_at = excluded.run_at, due_at = excluded.due_at, attempts = 0, last_error = NULL,
    created_at = excluded.created_at
  WHERE job.due_at IS NULL`
