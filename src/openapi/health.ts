import type { JsonSchema } from '../engine/params.ts'
import { closed, jsonContent, type Operation, type Part, type Response } from './document.ts'

const STATE: JsonSchema = { enum: ['ok', 'down', 'late'] }

const READINESS = closed({
  status: { enum: ['ok', 'down'] },
  service: { enum: ['starting', 'ready', 'stopping'] },
  database: STATE,
  files: STATE,
  disk: STATE,
  queue: { ...STATE, description: 'Being late does not make the server unready.' },
  queueAgeS: {
    type: 'integer',
    description: 'Seconds for which the oldest due job has been waiting.',
  },
})

/** What load balancers and container platforms ask; see `http/health.ts`. */
export function healthPart(): Part {
  const ready = jsonContent(READINESS)
  return {
    tags: [{ name: 'Health', description: 'How the server is; no credentials are needed.' }],
    paths: {
      '/health/live': {
        get: operation('healthLive', 'Says that the process answers.', {
          '200': reply('It does.', closed({ status: { const: 'ok' } })),
        }),
      },
      '/health/ready': {
        get: operation('healthReady', 'Says whether calls can be served.', {
          '200': { description: 'They can.', content: ready },
          '503': { description: 'Something is missing.', content: ready },
        }),
      },
      '/version': {
        get: operation('version', 'Tells the version of the server.', {
          '200': reply(
            'The version.',
            closed({ name: { const: 'homeport' }, version: { type: 'string' } }),
          ),
        }),
      },
    },
    components: {},
  }
}

function operation(
  operationId: string,
  summary: string,
  responses: Operation['responses'],
): Operation {
  return { operationId, tags: ['Health'], summary, security: [], responses }
}

function reply(description: string, schema: JsonSchema): Response {
  return { description, content: jsonContent(schema) }
}
