import { type Cursor, isMap } from './cursor.ts'

/** What is merged into a resource or a method, by name, and how deep one may use another. */
const DEPTH_MAX = 10

type Values = Readonly<Record<string, string>>

/** Both forms: a map, or as in RAML 0.8 a list of maps. */
export function namedTemplates(root: Cursor, name: string): Cursor | null {
  const member = root.get(name)
  if (!member || member.isMap) return member
  const maps = member.items().filter((one) => one.isMap)
  return member.at(Object.assign({}, ...maps.map(({ value }) => value)))
}

export type Templates = {
  readonly traits: Cursor | null
  readonly resourceTypes: Cursor | null
}

/** A resource with all that its type and its traits give it. What it says itself goes first. */
export function withTemplates(resource: Cursor, templates: Templates, path: string): Cursor {
  const values = { resourcePath: path, resourcePathName: pathName(path) }
  const typed = withType(resource, templates, { values, depth: 0 })
  if (!isMap(typed)) return resource
  const shared = usesOf(resource.at(typed), 'is')
  const members = Object.entries(typed).map(([name, member]) => {
    if (!/^(?:get|post|put|patch|delete|head|options)$/.test(name)) return [name, member]
    const method = resource.at(member ?? {}, name)
    const uses = [...usesOf(method, 'is'), ...shared]
    return [name, withTraits(method, templates, { uses, values: { ...values, methodName: name } })]
  })
  return resource.at(Object.fromEntries(members))
}

type Applied = { readonly values: Values; readonly depth: number }

function withType(resource: Cursor, templates: Templates, { values, depth }: Applied): unknown {
  const [use] = usesOf(resource, 'type')
  if (!use) return resource.value
  if (depth > DEPTH_MAX) {
    resource.error('Resource types use each other in a circle.')
    return resource.value
  }
  const type = templates.resourceTypes?.get(use.name)
  if (!type) {
    resource.error(`There is no resource type ${use.name}.`)
    return resource.value
  }
  const filled = type.at(filledIn(type.value, { ...values, ...use.values }, type))
  const whole = withType(filled, templates, { values, depth: depth + 1 })
  return merged(resource.value, withoutOptional(whole, resource.value))
}

type Uses = { readonly uses: readonly Use[]; readonly values: Values }

function withTraits(method: Cursor, { traits }: Templates, { uses, values }: Uses): unknown {
  let result = method.value
  for (const { name, values: own } of uses) {
    const trait = traits?.get(name)
    if (trait) result = merged(result, filledIn(trait.value, { ...values, ...own }, trait))
    else method.error(`There is no trait ${name}.`)
  }
  return result
}

type Use = { readonly name: string; readonly values: Values }

/** `name`, `{name: {parameter: value}}`, or a list of those. */
function usesOf(place: Cursor, member: string): Use[] {
  const named = place.get(member)
  if (!named) return []
  const each = Array.isArray(named.value) ? named.items() : [named]
  return each.flatMap((one) => {
    if (typeof one.value === 'string') return [{ name: one.value, values: {} }]
    return one.entries().map(([name, given]) => ({
      name,
      values: given.isMap
        ? Object.fromEntries(given.entries().map(([key, value]) => [key, value.text() ?? '']))
        : {},
    }))
  })
}

/** `get?` counts only for a resource that has a `get`. */
function withoutOptional(type: unknown, resource: unknown): unknown {
  if (!isMap(type)) return type
  const entries = Object.entries(type).flatMap(([name, member]) => {
    if (!name.endsWith('?')) return [[name, member] as const]
    const plain = name.slice(0, -1)
    const has = isMap(resource) && Object.hasOwn(resource, plain)
    return has ? [[plain, member] as const] : []
  })
  return Object.fromEntries(entries)
}

/** Maps member by member, lists one behind the other; of anything else the first that is there. */
function merged(own: unknown, given: unknown): unknown {
  if (Array.isArray(own) && Array.isArray(given)) return [...own, ...given]
  if (!isMap(own) || !isMap(given)) return own ?? given
  const names = new Set([...Object.keys(own), ...Object.keys(given)])
  return Object.fromEntries([...names].map((name) => [name, merged(own[name], given[name])]))
}

/** Puts values in place of `<<name>>` and `<<name | !function>>`, in keys and in texts. */
function filledIn(template: unknown, values: Values, place: Cursor): unknown {
  if (typeof template === 'string') return filledText(template, values, place)
  if (Array.isArray(template)) return template.map((one) => filledIn(one, values, place))
  if (!isMap(template)) return template
  return Object.fromEntries(
    Object.entries(template).map(([name, member]) => [
      filledText(name, values, place),
      filledIn(member, values, place),
    ]),
  )
}

function filledText(text: string, values: Values, place: Cursor): string {
  return text.replace(/<<([^<>]*)>>/g, (whole: string, inside: string) => {
    const [name = '', ...changes] = inside.split('|').map((one) => one.trim())
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    if (value === undefined) {
      place.error(`Nothing is given for <<${name}>>.`)
      return whole
    }
    return changes.reduce((changed, one) => changedText(changed, one, place), value)
  })
}

const CHANGES: Readonly<Record<string, (text: string) => string>> = {
  '!singularize': (text) => text.replace(/ies$/, 'y').replace(/(?<!s)s$/, ''),
  '!pluralize': (text) => text.replace(/(?<![aeiou])y$/, 'ie').replace(/(?<!s)$/, 's'),
  '!uppercase': (text) => text.toUpperCase(),
  '!lowercase': (text) => text.toLowerCase(),
}

function changedText(text: string, change: string, place: Cursor): string {
  const known = Object.hasOwn(CHANGES, change) ? CHANGES[change] : undefined
  if (!known) place.warn(`${change} is not supported; the text is taken as it is.`)
  return known ? known(text) : text
}

/** The last segment that is no parameter. */
function pathName(path: string): string {
  return path.split('/').findLast((segment) => segment !== '' && !segment.startsWith('{')) ?? ''
}
