import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { inspect } from 'node:util'
import { CONFIG_VARIABLE, PREFIX } from './config/sources.ts'
import { suggest } from './config/suggest.ts'
import { ConfigError, readConfig, SETTING_NAMES, SETTINGS, storeOptions } from './config.ts'

const folder = mkdtempSync(join(tmpdir(), 'homeport-config-'))
after(() => rmSync(folder, { recursive: true }))

function file(name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const problemsOf = async (sources: Parameters<typeof readConfig>[0]) => {
  try {
    await readConfig(sources)
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.problems
  }
  return []
}

describe('readConfig', () => {
  it('needs nothing', async () => {
    const { http, database, dataDir, files } = await readConfig({ env: {} })
    assert.equal(http.port, 8080)
    assert.equal(http.host, '127.0.0.1')
    assert.equal(dataDir, join(process.cwd(), 'data'))
    assert.deepEqual(database, { kind: 'sqlite', directory: dataDir, readers: 2 })
    assert.equal(files.directory, join(dataDir, 'files'))
  })

  it('lets the flag win over the environment, that over the file, that over the default', async () => {
    const path = file('order.yaml', 'port: 1\nhost: file.example\nlog_level: warn\n')
    const env = { HOMEPORT_PORT: '2', HOMEPORT_HOST: 'env.example' }
    const { http, log, shown } = await readConfig({ env, file: path, flags: { port: '3' } })
    assert.deepEqual([http.port, http.host, log.level], [3, 'env.example', 'warn'])
    const origins = Object.fromEntries(shown.map(({ name, origin }) => [name, origin]))
    assert.equal(origins.HOMEPORT_PORT, 'flag --port')
    assert.equal(origins.HOMEPORT_HOST, 'environment HOMEPORT_HOST')
    assert.equal(origins.HOMEPORT_LOG_LEVEL, `file ${path}`)
    assert.equal(origins.HOMEPORT_DATA_DIR, 'default')
  })

  it('reads JSON, and finds the file by the environment', async () => {
    const path = file('settings.json', '{ "port": 9, "trust_proxy": ["10.0.0.0/8", "::1"] }')
    const { http } = await readConfig({ env: { [CONFIG_VARIABLE]: path } })
    assert.equal(http.port, 9)
    assert.deepEqual(http.trustProxy, ['10.0.0.0/8', '::1'])
  })

  it('takes the plain names of platforms, and its own before them', async () => {
    const plain = { PORT: '5000', DATABASE_URL: 'postgres://u:p@db/x' }
    const { http, database } = await readConfig({ env: plain })
    assert.equal(http.port, 5000)
    assert.equal(database.kind, 'postgres')
    const both = await readConfig({ env: { ...plain, HOMEPORT_PORT: '5001' } })
    assert.equal(both.http.port, 5001)
  })

  it('reads a value from the file that a variable names, without its last line end', async () => {
    const path = file('secret', 'a secret of thirty-two characters\n')
    const { secret } = await readConfig({ env: { HOMEPORT_SECRET_FILE: path } })
    assert.equal(secret?.reveal(), 'a secret of thirty-two characters')
  })

  it('takes an empty variable for an absent one', async () => {
    const { http } = await readConfig({ env: { HOMEPORT_PORT: '', HOMEPORT_PUBLIC_URL: '' } })
    assert.equal(http.port, 8080)
    assert.equal(http.publicUrl, null)
  })

  it('is not confused by the variables that Kubernetes makes for a service of the same name', async () => {
    const env = {
      HOMEPORT_PORT: 'tcp://10.0.0.7:8080',
      HOMEPORT_PORT_8080_TCP_ADDR: '10.0.0.7',
      HOMEPORT_SERVICE_HOST: '10.0.0.7',
      HOMEPORT_SERVICE_PORT_HTTP: '8080',
    }
    assert.equal((await readConfig({ env })).http.port, 8080)
  })

  it('names every mistake at once', async () => {
    const problems = await problemsOf({
      env: { HOMEPORT_PORT: 'many', HOMEPORT_LOG_LEVEL: 'loud', HOMEPORT_PROT: '1' },
      file: file('wrong.yaml', 'hots: x\n'),
      flags: { 'drain-timeout-ms': '-1' },
    })
    assert.equal(problems.length, 5)
    assert.match(problems.join('\n'), /HOMEPORT_PROT: .*Did you mean HOMEPORT_PORT\?/)
    assert.match(problems.join('\n'), /there is no setting "hots"\. Did you mean host\?/)
    assert.match(problems.join('\n'), /HOMEPORT_PORT: must be: whole number .*, not "many"/)
    assert.match(problems.join('\n'), /flag --drain-timeout-ms: must be/)
  })

  for (const [why, env, message] of [
    ['a port is too large', { HOMEPORT_PORT: '65536' }, /0 to 65535/],
    ['a port is no number', { HOMEPORT_PORT: '80a' }, /not "80a"/],
    [
      'the database is of another kind',
      { DATABASE_URL: 'mysql://x/y' },
      /environment DATABASE_URL/,
    ],
    ['the storage is no folder', { HOMEPORT_STORAGE_URL: 's3://bucket' }, /file:<folder>/],
    ['a proxy is no address', { HOMEPORT_TRUST_PROXY: '10.0.0.0/33' }, /addresses/],
    ['the public address has a query', { HOMEPORT_PUBLIC_URL: 'https://a/?b' }, /without a query/],
    ['an address is no e-mail address', { HOMEPORT_MAIL_FROM: 'me' }, /Name <address>/],
    ['an administrator has no password', { HOMEPORT_ADMIN_EMAIL: 'a@b.c' }, /go together/],
    ['a file is missing', { HOMEPORT_SECRET_FILE: '/nowhere/at/all' }, /cannot be read/],
    ['the config file is missing', { HOMEPORT_CONFIG: '/nowhere.yaml' }, /cannot be read/],
    [
      'a value and its file are given',
      { HOMEPORT_SECRET: 'x'.repeat(32), HOMEPORT_SECRET_FILE: '/x' },
      /keep one/,
    ],
  ] as const) {
    it(`refuses when ${why}`, async () => {
      const problems = await problemsOf({ env })
      assert.equal(problems.length, 1)
      assert.match(problems[0] ?? '', message)
    })
  }

  it('never shows a secret, be it right or wrong', async () => {
    const env = {
      HOMEPORT_DATABASE_URL: 'postgres://u:hunter2hunter2@db/x?password=hunter2hunter2',
      HOMEPORT_SMTP_URL: 'smtp://u:hunter2hunter2@mail',
      HOMEPORT_ADMIN_EMAIL: 'a@b.c',
      HOMEPORT_ADMIN_PASSWORD: 'hunter2hunter2',
      HOMEPORT_SECRET: 'hunter2hunter2hunter2hunter2hunter2',
    }
    const config = await readConfig({ env })
    assert.doesNotMatch(JSON.stringify(config) + inspect(config, { depth: 9 }), /hunter2/)
    const wrong = await problemsOf({
      env: { HOMEPORT_ADMIN_PASSWORD: 'hunt3', HOMEPORT_DATABASE_URL: 'mysql://u:hunt3@db' },
    })
    assert.equal(wrong.length, 2)
    assert.doesNotMatch(wrong.join(), /hunt3/)
  })

  it('is frozen all the way down', async () => {
    const config = await readConfig({ env: {} })
    assert.ok(
      Object.isFrozen(config) && Object.isFrozen(config.http) && Object.isFrozen(config.shown),
    )
  })

  it('gives the store the password, and only the store', async () => {
    const config = await readConfig({ env: { DATABASE_URL: 'postgres://u:p@db/x' } })
    assert.deepEqual(storeOptions(config), {
      kind: 'postgres',
      url: 'postgres://u:p@db/x',
      poolMax: 10,
    })
    assert.equal(config.exclusiveDir, null)
  })
})

describe('suggest', () => {
  for (const [word, meant] of [
    ['HOMEPORT_PROT', 'HOMEPORT_PORT'],
    ['HOMEPORT_DATADIR', 'HOMEPORT_DATA_DIR'],
    ['homeport_host', 'HOMEPORT_HOST'],
    ['SOMETHING_ELSE_WHOLLY', undefined],
  ] as const) {
    it(`${word}: ${meant}`, () => {
      assert.equal(suggest(word, ['HOMEPORT_PORT', 'HOMEPORT_DATA_DIR', 'HOMEPORT_HOST']), meant)
    })
  }
})

describe('docs/config.md', () => {
  const text = readFileSync(new URL('../docs/config.md', import.meta.url), 'utf8')
  const rows = text
    .split('\n')
    .filter((line) => line.startsWith('| `HOMEPORT_'))
    .map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .slice(1, -1),
    )

  it('has a row for each setting, in the same order, and no other', () => {
    const names = rows.map(([name]) => name?.replaceAll('`', ''))
    assert.deepEqual(names, [...SETTING_NAMES.map((name) => PREFIX + name), CONFIG_VARIABLE])
  })

  for (const name of SETTING_NAMES) {
    it(`says of ${name} what the program says`, () => {
      const { kind, defaultText, about } = SETTINGS[name]
      const row = rows.find(([first]) => first === `\`${PREFIX}${name}\``)
      assert.deepEqual(row?.slice(1), [kind.range, defaultText, about])
    })
  }
})
