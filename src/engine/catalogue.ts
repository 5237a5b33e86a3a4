import type { ObjectDefinition } from './definition.ts'

/** Finds the definition of a record's type. Classes that apps invent are defined as they come. */
export type Catalogue = {
  readonly objects: readonly ObjectDefinition[]
  /** `undefined` for types that are no object of the API. */
  byType(type: string): ObjectDefinition | undefined
  /** By the name in relations, `ACS_<title>`: `User`. */
  byTitle(title: string): ObjectDefinition | undefined
  /** @param name a class of custom objects, `boat` */
  classDefinition(name: string): ObjectDefinition
}

export const CUSTOM_PREFIX = 'custom:'

export function makeCatalogue(
  objects: readonly ObjectDefinition[],
  classDefinition: (name: string) => ObjectDefinition,
): Catalogue {
  const types = new Map(objects.map((def) => [def.name, def]))
  const titles = new Map(objects.map((def) => [def.title, def]))
  return {
    objects,
    byType: (type) =>
      type.startsWith(CUSTOM_PREFIX)
        ? classDefinition(type.slice(CUSTOM_PREFIX.length))
        : types.get(type),
    byTitle: (title) => titles.get(title),
    classDefinition,
  }
}
