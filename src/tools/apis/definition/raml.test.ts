import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ApiDefinition } from './model.ts'
import { isValid } from './model.ts'
import { parseDefinition } from './parse.ts'

const ORDERS = `#%RAML 1.0
title: Orders
version: v1
baseUri: https://{host}/mobile/custom/orders
mediaType: application/json
types:
  Item:
    properties:
      sku: { type: string, example: A-1 }
      note?: string
  Order:
    type: object
    properties:
      id: { type: integer, example: 7 }
      items: Item[]
  Broken: { enum: [open, closed] }
traits:
  paged:
    queryParameters:
      limit: { type: integer, required: false }
      <<more>>: { type: string, required: true }
  marked: { headers: { X-Mark: string } }
resourceTypes:
  collection:
    get?:
      is: [ marked ]
      description: Lists <<resourcePathName | !uppercase>>.
      responses:
        200:
          body:
            type: <<item>>[]
    delete?:
      responses: { 204: {} }
/orders:
  type: { collection: { item: Order } }
  get:
    is: [ paged: { more: since } ]
  post:
    headers:
      X-Reason?: string
      X-Kind: { enum: [a, b] }
    body:
      application/json: { type: Order }
      text/csv:
    responses:
      201:
        headers:
          Location: { example: /orders/8 }
          X-Nothing:
        body:
          application/json:
            examples:
              small: { value: { id: 8 } }
              large: { id: 9, items: [] }
          text/plain:
            example: made
  /{orderId}:
    get:
      responses:
        404: { body: { application/json: { example: { error: gone } } } }
        200: { body: Order }
    /state:
      put: { body: Broken }
`

function read(text: string): ApiDefinition {
  const parsed = parseDefinition(text)
  assert.ok(isValid(parsed), JSON.stringify(parsed.findings))
  assert.ok(parsed.definition)
  return parsed.definition
}

const operation = (definition: ApiDefinition, verb: string, path: string) => {
  const found = definition.resources
    .find((one) => one.path === path)
    ?.operations.find((one) => one.verb === verb)
  assert.ok(found, `${verb} ${path}`)
  return found
}

describe('a definition in RAML 1.0', () => {
  const orders = read(ORDERS)

  it('tells what it is and where it means to be', () => {
    const { language, title, version, basePath } = orders
    assert.deepEqual(
      { language, title, version, basePath },
      {
        language: 'RAML 1.0',
        title: 'Orders',
        version: 'v1',
        basePath: '/mobile/custom/orders',
      },
    )
  })

  it('has nested resources with their verbs', () => {
    const shown = orders.resources.map(({ path, operations }) => [
      path,
      ...operations.map(({ verb }) => verb),
    ])
    assert.deepEqual(shown, [
      ['/orders', 'GET', 'POST'],
      ['/orders/{orderId}', 'GET'],
      ['/orders/{orderId}/state', 'PUT'],
    ])
  })

  it('gives resources what their type and traits say, and optional methods only if wanted', () => {
    const { description, parameters, responses } = operation(orders, 'GET', '/orders')
    assert.equal(description, 'Lists ORDERS.')
    assert.deepEqual(
      parameters.map(({ name, required, type }) => [name, required, type]),
      [
        ['limit', false, 'integer'],
        ['since', true, null],
        ['X-Mark', true, null],
      ],
    )
    assert.deepEqual(responses[0]?.bodies, [
      {
        mediaType: 'application/json',
        examples: [{ name: null, value: [{ id: 7, items: [{ sku: 'A-1' }] }] }],
      },
    ])
  })

  it('reads headers, bodies and examples with and without names', () => {
    const { parameters, body, responses } = operation(orders, 'POST', '/orders')
    assert.deepEqual(
      parameters.map(({ in: place, name, required, values }) => [place, name, required, values]),
      [
        ['header', 'X-Reason', false, null],
        ['header', 'X-Kind', true, ['a', 'b']],
      ],
    )
    assert.deepEqual(body?.mediaTypes, ['application/json', 'text/csv'])
    assert.deepEqual(responses, [
      {
        status: '201',
        description: null,
        headers: [{ name: 'Location', value: '/orders/8' }],
        bodies: [
          {
            mediaType: 'application/json',
            examples: [
              { name: 'small', value: { id: 8 } },
              { name: 'large', value: { id: 9, items: [] } },
            ],
          },
          { mediaType: 'text/plain', examples: [{ name: null, value: 'made' }] },
        ],
      },
    ])
  })

  it('stops at types that use each other without end', () => {
    const types = Array.from({ length: 9 }, (_, i) => {
      const properties = Array.from({ length: 9 }, (_one, j) => `p${j}: T${(i + j) % 9}`)
      return `  T${i}: { properties: { ${properties.join(', ')}, x: { example: 1 } } }`
    })
    const text = `#%RAML 1.0\ntitle: x\nmediaType: application/json\ntypes:\n${types.join('\n')}\n/a: { get: { responses: { 200: { body: T0 } } } }`
    const started = performance.now()
    const { responses } = operation(read(text), 'GET', '/a')
    assert.ok(performance.now() - started < 2000)
    assert.equal(responses[0]?.bodies[0]?.mediaType, 'application/json')
  })
})

