import type { FastifyInstance } from 'fastify'
import type { Context } from '../context.ts'
import { readinessOf } from '../manage/readiness.ts'
import { VERSION } from '../manage/version.ts'

/** What load balancers and container platforms ask; no key is needed and nothing is told away. */
export function mountHealth(app: FastifyInstance, context: Context): void {
  const readiness = readinessOf(context)

  // Says only that the process answers: a database that is down is no reason to restart it.
  app.get('/health/live', async (_request, reply) => {
    reply.header('cache-control', 'no-store')
    return { status: 'ok' }
  })

  app.get('/health/ready', async (_request, reply) => {
    const result = await readiness()
    reply.header('cache-control', 'no-store')
    return reply.code(result.status === 'ok' ? 200 : 503).send(result)
  })

  app.get('/version', async () => ({ name: 'homeport', version: VERSION }))
}
