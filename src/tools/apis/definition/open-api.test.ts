import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ApiDefinition } from './model.ts'
import { isValid } from './model.ts'
import { parseDefinition } from './parse.ts'

const PETS = {
  openapi: '3.1.0',
  info: { title: 'Pets', version: '2.1' },
  servers: [{ url: 'https://example.com/mobile/custom/pets' }],
  paths: {
    '/pets/{petId}': {
      parameters: [
        { name: 'petId', in: 'path', required: true, schema: { type: 'string' } },
        { name: 'verbose', in: 'query', schema: { type: 'boolean' } },
      ],
      get: {
        summary: 'One pet',
        parameters: [
          { $ref: '#/components/parameters/kind' },
          { name: 'verbose', in: 'query', required: true, schema: { type: 'boolean' } },
        ],
        responses: {
          default: { description: 'Not so', content: { 'application/json': { example: 'no' } } },
          '200': {
            description: 'The pet',
            headers: { 'X-Rate': { schema: { example: 5 } }, 'X-None': { schema: {} } },
            content: {
              'application/json': { schema: { $ref: '#/components/schemas/Pet' } },
              'application/xml': {
                examples: { cat: { value: '<cat/>' }, dog: { $ref: '#/components/examples/dog' } },
              },
            },
          },
        },
      },
      put: { requestBody: { $ref: '#/components/requestBodies/pet' }, responses: { '2XX': {} } },
    },
  },
  components: {
    parameters: {
      kind: { name: 'kind', in: 'header', schema: { enum: ['cat', 'dog'] } },
    },
    examples: { dog: { value: '<dog/>' } },
    requestBodies: { pet: { required: true, content: { 'application/json': {} } } },
    schemas: {
      Named: { properties: { name: { type: 'string', examples: ['Tom'] } } },
      Pet: {
        allOf: [{ $ref: '#/components/schemas/Named' }],
        properties: {
          age: { type: 'integer', default: 3 },
          colour: { enum: ['black', 'white'] },
          friends: { type: 'array', items: { $ref: '#/components/schemas/Pet' } },
          other: { oneOf: [{ type: 'string' }, { const: 1 }] },
          nothing: { type: 'string' },
        },
      },
    },
  },
}

function read(document: object): ApiDefinition {
  const parsed = parseDefinition(JSON.stringify(document))
  assert.ok(isValid(parsed), JSON.stringify(parsed.findings))
  assert.ok(parsed.definition)
  return parsed.definition
}

describe('a definition in OpenAPI', () => {
  const pets = read(PETS)
  const [get, put] = pets.resources[0]?.operations ?? []

  it('tells what it is and where it means to be', () => {
    const { language, title, version, basePath } = pets
    assert.deepEqual(
      { language, title, version, basePath },
      { language: 'OpenAPI 3.1', title: 'Pets', version: '2.1', basePath: '/mobile/custom/pets' },
    )
  })

  it('has parameters of the path and of the operation, which go first', () => {
    assert.deepEqual(get?.parameters, [
      { in: 'header', name: 'kind', required: false, type: null, values: ['cat', 'dog'] },
      { in: 'query', name: 'verbose', required: true, type: 'boolean', values: null },
    ])
    assert.deepEqual(put?.body, { required: true, mediaTypes: ['application/json'] })
    assert.equal(get?.body, null)
  })

  it('has examples of its own, by reference, and put together from schemas', () => {
    assert.deepEqual(
      get?.responses.map(({ status }) => status),
      ['200', 'default'],
    )
    assert.deepEqual(get?.responses[0]?.headers, [{ name: 'X-Rate', value: '5' }])
    const [json, xml] = get?.responses[0]?.bodies ?? []
    const pet = json?.examples[0]?.value as Record<string, unknown>
    const { name, age, colour, other } = pet
    assert.deepEqual(
      { name, age, colour, other },
      { name: 'Tom', age: 3, colour: 'black', other: 1 },
    )
    assert.equal('nothing' in pet, false)
    assert.deepEqual(xml?.examples, [
      { name: 'cat', value: '<cat/>' },
      { name: 'dog', value: '<dog/>' },
    ])
    assert.deepEqual(get?.responses[1]?.bodies[0]?.examples, [{ name: null, value: 'no' }])
    assert.equal(put?.responses[0]?.status, '2XX')
  })

  it('may be written in YAML', () => {
    const text =
      'openapi: 3.0.3\ninfo: { title: T, version: 1.0.0 }\npaths:\n  /a:\n    get:\n      responses:\n        200: { description: d }\n'
    const parsed = parseDefinition(text)
    assert.equal(isValid(parsed), true)
    assert.deepEqual(parsed.definition?.resources[0]?.operations[0]?.responses[0]?.status, '200')
  })
})

describe('what OpenAPI is refused for', () => {
  const paths = { '/a': { get: { responses: { '200': {} } } } }
  const info = { title: 'x', version: '1' }
  const answering = (response: object) => ({
    openapi: '3.0.0',
    info,
    paths: { '/a': { get: { responses: { '200': response } } } },
  })
  const rows: readonly (readonly [what: string, document: object, message: RegExp])[] = [
    ['Swagger 2.0', { swagger: '2.0', info, paths }, /Swagger 2.0/],
    ['a version to come', { openapi: '4.0.0', info, paths }, /OpenAPI 4.0.0 is not supported/],
    ['no openapi at all', { info, paths }, /neither RAML/],
    ['no title', { openapi: '3.0.0', info: { version: '1' }, paths }, /'title' and a 'version'/],
    ['no paths', { openapi: '3.0.0', info }, /'paths' is required/],
    ['a path without a slash', { openapi: '3.0.0', info, paths: { a: {} } }, /begins with \//],
    ['a reference to elsewhere', answering({ $ref: 'other.json#/x' }), /into one text/],
    ['a reference to nothing', answering({ $ref: '#/components/x' }), /leads nowhere/],
    [
      'a reference to itself',
      { ...answering({ $ref: '#/components/x' }), components: { x: { $ref: '#/components/x' } } },
      /cannot be followed/,
    ],
    [
      'a status that is none',
      { openapi: '3.0.0', info, paths: { '/a': { get: { responses: { ok: {} } } } } },
      /ok is not a status/,
    ],
    [
      'a parameter without a name',
      {
        openapi: '3.0.0',
        info,
        paths: { '/a': { get: { parameters: [{ in: 'query' }], responses: {} } } },
      },
      /must have a 'name'/,
    ],
  ]
  for (const [what, document, message] of rows) {
    it(`includes ${what}`, () => {
      const parsed = parseDefinition(JSON.stringify(document))
      assert.equal(isValid(parsed), false)
      assert.match(JSON.stringify(parsed.findings), message)
    })
  }

  it('includes broken JSON, with its line', () => {
    const { findings } = parseDefinition('{\n"openapi": "3.0.0",\n]')
    assert.deepEqual(
      findings.map(({ message, line }) => [message, line]),
      [['This is no valid JSON.', 3]],
    )
  })

  it('includes a schema nested without end', () => {
    const deep = JSON.parse(`${'{"items":'.repeat(200)}{}${'}'.repeat(200)}`)
    const parsed = parseDefinition(
      JSON.stringify(answering({ content: { 'a/b': { schema: deep } } })),
    )
    assert.match(JSON.stringify(parsed.findings), /nested more than/)
  })
})
