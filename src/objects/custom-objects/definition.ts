import { LRUCache } from 'lru-cache'
import { CUSTOM_PREFIX } from '../../engine/catalogue.ts'
import type { ObjectDefinition } from '../../engine/definition.ts'
import { ApiError } from '../../errors.ts'
import { photoAttachment } from '../photos/attachment.ts'

const CLASS_NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,99}$/

const known = new LRUCache<string, ObjectDefinition>({ max: 10_000 })

/**
 * The definition of a class of custom objects. Apps invent classes by using them, so they are
 * defined as they come; all are alike but for the name.
 *
 * @throws {ApiError} `param_invalid` for a name that cannot be one
 */
export function classDefinition(name: string): ObjectDefinition {
  const present = known.get(name)
  if (present) return present
  if (!CLASS_NAME.test(name)) {
    throw new ApiError(
      'param_invalid',
      'Invalid class name; it must begin with a letter and hold letters, digits, _ and - only.',
    )
  }
  const def: ObjectDefinition = {
    name: CUSTOM_PREFIX + name,
    title: 'CustomObject',
    collection: name,
    idParam: 'id',
    idsParam: 'ids',
    calledInTexts: name,
    description: 'An object of a class that the app invented, with members of its own.',
    methods: {},
    fields: {},
    open: true,
    tags: true,
    acl: true,
    attachments: [photoAttachment],
    counters: true,
  }
  known.set(name, def)
  return def
}
