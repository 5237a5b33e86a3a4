import { type ZipEntry, zipOf } from '../../../lib/zip.ts'
import { type Api, basePathOf } from '../api.ts'
import { exampleText } from '../definition/example-text.ts'
import type { ApiDefinition, DeclaredResponse, Operation } from '../definition/model.ts'
import { README, SERVER } from './templates.ts'

type Drafted = Pick<Api, 'name' | 'title' | 'desc'>

/** What a scaffold is made of. */
export type ScaffoldOf = {
  readonly api: Drafted
  readonly definition: ApiDefinition | null
  /** The text of the definition. */
  readonly text: string | null
}

/** An archive with a program to begin with: a handler for each operation that sends its example. */
export function scaffoldOf(of: ScaffoldOf): Promise<Buffer> {
  return zipOf(filesOf(of))
}

function filesOf({ api, definition, text }: ScaffoldOf): ZipEntry[] {
  const handlers = handlersOf(api, definition)
  const script = `${api.name}.js`
  const samples = Object.fromEntries(handlers.map(({ key, sample }) => [key, sample]))
  return [
    { path: 'package.json', content: jsonText(manifestOf(api, script)) },
    { path: script, content: scriptOf(api, handlers) },
    { path: 'samples.json', content: jsonText(samples) },
    { path: 'server.js', content: SERVER.replace('%MAIN%', `./${script}`) },
    { path: 'README.md', content: README.replaceAll('%NAME%', api.name) },
    ...(text === null ? [] : [{ path: `${api.name}.${endingOf(text)}`, content: text }]),
  ]
}

function manifestOf({ name, title, desc }: Drafted, script: string) {
  return {
    name: name.toLowerCase(),
    version: '1.0.0',
    description: desc ?? title ?? name,
    private: true,
    main: script,
    scripts: { start: 'node server.js' },
    oracleMobile: {
      dependencies: { apis: {}, connectors: {} },
      configuration: { node: '20' },
    },
  }
}

type Handler = {
  /** The operation, as the definition has it: `GET /orders/{id}`. */
  readonly key: string
  readonly verb: string
  /** As programs of the Hub register it: `/mobile/custom/orders/orders/:id`. */
  readonly path: string
  readonly about: string | null
  readonly sample: Sample
}

type Sample = { readonly status: number; readonly type: string | null; readonly body: unknown }

function handlersOf(api: Drafted, definition: ApiDefinition | null): Handler[] {
  return (definition?.resources ?? []).flatMap(({ path, operations }) =>
    operations.map((operation) => ({
      key: `${operation.verb} ${path}`,
      verb: operation.verb.toLowerCase(),
      path: `${basePathOf(api.name)}${path.replace(/\/$/, '')}`.replace(
        /\{([^{}]*)\}/g,
        (_, name: string) => `:${name.replace(/\W/g, '_')}`,
      ),
      about: operation.description,
      sample: sampleOf(operation),
    })),
  )
}

function sampleOf({ responses }: Operation): Sample {
  const response = responses.find(({ status }) => status.startsWith('2')) ?? responses[0]
  const [body] = response?.bodies ?? []
  const [example] = body?.examples ?? []
  if (!response || !body || !example) return { status: 204, type: null, body: null }
  const value = bodyOf(exampleText(body.mediaType, example.value))
  return { status: statusOf(response), type: body.mediaType, body: value }
}

function statusOf({ status }: DeclaredResponse): number {
  return /^\d+$/.test(status) ? Number(status) : 200
}

/** JSON as it is: so the samples can be read. */
function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function scriptOf({ name, title }: Drafted, handlers: readonly Handler[]): string {
  const blocks = handlers.map(
    ({ key, verb, path, about }) =>
      `${commentOf(about ?? key)}  service.${verb}(${quotedText(path)}, function (request, response) {\n    send(response, ${quotedText(key)})\n  })\n`,
  )
  return `'use strict'

const samples = require('./samples.json')

${commentOf(`${title ?? name}: each handler sends its sample, until it has something better to do.`).trimStart()}module.exports = function (service) {
${blocks.join('\n')}}

function send(response, operation) {
  const { status, type, body } = samples[operation]
  if (type === null) response.status(status).send()
  else response.status(status).set('content-type', type).send(body)
}
`
}

function commentOf(text: string): string {
  const lines = text.trim().split(/\s*[\r\n\u2028\u2029]+\s*/)
  return lines.map((line) => `  // ${line}\n`).join('')
}

function quotedText(text: string): string {
  const inside = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")
  return `'${inside.replace(/[\u2028\u2029]/g, '')}'`
}

function endingOf(text: string): string {
  if (text.startsWith('#%RAML')) return 'raml'
  return text.trimStart().startsWith('{') ? 'json' : 'yaml'
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
