import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from '../../errors.ts'
import type { ToolsContext } from '../context.ts'
import { environmentOf } from '../environment/environment.ts'
import {
  actorOf,
  baseOf,
  mountResource,
  paramsOf,
  queryOf,
  readMultipart,
  sendDone,
  sendJson,
  sendsText,
} from '../http/routes.ts'
import { onlyValue, queryPairs, valuesOf } from '../list/query.ts'
import { type Problems, refuseIfAny } from '../problems.ts'
import { ADMINISTRATION } from '../team/access.ts'
import { propertiesOf, readPolicyFile } from './files.ts'
import {
  deletePolicy,
  importPolicies,
  listPolicies,
  readOnePolicy,
  readPolicy,
  setPolicy,
} from './store.ts'

const BASE = '/policies'
const NAME_MAX = 607

/** Routes under `/mobile/tools/1.0/policies`: developers read policies, administrators set them. */
export function mountPolicies(parent: FastifyInstance, tools: ToolsContext): void {
  mountResource(parent, BASE, {
    PUT: {
      ...ADMINISTRATION,
      handle: async (request, reply) => {
        await setPolicy(tools, readPolicy(request.body), actorOf(request))
        return sendDone(reply)
      },
    },
  })
  mountExport(parent, tools)
  // A scope of its own, since only here a form with a file is read.
  parent.register(async (scope) => mountImport(scope, tools))
  // Names are longer than other parts of addresses, and have a slash when they have a namespace.
  mountResource(parent, `${BASE}/*`, {
    GET: async (request, reply) => {
      const { name, value } = await readOnePolicy(tools, nameOf(request))
      return sendJson(reply, 200, { [name]: value })
    },
    DELETE: {
      ...ADMINISTRATION,
      handle: async (request, reply) => {
        await deletePolicy(tools, nameOf(request), actorOf(request))
        return sendDone(reply)
      },
    },
  })
}

function mountExport(scope: FastifyInstance, tools: ToolsContext): void {
  sendsText(scope, `${BASE}/export`)
  mountResource(scope, `${BASE}/export`, {
    GET: async (request, reply) => {
      const format = formatOf(request)
      const policies = await listPolicies(tools)
      if (format === 'properties') return sendText(reply, propertiesOf(policies))
      const { envId, serviceName, version } = await environmentOf(tools, baseOf(request))
      return sendJson(reply, 200, {
        policies: Object.fromEntries(policies.map(({ name, value }) => [name, value])),
        systemPolicies: {},
        hiddenPolicies: {},
        environment: `${serviceName} ${envId}`,
        systemVersion: version,
      })
    },
  })
}

function mountImport(scope: FastifyInstance, tools: ToolsContext): void {
  readMultipart(scope)
  mountResource(scope, `${BASE}/import`, {
    POST: {
      ...ADMINISTRATION,
      handle: async (request, reply) => {
        if (!(request.body instanceof FormData)) {
          throw new ApiError('param_invalid', "Send a form as multipart/form-data with a 'file'.")
        }
        const problems: Problems = []
        const options = {
          actor: actorOf(request),
          overwrite: flagOf(request.body, 'overwrite', problems) ?? true,
          purge: flagOf(request.body, 'purge', problems) ?? false,
        }
        const file = request.body.get('file')
        if (file === null) problems.push("'file' is required.")
        refuseIfAny(problems)
        const text = typeof file === 'string' ? file : await (file as Blob).text()
        const read = readPolicyFile(text)
        const valid = read.problems.length === 0
        if (valid) await importPolicies(tools, read.policies, options)
        return sendJson(reply, 200, { valid, validationResults: read.problems })
      },
    },
  })
}

function nameOf(request: FastifyRequest): string {
  const name = paramsOf<'*'>(request)['*']
  if (name.length <= NAME_MAX) return name
  throw new ApiError('param_invalid', `A name has at most ${NAME_MAX} characters.`)
}

function formatOf(request: FastifyRequest): 'properties' | 'json' {
  const problems: Problems = []
  const format = onlyValue('format', valuesOf(queryPairs(queryOf(request)), 'format'), problems)
  if (format !== null && format !== 'properties' && format !== 'json') {
    problems.push("'format' must be properties or json.")
  }
  refuseIfAny(problems)
  return format === 'json' ? 'json' : 'properties'
}

function flagOf(form: FormData, name: string, problems: Problems): boolean | null {
  const value = form.get(name)
  if (value === null || value === '') return null
  if (value === 'true' || value === 'false') return value === 'true'
  problems.push(`'${name}' must be true or false.`)
  return null
}

function sendText(reply: FastifyReply, text: string): FastifyReply {
  return reply.code(200).header('content-type', 'text/plain; charset=utf-8').send(text)
}
