import { OPEN, OPEN_CALLERS } from '../support/permissions/open.ts'
import { permissionTable } from '../support/permissions/table.ts'

permissionTable('permissions of whoever has the key', OPEN, OPEN_CALLERS)
