import { ADMIN, ADMIN_CALLERS } from '../support/permissions/administrators.ts'
import { permissionTable } from '../support/permissions/table.ts'

permissionTable('permissions of administrators', ADMIN, ADMIN_CALLERS)
