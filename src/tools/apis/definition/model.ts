/** What a definition says of an API, whatever language it is written in. */
export type ApiDefinition = {
  /** `RAML 1.0`, `OpenAPI 3.1` and so on. */
  readonly language: string
  readonly title: string | null
  readonly version: string | null
  /** The path at which it means to be served, if it says so. */
  readonly basePath: string | null
  readonly resources: readonly Resource[]
}

export const VERBS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const

export type Verb = (typeof VERBS)[number]

export type Resource = {
  /** Below the API's own path, with its parameters in braces: `/orders/{id}`. */
  readonly path: string
  readonly operations: readonly Operation[]
}

export type Operation = {
  readonly verb: Verb
  readonly description: string | null
  readonly parameters: readonly Parameter[]
  /** `null`: nothing is said of a body. */
  readonly body: { readonly required: boolean; readonly mediaTypes: readonly string[] } | null
  /** Numbers first, ascending. */
  readonly responses: readonly DeclaredResponse[]
}

export type Parameter = {
  readonly in: 'query' | 'header'
  readonly name: string
  readonly required: boolean
  /** What its text must read as; `null`: anything. */
  readonly type: 'integer' | 'number' | 'boolean' | null
  /** The only values that it takes; `null`: any. */
  readonly values: readonly string[] | null
}

export type DeclaredResponse = {
  /** `200`; in OpenAPI also `2XX` and `default`. */
  readonly status: string
  readonly description: string | null
  readonly headers: readonly { readonly name: string; readonly value: string }[]
  readonly bodies: readonly DeclaredBody[]
}

export type DeclaredBody = {
  readonly mediaType: string
  readonly examples: readonly Example[]
}

/** `value` is text, or what JSON can hold. */
export type Example = { readonly name: string | null; readonly value: unknown }

/** Something that a definition does wrong, or that will not be heeded. */
export type Finding = {
  readonly severity: 'ERROR' | 'WARNING'
  readonly message: string
  /** Where it stands: the names on the way there. */
  readonly path: string
  readonly line: number | null
}

/** `definition` is null when the text could not be read as one; errors may stand beside one. */
export type ParsedDefinition = {
  readonly definition: ApiDefinition | null
  readonly findings: readonly Finding[]
}

/** Whether a definition may be used: warnings do no harm. */
export function isValid({ definition, findings }: ParsedDefinition): boolean {
  return definition !== null && findings.every(({ severity }) => severity !== 'ERROR')
}
