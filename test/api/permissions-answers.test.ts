import { ANSWERED, GUARDED_CALLERS } from '../support/permissions/guarded.ts'
import { permissionTable } from '../support/permissions/table.ts'

permissionTable('permissions to like and review', ANSWERED, GUARDED_CALLERS)
