import { USER_TYPE } from './caller.ts'
import type { ObjectDefinition, ReferenceDefinition } from './definition.ts'

type NamedReference = readonly [
  name: string,
  Pick<ReferenceDefinition, 'type' | 'listAs' | 'idsAs' | 'without'>,
]

const references = new WeakMap<ObjectDefinition, readonly NamedReference[]>()

/** An object's own references, those of its attachments, and its owner. */
export function referencesOf(def: ObjectDefinition): readonly NamedReference[] {
  const known = references.get(def)
  if (known) return known
  const attached = (def.attachments ?? []).map((attachment) => attachment.references)
  const all: NamedReference[] = [
    ...Object.entries(Object.assign({}, def.references, ...attached) as typeof def.references & {}),
    ...(def.ownerless ? [] : [['user', { type: USER_TYPE }] as const]),
  ]
  references.set(def, all)
  return all
}
