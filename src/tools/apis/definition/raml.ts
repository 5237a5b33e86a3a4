import type { Cursor } from './cursor.ts'
import {
  type ApiDefinition,
  type DeclaredBody,
  type DeclaredResponse,
  type Operation,
  type Parameter,
  type Resource,
  VERBS,
  type Verb,
} from './model.ts'
import { parsePath } from './path-template.ts'
import { examplesOf } from './raml-examples.ts'
import { namedTemplates, type Templates, withTemplates } from './raml-templates.ts'

/** What all parts of one text share. */
type Whole = {
  readonly language: 'RAML 0.8' | 'RAML 1.0'
  readonly templates: Templates
  readonly types: Cursor | null
  /** Of bodies that do not say their own. */
  readonly mediaTypes: readonly string[]
}

const ROOT = [
  ...['title', 'description', 'version', 'baseUri', 'baseUriParameters', 'protocols', 'mediaType'],
  ...['documentation', 'schemas', 'types', 'traits', 'resourceTypes', 'annotationTypes'],
  ...['securitySchemes', 'securedBy', 'uses'],
]

const RESOURCE = [
  ...['displayName', 'description', 'uriParameters', 'baseUriParameters', 'is', 'type'],
  'securedBy',
]

/** Reads the subset of RAML that docs/custom-apis.md names. */
export function readRaml(root: Cursor, language: Whole['language']): ApiDefinition {
  const title = root.textOf('title')
  if (!title) root.error("'title' is required.")
  if (root.get('uses')) root.at(null, 'uses').error('Libraries stand in files of their own.')
  for (const [name, member] of root.entries()) {
    const known = ROOT.includes(name) || name.startsWith('/') || name.startsWith('(')
    if (!known) member.warn('RAML has no such member here.')
  }
  const whole: Whole = {
    language,
    templates: {
      traits: namedTemplates(root, 'traits'),
      resourceTypes: namedTemplates(root, 'resourceTypes'),
    },
    types: namedTemplates(root, 'types') ?? namedTemplates(root, 'schemas'),
    mediaTypes: mediaTypesOf(root),
  }
  return {
    language,
    title,
    version: root.textOf('version'),
    basePath: basePathOf(root),
    resources: resourcesIn(root, '', whole),
  }
}

function mediaTypesOf(root: Cursor): string[] {
  const member = root.get('mediaType')
  if (!member) return []
  const each = Array.isArray(member.value) ? member.items() : [member]
  return each.flatMap((one) => one.text() ?? [])
}

/** The path of `https://{host}/mobile/custom/orders`, where it holds no parameter itself. */
function basePathOf(root: Cursor): string | null {
  const member = root.get('baseUri')
  const text = member?.isMap ? member.textOf('value') : (member?.text() ?? null)
  const path = text?.replace(/^[a-z{}]+:\/\/[^/]*/i, '') ?? ''
  return path.startsWith('/') && !/[{}]/.test(path) ? path : null
}

function resourcesIn(parent: Cursor, above: string, whole: Whole): Resource[] {
  return parent.entries().flatMap(([name, member]) => {
    if (!name.startsWith('/')) return []
    const path = `${above}${name}`.replace(/\/{2,}/g, '/')
    if (!parsePath(name)) member.error(`${name} is no path: a segment may have one {parameter}.`)
    const resource = withTemplates(member, whole.templates, path)
    const operations = operationsOf(resource, whole)
    const below = resourcesIn(resource, path.replace(/\/$/, ''), whole)
    return operations.length > 0 ? [{ path, operations }, ...below] : below
  })
}

function operationsOf(resource: Cursor, whole: Whole): Operation[] {
  return resource.entries().flatMap(([name, member]) => {
    const verb = verbOf(name)
    if (verb) return [operationOf(member, verb, whole)]
    const known = RESOURCE.includes(name) || name.startsWith('/') || name.startsWith('(')
    if (!known) member.warn('A resource has no such member.')
    return []
  })
}

function verbOf(name: string): Verb | undefined {
  return VERBS.find((verb) => verb.toLowerCase() === name)
}

function operationOf(method: Cursor, verb: Verb, whole: Whole): Operation {
  const bodies = bodiesOf(method.get('body'), whole)
  return {
    verb,
    description: method.textOf('description'),
    parameters: [
      ...parametersOf(method.get('queryParameters'), 'query', whole),
      ...parametersOf(method.get('headers'), 'header', whole),
    ],
    body:
      bodies.length > 0
        ? { required: false, mediaTypes: bodies.map(({ mediaType }) => mediaType) }
        : null,
    responses: (method.get('responses')?.entries() ?? []).flatMap(([status, response]) =>
      responseOf(status, response, whole),
    ),
  }
}

function parametersOf(declared: Cursor | null, place: Parameter['in'], whole: Whole): Parameter[] {
  return (declared?.entries() ?? []).flatMap(([name, member]) => {
    // A header such as `x-meta-{*}` stands for many.
    if (/[{}]/.test(name)) return []
    // In 1.0 what is not said to be optional is required; in 0.8 the other way round.
    const isOld = whole.language === 'RAML 0.8'
    const optional = !isOld && name.endsWith('?')
    const stated = member.isMap ? member.flagOf('required') : null
    const values = member.isMap ? member.get('enum') : null
    return {
      in: place,
      name: optional ? name.slice(0, -1) : name,
      required: stated ?? !(isOld || optional),
      type: typeOf(member),
      values: values ? values.items().map((one) => String(one.value)) : null,
    }
  })
}

function typeOf(parameter: Cursor): Parameter['type'] {
  const type = parameter.isMap ? parameter.get('type')?.value : parameter.value
  return type === 'integer' || type === 'number' || type === 'boolean' ? type : null
}

function responseOf(status: string, response: Cursor, whole: Whole): DeclaredResponse[] {
  if (!/^[1-5]\d\d$/.test(status)) {
    response.error(`${status} is not a status.`)
    return []
  }
  const headers = (response.get('headers')?.entries() ?? []).flatMap(([name, member]) => {
    const { example, default: standard } = (member.isMap ? member.value : {}) as Record<
      string,
      unknown
    >
    const value = example ?? standard
    return value === undefined || value === null ? [] : [{ name, value: String(value) }]
  })
  return [
    {
      status,
      description: response.textOf('description'),
      headers,
      bodies: bodiesOf(response.get('body'), whole),
    },
  ]
}

/** Bodies by media type; what stands there directly has those of the whole text. */
function bodiesOf(body: Cursor | null, { types, mediaTypes }: Whole): DeclaredBody[] {
  if (!body) return []
  const members = body.isMap ? body.entries() : []
  const byType = members.filter(([name]) => name.includes('/'))
  if (byType.length > 0 || (body.isMap && members.length === 0)) {
    return byType.map(([mediaType, one]) => ({ mediaType, examples: examplesOf(one, types) }))
  }
  if (mediaTypes.length === 0) body.error("Say the media type here, or once as 'mediaType'.")
  const examples = examplesOf(body, types)
  return mediaTypes.map((mediaType) => ({ mediaType, examples }))
}
