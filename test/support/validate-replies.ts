import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import type { Operation, PathItem } from '../../src/openapi/document.ts'
import { buildDocument } from '../../src/openapi/documents.ts'

/** Replies that the OpenAPI document does not allow, or does not know. */
export type ReplyProblems = {
  readonly found: readonly string[]
  /** @throws {AssertionError} that lists them */
  assertNoProblems(): void
}

/**
 * Holds every JSON reply of an app against the document, by path, verb and status, and remembers
 * what does not fit: unknown members, missing ones, undocumented replies. It looks from outside, at
 * `inject` and at the socket: the app is ready by the time that tests have it, and takes no hooks.
 */
export function validateReplies(app: FastifyInstance): ReplyProblems {
  const found: string[] = []
  const look = (request: Asked, reply: Replied) => {
    const problem = problemOf(request, reply)
    if (problem !== null && !found.includes(problem)) found.push(problem)
  }
  watchInjected(app, look)
  watchServed(app, look)
  return {
    found,
    assertNoProblems: () => assert.deepEqual(found, [], 'replies differ from the OpenAPI document'),
  }
}

type Asked = { readonly method?: string | undefined; readonly url?: string | undefined }

type Replied = {
  readonly status: number
  readonly contentType: unknown
  readonly body: string
}

type Look = (request: Asked, reply: Replied) => void

/** Of the forms of `inject` that which tests use: one argument, and a promise. */
type Inject = (options: unknown) => Promise<LightMyRequestResponse>

function watchInjected(app: FastifyInstance, look: Look): void {
  const inject = app.inject.bind(app) as Inject
  const watched: Inject = async (options) => {
    const reply = await inject(options)
    const { statusCode: status, headers, body, raw } = reply
    look(raw.req, { status, contentType: headers['content-type'], body })
    return reply
  }
  app.inject = watched as unknown as typeof app.inject
}

function watchServed(app: FastifyInstance, look: Look): void {
  app.server.prependListener('request', (request: IncomingMessage, reply: ServerResponse) => {
    const { method, url } = request
    const chunks: Buffer[] = []
    let contentType: unknown
    const keep = (chunk: unknown) => {
      if (typeof chunk === 'string' || chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk))
    }
    tap(reply, 'writeHead', (...sent) => {
      // Fastify hands all headers over here, where `getHeader` does not find them later.
      contentType = Object(sent.at(-1))['content-type']
    })
    tap(reply, 'write', keep)
    tap(reply, 'end', (chunk) => {
      keep(chunk)
      const body = Buffer.concat(chunks).toString()
      look({ method, url }, { status: reply.statusCode, contentType, body })
    })
  })
}

type Anything = (...sent: unknown[]) => unknown

/** Has `see` called before a method of the reply, with what that is called with. */
function tap(reply: ServerResponse, name: 'writeHead' | 'write' | 'end', see: Anything): void {
  const original = reply[name].bind(reply) as Anything
  const tapped: Anything = (...sent) => {
    see(...sent)
    return original(...sent)
  }
  Object.assign(reply, { [name]: tapped })
}

const openapi = buildDocument('whole', '0.0.0')

/** What is said of an address that is in no document. */
const BY_FOLDER: readonly (readonly [folder: string, schema: string])[] = [
  ['/v1/', '#/components/schemas/Failure'],
  ['/mobile/tools/', '#/components/schemas/problem'],
  ['/oauth2/', '#/components/schemas/problem'],
]

const DOCUMENTED = /^\/(v1|mobile\/tools|oauth2|health)\/|^\/version$/

/** @returns what is wrong with a reply, or `null`: nothing, or it is none of the document's */
function problemOf({ method = 'GET', url = '/' }: Asked, reply: Replied): string | null {
  const path = url.split('?', 1)[0] ?? ''
  const isJson = String(reply.contentType).startsWith('application/json')
  if (!DOCUMENTED.test(path) || !isJson || reply.body === '') return null
  const body: unknown = JSON.parse(reply.body)
  const status = statusOf(body, reply.status)
  const schema = schemaFor(method, path, status)
  if (schema === null) return `${method} ${path} ${status}: not in the document`
  const wrong = mistakeIn(body, schema)
  return wrong === null ? null : `${method} ${path} ${status}: ${wrong}`
}

/** With `suppress_response_codes` the true status stands in the body alone. */
function statusOf(body: unknown, status: number): number {
  const { meta } = body as { meta?: { status?: unknown; code?: unknown } }
  return meta?.status === 'fail' && typeof meta.code === 'number' ? meta.code : status
}

/** The address of the schema within the document. */
function schemaFor(verb: string, path: string, status: number): string | null {
  const route = ROUTES.find(({ pattern }) => pattern.test(path))
  const operation = route && operationOf(route, verb)
  if (!route || !operation) {
    const [, schema] = BY_FOLDER.find(([folder]) => path.startsWith(folder)) ?? []
    return status >= 400 ? (schema ?? null) : null
  }
  const { responses } = operation[1]
  const key = [String(status), `${Math.floor(status / 100)}XX`].find((one) => one in responses)
  if (key === undefined) return null
  const response = responses[key]
  const place =
    response && '$ref' in response
      ? response.$ref
      : `#/paths/${escaped(route.template)}/${operation[0]}/responses/${key}`
  return `${place}/content/application~1json/schema`
}

type Route = { readonly template: string; readonly pattern: RegExp; readonly item: PathItem }

/** On the data side the verb is advice; elsewhere a verb that is not taken has no operation. */
function operationOf({ template, item }: Route, verb: string): [string, Operation] | undefined {
  const all = Object.entries(item)
  return template.startsWith('/v1/') ? all[0] : all.find(([name]) => name === verb.toLowerCase())
}

/** Those with an id behind `show` come last: `users/show/me` is a method of its own. */
const ROUTES: readonly Route[] = [routesBy(/$^/), routesBy(/\/show$/)].flat()

function routesBy(takesId: RegExp): Route[] {
  return Object.entries(openapi.paths).flatMap(([template, item]) => {
    const path = template.replace(/\.json$/, '')
    const more = takesId.test(path) ? '/[^/]+' : ''
    const parts = path.replace(/\{\w+\}/g, '[^/]+')
    const aliases = Object.values(item).flatMap((one) => one['x-aliases'] ?? [])
    const any = [parts, ...aliases.map((one) => `/v1/${one.replace(/:\w+/g, '[^/]+')}`)].join('|')
    return { template, item, pattern: new RegExp(`^(?:${any})${more}(?:\\.json)?$`) }
  })
}

function escaped(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))
}

const ajv = new Ajv2020({ strict: false })
formats.default(ajv)
ajv.addSchema(openapi, 'api')

const compiled = new Map<string, ValidateFunction>()

function mistakeIn(body: unknown, schema: string): string | null {
  const validate = compiled.get(schema) ?? ajv.compile({ $ref: `api${schema}` })
  compiled.set(schema, validate)
  if (validate(body)) return null
  const [error] = validate.errors ?? []
  return `${error?.instancePath} ${error?.message} ${JSON.stringify(error?.params)}`
}
