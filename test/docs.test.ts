import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { fastify } from 'fastify'
import { COMMANDS } from '../src/cli/commands.ts'
import type { MethodDefinition } from '../src/engine/definition.ts'
import { ERROR_CODES, errorEntry } from '../src/errors.ts'
import { mountDocs } from '../src/http/docs.ts'
import { dataApi } from '../src/openapi/data-api.ts'
import { buildDocument, DOCUMENT_NAMES } from '../src/openapi/documents.ts'
import { methodTable } from '../src/openapi/method-table.ts'
import { SCOPES } from '../src/tools/team/access.ts'
import { ROLES } from '../src/tools/team/roles.ts'
import { validateReplies } from './support/validate-replies.ts'

const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')

const all = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].map(([, one = '']) => one)

const manifest = JSON.parse(read('package.json')) as {
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

describe('docs/api/methods.md', () => {
  it('is as `npm run docs` writes it', () => {
    assert.equal(read('docs/api/methods.md'), methodTable(dataApi))
  })

  it('has a row for every method', () => {
    const rows = all(methodTable(dataApi), /^\| `\w+` \| [A-Z]+ \| `([^`]+)` /gm)
    assert.deepEqual(rows.sort(), dataApi.methods.map(({ path }) => path).sort())
  })
})

describe('docs/errors.md', () => {
  const text = read('docs/errors.md')

  it('has one entry for each code, with its status and number', () => {
    const described = [...text.matchAll(/^## `(\w+)`\n\n(\d+) · MOBILE-(\d+)$/gm)]
    const catalogue = ERROR_CODES.map((code) => {
      const { status, hub } = errorEntry(code)
      return `${code} ${status} ${hub}`
    })
    assert.deepEqual(
      described.map(([, code, status, hub]) => `${code} ${status} ${hub}`),
      catalogue,
    )
  })

  it('tells of each what it means and what to do', () => {
    const entries = text.split(/^## /m).slice(1)
    const poor = entries.filter((one) => !/\n\n\S.+\.\n\n\*\*What to do:\*\* .+\.\n/.test(one))
    assert.deepEqual(poor, [])
  })

  it('names only commands that there are', () => {
    const named = all(text, /`homeport ([a-z ]+)`/g)
    assert.deepEqual(
      named.filter((name) => !Object.hasOwn(COMMANDS, name)),
      [],
    )
  })
})

describe('docs/team.md', () => {
  const text = read('docs/team.md')

  it('has a row for each role and each scope, and no other', () => {
    const rowsUnder = (header: string) =>
      all(text.split(header)[1]?.split('\n\n')[0] ?? '', /^\| `(\w+)` \|/gm)
    assert.deepEqual(rowsUnder('| role | may |'), [...ROLES])
    assert.deepEqual(rowsUnder('| scope | for |'), [...SCOPES])
  })

  it('names only commands that there are', () => {
    const named = all(text, /`homeport ([a-z -]+)`/g)
    assert.deepEqual(
      named.filter((name) => !Object.hasOwn(COMMANDS, name)),
      [],
    )
  })
})

// docs/config.md is compared with the settings in src/config.test.ts.

describe('README.md', () => {
  it('names only scripts that package.json has', () => {
    const named = all(read('README.md'), /\bnpm (?:run )?([a-z][\w:-]*)/g)
    const scripts = Object.keys(manifest.scripts ?? {})
    const npmOwn = ['ci', 'install', 'exec', 'pack', 'link']
    assert.deepEqual(
      named.filter((name) => !scripts.includes(name) && !npmOwn.includes(name)),
      [],
    )
  })
})

describe('docs/dependencies.md', () => {
  it('names each package of package.json in a first cell, and no other', () => {
    const cells = all(read('docs/dependencies.md'), /^\| (`[^|]+`) \|/gm)
    const rows = cells.flatMap((cell) => all(cell, /`([^`]+)`/g))
    const named = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.devDependencies)]
    assert.deepEqual(rows.sort(), named.sort())
  })
})

