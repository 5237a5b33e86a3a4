import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ToolsContext } from '../../tools/context.ts'
import { valueFor } from '../../tools/policies/policy.ts'

const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE'

/** What clients send without being asked; a preflight that names others gets those. */
const HEADERS = [
  ...['Authorization', 'Content-Type', 'Accept', 'If-Match', 'If-None-Match', 'If-Range', 'Range'],
  ...['Oracle-Mobile-Backend-ID', 'Oracle-Mobile-Name', 'Oracle-Mobile-API-Version'],
  ...['Oracle-Mobile-Social-Identity-Provider', 'Oracle-Mobile-Social-Access-Token'],
  ...['Oracle-Mobile-External-Authorization', 'Oracle-Mobile-Sync-Agent'],
  ...['Oracle-Mobile-Diagnostic-Session-Id', 'Oracle-Mobile-Client-Request-Time'],
  ...['Oracle-Mobile-Device-Id', 'Oracle-Mobile-Application-Key'],
  ...['Oracle-Mobile-Client-SDK-Info', 'Oracle-Mobile-Analytics-Session-ID'],
].join(', ')

const EXPOSED = [
  ...['ETag', 'Location', 'Content-Range', 'Accept-Ranges', 'Retry-After', 'X-Request-Id'],
  ...['Oracle-Mobile-Name', 'Oracle-Mobile-Created-By', 'Oracle-Mobile-Created-On'],
  ...['Oracle-Mobile-Modified-By', 'Oracle-Mobile-Modified-On'],
  ...['Oracle-Mobile-Sync-Resource-Type'],
].join(', ')

const MAX_AGE_S = 600

/**
 * Lets pages on other origins read the answer, if the policy `Security_AllowOrigin` does: a comma
 * list of origins, with `*` for any part of one or for all. A preflight names no backend, so the
 * policy is that of the installation, `*.*.Security_AllowOrigin`.
 */
export async function nameOrigin(
  tools: Pick<ToolsContext, 'store'>,
  { headers: { origin } }: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  if (origin === undefined) return
  reply.header('vary', 'Origin')
  const patterns = membersOf((await valueFor(tools, 'Security_AllowOrigin', {})) ?? '')
  if (patterns.includes('*')) reply.header('access-control-allow-origin', '*')
  else if (patterns.some((pattern) => fits(pattern, origin))) {
    reply
      .header('access-control-allow-origin', origin)
      .header('access-control-allow-credentials', 'true')
  } else return
  reply.header('access-control-expose-headers', EXPOSED)
}

export function isPreflight({ method, headers }: FastifyRequest): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined
}

/** Tells what may be sent; without the header of the origin, a browser takes it for a no. */
export function answerPreflight({ headers }: FastifyRequest, reply: FastifyReply): FastifyReply {
  const asked = headers['access-control-request-headers']
  return reply
    .code(204)
    .header('access-control-allow-methods', METHODS)
    .header('access-control-allow-headers', asked || HEADERS)
    .header('access-control-max-age', MAX_AGE_S)
    .send()
}

function membersOf(list: string): string[] {
  return list.split(',').map((one) => one.trim().toLowerCase())
}

/** An origin has no path, so `*` stands for anything but a slash. */
function fits(pattern: string, origin: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'))
  return new RegExp(`^${parts.join('[^/]*')}$`).test(origin.toLowerCase())
}
