import { GUARDED, GUARDED_CALLERS } from '../support/permissions/guarded.ts'
import { permissionTable } from '../support/permissions/table.ts'

permissionTable('permissions on objects with an ACL', GUARDED, GUARDED_CALLERS)
