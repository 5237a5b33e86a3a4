/** Statements that both databases take as they are, but for how they number bound values. */

/** An index entry is a tenth of a record, roughly, so more of them go at a time. */
const ENTRIES_PER_RECORD = 10

/** What a tenant consists of, the records first: then nobody finds what is half gone. */
export const TENANT_TABLES = [
  { table: 'record', key: 'backend_id, type, id', share: 1 },
  {
    table: 'record_index',
    key: 'backend_id, type, field, value, object_id',
    share: ENTRIES_PER_RECORD,
  },
  { table: 'record_shape', key: 'backend_id, type, shape', share: 1 },
  { table: 'claim', key: 'backend_id, scope, value', share: 1 },
  { table: 'change_log', key: 'backend_id, sequence', share: 1 },
  { table: 'job', key: 'backend_id, id', share: 1 },
] as const

const TENANTS_IN_LOG = `WITH RECURSIVE tenant(id) AS (
  SELECT min(backend_id) FROM change_log
  UNION ALL
  SELECT (SELECT min(backend_id) FROM change_log WHERE backend_id > tenant.id)
  FROM tenant WHERE tenant.id IS NOT NULL
)`

/** The tenants with changes, by jumping from one to the next: no scan. */
export const LOGGED_TENANTS = `${TENANTS_IN_LOG} SELECT id FROM tenant WHERE id IS NOT NULL`

/** The last sequence of any tenant. */
export const LAST_SEQUENCE = `${TENANTS_IN_LOG}
  SELECT max((SELECT max(sequence) FROM change_log WHERE backend_id = tenant.id)) FROM tenant`

/** The types that a tenant has or had records of, by jumping from one to the next. */
export function typesStatement(placeholder: string): string {
  return `WITH RECURSIVE found(type) AS (
    SELECT min(type) FROM record_shape WHERE backend_id = ${placeholder}
    UNION ALL
    SELECT (SELECT min(type) FROM record_shape WHERE backend_id = ${placeholder} AND type > found.type)
    FROM found WHERE found.type IS NOT NULL
  ) SELECT type FROM found WHERE type IS NOT NULL`
}
