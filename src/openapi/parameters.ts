import type { MethodDefinition } from '../engine/definition.ts'
import { SHARED_PARAMS } from '../engine/method-params.ts'
import type { JsonSchema, Param, Params } from '../engine/params.ts'
import {
  jsonContent,
  type MediaType,
  type Parameter,
  type Reference,
  schemaRef,
} from './document.ts'

type NamedParam = readonly [name: string, param: Param<unknown>]

/** Parameters of every call that are no credentials; see `security.ts` for those. */
const { key: _key, _session_id, ...PRESENTATION } = SHARED_PARAMS

export const SHARED_PARAMETERS: Readonly<Record<string, Parameter>> = Object.fromEntries(
  Object.entries(PRESENTATION).map(([name, param]) => [name, queryParameter(name, param)]),
)

const SHARED_REFERENCES: readonly Reference[] = Object.keys(SHARED_PARAMETERS).map((name) => ({
  $ref: `#/components/parameters/${name}`,
}))

/** Verbs whose parameters stand in the address by the reference, though bodies are read as well. */
function isInQuery({ verb }: MethodDefinition): boolean {
  return verb === 'GET' || verb === 'DELETE'
}

export function parametersOf(method: MethodDefinition): (Parameter | Reference)[] {
  const inPath = pathNames(method.path).map((name): Parameter => {
    const schema = method.params[name]?.schema ?? { type: 'string' }
    return { name, in: 'path', required: true, schema }
  })
  const inQuery = isInQuery(method)
    ? ownParams(method).map(([name, param]) => queryParameter(name, param))
    : []
  return [...inPath, ...inQuery, ...SHARED_REFERENCES]
}

/** `objects/:classname/create` as OpenAPI writes it. */
export function templateOf(path: string): string {
  return `/v1/${path.replace(/:(\w+)/g, '{$1}')}.json`
}

function pathNames(path: string): string[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name)
}

/** The parameters that are not in the path. */
function ownParams(method: MethodDefinition): NamedParam[] {
  const inPath = new Set(pathNames(method.path))
  return Object.entries(method.params).filter(([name]) => !inPath.has(name))
}

function queryParameter(name: string, param: Param<unknown>): Parameter {
  const { description, ...schema } = param.schema
  return {
    name,
    in: 'query',
    ...(param.required ? { required: true } : {}),
    ...(typeof description === 'string' ? { description } : {}),
    ...(isJson(param) ? { content: jsonContent(schema) } : { schema }),
  }
}

/** Hashes and lists travel as JSON text outside of JSON bodies. */
function isJson({ schema }: Param<unknown>): boolean {
  return schema.type === 'object' || schema.type === undefined
}

/** The schema of a method's body, or `null` for a method that has none by the reference. */
export function inputSchema(method: MethodDefinition): JsonSchema | null {
  const params = ownParams(method)
  if (isInQuery(method) || params.length === 0) return null
  const required = params.filter(([, param]) => param.required).map(([name]) => name)
  return {
    type: 'object',
    properties: Object.fromEntries(params.map(([name, { schema }]) => [name, schema])),
    ...(required.length > 0 ? { required } : {}),
  }
}

/** A body in each of the three types that are read; files come in multipart bodies only. */
export function requestBody(method: MethodDefinition, inputName: string) {
  const json = ownParams(method).filter(([, param]) => isJson(param))
  const encoding = Object.fromEntries(json.map(([name]) => [name, JSON_TEXT]))
  const form: MediaType = {
    schema: schemaRef(inputName),
    ...(json.length > 0 ? { encoding } : {}),
  }
  return {
    required: required(method.params),
    content: {
      'multipart/form-data': form,
      'application/x-www-form-urlencoded': form,
      ...jsonContent(schemaRef(inputName)),
    },
  }
}

const JSON_TEXT = { contentType: 'application/json' }

function required(params: Params): boolean {
  return Object.values(params).some((param) => param.required)
}
