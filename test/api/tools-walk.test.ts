import assert from 'node:assert/strict'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'
import { OPERATIONS } from '../../src/manage/operations.ts'
import { BACKENDS } from '../../src/tools/backends/type.ts'
import { createToken } from '../../src/tools/team/tokens.ts'
import { onEachDatabase, type TestApp } from '../support/test-app.ts'

const BASE = '/mobile/tools/1.0'

/** A caller of the tools API with a token of its own. */
async function teamOf(app: TestApp, role: 'Developer' | 'Administrator') {
  const token = await createToken(app.context.tools, { role, name: role.toLowerCase() })
  return (method: string, path: string, payload?: object, headers: object = {}) =>
    app.app.inject({
      method: method as 'GET',
      url: `${BASE}${path}`,
      headers: { authorization: `Bearer ${token}`, ...headers },
      ...(payload && { payload }),
    })
}

onEachDatabase('a backend from its making to its purge', (app) => {
  it('is seen by the data API at every step', async () => {
    const developer = await teamOf(app(), 'Developer')
    const administrator = await teamOf(app(), 'Administrator')
    const environment = await developer('GET', '/environment')
    assert.match(environment.json().oauthServer, /\/oauth2\/v1\/token$/)

    const made = (await developer('POST', '/mobilebackends', { name: 'Walk' })).json()
    const at = `/mobilebackends/${made.id}`
    const backend = (key = made.clientId) => ({ id: made.id, key, secret: made.clientSecret })
    const callBy = async (key?: string) => {
      const answer = await app().call('GET', 'places/query', {}, null, backend(key))
      return answer.status
    }
    // A draft answers calls, so that developers can try it.
    assert.equal(await callBy(), 200)
    const user = await app().user('walker', backend())
    const place = { name: 'Here', latitude: 1, longitude: 2 }
    const created = await app().call('POST', 'places/create', place, user, backend())
    assert.equal(created.status, 200)

    const renamed = { name: 'Walk', desc: 'changed' }
    const stale = await developer('PUT', at, renamed, { 'if-match': '"9"' })
    assert.equal(stale.statusCode, 412)
    assert.equal((await developer('PUT', at, renamed, { 'if-match': '"1"' })).statusCode, 204)
    assert.equal((await developer('GET', `${at}/publication`)).json().publishable, true)
    assert.equal((await developer('POST', `${at}/publication`, {})).statusCode, 204)
    assert.equal((await developer('PUT', at, renamed)).statusCode, 409)

    const next = await developer('POST', `${at}/versions`, { version: '1.1' })
    assert.equal(next.statusCode, 201)
    const copy = { id: next.json().id, key: next.json().clientId, secret: '' }
    const empty = await app().call('GET', 'places/query', {}, null, copy)
    assert.deepEqual(empty.body.response.places, [])

    await developer('PUT', at, { ...renamed, inactive: true })
    assert.equal(await callBy(), 404)
    await developer('PUT', at, { ...renamed, inactive: false })
    assert.equal(await callBy(), 200)

    const { clientId } = (await developer('POST', `${at}/security/oauth/keys`)).json()
    assert.equal(await callBy(made.clientId), 400)
    assert.equal(await callBy(clientId), 200)

    const mention = { dependencies: [{ asset: { id: made.id } }] }
    assert.equal((await developer('POST', '/assets/trashing', mention)).statusCode, 204)
    assert.equal(await callBy(clientId), 400)
    assert.equal((await developer('POST', '/assets/untrashing', mention)).statusCode, 204)
    assert.equal(await callBy(clientId), 200)

    const files = join(app().context.config.files.directory, made.id)
    await mkdir(files, { recursive: true })
    await writeFile(join(files, 'left.txt'), 'x')
    await developer('POST', '/assets/trashing', mention)
    assert.equal((await developer('POST', '/assets/purging', mention)).statusCode, 403)
    assert.equal((await administrator('POST', '/assets/purging', mention)).statusCode, 204)
    await app().settle()
    assert.equal((await developer('GET', at)).statusCode, 404)
    const purges = (await developer('GET', '/assets/purging')).json()
    assert.deepEqual([purges.items[0].id, purges.items[0].state], [made.id, 'DONE'])
    const { store } = app().context
    const left = await Promise.all(
      ['user', 'place'].map((type) => store.count({ backendId: made.id, type })),
    )
    assert.deepEqual(
      left.map(({ count }) => count),
      [0, 0],
    )
    await assert.rejects(readdir(files), { code: 'ENOENT' })
    assert.equal(await callBy(clientId), 400)
  })

  it('goes the same way by commands', async () => {
    const { context } = app()
    const { tools } = context
    const run = OPERATIONS
    const made = await run['backend.create'].run(context, { name: 'Cli', version: undefined })
    const one = { backend: made.id, comment: 'by hand' }
    assert.equal((await run['backend.deactivate'].run(context, one)).state, 'inactive')
    assert.equal((await run['backend.activate'].run(context, one)).state, 'draft')
    assert.equal((await run['backend.publish'].run(context, one)).state, 'published')
    await assert.rejects(run['backend.publish'].run(context, one), { code: 'asset_frozen' })
    const copy = await run['backend.version'].run(context, { ...one, version: '2.0' })
    assert.deepEqual([copy.version, copy.state], ['2.0', 'draft'])

    const keys = { backend: made.id, refresh: undefined, revoke: undefined }
    assert.equal((await run['backend.keys'].run(context, keys)).clientId, made.clientId)
    const fresh = await run['backend.keys'].run(context, { ...keys, refresh: 'oauth' })
    assert.notEqual(fresh.clientId, made.clientId)
    const none = await run['backend.keys'].run(context, { ...keys, revoke: 'basic' })
    assert.deepEqual([none.basicAuthBackendId, none.anonymousKey], [null, null])
    for (const bad of [{ refresh: 'all' }, { refresh: 'oauth', revoke: 'basic' }]) {
      const input = { ...keys, ...bad }
      await assert.rejects(run['backend.keys'].run(context, input), { code: 'param_invalid' })
    }

    assert.equal((await run['backend.trash'].run(context, one)).state, 'trash')
    assert.equal((await run['backend.restore'].run(context, one)).state, 'published')
    const id = made.id
    await assert.rejects(run['backend.purge'].run(context, { id }), { code: 'asset_blocked' })
    await run['backend.trash'].run(context, one)
    assert.equal((await run['backend.purge'].run(context, { id })).purging, true)
    assert.equal(
      (await tools.lists.of(BACKENDS).current()).entries.some(({ asset }) => asset.id === id),
      false,
    )

    const policy = { name: '*.*.Asset_AllowTrash', value: 'None' }
    await run['policy.set'].run(context, policy)
    assert.deepEqual(await run['policy.get'].run(context, policy), policy)
    assert.deepEqual((await run['policy.list'].run(context, {})).policies, [policy])
    const blocked = run['backend.trash'].run(context, { backend: copy.id, comment: undefined })
    await assert.rejects(blocked, { code: 'asset_blocked' })
    await run['policy.delete'].run(context, policy)
    await assert.rejects(run['policy.get'].run(context, policy), { code: 'policy_unknown' })
  })
})
