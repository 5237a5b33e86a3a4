import { PRIVATE } from '../support/permissions/private.ts'
import { PRIVATE_CALLERS } from '../support/permissions/private-outcomes.ts'
import { permissionTable } from '../support/permissions/table.ts'

permissionTable('permissions on what is private', PRIVATE, PRIVATE_CALLERS)
