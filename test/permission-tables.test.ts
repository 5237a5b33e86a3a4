import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { methods } from '../src/objects/index.ts'
import { ADMIN } from './support/permissions/administrators.ts'
import { ANSWERED, GUARDED } from './support/permissions/guarded.ts'
import { OPEN } from './support/permissions/open.ts'
import { PRIVATE } from './support/permissions/private.ts'
import type { Row } from './support/permissions/rows.ts'

/** The tables that test/api/permissions*.test.ts run. */
const TABLES: Readonly<Record<string, readonly Row[]>> = { GUARDED, ANSWERED, PRIVATE, ADMIN, OPEN }

/** It is for administrators and says so itself, in words of its own. */
const CHECKS_ITSELF = ['objects/:classname/admin_drop_collection']

function pathsOf(rows: readonly Row[] = []): string[] {
  return [...new Set(rows.map(({ path }) => path))].sort()
}

describe('the tables of permissions', () => {
  it('have each method of the data API, and in one of them', () => {
    const named = Object.values(TABLES).flatMap(pathsOf).sort()
    assert.deepEqual(named, methods.map(({ path }) => path).sort())
  })

  it('put what is for administrators among theirs, and nothing else', () => {
    const guarded = methods.filter(({ auth }) => auth === 'admin').map(({ path }) => path)
    assert.deepEqual(pathsOf(TABLES.ADMIN), [...guarded, ...CHECKS_ITSELF].sort())
  })

  it('call open what needs no login', () => {
    const open = pathsOf(TABLES.OPEN)
    const closed = methods.filter(({ path, auth }) => open.includes(path) && auth !== 'none')
    assert.deepEqual(
      closed.map(({ path }) => path),
      [],
    )
  })
})
