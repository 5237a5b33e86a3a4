import { methods } from '../../src/objects/index.ts'
import { ADMIN } from '../support/permissions/administrators.ts'
import { ANSWERED, GUARDED } from '../support/permissions/guarded.ts'
import { PRIVATE } from '../support/permissions/private.ts'
import type { Outcome, Row } from '../support/permissions/rows.ts'
import type { Caller } from '../support/permissions/scene.ts'
import { permissionTable } from '../support/permissions/table.ts'

/** Whoever acts for a user: an administrator, the user himself, and those who may not. */
const CALLERS = [
  'an administrator as: the owner',
  'the owner as: the owner',
  'a stranger as: the owner',
  'an administrator as: an administrator of another backend',
] as const satisfies readonly Caller[]

/** Who is asked for need not exist where nothing is written: nothing of his is found. */
const FINDS_NOTHING: Readonly<Record<string, Outcome>> = {
  'friends/query': 'own',
  'likes/query': 'own',
  'keyvalues/get': 'unknown',
}

const ROWS: readonly Row[] = methods
  .filter(({ params }) => params.su_id !== undefined)
  .map(({ path, auth }) => {
    const row = [...GUARDED, ...ANSWERED, ...PRIVATE, ...ADMIN].find((one) => one.path === path)
    if (!row) throw new Error(`no table has ${path}`)
    const himself = auth === 'admin' ? 'pretender' : 'yes'
    const nobody = FINDS_NOTHING[path] ?? '400 Invalid user id'
    return { ...row, outcomes: ['yes', himself, 'pretender', nobody] }
  })

permissionTable('su_id', ROWS, CALLERS)
