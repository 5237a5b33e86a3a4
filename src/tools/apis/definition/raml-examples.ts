import { type Cursor, isMap } from './cursor.ts'
import type { Example } from './model.ts'

/** Parts that one example is put together from: types may use each other without end. */
const PARTS_MAX = 2000
const DEPTH_MAX = 10

/** Names of types that RAML has itself. */
const BUILT_IN =
  /^(?:any|object|array|string|number|integer|boolean|file|nil|null|date-only|time-only|datetime-only|datetime|date)$/

/** The examples of a body or a type: those that it gives, or one put together from its parts. */
export function examplesOf(declared: Cursor, types: Cursor | null): Example[] {
  const given = givenExamples(declared)
  if (given.length > 0) return given
  const value = new Maker(types).make(declared, 0)
  return value === undefined ? [] : [{ name: null, value }]
}

function givenExamples(declared: Cursor): Example[] {
  const one = declared.get('example')
  const many = declared.get('examples')
  const named = many?.isMap
    ? many.entries().map(([name, example]) => ({ name, value: plainValue(example.value) }))
    : []
  return [...(one ? [{ name: null, value: plainValue(one.value) }] : []), ...named]
}

/** RAML 1.0 lets an example be `{value, strict, displayName}`. */
function plainValue(example: unknown): unknown {
  if (!isMap(example) || !Object.hasOwn(example, 'value')) return example
  const facets = ['value', 'strict', 'displayName', 'description']
  return Object.keys(example).every((name) => facets.includes(name) || name.startsWith('('))
    ? example.value
    : example
}

/** Makes examples of types. `undefined` when one gives nothing to make an example of. */
class Maker {
  readonly #types: Cursor | null
  #parts = 0

  constructor(types: Cursor | null) {
    this.#types = types
  }

  make(declared: Cursor, depth: number): unknown {
    this.#parts += 1
    if (depth > DEPTH_MAX || this.#parts > PARTS_MAX) return undefined
    if (typeof declared.value === 'string') return this.#ofName(declared, depth)
    if (!isMap(declared.value)) return undefined
    const [given] = givenExamples(declared)
    if (given) return given.value
    const { default: standard, enum: values } = declared.value
    if (standard !== undefined) return standard
    if (Array.isArray(values) && values.length > 0) return values[0]
    const items = declared.get('items')
    if (!items) return this.#ofObject(declared, depth)
    const item = this.make(items, depth + 1)
    return item === undefined ? undefined : [item]
  }

  #ofObject(declared: Cursor, depth: number): unknown {
    const parent = declared.get('type') ?? declared.get('schema')
    const inherited = parent ? this.make(parent, depth + 1) : undefined
    const properties = declared.get('properties')
    const own = (properties?.isMap ? properties.entries() : []).flatMap(([name, property]) => {
      const value = this.make(property, depth + 1)
      return value === undefined ? [] : [[name.replace(/\?$/, ''), value] as const]
    })
    if (own.length === 0) return inherited
    return { ...(isMap(inherited) ? inherited : {}), ...Object.fromEntries(own) }
  }

  /** `Order`, `Order[]`; of a union the first that has an example. */
  #ofName(declared: Cursor, depth: number): unknown {
    const text = String(declared.value).trim()
    // A schema written out is text too.
    if (text.startsWith('{') || text.startsWith('<')) return undefined
    const members = text.split('|').map((one) => one.trim().replace(/^\((.*)\)$/, '$1'))
    for (const member of members) {
      const isList = member.endsWith('[]')
      const name = isList ? member.slice(0, -2) : member
      const named = this.#types?.get(name)
      if (!named && !BUILT_IN.test(name)) declared.warn(`There is no type ${name}.`)
      const value = named ? this.make(named, depth + 1) : undefined
      if (value !== undefined) return isList ? [value] : value
    }
    return undefined
  }
}
