import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify'
import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import { readInput } from './operation.ts'
import { isOperation, OPERATIONS } from './operations.ts'
import { Refused } from './refused.ts'
import { MANAGE_PATH } from './remote.ts'

/** Besides a file: definitions of APIs are the longest of the rest. */
const INPUT_BYTES_MAX = 2 * 1024 * 1024
/** It is held whole in memory, as text; larger ones go over the tools API. */
const FILE_BYTES_MAX = 256 * 1024 * 1024

/**
 * Lets commands on this machine manage the running server. The token stands in a file that only the
 * server's own user can read, and dies with the process. To everyone else there is nothing here.
 */
export function mountManage(app: FastifyInstance, context: Context): void {
  // A scope of its own: its bodies and errors are neither those of the data API nor of the tools.
  app.register(async (scope) => {
    // Files come as base64, four characters for three bytes.
    const fileBytesMax = Math.min(context.config.http.uploadMaxBytes, FILE_BYTES_MAX)
    const bodyLimit = INPUT_BYTES_MAX + Math.ceil((fileBytesMax * 4) / 3)
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('application/json', { parseAs: 'string' }, readJson)
    scope.setErrorHandler((error: FastifyError, request, reply) => {
      const { status, body } = replyTo(error)
      if (status >= 500) request.log.error({ error }, 'management operation failed')
      return reply.code(status).send(body)
    })
    scope.addHook('onRequest', async (request) => admit(request, context))
    scope.post<{ Params: { operation: string } }>(
      `${MANAGE_PATH}/:operation`,
      { bodyLimit },
      async (request, reply) => {
        const name = request.params.operation
        if (!isOperation(name)) throw new ApiError('not_found', `There is no operation "${name}".`)
        const { fields, run } = OPERATIONS[name]
        // The fields that were read are those that this very operation takes.
        const result = await run(context, readInput(fields, request.body) as never)
        return reply.header('cache-control', 'no-store').send(result)
      },
    )
  })
}

async function readJson(_request: FastifyRequest, body: string | Buffer): Promise<unknown> {
  try {
    return JSON.parse(body.toString())
  } catch {
    throw new ApiError('param_invalid', 'Send a JSON object.')
  }
}

/** @throws {ApiError} `not_found`, whatever is wrong */
function admit(request: FastifyRequest, context: Context): void {
  const { remoteAddress, localAddress } = request.socket
  // Either end having the same address means this machine, whichever of its addresses is in use.
  const isLocal = remoteAddress === localAddress || isLoopback(remoteAddress)
  const isForwarded = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].some(
    (name) => request.headers[name] !== undefined,
  )
  const [, token = ''] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? []
  if (!isLocal || isForwarded || !context.manageToken.equals(token)) throw new ApiError('not_found')
}

function isLoopback(address: string | undefined): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address ?? '')
}

type Reply = { readonly status: number; readonly body: object }

function replyTo(error: unknown): Reply {
  const wrap = (status: number, code: string, message: string): Reply => ({
    status,
    body: { error: { code, message } },
  })
  if (error instanceof ApiError) return wrap(error.status, error.code, error.message)
  if (error instanceof Refused) return wrap(409, error.code, error.message)
  const { statusCode = 500, message } = error as FastifyError
  if (statusCode < 500) return wrap(statusCode, 'param_invalid', message)
  const hint = 'The server could not do it; its log says why.'
  return wrap(500, 'internal', hint)
}
