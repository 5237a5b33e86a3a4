import type {
  Call,
  MethodDefinition,
  ObjectDefinition,
  StandardMethod,
} from '../../engine/definition.ts'
import { STANDARD, standardMethod } from '../../engine/methods/index.ts'
import { isHash, required, text } from '../../engine/params.ts'
import { ApiError } from '../../errors.ts'
import { batchCreate } from './batch-create.ts'
import { classDefinition } from './definition.ts'
import { dropClass } from './drop-class.ts'

/** A class like any other, from which the documentation is made. */
const EXAMPLE = classDefinition('classname')

const NAMES: Readonly<Partial<Record<StandardMethod, string>>> = {
  create: 'createObject',
  show: 'showObjects',
  query: 'queryCustomObjects',
  update: 'updateCustomObject',
  delete: 'deleteObjects',
  count: 'objectsCount',
  batchDelete: 'batchDelete',
}

/** The members of `fields`, or of nothing at all, that an update would change. */
const CHANGES = ['fields', 'tags', 'photo', 'photo_id', 'acl_id', 'acl_name'] as const

function checkFields(call: Call, kind: StandardMethod): void {
  if (kind === 'create' && !isHash(call.params.fields)) {
    throw new ApiError('param_invalid', 'Missing fields')
  }
  if (kind === 'update' && CHANGES.every((name) => call.params[name] === undefined)) {
    throw new ApiError('param_invalid', 'Missing fields')
  }
}

function classMethod(kind: StandardMethod, name: string): MethodDefinition {
  const method = standardMethod(EXAMPLE, kind, name)
  return {
    ...method,
    path: `objects/:classname/${STANDARD[kind].path}`,
    params: { classname: required(text({ max: 100 })), ...method.params },
    returns: method.returns.key ? { key: 'classname', schema: 'CustomObject' } : method.returns,
    run(call) {
      checkFields(call, kind)
      return STANDARD[kind].run(call, definitionOf(call))
    },
  }
}

export function definitionOf(call: Call): ObjectDefinition {
  return classDefinition(String(call.params.classname))
}

/** The methods of every class: the class is a part of the path. */
export const customObjectMethods: readonly MethodDefinition[] = [
  ...Object.entries(NAMES).map(([kind, name]) => classMethod(kind as StandardMethod, name)),
  batchCreate,
  dropClass,
]
