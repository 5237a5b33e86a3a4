import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import { ApiError } from '../../errors.ts'
import type { Api } from '../../tools/apis/api.ts'
import { definitionOf } from '../../tools/apis/check.ts'
import { segmentsOf } from '../../tools/apis/definition/path-template.ts'
import { paramsOf, pathOf, queryOf } from '../../tools/http/routes.ts'
import type { Implementation } from '../../tools/implementations/implementation.ts'
import { requestTimeoutMs } from '../../tools/policies/known.ts'
import type { PlatformContext } from '../context.ts'
import { speakPlatform, type Visit, visitOf } from '../door/door.ts'
import { apiFor, implementationFor, scopeOf } from './find.ts'
import { answerMock } from './mock/answer.ts'
import { findOperation } from './mock/operation.ts'
import { answerHeaders, handOn } from './upstream.ts'

const CUSTOM_BASE = '/mobile/custom'

const VERBS: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** `/mobile/custom/{api}/...`: what custom APIs answer, by their definitions or their programs. */
export function mountCustom(app: FastifyInstance, context: PlatformContext): void {
  app.register(
    async (scope) => {
      speakPlatform(scope, context)
      // Bodies belong to the program behind, whatever they are; nobody looks at them here.
      scope.removeAllContentTypeParsers()
      scope.addContentTypeParser('*', async (_: unknown, stream: IncomingMessage) => stream)
      const handler = (request: FastifyRequest, reply: FastifyReply) =>
        answer(context, request, reply)
      for (const url of ['/:api', '/:api/*']) scope.route({ method: VERBS, url, handler })
    },
    { prefix: CUSTOM_BASE },
  )
}

async function answer(
  context: PlatformContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const visit = visitOf(request)
  const api = await apiFor(context, visit, paramsOf<'api'>(request).api)
  const implementation = await implementationFor(context, visit, api)
  reply
    // Whoever wrote the answer may be anybody, and the origin is that of all that this server does.
    .header('content-security-policy', "default-src 'none'; sandbox")
    .header('x-content-type-options', 'nosniff')
  if (implementation.mock) return sendMock(context, { api, request, reply })
  return sendUpstream(context, { api, implementation, visit, request, reply })
}

type Exchange = {
  readonly api: Api
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

async function sendMock(
  context: PlatformContext,
  { api, request, reply }: Exchange,
): Promise<FastifyReply> {
  const definition = await definitionOf(context.tools, api)
  const segments = belowApi(request)
  const found = findOperation(definition ?? { resources: [] }, request.method, segments)
  if (found.kind === 'nothing') {
    const detail = `The definition of ${api.name} ${api.version} has no resource /${segments.join('/')}.`
    throw new ApiError('not_found', detail.slice(0, 500))
  }
  if (found.kind === 'verb') {
    reply.header('allow', found.allow)
    if (request.method === 'OPTIONS') return reply.code(204).send()
    const detail = `This resource takes ${found.allow}, not ${request.method}.`
    throw new ApiError('method_not_allowed', detail)
  }
  const { headers } = request
  const {
    status,
    headers: sent,
    body,
  } = answerMock(found.operation, {
    verb: request.method,
    query: new URLSearchParams(queryOf(request)),
    headers,
    hasBody: hasBody(request),
  })
  reply.code(status).headers(Object.fromEntries(sent))
  // As bytes: to text the framework would add a charset.
  return reply.send(body === null ? undefined : Buffer.from(body))
}

type Upstream = Exchange & { readonly implementation: Implementation; readonly visit: Visit }

async function sendUpstream(
  context: PlatformContext,
  { api, implementation, visit, request, reply }: Upstream,
): Promise<FastifyReply> {
  const { name, version, upstreamUrl } = implementation
  if (upstreamUrl === null) {
    const detail = `${name} ${version} implements ${api.name} ${api.version}, and programs do not run inside of the server: run it somewhere, and PUT its address as 'upstreamUrl' to /mobile/tools/1.0/implementations/${implementation.id}.`
    throw new ApiError('implementation_not_running', detail)
  }
  // The program is not to be reached outside of the path of the API.
  belowApi(request)
  const bytesMax = context.limits.uploadBytesMax
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) {
    throw new ApiError('too_large', `At most ${bytesMax} bytes are taken.`)
  }
  const gone = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort()
  })
  const upstream = await handOn(upstreamUrl, {
    ...{ method: request.method, path: request.url, headers: request.headers, bytesMax },
    told: toldOf(visit, request),
    body: hasBody(request) ? request.raw : null,
    timeoutMs: await requestTimeoutMs(context.tools, scopeOf(visit, api)),
    trustedHosts: context.outside.upstreamHosts,
    signal: gone.signal,
  })
  return reply
    .code(upstream.statusCode ?? 502)
    .headers(answerHeaders(upstream))
    .send(upstream)
}

/** Who calls, for the program; encoded, since names may have any characters. */
function toldOf({ backend, user }: Visit, request: FastifyRequest): Record<string, string> {
  return {
    'oracle-mobile-backend-id': backend.id,
    'oracle-mobile-backend-name': backend.name,
    'oracle-mobile-backend-version': backend.version,
    'x-request-id': request.id,
    ...(user && {
      'oracle-mobile-user-id': user.id,
      'oracle-mobile-user-name': encodeURIComponent(user.username),
      'oracle-mobile-user-roles': user.roles.map(encodeURIComponent).join(','),
    }),
  }
}

/** The decoded segments behind the name of the API. @throws {ApiError} `param_invalid` */
function belowApi(request: FastifyRequest): string[] {
  const [, , , ...segments] = segmentsOf(pathOf(request)).map((segment) => {
    try {
      return decodeURIComponent(segment)
    } catch (cause) {
      throw new ApiError('param_invalid', 'The address is not encoded rightly.', { cause })
    }
  })
  if (segments.some((one) => one === '.' || one === '..')) {
    throw new ApiError('param_invalid', 'The address leads out of the API.')
  }
  return segments
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}
