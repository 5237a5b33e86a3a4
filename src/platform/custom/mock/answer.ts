import { ApiError } from '../../../errors.ts'
import { exampleText, isJsonType } from '../../../tools/apis/definition/example-text.ts'
import type { DeclaredResponse, Operation } from '../../../tools/apis/definition/model.ts'
import { HOP_BY_HOP, OF_THE_ORIGIN } from '../own-headers.ts'
import { bestType } from './media-types.ts'
import { type MockCall, validateCall } from './validate.ts'

export type MockAnswer = {
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string | null
}

/** What a client asks for by `Prefer` (RFC 7240), as of mock servers: `code=404, example=none`. */
type Preference = { readonly code: string | null; readonly example: string | null }

/** What is told of the body that is sent, and not of that of a definition. */
const OF_THE_BODY = /^content-(?:length|type|encoding)$/i

const NOT_DECLARED = [HOP_BY_HOP, OF_THE_ORIGIN, OF_THE_BODY]

/**
 * Answers a call from the definition: with the first response that means success, or the one that
 * the client prefers, by its example for the type that the client likes best.
 *
 * @throws {ApiError} `param_invalid`, `media_type_unsupported`, `not_acceptable`
 */
export function answerMock(operation: Operation, call: MockCall): MockAnswer {
  validateCall(operation, call)
  const preference = preferenceIn(call.headers.prefer)
  const preferred = preference.code && withStatus(operation.responses, preference.code)
  const chosen = preferred || successOf(operation.responses)
  const applied = preferred ? [['preference-applied', `code=${preference.code}`] as const] : []
  if (!chosen) return { status: 204, headers: [], body: null }
  const { response, status } = chosen
  const headers = [...declaredHeaders(response), ...applied]
  if (isKnown(headers, call)) return { status: 304, headers, body: null }
  const body = bodyOf(response, call.headers.accept, preference.example)
  // There is nothing to show of a success that has nothing to show.
  if (!body) return { status: status === 200 ? 204 : status, headers, body: null }
  return { status, headers: [...headers, ['content-type', body.mediaType]], body: body.text }
}

/** Whether the client has what the declared tag says already (RFC 9110 §13.1.2). */
function isKnown(headers: MockAnswer['headers'], { verb, headers: sent }: MockCall): boolean {
  const plain = (tag: string) => tag.trim().replace(/^W\//, '')
  const tag = headers.find(([name]) => name === 'etag')?.[1]
  const known = sent['if-none-match']?.split(',').map(plain) ?? []
  const reads = verb === 'GET' || verb === 'HEAD'
  return reads && tag !== undefined && (known.includes(plain(tag)) || known.includes('*'))
}

type Chosen = { readonly response: DeclaredResponse; readonly status: number }

/** `404` itself, else `4XX`, else `default`. */
function withStatus(responses: readonly DeclaredResponse[], code: string): Chosen | null {
  const names = [code, `${code.charAt(0)}XX`, 'default']
  const response = names
    .map((name) => responses.find((one) => one.status === name))
    .find((one) => one !== undefined)
  return response ? { response, status: Number(code) } : null
}

/** The first that means success, else what is said of whatever else, else the first. */
function successOf(responses: readonly DeclaredResponse[]): Chosen | null {
  const found =
    responses.find(({ status }) => /^2\d\d$/.test(status)) ??
    responses.find(({ status }) => status === '2XX' || status === 'default') ??
    responses[0]
  if (!found) return null
  const status = /^\d+$/.test(found.status) ? Number(found.status) : 200
  // 1XX is no answer.
  return { response: found, status: Math.max(status, 200) }
}

/** @throws {ApiError} `not_acceptable`, naming the types that there are */
function bodyOf(
  { bodies }: DeclaredResponse,
  accept: string | undefined,
  wanted: string | null,
): { readonly mediaType: string; readonly text: string } | null {
  const shown = bodies.filter(({ examples }) => examples.length > 0)
  if (shown.length === 0) return null
  const types = shown.map(({ mediaType }) => mediaType)
  const type = bestType(types, accept)
  if (type === null) {
    throw new ApiError('not_acceptable', `This can be had as ${types.join(', ')}.`)
  }
  const examples = shown.find(({ mediaType }) => mediaType === type)?.examples ?? []
  const example = examples.find(({ name }) => name === wanted) ?? examples[0]
  const mediaType = sentType(type, example?.value)
  return { mediaType, text: exampleText(mediaType, example?.value) }
}

/** A definition may leave the type open, as with `*` for a part of it. */
function sentType(type: string, value: unknown): string {
  if (!type.includes('*') || isJsonType(type)) return type
  return typeof value === 'string' ? 'text/plain; charset=utf-8' : 'application/json'
}

function declaredHeaders({ headers }: DeclaredResponse): MockAnswer['headers'] {
  return headers.flatMap(({ name, value }) => {
    const isHeader = /^[!#$%&'*+.^_`|~\w-]+$/.test(name) && /^[\t\x20-\x7e]*$/.test(value)
    return isHeader && !NOT_DECLARED.some((one) => one.test(name))
      ? [[name.toLowerCase(), value] as const]
      : []
  })
}

function preferenceIn(header: string | string[] | undefined): Preference {
  const text = [header ?? []].flat().join(',')
  const value = (name: string) =>
    new RegExp(`(?:^|[,;])\\s*${name}\\s*=\\s*(?:"([^"]*)"|([^\\s,;"]*))`, 'i')
      .exec(text)
      ?.slice(1)
      .find((one) => one !== undefined) ?? null
  const code = value('code')
  return {
    code: code !== null && /^[2-5]\d\d$/.test(code) ? code : null,
    example: value('example'),
  }
}
