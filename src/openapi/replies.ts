import type { MethodDefinition, Returns } from '../engine/definition.ts'
import type { JsonSchema } from '../engine/params.ts'
import { ERROR_CODES, errorEntry } from '../errors.ts'
import { closed, jsonContent, type Response, schemaRef } from './document.ts'

type Members = Readonly<Record<string, JsonSchema>>

const COUNT: JsonSchema = {
  type: ['integer', 'string'],
  description: 'The number, or the text `5000+`.',
}

const PAGE: Members = Object.fromEntries(
  ['page', 'per_page', 'total_pages', 'total_results'].map((name) => [name, { type: 'integer' }]),
)

/** The envelope of a method's success. */
export function successSchema(method: MethodDefinition): JsonSchema {
  const meta = closed(
    {
      code: { type: 'integer' },
      status: { const: 'ok' },
      method_name: { const: method.name },
      ...(method.params.page ? PAGE : {}),
      ...(method.params.count ? { count: COUNT } : {}),
      ...method.returns.meta,
    },
    ['code', 'status', 'method_name'],
  )
  const response = responseSchema(method)
  return closed(response ? { meta, response } : { meta })
}

function responseSchema({ path, returns }: MethodDefinition): JsonSchema | null {
  const { key, members } = returns
  if (key === undefined) return members ? closed(members) : null
  const value = valueSchema(returns)
  // The key is what stands in the path: the name of a class.
  if (path.includes(`:${key}`)) {
    return { type: 'object', additionalProperties: value, minProperties: 1, maxProperties: 1 }
  }
  const required = [...(returns.optional ? [] : [key]), ...Object.keys(members ?? {})]
  return closed({ [key]: value, ...members }, required)
}

function valueSchema({ schema, single }: Returns): JsonSchema {
  const object = schema === undefined ? {} : schemaRef(schema)
  return single ? object : { type: 'array', items: object }
}

/** The envelope of every failure. */
export const FAILURE: JsonSchema = closed({
  meta: closed(
    {
      status: { const: 'fail' },
      code: { type: 'integer' },
      message: { type: 'string' },
      method_name: { type: 'string', description: 'Absent when the address is unknown.' },
      reason: { enum: ERROR_CODES, description: 'What is wrong, for programs.' },
      request_id: { type: 'string', description: 'Stands in the log and in `X-Request-Id` too.' },
    },
    ['status', 'code', 'message', 'reason', 'request_id'],
  ),
})

export const FAILURES: Readonly<Record<string, Response>> = {
  Refused: failures('The call was refused', (status) => status < 500),
  Failed: failures('The server could not do it', (status) => status >= 500),
}

function failures(what: string, fits: (status: number) => boolean): Response {
  const codes = ERROR_CODES.filter((code) => fits(errorEntry(code).status))
  const rows = codes.map((code) => `- ${errorEntry(code).status} \`${code}\``)
  return {
    description: [`${what}; \`meta.reason\` says why:`, '', ...rows].join('\n'),
    content: jsonContent(schemaRef('Failure')),
  }
}
