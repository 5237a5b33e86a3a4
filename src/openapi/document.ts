import type { JsonSchema } from '../engine/params.ts'

/** As much of OpenAPI 3.1 as our documents use. */
export type Reference = { readonly $ref: string }

export type MediaType = {
  readonly schema: JsonSchema
  readonly encoding?: Readonly<Record<string, { readonly contentType: string }>>
}

export type Content = Readonly<Record<string, MediaType>>

export type Parameter = {
  readonly name: string
  readonly in: 'query' | 'path' | 'header'
  readonly required?: boolean
  readonly description?: string
  readonly schema?: JsonSchema
  readonly style?: 'form'
  readonly explode?: boolean
  /** In place of `schema`: the value is a text of this type. */
  readonly content?: Content
}

export type RequestBody = { readonly required?: boolean; readonly content: Content }

export type Response = {
  readonly description: string
  readonly headers?: Readonly<Record<string, { readonly schema: JsonSchema }>>
  readonly content?: Content
}

export type Operation = {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly description?: string
  readonly security: readonly Readonly<Record<string, readonly string[]>>[]
  readonly parameters?: readonly (Parameter | Reference)[]
  readonly requestBody?: RequestBody
  readonly responses: Readonly<Record<string, Response | Reference>>
  readonly 'x-method-name'?: string
  readonly 'x-auth'?: string
  readonly 'x-aliases'?: readonly string[]
}

export type PathItem = Readonly<Partial<Record<'get' | 'post' | 'put' | 'delete', Operation>>>

type Components = {
  readonly schemas?: Readonly<Record<string, JsonSchema>>
  readonly parameters?: Readonly<Record<string, Parameter>>
  readonly responses?: Readonly<Record<string, Response>>
  readonly securitySchemes?: Readonly<Record<string, Readonly<Record<string, string>>>>
}

/** What one of our APIs brings into a document. */
export type Part = {
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  readonly paths: Readonly<Record<string, PathItem>>
  readonly components: Components
}

export type OpenApiDocument = Part & {
  readonly openapi: '3.1.0'
  readonly info: {
    readonly title: string
    readonly version: string
    readonly description: string
    readonly license: { readonly name: string; readonly identifier: string }
  }
  readonly servers: readonly { readonly url: string }[]
}

type Info = Pick<OpenApiDocument['info'], 'title' | 'version' | 'description'>

export function documentOf(info: Info, parts: readonly Part[]): OpenApiDocument {
  return {
    openapi: '3.1.0',
    info: { ...info, license: { name: 'Apache 2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: '/' }],
    tags: parts.flatMap(({ tags }) => tags),
    paths: joined(parts.map(({ paths }) => paths)),
    components: {
      schemas: joined(parts.map(({ components }) => components.schemas)),
      parameters: joined(parts.map(({ components }) => components.parameters)),
      responses: joined(parts.map(({ components }) => components.responses)),
      securitySchemes: joined(parts.map(({ components }) => components.securitySchemes)),
    },
  }
}

/** @throws {RangeError} when two parts use one name for different things */
function joined<T>(
  hashes: readonly (Readonly<Record<string, T>> | undefined)[],
): Record<string, T> {
  const all: Record<string, T> = {}
  for (const [name, value] of hashes.flatMap((hash) => Object.entries(hash ?? {}))) {
    if (Object.hasOwn(all, name)) throw new RangeError(`two parts of the document name ${name}`)
    all[name] = value
  }
  return all
}

export function schemaRef(name: string): Reference {
  return { $ref: `#/components/schemas/${name}` }
}

export function responseRef(name: string): Reference {
  return { $ref: `#/components/responses/${name}` }
}

/** A hash that has these members and no others. */
export function closed(
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[] = Object.keys(properties),
): JsonSchema {
  return {
    type: 'object',
    properties,
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
  }
}

export function jsonContent(schema: JsonSchema): Content {
  return { 'application/json': { schema } }
}
