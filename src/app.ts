import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Context } from './context.ts'
import { mountAccountPages } from './http/account-pages.ts'
import { mountDocs } from './http/docs.ts'
import { refuse } from './http/errors.ts'
import { mountFiles } from './http/files.ts'
import { mountHealth } from './http/health.ts'
import { loggingOptions, mountAccessLog } from './http/logging.ts'
import { mountDataApi } from './http/mount.ts'
import { mountManage } from './manage/mount.ts'
import { methods } from './objects/index.ts'
import { mountPlatform } from './platform/routes.ts'
import { expectedError, problemOf } from './tools/http/problem.ts'
import { mountTools } from './tools/routes.ts'

/** The whole server, not yet listening. Called by `homeport start` and by the tests. */
export async function buildApp(context: Context): Promise<FastifyInstance> {
  const { http } = context.config
  const app = fastify({
    ...loggingOptions(context.logger),
    trustProxy: typeof http.trustProxy === 'boolean' ? http.trustProxy : [...http.trustProxy],
    requestTimeout: http.requestTimeoutMs,
    bodyLimit: http.bodyMaxBytes,
    routerOptions: { maxParamLength: 300 },
    frameworkErrors: (error, request, reply) => refuseAddress(context, error, request, reply),
  })
  mountAccessLog(app, context.logger)
  mountHealth(app, context)
  mountManage(app, context)
  mountTools(app, context.tools)
  mountPlatform(app, context)
  mountFiles(app, context)
  mountAccountPages(app)
  if (http.openapiEnabled) mountDocs(app)
  await mountDataApi(app, context, methods, {
    uploadBytesMax: http.uploadMaxBytes,
    bodyBytesMax: http.bodyMaxBytes,
  })
  await app.ready()
  return app
}

/** An address that cannot be decoded belongs to no route; each API says so in its own form. */
function refuseAddress(
  context: Context,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const [path = ''] = request.url.split('?', 1)
  if (!path.startsWith('/mobile/')) refuse(context, error, request, reply)
  else {
    const problem = problemOf(expectedError(error), request.id, path)
    reply.code(problem.status).send(problem)
  }
}
