import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { callerOf } from '../engine/caller.ts'
import type { EngineContext } from '../engine/context.ts'
import type { Call, MethodDefinition, Reply } from '../engine/definition.ts'
import { type Input, readParams } from '../engine/params.ts'
import { ApiError } from '../errors.ts'
import { authenticate } from './app-auth.ts'
import { addBodyParsers, type Body, type BodyLimits, discardFiles, undoFiles } from './body.ts'
import { addCors } from './cors.ts'
import { successBody } from './envelope.ts'
import { refuse } from './errors.ts'
import { decode, InputBuilder, type Pair, parsePairs } from './input.ts'
import { type Called, methodRouter } from './method-router.ts'
import { finish } from './render.ts'
import { acceptsVerb, allowedVerbs } from './verbs.ts'

const VERBS = ['GET', 'POST', 'PUT', 'DELETE']
const PREFIX = '/v1'

/** Gives every method of the data API its addresses. No other code adds routes under `/v1`. */
export async function mountDataApi(
  app: FastifyInstance,
  context: EngineContext,
  methods: readonly MethodDefinition[],
  limits: BodyLimits,
): Promise<void> {
  // SDKs send form bodies with GET as well.
  app.addHttpMethod('GET', { hasBody: true, overrideExisting: true })
  await app.register(
    async (scope) => {
      addBodyParsers(scope, context.blobs, limits)
      addCors(scope)
      // Whatever the answer is, also where no method was called.
      scope.addHook('onSend', async (request) => {
        const body = request.body as Body | undefined
        if (body?.kind === 'multipart') await discardFiles(body.parts, context.blobs)
      })
      scope.setErrorHandler((error, request, reply) => refuse(context, error, request, reply))
      scope.setNotFoundHandler((request, reply) =>
        refuse(context, new ApiError('not_found'), request, reply),
      )
      const find = methodRouter(methods)
      scope.addHook('onRequest', (request, _reply, done) => {
        request.called = find(pathOf(request).slice(PREFIX.length)) ?? undefined
        done()
      })
      scope.route({
        method: VERBS,
        url: '/*',
        handler: (request, reply) => {
          if (!request.called) throw new ApiError('not_found')
          return handle(context, request.called.method, request, reply)
        },
      })
    },
    { prefix: PREFIX },
  )
}

async function handle(
  context: EngineContext,
  method: MethodDefinition,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const sent = readRequest(request)
  request.suppressCodes = isOn(sent.input.suppress_response_codes)
  request.prettyJson = isOn(sent.input.pretty_json)
  try {
    const result = await answer(context, method, request, reply, sent)
    return finish(request, reply, sent.input, result, successBody(method.name, result))
  } catch (error) {
    // After a fault nobody knows what was written, and a file too many does no harm.
    const isRefusal = error instanceof ApiError && error.status < 500
    if (isRefusal && sent.body?.kind === 'multipart') await undoFiles(sent.body.parts)
    throw error
  }
}

async function answer(
  context: EngineContext,
  method: MethodDefinition,
  request: FastifyRequest,
  reply: FastifyReply,
  sent: Sent,
): Promise<Reply> {
  const backend = await authenticate(context, {
    verb: request.method,
    origins: () => [originOf(request), ...(context.publicUrl ? [context.publicUrl] : [])],
    path: sent.path,
    query: sent.query,
    form: sent.body?.kind === 'form' ? sent.body.pairs : [],
    input: sent.input,
    keyHeader: singleHeader(request.headers.key),
    authorization: request.headers.authorization,
  })
  if (!acceptsVerb(method, request.method, backend.settings.deleteByGet)) {
    reply.header('allow', allowedVerbs(method))
    throw new ApiError('method_not_allowed')
  }
  const token = sessionToken(sent.input, request.headers.cookie)
  const caller = await callerOf(context, backend, token, method)
  const call: Call = {
    context,
    backend,
    caller,
    method,
    input: sent.input,
    params: readParams(method.params, sent.input),
    request: {
      id: request.id,
      sessionToken: token,
      verb: request.method,
      // Few methods ask for these, and they are put together from headers.
      get baseUrl() {
        return context.publicUrl ?? originOf(request)
      },
      get address() {
        return request.ip
      },
    },
  }
  return method.run(call)
}

function originOf(request: FastifyRequest): string {
  return `${request.protocol}://${request.host}`
}

type Sent = {
  readonly path: string
  readonly query: readonly Pair[]
  readonly body: Body | undefined
  readonly input: Input
}

/** Query, path and body as one: the body wins over the query, the path over both. */
function readRequest(request: FastifyRequest): Sent {
  const url = request.raw.url ?? ''
  const at = url.indexOf('?')
  const path = at < 0 ? url : url.slice(0, at)
  const query = at < 0 ? [] : parsePairs(url.slice(at + 1))
  const body = request.body as Body | undefined
  const builder = new InputBuilder()
  builder.addPairs(query)
  if (body?.kind === 'form') builder.addPairs(body.pairs)
  if (body?.kind === 'multipart') for (const [name, value] of body.parts) builder.add(name, value)
  if (body?.kind === 'json') {
    for (const [name, value] of Object.entries(body.value)) builder.add(name, value)
  }
  for (const [name, value] of Object.entries(request.called?.params ?? {})) builder.add(name, value)
  return { path, query, body, input: builder.build() }
}

/** The path that was asked for, without its query. */
function pathOf({ raw: { url = '' } }: FastifyRequest): string {
  const at = url.indexOf('?')
  return at < 0 ? url : url.slice(0, at)
}

/** An explicit session counts more than the cookie's. */
function sessionToken(input: Input, cookie: string | undefined): string | null {
  const sent = input._session_id
  if (typeof sent === 'string' && sent !== '') return sent
  if (cookie === undefined) return null
  const match = /(?:^|;)\s*_session_id="?([^;"]*)/.exec(cookie)
  return match?.[1] ? decode(match[1]) : null
}

function singleHeader(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}

export function isOn(value: unknown): boolean {
  return value === 'true' || value === '1' || value === true || value === 1
}

declare module 'fastify' {
  interface FastifyRequest {
    /** What the address names; nothing when it names no method. */
    called?: Called | undefined
    /** The caller wants HTTP status 200 whatever happens. */
    suppressCodes?: boolean
    /** The caller wants an indented answer. */
    prettyJson?: boolean
  }
}
