import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { run } from '../../src/cli/run.ts'
import { ORDERS_RAML } from '../support/api-files.ts'

describe('commands of assets that are no more than what they declare', () => {
  let directory: string
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'homeport-commands-'))
    await writeFile(join(directory, 'orders.raml'), ORDERS_RAML)
    await writeFile(join(directory, 'bad.raml'), '#%RAML 1.0\n/a: { get: }')
  })
  after(() => rm(directory, { recursive: true }))

  /** Runs a command line on data of its own, as a person does where no server runs. */
  const command = async (...words: string[]) => {
    const text = { out: '', err: '' }
    const streams = {
      stdout: { write: (part: string) => (text.out += part) },
      stderr: { write: (part: string) => (text.err += part) },
    }
    const argv = [...words, '--data-dir', join(directory, 'data')]
    return { code: await run(argv, { env: {}, streams }), ...text }
  }
  const json = async (...words: string[]) => {
    const { code, out, err } = await command(...words, '--json')
    assert.equal(code, 0, out + err)
    return JSON.parse(out)
  }
  const file = (name: string) => join(directory, name)

  it('make an API of a file, show it, publish it with its mock, copy it and remove it', async () => {
    const made = await json('api', 'create', file('orders.raml'), '--login', 'ENTERPRISE')
    assert.deepEqual([made.name, made.version, made.state], ['orders', 'v1', 'draft'])
    assert.deepEqual(made.members.security, { type: 'ENTERPRISE', roles: [] })

    const shown = await command('api', 'show', 'orders')
    assert.match(shown.out, /^name +orders$/m)
    assert.match(shown.out, /^basePath +\/mobile\/custom\/orders$/m)
    const listed = await command('api', 'list')
    assert.match(listed.out, new RegExp(`^orders  v1  draft  ${made.id}$`, 'm'))
    assert.match((await command('implementation', 'list')).out, /^orders_mock {2}v1 {2}draft/m)

    const alone = await command('api', 'publish', 'orders')
    assert.equal(alone.code, 3)
    assert.match(alone.err, /Publish these too, or first: APIImplementation orders_mock v1/)
    const published = await command('api', 'publish', 'orders', '--with-drafts')
    assert.equal(published.out, 'orders_mock v1 is published too.\norders v1 is now published.\n')

    const copy = await json('api', 'version', 'orders', '--version', '2.0')
    assert.deepEqual([copy.version, copy.state], ['2.0', 'draft'])
    assert.match(
      (await command('api', 'show', 'orders')).err,
      /Several versions are named "orders"/,
    )

    assert.equal((await json('api', 'trash', copy.id)).state, 'trash')
    assert.equal((await json('api', 'restore', copy.id)).state, 'draft')
    assert.match((await command('api', 'purge', copy.id)).err, /Cannot purge orders 2.0/)
    await json('api', 'trash', copy.id, '--comment', 'over')
    assert.equal((await json('api', 'purge', copy.id)).purging, true)
    const { assets } = await json('api', 'list')
    assert.deepEqual(
      assets.map((one: { id: string }) => one.id),
      [made.id],
    )
  })

  it('make collections, connectors and clients of their flags', async () => {
    const isolated = ['--user-isolated', '--version', '1.5']
    const collection = await json('collection', 'create', '--name', 'Photos', ...isolated)
    assert.deepEqual(
      [collection.version, collection.members.userIsolated, collection.members.syncControl],
      ['1.5', true, false],
    )
    const connector = await json('connector', 'create', '--name', 'erp', '--type', 'REST')
    assert.equal(connector.members.connectorType, 'REST')
    const client = await json('client', 'create', '--name', 'App', '--app-id', 'com.example.app')
    assert.deepEqual([client.members.appId, client.members.platform], ['com.example.app', 'WEB'])
    const published = await command('collection', 'publish', 'Photos', '--quiet')
    assert.deepEqual([published.code, published.out], [0, 'published\n'])
  })

  for (const [what, words, code, message] of [
    ['a definition with mistakes', ['api', 'create', 'BAD'], 1, /'title' is required/],
    ['a file that is not there', ['api', 'create', 'none.raml'], 1, /none.raml/],
    ['roles without a login', ['api', 'create', 'GOOD', '--roles', 'A'], 2, /--login/],
    [
      'a second of the same name',
      ['collection', 'create', '--name', 'Photos'],
      3,
      /exists already/,
    ],
    ['a collection without a name', ['collection', 'create'], 2, /--name NAME is missing/],
    ['an asset that is not there', ['connector', 'show', 'none'], 1, /homeport connector list/],
    ['a verb that there is not', ['implementation', 'create'], 2, /There is no command/],
  ] as const) {
    it(`refuse ${what}`, async () => {
      if (what === 'a second of the same name') await command(...words)
      const files: Record<string, string> = { BAD: file('bad.raml'), GOOD: file('orders.raml') }
      const reply = await command(...words.map((word) => files[word] ?? word))
      assert.equal(reply.code, code, reply.out + reply.err)
      assert.match(reply.err, message)
      assert.equal(reply.out, '')
    })
  }
})
