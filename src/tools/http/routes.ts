import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import { ApiError } from '../../errors.ts'
import type { Acting, Trace } from '../audit/entry.ts'
import { type Access, accessFor } from '../team/access.ts'
import type { Caller } from '../team/bearer.ts'
import { acceptsJson } from './accept.ts'
import { type IfMatch, parseIfMatch } from './if-match.ts'
import { expectedError, problemOf } from './problem.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    readonly access?: Partial<Access>
  }
}

const BODY_BYTES_MAX = 1024 * 1024

const VERBS: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

// A caller is known before the body is read, and needed after.
const callers = new WeakMap<FastifyRequest, Caller>()

/** Who makes this request; the scope has seen to it that there is someone. */
export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request)
  if (!caller) throw new ApiError('token_required')
  return caller
}

/** The members of an address, by the names that its route gives them. */
export function paramsOf<Name extends string>(request: FastifyRequest): Record<Name, string> {
  return request.params as Record<Name, string>
}

/** Who makes a change, for its history and the audit log. */
export function actorOf(request: FastifyRequest): {
  readonly actor: string
  readonly trace: Trace
} {
  const { login: actor, token } = callerOf(request)
  const trace = {
    ...{ requestId: request.id, tokenId: token.id },
    ...(token.name !== null && { tokenName: token.name }),
  }
  return { actor, trace }
}

/** The options of a change: who makes it, and of which state of the asset. */
export function changeOptionsOf(request: FastifyRequest): Acting & { readonly ifMatch: IfMatch } {
  return { ...actorOf(request), ifMatch: parseIfMatch(request.headers['if-match']) }
}

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>

/** A verb that asks for another role or scope than most; see {@link accessFor}. */
type Guarded = Partial<Access> & { readonly handle: Handler }

/** The verbs that an address takes. HEAD comes with GET, and OPTIONS tells them. */
export type Verbs = Readonly<
  Partial<Record<'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', Handler | Guarded>>
>

/** What a request needs, by its address and verb. */
export function accessOf({ method, routeOptions }: FastifyRequest): Access {
  return accessFor(method, routeOptions.config.access)
}

/** Gives an address its verbs, and an answer to those that it has not. */
export function mountResource(scope: FastifyInstance, url: string, verbs: Verbs): void {
  const taken = VERBS.filter((verb) => verb in verbs || (verb === 'HEAD' && 'GET' in verbs))
  const allow = [...taken, 'OPTIONS'].join(', ')
  for (const [method, verb] of Object.entries(verbs)) {
    const { handle: handler, ...access } = typeof verb === 'function' ? { handle: verb } : verb
    scope.route({ method: method as HTTPMethods, url, handler, config: { access } })
  }
  scope.route({
    method: 'OPTIONS',
    url,
    handler: async (_request, reply) => reply.code(204).header('allow', allow).send(),
  })
  scope.route({
    method: VERBS.filter((verb) => verb !== 'OPTIONS' && !taken.includes(verb)),
    url,
    handler: async (request, reply) => {
      reply.header('allow', allow)
      throw new ApiError(
        'method_not_allowed',
        `This address takes ${allow}, not ${request.method}.`,
      )
    },
  })
}

/** Addresses that send something else than JSON, too. */
const textUrls = new Set<string>()

/** Lets an address be asked for text. */
export function sendsText(scope: FastifyInstance, url: string): void {
  textUrls.add(`${scope.prefix}${url}`)
}

/**
 * The form that all of the tools API shares: JSON both ways, its error body, and a caller who may.
 *
 * @param authorise resolves to who calls, or throws why they may not
 */
export function speakTools(
  scope: FastifyInstance,
  authorise: (request: FastifyRequest) => Promise<Caller>,
): void {
  readJson(scope)
  scope.addHook('onRequest', async (request, reply) => {
    // Lists and single backends hold the keys in clear text.
    reply.header('cache-control', 'no-store')
    // A browser asks for the verbs before it may send a token.
    if (request.method === 'OPTIONS') return
    callers.set(request, await authorise(request))
    if (textUrls.has(request.routeOptions.url ?? '')) return
    if (!acceptsJson(request.headers.accept)) throw new ApiError('not_acceptable')
  })
  scope.setErrorHandler(sendProblem)
  scope.setNotFoundHandler(async () => {
    throw new ApiError('not_found')
  })
}

/** Reads `application/json` and nothing else. */
export function readJson(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser(
    'application/json',
    { parseAs: 'string', bodyLimit: BODY_BYTES_MAX },
    async (_request: FastifyRequest, text: string) => parseJson(text),
  )
}

/** Reads forms with files, besides what the scope reads: small ones, whole. */
export function readMultipart(scope: FastifyInstance): void {
  scope.addContentTypeParser(
    'multipart/form-data',
    { parseAs: 'buffer', bodyLimit: BODY_BYTES_MAX },
    async (request: FastifyRequest, body: Buffer) => {
      const headers = { 'content-type': request.headers['content-type'] ?? '' }
      try {
        return await new Response(new Uint8Array(body), { headers }).formData()
      } catch (error) {
        throw new ApiError('param_invalid', 'The form is not valid.', { cause: error })
      }
    },
  )
}

function parseJson(text: string): unknown {
  if (text.trim() === '') return undefined
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ApiError('param_invalid', 'The body is not valid JSON.', { cause: error })
  }
}

/** Answers a failure in the form of the tools API, and logs what nobody expected. */
export async function sendProblem(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const expected = expectedError(error)
  if (expected.status >= 500) request.log.error({ err: error }, 'a tools call failed')
  if (expected.status === 401) reply.header('www-authenticate', challengeFor(request))
  if (expected.retryAfterS !== null) reply.header('retry-after', expected.retryAfterS)
  reply.header('content-language', 'en')
  return sendJson(reply, expected.status, problemOf(expected, request.id, pathOf(request)))
}

/** RFC 6750 §3: no error code for a caller who sent no token at all. */
function challengeFor(request: FastifyRequest): string {
  const sent = request.headers.authorization !== undefined
  return sent ? 'Bearer realm="homeport", error="invalid_token"' : 'Bearer realm="homeport"'
}

/**
 * Sends JSON. The original names no charset, and the framework adds none where it finds a serializer.
 * The text goes out as it is: as bytes, a page of a list would be garbage twice over.
 */
export function sendJson(reply: FastifyReply, status: number, body: object): FastifyReply {
  return reply
    .code(status)
    .header('content-type', 'application/json')
    .serializer(asItIs)
    .send(JSON.stringify(body))
}

function asItIs(text: string): string {
  return text
}

/** Says that a change was made; there is nothing more to send but the new tag. */
export function sendDone(reply: FastifyReply, etag?: string): FastifyReply {
  if (etag !== undefined) reply.header('etag', `"${etag}"`)
  return reply.code(204).send()
}

/** The path that was asked for, without its query. */
export function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? ''
}

/** Where the caller reaches this server, without a final slash. */
export function baseOf(request: FastifyRequest): string {
  return `${request.protocol}://${request.host}`
}

/** The query as it came, without the question mark. */
export function queryOf(request: FastifyRequest): string {
  const at = request.url.indexOf('?')
  return at < 0 ? '' : request.url.slice(at + 1)
}
