import { type Cursor, isMap } from './cursor.ts'

/** Parts that one example is put together from: schemas may use each other without end. */
const PARTS_MAX = 2000
const DEPTH_MAX = 15

/** Follows a reference within the document, or gives `null` after telling what is wrong with it. */
export type Resolve = (place: Cursor) => Cursor | null

/** What an OpenAPI schema gives as an example, by itself or by its parts; `undefined` if nothing. */
export function schemaExample(schema: Cursor, resolve: Resolve): unknown {
  return new Maker(resolve).make(schema, 0)
}

class Maker {
  readonly #resolve: Resolve
  #parts = 0

  constructor(resolve: Resolve) {
    this.#resolve = resolve
  }

  make(declared: Cursor, depth: number): unknown {
    this.#parts += 1
    if (depth > DEPTH_MAX || this.#parts > PARTS_MAX) return undefined
    const place = this.#resolve(declared)
    if (!place || !isMap(place.value)) return undefined
    const given = givenIn(place.value) ?? this.#ofChoices(place, depth)
    if (given !== undefined) return given
    const items = place.get('items')
    const item = items ? this.make(items, depth + 1) : undefined
    return item === undefined ? this.#ofObject(place, depth) : [item]
  }

  /** Of the first choice that gives one. */
  #ofChoices(place: Cursor, depth: number): unknown {
    const choices = ['oneOf', 'anyOf'].flatMap((name) => place.get(name)?.items() ?? [])
    return choices.map((one) => this.make(one, depth + 1)).find((one) => one !== undefined)
  }

  #ofObject(place: Cursor, depth: number): unknown {
    const parents = (place.get('allOf')?.items() ?? []).map((one) => this.make(one, depth + 1))
    const properties = place.get('properties')?.entries() ?? []
    const own = properties.flatMap(([name, property]) => {
      const value = this.make(property, depth + 1)
      return value === undefined ? [] : [[name, value] as const]
    })
    const objects = parents.filter(isMap)
    if (own.length === 0 && objects.length === 0) return parents.find((one) => one !== undefined)
    return Object.assign({}, ...objects, Object.fromEntries(own))
  }
}

/** Of OpenAPI 3.0 `example`, of 3.1 `examples` and `const`. */
function givenIn(schema: Readonly<Record<string, unknown>>): unknown {
  const { example, examples, default: standard, const: only, enum: values } = schema
  const [first] = Array.isArray(examples) ? examples : []
  const [value] = Array.isArray(values) ? values : []
  return [example, first, standard, only, value].find((one) => one !== undefined)
}
