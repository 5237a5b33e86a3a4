import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from '../../errors.ts'
import { bodyOf, refuseBad, requiredTextMember } from '../assets/body.ts'
import type { ToolsContext } from '../context.ts'
import { parseForm } from '../http/form.ts'
import { expectedError } from '../http/problem.ts'
import { mountResource, readJson, sendJson, sendProblem } from '../http/routes.ts'
import { grantToken, type TokenRequest } from './grant.ts'
import { OAuthRefusal } from './oauth-refusal.ts'
import { revokeByHolder } from './revoke.ts'
import { checkSetupToken, setUp } from './setup.ts'
import { SETUP_PAGE_HEADERS, setupDonePage, setupFormPage, setupRefusedPage } from './setup-page.ts'

const FORM = 'application/x-www-form-urlencoded'
const FORM_BYTES_MAX = 16 * 1024

/** `POST /oauth2/v1/token` and `revoke`: RFC 6749 and 7009, for team members and for backends. */
export function mountTokenEndpoint(scope: FastifyInstance, tools: ToolsContext): void {
  scope.removeAllContentTypeParsers()
  readForm(scope)
  scope.setErrorHandler(sendRefusal)
  mountResource(scope, '/oauth2/v1/token', {
    POST: async (request, reply) =>
      sendJson(noStore(reply), 200, await grantToken(tools, tokenRequestOf(request))),
  })
  mountResource(scope, '/oauth2/v1/revoke', {
    POST: async (request, reply) => {
      await revokeByHolder(tools, tokenRequestOf(request))
      return noStore(reply).code(200).send()
    },
  })
}

/** @throws {OAuthRefusal} `invalid_request` */
function tokenRequestOf({ headers, body, id }: FastifyRequest): TokenRequest {
  if (!(body instanceof Map)) {
    throw new OAuthRefusal('invalid_request', `Send a form as ${FORM}.`)
  }
  return { authorization: headers.authorization, form: body, trace: { requestId: id } }
}

/** `GET` and `POST /setup`: how the first administrator comes in. */
export function mountSetup(scope: FastifyInstance, tools: ToolsContext): void {
  readJson(scope)
  readForm(scope)
  scope.setErrorHandler(sendProblem)
  mountResource(scope, '/setup', {
    GET: async (request, reply) => {
      const { token = '' } = request.query as { token?: unknown }
      const state = { token: String(token), login: '', problem: null }
      try {
        await checkSetupToken(tools, state.token)
        return sendPage(reply, 200, setupFormPage(state))
      } catch (error) {
        return sendRefusedPage(reply, error)
      }
    },
    POST: async (request, reply) =>
      request.body instanceof Map
        ? setUpByForm(tools, request.body, reply)
        : setUpByJson(tools, request.body, reply),
  })
}

async function setUpByForm(
  tools: ToolsContext,
  form: ReadonlyMap<string, string>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const field = (name: string) => form.get(name) ?? ''
  const token = field('token')
  const login = field('login').trim()
  try {
    const member = await setUp(tools, { token, login, password: field('password') })
    return sendPage(reply, 201, setupDonePage(member.login))
  } catch (error) {
    const { code, message, status } = expectedError(error)
    if (code !== 'param_invalid') return sendRefusedPage(reply, error)
    return sendPage(reply, status, setupFormPage({ token, login, problem: message }))
  }
}

async function setUpByJson(
  tools: ToolsContext,
  json: unknown,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const body = bodyOf(json)
  const text = (name: string) => requiredTextMember(body, name, { charactersMax: 2000 })
  const first = { token: text('token'), login: text('login'), password: text('password') }
  refuseBad(body)
  const { login, roles } = await setUp(tools, first)
  return sendJson(noStore(reply), 201, { login, roles })
}

function readForm(scope: FastifyInstance): void {
  scope.addContentTypeParser(
    FORM,
    { parseAs: 'string', bodyLimit: FORM_BYTES_MAX },
    async (_request: unknown, text: string) => parseForm(text),
  )
}

/** A person reads it: so a page, unless nobody expected the failure. */
function sendRefusedPage(reply: FastifyReply, error: unknown): FastifyReply {
  if (!(error instanceof ApiError)) throw error
  return sendPage(reply, error.status, setupRefusedPage(error.message))
}

function sendPage(reply: FastifyReply, status: number, html: string): FastifyReply {
  return reply
    .code(status)
    .headers(SETUP_PAGE_HEADERS)
    .header('content-type', 'text/html; charset=utf-8')
    .send(html)
}

async function sendRefusal(
  error: unknown,
  request: Parameters<typeof sendProblem>[1],
  reply: FastifyReply,
): Promise<unknown> {
  const refusal = error instanceof OAuthRefusal ? error : refusalOf(error)
  if (!refusal) return sendProblem(error, request, noStore(reply))
  if (refusal.retryAfterS !== undefined) reply.header('retry-after', refusal.retryAfterS)
  if (refusal.status === 401) reply.header('www-authenticate', 'Basic realm="homeport"')
  const body = { error: refusal.error, error_description: refusal.message }
  return sendJson(noStore(reply), refusal.status, body)
}

/** RFC 6749 has one code for all that is wrong with the request itself. */
function refusalOf(error: unknown): OAuthRefusal | null {
  const { code, message, status } = expectedError(error)
  if (status >= 500 || code === 'method_not_allowed') return null
  return new OAuthRefusal(
    'invalid_request',
    code === 'media_type_unsupported' ? `Send a form as ${FORM}.` : message,
    { status, cause: error },
  )
}

/** RFC 6749 §5.1 asks for both headers. */
function noStore(reply: FastifyReply): FastifyReply {
  return reply.header('cache-control', 'no-store').header('pragma', 'no-cache')
}
