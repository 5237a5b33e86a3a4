import assert from 'node:assert/strict'
import type { MethodDefinition } from '../../../src/engine/definition.ts'
import { methods } from '../../../src/objects/index.ts'

export function methodAt(path: string): MethodDefinition {
  const found = methods.find((method) => method.path === path)
  assert.ok(found, `there is no method ${path}`)
  return found
}

/** The path as clients call it. The class that is dropped is not the one in use. */
export function pathOf({ path }: Pick<MethodDefinition, 'path'>): string {
  const name = path.endsWith('/admin_drop_collection') ? 'raft' : 'boat'
  return path.replace(':classname', name).replace(/:\w+/, '1')
}