describe('the tests', () => {
  const own = /(^|\/)(docs|tidy)\.test\.ts$/
  const tests = ['src', 'test'].flatMap((folder) =>
    readdirSync(new URL(`../${folder}`, import.meta.url), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.test.ts') && !own.test(file))
      .map((file) => read(`${folder}/${file}`)),
  )

  /** By its path, or by its name where no other method has that. */
  function isNamed({ path, name }: MethodDefinition): boolean {
    const pattern = path.replace(/:\w+/g, '[^/\\s]+')
    const isUnique = dataApi.methods.filter((one) => one.name === name).length === 1
    const words = isUnique ? `${pattern}|${name}` : pattern
    const naming = new RegExp(`(?<!\\w)(?:${words})(?![\\w/])`)
    return tests.some((text) => naming.test(text))
  }

  it('name every method of the data API', () => {
    const unnamed = dataApi.methods.filter((method) => !isNamed(method))
    assert.deepEqual(
      unnamed.map(({ path }) => path),
      [],
    )
  })
})

for (const name of DOCUMENT_NAMES) {
  describe(`the ${name} OpenAPI document`, () => {
    const document = buildDocument(name, '1.2.3')
    const text = JSON.stringify(document)
    const operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.values(item).map((operation) => ({ path, operation })),
    )

    it('has no reference that leads nowhere', () => {
      const broken = all(text, /"\$ref":"#\/([^"]+)"/g).filter((path) => {
        const steps = path.split('/')
        return steps.reduce<unknown>((at, step) => Object(at)[step], document) === undefined
      })
      assert.deepEqual(broken, [])
    })

    it('has no component that nothing refers to', () => {
      const { schemas = {}, parameters = {}, responses = {} } = document.components
      const groups = Object.entries({ schemas, parameters, responses })
      const unused = groups
        .flatMap(([group, named]) => Object.keys(named).map((one) => `${group}/${one}`))
        .filter((one) => !text.includes(`"#/components/${one}"`))
      assert.deepEqual(unused, [])
    })

    it('has schemas that a validator can read', () => {
      const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false })
      formats.default(ajv)
      ajv.addFormat('binary', true)
      ajv.addVocabulary(['components', 'schemas'])
      const { schemas = {} } = document.components
      ajv.addSchema({ $id: name, components: { schemas } })
      for (const one of Object.keys(schemas)) {
        ajv.compile({ $ref: `${name}#/components/schemas/${one}` })
      }
    })

    it('gives each operation an id of its own', () => {
      const ids = operations.map(({ operation }) => operation.operationId)
      assert.equal(new Set(ids).size, ids.length)
    })

    it('declares the parameters that stand in paths', () => {
      for (const { path, operation } of operations) {
        const inPath = (operation.parameters ?? []).filter(
          (one) => 'in' in one && one.in === 'path',
        )
        const declared = inPath.map((one) => ('name' in one ? one.name : ''))
        assert.deepEqual(declared, all(path, /\{(\w+)\}/g), path)
      }
    })

    it('uses security schemes and tags that it declares', () => {
      const schemes = Object.keys(document.components.securitySchemes ?? {})
      const tags = document.tags.map((tag) => tag.name)
      for (const { path, operation } of operations) {
        const used = operation.security.flatMap((one) => Object.keys(one))
        assert.deepEqual(
          used.filter((one) => !schemes.includes(one)),
          [],
          path,
        )
        assert.deepEqual(
          operation.tags.filter((one) => !tags.includes(one)),
          [],
          path,
        )
      }
    })
  })
}

describe('the documentation pages', () => {
  const app = fastify()
  mountDocs(app)

  for (const url of ['/openapi.json', '/openapi/data.json', '/openapi/tools.json']) {
    it(`serve ${url}`, async () => {
      const reply = await app.inject(url)
      assert.equal(reply.statusCode, 200)
      assert.equal(reply.json().openapi, '3.1.0')
    })
  }

  it('load all that they need from this server', async () => {
    const page = await app.inject('/docs')
    assert.match(String(page.headers['content-security-policy']), /default-src 'none'/)
    assert.doesNotMatch(page.body, /https?:|\/\/\w/)
    const parts = all(page.body, /(?:src|href)="([^"?:]+)(?:\?[^"]*)?"/g)
    assert.ok(parts.includes('docs/assets/swagger-ui-bundle.js'))
    for (const part of parts) {
      const reply = await app.inject(`/${part}`)
      assert.equal(reply.statusCode, 200, part)
      assert.ok(reply.body.length > 0, part)
    }
  })

  it('have an anchor for each error', async () => {
    const { body } = await app.inject('/docs/errors')
    assert.deepEqual(all(body, /<tr id="(\w+)">/g), [...ERROR_CODES])
  })
})

describe('validateReplies', () => {
  const meta = { code: 200, status: 'ok', method_name: 'showPlace' }
  const id = '0123456789abcdef01234567'
  const failure = { status: 'fail', code: 400, message: 'no', request_id: '1' }

  for (const [what, url, status, body, problem] of [
    ['a reply as documented', 'places/show.json', 200, { meta, response: { places: [{ id }] } }],
    ['a path without .json', 'places/show', 200, { meta, response: { places: [{ id }] } }],
    ['an id in the path', `places/show/${id}`, 200, { meta, response: { places: [{ id }] } }],
    [
      'custom fields',
      'places/show.json',
      200,
      { meta, response: { places: [{ id, custom_fields: { own: 1 } }] } },
    ],
    [
      'a member that nobody declared',
      'places/show.json',
      200,
      { meta, response: { places: [{ id, own: 1 }] } },
      /additional properties.*own/,
    ],
    [
      'another method_name',
      'places/show.json',
      200,
      { meta: { ...meta, method_name: 'showPlaces' }, response: { places: [{ id }] } },
      /method_name/,
    ],
    ['no response', 'places/show.json', 200, { meta }, /response/],
    ['an unknown method', 'places/paint.json', 200, { meta }, /not in the document/],
    [
      'a failure as documented',
      'places/show.json',
      400,
      { meta: { ...failure, reason: 'param_invalid' } },
    ],
    [
      'a failure with the HTTP status suppressed',
      'places/show.json',
      200,
      { meta: { ...failure, reason: 'param_invalid' } },
    ],
    [
      'a reason that is not in the catalogue',
      'places/paint.json',
      404,
      { meta: { ...failure, reason: 'bored' } },
      /reason/,
    ],
  ] as const) {
    it(`${problem ? 'refuses' : 'lets pass'} ${what}`, async () => {
      const app = fastify()
      app.get('/*', async (_request, reply) => reply.code(status).send(body))
      const problems = validateReplies(app)
      await app.inject(`/v1/${url}`)
      if (problem) assert.match(problems.found.join(), problem)
      else problems.assertNoProblems()
    })
  }

  it('sees replies that go out over a socket', async () => {
    const app = fastify()
    app.get('/*', async () => ({ meta }))
    const problems = validateReplies(app)
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    await (await fetch(`${url}/v1/places/show.json`)).text()
    await app.close()
    assert.throws(() => problems.assertNoProblems(), /differ from the OpenAPI document/)
  })
})
