import type { IncomingHttpHeaders } from 'node:http'
import { ApiError } from '../../../errors.ts'
import type { Operation, Parameter } from '../../../tools/apis/definition/model.ts'
import { essenceOf, rangeCovers } from './media-types.ts'

export type MockCall = {
  readonly verb: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly hasBody: boolean
}

/**
 * Holds a call against its operation: parameters and the type of the body. What is in the body is
 * not looked at.
 *
 * @throws {ApiError} `param_invalid` with all that is wrong, `media_type_unsupported`
 */
export function validateCall({ parameters, body }: Operation, call: MockCall): void {
  const problems = parameters.flatMap((one) => problemsWith(one, valuesOf(one, call)))
  if (body?.required && !call.hasBody) problems.push('A body is required.')
  if (problems.length > 0) throw new ApiError('param_invalid', problems.join(' '))
  if (!body || !call.hasBody || body.mediaTypes.length === 0) return
  const type = essenceOf(call.headers['content-type'] ?? '')
  if (body.mediaTypes.some((range) => rangeCovers(essenceOf(range), type))) return
  throw new ApiError('media_type_unsupported', `Send ${body.mediaTypes.join(' or ')}.`)
}

function valuesOf({ in: place, name }: Parameter, { query, headers }: MockCall): string[] {
  if (place === 'query') return query.getAll(name)
  const value = headers[name.toLowerCase()]
  return value === undefined ? [] : [value].flat()
}

function problemsWith(parameter: Parameter, values: readonly string[]): string[] {
  const { in: place, name, required, type, values: allowed } = parameter
  const what = `The ${place === 'query' ? 'parameter' : 'header'} ${name}`
  if (values.length === 0) return required ? [`${what} is required.`] : []
  if (type !== null && !values.every((value) => FORMS[type].test(value))) {
    return [`${what} must be ${NOUNS[type]}.`]
  }
  const isAllowed = allowed === null || values.every((value) => allowed.includes(value))
  return isAllowed ? [] : [`${what} must be one of ${allowed?.join(', ')}.`]
}

const FORMS = {
  integer: /^[+-]?\d+$/,
  number: /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i,
  boolean: /^(?:true|false)$/,
}

const NOUNS = { integer: 'a whole number', number: 'a number', boolean: 'true or false' }
