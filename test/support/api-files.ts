import { zipOf } from '../../src/lib/zip.ts'

/** A definition with one of everything that a mock looks at. */
export const ORDERS_RAML = `#%RAML 1.0
title: Orders
version: v1
baseUri: https://{host}/mobile/custom/orders
mediaType: application/json
/orders:
  get:
    description: Lists the orders.
    queryParameters:
      state: { enum: [open, closed] }
      limit: { type: integer, required: false }
    responses:
      200:
        headers:
          X-Total: { example: 2 }
        body:
          application/json: { example: [{ id: 1 }, { id: 2 }] }
          text/csv: { example: "id\\n1\\n2" }
      404:
        body: { example: { error: none } }
  post:
    headers: { X-Reason: string }
    body:
      application/json:
    responses:
      201:
        headers: { Location: { example: /orders/3 } }
        body: { example: { id: 3 } }
  /count:
    get:
      responses:
        200:
          headers: { ETag: { example: '"7"' } }
          body: { text/plain: { example: "2" } }
  /{orderId}:
    get:
      responses:
        200:
          body:
            examples:
              small: { id: 1 }
              large: { id: 2, items: [] }
    delete:
      responses: { 200: { description: Gone. } }
`

export const ORDERS_LINES: readonly string[] = ORDERS_RAML.split('\n')

/** A form with one file, as clients send it. */
export async function formWith(
  content: string | Uint8Array,
  { filename = 'file.zip', field = 'file' } = {},
): Promise<{ readonly payload: Buffer; readonly headers: { readonly 'content-type': string } }> {
  const form = new FormData()
  form.append(
    field,
    new Blob([typeof content === 'string' ? content : new Uint8Array(content)]),
    filename,
  )
  const request = new Request('http://localhost/', { method: 'POST', body: form })
  return {
    payload: Buffer.from(await request.arrayBuffer()),
    headers: { 'content-type': request.headers.get('content-type') ?? '' },
  }
}

/** An archive with a program, as developers pack it. */
export function archiveOf(
  manifest: Readonly<Record<string, unknown>> = {},
  files: Readonly<Record<string, string>> = { 'orders.js': 'module.exports = () => {}\n' },
): Promise<Buffer> {
  const whole = { name: 'orders', version: '1.0', main: 'orders.js', ...manifest }
  return zipOf([
    { path: 'package.json', content: JSON.stringify(whole) },
    ...Object.entries(files).map(([path, content]) => ({ path, content })),
  ])
}
