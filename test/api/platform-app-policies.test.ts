import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { codeOf, type DoorKeys, PlatformApp } from '../support/platform-app.ts'
import { onEachDatabase } from '../support/test-app.ts'

onEachDatabase('app policies', (app) => {
  let platform: PlatformApp
  before(async () => {
    platform = await PlatformApp.open(app())
  })
  const at = ({ id }: DoorKeys, name = '') =>
    `/mobilebackends/${id}/appPolicies${name && `/${name}`}`
  const seen = async (backend: DoorKeys, as: string | null = null) =>
    (await platform.call(backend, 'GET', '/appconfig/client', { as })).json()

  it('are none in the beginning', async () => {
    const backend = await platform.backend()
    const reply = await platform.call(backend, 'GET', '/appconfig/client')
    assert.deepEqual([reply.statusCode, reply.json()], [200, {}])
    assert.match(String(reply.headers['content-type']), /^application\/json/)
  })

  it('are what the team sets, at once and for everyone', async () => {
    const backend = await platform.backend()
    await app().user('ann', backend)
    const policies = { maxPhotos: 6, theme: 'dark', beta: false, 'a.b-c_d': 1.5, empty: '' }
    const set = await platform.done('PUT', at(backend), policies)
    assert.deepEqual([set.statusCode, set.headers.etag], [204, '"2"'])
    assert.deepEqual(await seen(backend), policies)
    assert.deepEqual(await seen(backend, 'ann'), policies)
    const shown = await platform.done('GET', at(backend))
    assert.deepEqual([shown.json(), shown.headers.etag], [policies, '"2"'])
    await platform.done('PUT', at(backend), { theme: 'light' })
    assert.deepEqual(await seen(backend), { theme: 'light' })
  })

  it('can be set and taken away one by one', async () => {
    const backend = await platform.backend()
    await platform.done('PUT', at(backend, 'theme'), { value: 'dark' })
    await platform.done('PUT', at(backend, 'constructor'), { value: true })
    await platform.done('PUT', at(backend, 'theme'), { value: 7 })
    assert.deepEqual(await seen(backend), { theme: 7, constructor: true })
    assert.deepEqual((await platform.done('GET', at(backend, 'theme'))).json(), { theme: 7 })
    await platform.done('DELETE', at(backend, 'theme'))
    assert.deepEqual(await seen(backend), { constructor: true })
    for (const [verb, payload] of [
      ['GET', undefined],
      ['DELETE', undefined],
    ] as const) {
      const reply = await platform.team(verb, at(backend, 'theme'), payload)
      assert.deepEqual(codeOf(reply), [404, 'MOBILE-10208'])
    }
    await platform.done('DELETE', at(backend))
    assert.deepEqual(await seen(backend), {})
  })

  it('can be changed while the backend is published, and not in the trash', async () => {
    const backend = await platform.backend()
    await platform.publish(backend)
    await platform.done('PUT', at(backend, 'theme'), { value: 'dark' })
    assert.deepEqual(await seen(backend), { theme: 'dark' })
    const one = { dependencies: [{ asset: { id: backend.id } }] }
    await platform.done('POST', '/assets/trashing', one)
    const reply = await platform.team('PUT', at(backend, 'theme'), { value: 'light' })
    assert.deepEqual(codeOf(reply), [409, 'MOBILE-10105'])
    assert.deepEqual((await platform.done('GET', at(backend))).json(), { theme: 'dark' })
  })

  it('are in the history of the backend, and go with it to a new version', async () => {
    const backend = await platform.backend()
    await platform.done('PUT', at(backend), { theme: 'dark' })
    const history = await platform.done('GET', `/mobilebackends/${backend.id}/history`)
    const [last] = history.json().items
    assert.deepEqual([last.action, last.changed], ['UPDATED', ['appPolicies']])
    const next = { version: '1.1' }
    const copy = await platform.done('POST', `/mobilebackends/${backend.id}/versions`, next)
    const version = await platform.keys(copy.json().id)
    await platform.done('PUT', at(backend), { theme: 'light' })
    assert.deepEqual(await seen(version), { theme: 'dark' })
  })

  it('of many changes at once are all there', async () => {
    const backend = await platform.backend()
    const names = Array.from({ length: 10 }, (_, n) => `p${n}`)
    await Promise.all(
      names.map((name, value) => platform.done('PUT', at(backend, name), { value })),
    )
    assert.deepEqual(await seen(backend), Object.fromEntries(names.map((name, n) => [name, n])))
  })

  it('are not changed from another state than is meant', async () => {
    const backend = await platform.backend()
    const stale = await platform.team('PUT', at(backend), { a: 1 }, { 'if-match': '"9"' })
    assert.equal(stale.statusCode, 412)
    assert.deepEqual(await seen(backend), {})
    const good = await platform.team('PUT', at(backend), { a: 1 }, { 'if-match': '"1"' })
    assert.equal(good.statusCode, 204)
  })

  describe('are refused', () => {
    const many = Object.fromEntries(Array.from({ length: 201 }, (_, n) => [`p${n}`, n]))
    for (const [what, name, payload] of [
      ['that are no object', '', ['dark']],
      ['with an object for a value', '', { theme: { name: 'dark' } }],
      ['with a list for a value', '', { theme: ['dark'] }],
      ['with null for a value', '', { theme: null }],
      ['with a very long value', '', { theme: 'x'.repeat(4001) }],
      ['with a NUL in a value', '', { theme: 'a\0b' }],
      ['with a name that is none', '', { '1st': 1 }],
      ['with a name of many words', '', { 'a b': 1 }],
      ['with a very long name', '', { [`p${'x'.repeat(100)}`]: 1 }],
      ['that are too many', '', many],
      ['without a value', 'theme', {}],
      ['with null as the value', 'theme', { value: null }],
      ['by a name that is none', '1st', { value: 1 }],
    ] as const) {
      it(what, async () => {
        const backend = await platform.backend()
        const reply = await platform.team('PUT', at(backend, name), payload)
        assert.equal(reply.statusCode, 400, reply.body)
        assert.deepEqual(await seen(backend), {})
      })
    }

    it('of a backend that there is not', async () => {
      const unknown = '00000000-0000-4000-8000-000000000000'
      for (const verb of ['GET', 'PUT', 'DELETE']) {
        const payload = verb === 'PUT' ? { a: 1 } : undefined
        const path = `/mobilebackends/${unknown}/appPolicies`
        assert.equal((await platform.team(verb, path, payload)).statusCode, 404)
      }
    })
  })
})
