import { createReadStream } from 'node:fs'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { VERSION } from '../manage/version.ts'
import { DOCS_PAGE, errorsPage, PAGE_POLICY, START_SCRIPT } from '../openapi/docs-page.ts'
import { buildDocument, type DocumentName } from '../openapi/documents.ts'

const ADDRESSES: Readonly<Record<DocumentName, string>> = {
  whole: '/openapi.json',
  data: '/openapi/data.json',
  tools: '/openapi/tools.json',
}

const SCRIPT = 'text/javascript; charset=utf-8'

/** Files of the page that come out of a package. */
const ASSETS: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': SCRIPT,
}

const DAY_S = 86_400

/**
 * The OpenAPI documents, and pages for people. All is made or read when it is first asked for, so a
 * server whose documents nobody reads starts no slower for them and keeps nothing of them.
 */
export function mountDocs(app: FastifyInstance): void {
  for (const [name, url] of Object.entries(ADDRESSES) as [DocumentName, string][]) {
    const text = once(() => JSON.stringify(buildDocument(name, VERSION)))
    app.get(url, async (_request, reply) =>
      reply
        .type('application/json; charset=utf-8')
        .header('access-control-allow-origin', '*')
        .send(text()),
    )
  }
  app.get('/docs', async (_request, reply) => sendPage(reply, DOCS_PAGE))
  app.get('/docs/errors', async (_request, reply) => sendPage(reply, errorsPage()))
  app.get('/docs/assets/start.js', async (_request, reply) => reply.type(SCRIPT).send(START_SCRIPT))
  for (const [file, type] of Object.entries(ASSETS)) {
    app.get(`/docs/assets/${file}`, async (_request, reply) =>
      reply
        .type(type)
        .header('cache-control', `public, max-age=${DAY_S}`)
        .header('x-content-type-options', 'nosniff')
        .send(createReadStream(assetUrl(file))),
    )
  }
}

/**
 * Where the package keeps the file. Its plugin is not used: that costs a tenth of a second at
 * start, and its page wants a policy that is less strict than ours.
 */
function assetUrl(file: string): URL {
  return new URL(`static/${file}`, import.meta.resolve('@fastify/swagger-ui'))
}

function sendPage(reply: FastifyReply, html: string): FastifyReply {
  return reply
    .type('text/html; charset=utf-8')
    .header('content-security-policy', PAGE_POLICY)
    .header('x-content-type-options', 'nosniff')
    .send(html)
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
