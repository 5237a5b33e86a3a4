import type { MethodDefinition, ObjectDefinition } from '../engine/definition.ts'
import { catalogue, methods } from '../objects/index.ts'

/** The data API as it is declared. */
export type DataApi = {
  readonly methods: readonly MethodDefinition[]
  readonly objects: readonly ObjectDefinition[]
}

/** With one class as an example of all that apps may invent. */
export const dataApi: DataApi = {
  methods,
  objects: [...catalogue.objects, catalogue.classDefinition('classname')],
}

export type Group = { readonly name: string; readonly description: string }

/** What methods are listed under, in the order of the reference: mostly the kinds of objects. */
export function groupsOf({ methods, objects }: DataApi): Group[] {
  const names = [...new Set(methods.map(({ group }) => group))]
  return names.map((name) => {
    const def = objects.find(({ title }) => title === name)
    return { name, description: def?.description ?? '' }
  })
}
