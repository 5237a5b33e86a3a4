import { type Cursor, isMap } from './cursor.ts'
import {
  type ApiDefinition,
  type DeclaredBody,
  type DeclaredResponse,
  type Example,
  type Operation,
  type Parameter,
  type Resource,
  VERBS,
  type Verb,
} from './model.ts'
import { parsePath } from './path-template.ts'
import { type Resolve, schemaExample } from './schema-example.ts'

const HOPS_MAX = 20

const PATH_ITEM = ['summary', 'description', 'servers', 'parameters', '$ref', 'trace']

/** Reads OpenAPI 3.x; references stay within the text. */
export function readOpenApi(root: Cursor, version: string): ApiDefinition {
  const resolve = resolver(root)
  const info = root.get('info')
  const title = info?.textOf('title') ?? null
  const ownVersion = info?.textOf('version') ?? null
  if (!title || !ownVersion) root.error("'info' must have a 'title' and a 'version'.")
  const paths = root.get('paths')
  if (!paths) root.error("'paths' is required.")
  return {
    language: `OpenAPI ${version}`,
    title,
    version: ownVersion,
    basePath: basePathOf(root),
    resources: (paths?.entries() ?? []).flatMap(([path, item]) => resourceOf(path, item, resolve)),
  }
}

/** Follows `$ref` from where it stands to what is meant. */
function resolver(root: Cursor): Resolve {
  return (place) => {
    let at: Cursor | null = place
    for (let hops = 0; at && isMap(at.value) && typeof at.value.$ref === 'string'; hops += 1) {
      const reference: string = at.value.$ref
      if (!reference.startsWith('#/') || hops > HOPS_MAX) {
        place.error(`${reference} cannot be followed: put everything into one text.`)
        return null
      }
      at = targetOf(root, reference)
      if (!at) place.error(`${reference} leads nowhere.`)
    }
    return at
  }
}

/** RFC 6901. */
function targetOf(root: Cursor, reference: string): Cursor | null {
  let at: Cursor | null = root
  for (const step of reference.slice(2).split('/')) {
    const name = decoded(step).replaceAll('~1', '/').replaceAll('~0', '~')
    const list: unknown = at?.value
    if (Array.isArray(list)) at = root.at(list[Number(name)] ?? null, ...(at?.path ?? []), name)
    else at = at?.get(name) ?? null
  }
  return at
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function basePathOf(root: Cursor): string | null {
  const servers = root.get('servers')
  const [first] = servers && Array.isArray(servers.value) ? servers.items() : []
  const path = first?.textOf('url')?.replace(/^[a-z{}]+:\/\/[^/]*/i, '') ?? ''
  return path.startsWith('/') && !/[{}]/.test(path) ? path : null
}

function resourceOf(path: string, item: Cursor, resolve: Resolve): Resource[] {
  // Members such as `x-something` are for others.
  if (path.startsWith('x-')) return []
  if (!parsePath(path)) {
    item.error(`${path} is no path: it begins with / and a segment may have one {parameter}.`)
  }
  const place = resolve(item)
  if (!place) return []
  const shared = place.get('parameters')
  const operations = place.entries().flatMap(([name, member]) => {
    const verb = VERBS.find((one) => one.toLowerCase() === name)
    if (verb) return [operationOf(member, verb, { shared, resolve })]
    if (!PATH_ITEM.includes(name) && !name.startsWith('x-')) {
      member.warn('A path has no such member.')
    }
    return []
  })
  return operations.length > 0 ? [{ path, operations }] : []
}

type Around = { readonly shared: Cursor | null; readonly resolve: Resolve }

function operationOf(method: Cursor, verb: Verb, { shared, resolve }: Around): Operation {
  const own = parametersOf(method.get('parameters'), resolve)
  const above = parametersOf(shared, resolve).filter(
    (one) => !own.some((other) => other.name === one.name && other.in === one.in),
  )
  const declared = method.get('requestBody')
  const body = declared && resolve(declared)
  const responses = method.get('responses')
  if (!responses) method.warn("There are no 'responses': the mock answers 204.")
  return {
    verb,
    description: method.textOf('summary') ?? method.textOf('description'),
    parameters: [...above, ...own],
    body: body && {
      required: body.flagOf('required') ?? false,
      mediaTypes: (body.get('content')?.entries() ?? []).map(([mediaType]) => mediaType),
    },
    responses: (responses?.entries() ?? []).flatMap(([status, response]) =>
      responseOf(status, response, resolve),
    ),
  }
}

function parametersOf(declared: Cursor | null, resolve: Resolve): Parameter[] {
  return (declared?.items() ?? []).flatMap((one) => {
    const place = resolve(one)
    const name = place?.textOf('name')
    const where = place?.textOf('in')
    if (!place || !name || !where) {
      place?.error("A parameter must have a 'name' and say what it is 'in'.")
      return []
    }
    // Those in the path are told by the path, and cookies reach no custom code.
    if (where !== 'query' && where !== 'header') return []
    const schema = place.get('schema')
    const { type, enum: values } = ((schema && resolve(schema))?.value ?? {}) as Record<
      string,
      unknown
    >
    return [
      {
        in: where,
        name,
        required: place.flagOf('required') ?? false,
        type: type === 'integer' || type === 'number' || type === 'boolean' ? type : null,
        values: Array.isArray(values) ? values.map(String) : null,
      },
    ]
  })
}

function responseOf(status: string, response: Cursor, resolve: Resolve): DeclaredResponse[] {
  if (status.startsWith('x-')) return []
  if (!/^(?:[1-5]\d\d|[1-5]XX|default)$/.test(status)) {
    response.error(`${status} is not a status.`)
    return []
  }
  const place = resolve(response)
  if (!place) return []
  return [
    {
      status,
      description: place.textOf('description'),
      headers: headersOf(place.get('headers'), resolve),
      bodies: bodiesOf(place.get('content'), resolve),
    },
  ]
}

function headersOf(declared: Cursor | null, resolve: Resolve): DeclaredResponse['headers'] {
  return (declared?.entries() ?? []).flatMap(([name, one]) => {
    const place = resolve(one)
    const [example] = place ? examplesOf(place, resolve) : []
    const value = example?.value
    if (value === undefined || value === null) return []
    return [{ name, value: typeof value === 'object' ? JSON.stringify(value) : String(value) }]
  })
}

function bodiesOf(content: Cursor | null, resolve: Resolve): DeclaredBody[] {
  return (content?.entries() ?? []).map(([mediaType, media]) => ({
    mediaType,
    examples: examplesOf(media, resolve),
  }))
}

/** `example`, `examples`, or what the schema gives. */
function examplesOf(media: Cursor, resolve: Resolve): Example[] {
  if (!isMap(media.value)) return []
  if (media.value.example !== undefined) return [{ name: null, value: media.value.example }]
  const named = (media.get('examples')?.entries() ?? []).flatMap(([name, one]) => {
    const place = resolve(one)
    if (place?.get('externalValue')) place.warn('Only a value in the text itself is sent.')
    const value = place && isMap(place.value) ? place.value.value : undefined
    return value === undefined ? [] : [{ name, value }]
  })
  if (named.length > 0) return named
  const schema = media.get('schema')
  const value = schema ? schemaExample(schema, resolve) : undefined
  return value === undefined ? [] : [{ name: null, value }]
}
