import type { FastifyInstance } from 'fastify'

/** The original service's headers, and those that its keys and today's clients need besides. */
const HEADERS = {
  'access-control-allow-methods': 'POST, GET, PUT, DELETE, OPTIONS',
  'access-control-allow-headers': 'x-requested-with, content-type, authorization, key',
  'access-control-allow-credentials': 'true',
  'access-control-expose-headers': 'retry-after',
  // What one user sees is for no other, and a proxy on the way must not keep it.
  'cache-control': 'max-age=0, private, must-revalidate',
}

/** Pages and hybrid apps on any origin may call, as they could before. */
export function addCors(scope: FastifyInstance): void {
  scope.addHook('onRequest', (request, reply, done) => {
    reply.headers(HEADERS)
    const { origin } = request.headers
    if (origin) reply.header('access-control-allow-origin', origin).header('vary', 'origin')
    done()
  })
  scope.options('/*', async (_request, reply) => reply.code(204).send())
}