describe('a definition in RAML 0.8', () => {
  const incidents = read(`#%RAML 0.8
title: Incidents
baseUri: /mobile/custom/incidents
schemas:
  - incident: '{"type": "object"}'
traits:
  - secured: { headers: { X-Token: { required: true } } }
/incidents:
  is: [ secured ]
  get:
    queryParameters:
      technician: { required: true }
      page: { type: integer }
    responses:
      200:
        body:
          application/json:
            schema: incident
            example: |
              { "items": [] }
`)

  it('takes parameters as optional unless it says otherwise', () => {
    const { parameters } = operation(incidents, 'GET', '/incidents')
    assert.deepEqual(
      parameters.map(({ name, required }) => [name, required]),
      [
        ['technician', true],
        ['page', false],
        ['X-Token', true],
      ],
    )
  })

  it('keeps examples as the text that they are', () => {
    const { responses } = operation(incidents, 'GET', '/incidents')
    assert.equal(responses[0]?.bodies[0]?.examples[0]?.value, '{ "items": [] }\n')
    assert.equal(incidents.basePath, '/mobile/custom/incidents')
  })
})

describe('what RAML is refused for', () => {
  const head = '#%RAML 1.0\ntitle: x\n'
  const rows: readonly (readonly [what: string, text: string, message: RegExp, line: number])[] = [
    ['an include', `${head}/a:\n  get: !include other.raml`, /!include/, 4],
    ['a library', `${head}uses: { a: b.raml }`, /files of their own/, 3],
    ['no title', '#%RAML 1.0\nversion: v1', /'title' is required/, 2],
    ['a fragment', '#%RAML 1.0 DataType\ntype: object', /not supported/, 2],
    ['another version', '#%RAML 2.0\ntitle: x', /RAML 2.0 is not supported/, 2],
    ['broken YAML', `${head}/a: [`, /./, 3],
    ['a member that stands there twice', `${head}title: y`, /"title" stands here twice/, 3],
    ['a key that is a list', `${head}? [a]\n: b`, /must be plain text/, 3],
    ['a path of two parameters in one', `${head}/{a}-{b}:\n  get:`, /one {parameter}/, 3],
    ['a status that is none', `${head}/a: { get: { responses: { ok: } } }`, /ok is not/, 3],
    ['a trait that is none', `${head}/a:\n  get: { is: [ x ] }`, /no trait x/, 4],
    ['a type that is none', `${head}/a: { type: x, get: }`, /no resource type x/, 3],
    [
      'types in a circle',
      `${head}resourceTypes:\n  a: { type: b }\n  b: { type: a }\n/a:\n  type: a\n  get:`,
      /in a circle/,
      4,
    ],
    ['a body without a type', `${head}/a: { post: { body: { example: 1 } } }`, /media type/, 3],
    ['two that are one', `${head}/a/{b}:\n  get:\n/a:\n  /{c}: { get: }`, /same resource/, 2],
    ['a list where a map belongs', `${head}/a: { get: { headers: [a] } }`, /must be a map/, 3],
  ]
  for (const [what, text, message, line] of rows) {
    it(`includes ${what}`, () => {
      const parsed = parseDefinition(text)
      assert.equal(isValid(parsed), false)
      const found = parsed.findings.find((one) => message.test(one.message))
      assert.ok(found, JSON.stringify(parsed.findings))
      assert.deepEqual([found.severity, found.line], ['ERROR', line])
    })
  }

  it('leaves out what is only strange', () => {
    const parsed = parseDefinition(
      `${head}colour: red\n/a: { fetch: {}, get: { body: { a/b: X } } }`,
    )
    assert.equal(isValid(parsed), true)
    assert.deepEqual(
      parsed.findings.map(({ severity, path }) => [severity, path]),
      [
        ['WARNING', 'colour'],
        ['WARNING', '/a > fetch'],
        ['WARNING', '/a > get > body > a/b'],
      ],
    )
  })
})

describe('a text that is made to hurt', () => {
  const ten = (name: string) => Array.from({ length: 10 }, () => name).join(',')
  const laughs = Array.from(
    { length: 9 },
    (_, i) => `a${i}: &a${i} [${ten(i ? `*a${i - 1}` : 'x')}]`,
  )
  const rows: readonly (readonly [what: string, text: string])[] = [
    ['with a billion laughs', laughs.join('\n')],
    ['nested by brackets', '['.repeat(3000)],
    ['nested by braces', '{"a":'.repeat(3000)],
    ['nested by dashes', '- '.repeat(5000)],
    ['with keys that are keys', '? '.repeat(5000)],
    ['an alias of itself', 'a: &a [*a]'],
  ]
  for (const [what, text] of rows) {
    it(`is refused: one ${what}`, () => {
      const parsed = parseDefinition(`#%RAML 1.0\n${text}`)
      assert.equal(parsed.definition, null)
      assert.equal(isValid(parsed), false)
    })
  }

  it('may name members of objects without reaching them', () => {
    const text = '#%RAML 1.0\ntitle: x\n__proto__: { polluted: 1 }\n/a: { constructor: {}, get: }'
    assert.equal(isValid(parseDefinition(text)), true)
    assert.equal('polluted' in {}, false)
  })
})
