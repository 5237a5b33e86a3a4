import { textKey } from './keys.ts'
import { EVERYONE } from './port.ts'
import { anyOf, type Sql, sql } from './sql.ts'
import type { Scope } from './where.ts'

/**
 * True when the caller may see the record `r`: it has no guard, or the guard is gone, or the caller
 * owns it or is among the guard's readers.
 */
export function isVisible(scope: Scope, userId: string | null): Sql {
  const readers = userId === null ? [EVERYONE] : [userId, EVERYONE]
  const listed = scope.dialect.isIn(sql`a.value`, readers.map(textKey))
  return anyOf([
    sql`r.acl_id IS NULL`,
    ...(userId === null ? [] : [sql`(r.owner_id IS NOT NULL AND r.owner_id = ${userId})`]),
    sql`(SELECT 1 FROM record_index a WHERE a.backend_id = ${scope.backendId} AND a.type = 'acl' AND a.field = 'readers' AND ${listed} AND a.object_id = r.acl_id LIMIT 1) IS NOT NULL`,
    sql`(SELECT 1 FROM record g WHERE g.backend_id = ${scope.backendId} AND g.type = 'acl' AND g.id = r.acl_id) IS NULL`,
  ])
}
