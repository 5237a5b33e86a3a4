import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { before, it } from 'node:test'
import { createToken } from '../../src/tools/team/tokens.ts'
import { archiveOf, formWith, ORDERS_LINES } from '../support/api-files.ts'
import { CustomApp } from '../support/custom-app.ts'
import { codeOf } from '../support/platform-app.ts'
import { onEachDatabase } from '../support/test-app.ts'

onEachDatabase(
  'a backend with an API and a collection, from their making to their purge',
  (app) => {
    let custom: CustomApp
    let developer: string

    before(async () => {
      custom = await CustomApp.open(app())
      const { tools } = app().context
      developer = `Bearer ${await createToken(tools, { role: 'Developer', name: 'dev' })}`
    })

    const call = (method: string, path: string, payload?: object, headers = {}) =>
      custom.platform.team(method, path, payload, { authorization: developer, ...headers })
    const statusOf = async (method: string, path: string, payload?: object) =>
      (await call(method, path, payload)).statusCode
    const make = async (path: string, payload: object) => {
      const reply = await call('POST', path, payload)
      assert.equal(reply.statusCode, 201, reply.body)
      assert.equal(reply.headers.etag, '"1"')
      return reply.json()
    }
    const mentions = (...ids: string[]) => ({ dependencies: ids.map((id) => ({ asset: { id } })) })

    it('goes through every step', async () => {
      const { id: backendId } = await make('/mobilebackends', { name: 'WalkApis' })
      const backend = await custom.platform.keys(backendId)
      const collection = await make('/collections', { name: 'WalkPhotos' })
      const api = await make('/apis', { name: 'walkorders', apiDefn: ORDERS_LINES })

      const { payload, headers } = await formWith(await archiveOf({ name: 'walkprogram' }))
      const url = `/apis/${api.id}/implementations`
      const uploaded = await call('POST', url, payload, headers)
      assert.equal(uploaded.statusCode, 201, uploaded.body)
      const { implementationId, artifactId } = uploaded.json()
      const chosen = await call('PUT', `${url}/default/${implementationId}`)
      assert.deepEqual([chosen.statusCode, chosen.headers.etag], [204, '"2"'])
      assert.equal(
        (await call('PUT', `${url}/default/${api.defaultImplementationId}`)).statusCode,
        204,
      )

      const at = `/mobilebackends/${backendId}`
      const first = await call('PUT', `${at}/apis/${api.id}`)
      assert.equal(first.headers.etag, '"2,4"')
      const second = await call('PUT', `${at}/collections/${collection.id}`)
      assert.equal(second.headers.etag, '"3,2"')

      // Through the draft: the key of nobody in particular, and a token of the same.
      const ask = async (authorization?: string) => {
        const sent = authorization === undefined ? {} : { authorization }
        return custom.call(backend, 'GET', 'walkorders/orders?state=open', sent)
      }
      assert.equal((await ask()).body, '[{"id":1},{"id":2}]')
      assert.equal((await ask(await custom.platform.token(backend, null))).statusCode, 200)

      const { dependencies, publishable } = (await call('GET', `${at}/publication`)).json()
      assert.deepEqual(
        [dependencies.apis, dependencies.collections, dependencies.implementations].map(
          ([one]) => one.id,
        ),
        [api.id, collection.id, api.defaultImplementationId],
      )
      assert.equal(publishable, false)
      const alone = await call('POST', `${at}/publication`, {})
      assert.equal(alone.statusCode, 409)
      assert.match(alone.json().detail, /StorageCollection WalkPhotos 1.0, API walkorders 1.0/)
      const drafts = [api.id, collection.id, api.defaultImplementationId].map((id) => ({ id }))
      assert.equal(await statusOf('POST', `${at}/publication`, { dependencies: drafts }), 204)
      for (const path of [at, `/apis/${api.id}`, `/collections/${collection.id}`]) {
        assert.equal((await call('GET', path)).json().published, true, path)
      }
      assert.equal(
        (await call('GET', `/implementations/${implementationId}`)).json().published,
        false,
      )
      assert.equal((await ask()).statusCode, 200)

      const question = { ids: [collection.id, api.id] }
      const answers = (await call('POST', '/assets/trashDependencies', question)).json()
      for (const { asset, reverseDependencies } of answers.slice(0, 2)) {
        assert.match(asset.error.detail, /used by WalkApis/)
        assert.equal(reverseDependencies[0].id, backendId)
      }
      const some = mentions(collection.id, api.id)
      assert.equal(await statusOf('POST', '/assets/trashing', some), 409)
      const all = mentions(backendId, collection.id, api.id)
      assert.equal(await statusOf('POST', '/assets/trashing', all), 204)
      assert.equal((await ask()).statusCode, 401)
      const recent = '/assets?fromTime=-1m&filterType=TRASH'
      const { items } = (await call('GET', recent)).json()
      const found = new Set(items.map((one: { id: string }) => one.id))
      for (const id of [backendId, collection.id, api.id, implementationId])
        assert.ok(found.has(id))

      assert.equal(await statusOf('POST', '/assets/untrashing', all), 204)
      assert.equal((await ask()).statusCode, 200)
      await call('POST', '/assets/trashing', all)
      assert.deepEqual(codeOf(await call('POST', '/assets/purging', all))[0], 403)
      const files = join(app().context.config.files.directory, implementationId, 'artifacts')
      assert.deepEqual(await readdir(files), [artifactId])

      await custom.platform.done('POST', '/assets/purging', all)
      await app().settle()
      const ids = [api.id, implementationId, api.defaultImplementationId]
      for (const path of ids.flatMap((id) => [`/apis/${id}`, `/implementations/${id}`])) {
        assert.equal(await statusOf('GET', path), 404, path)
      }
      assert.equal(await statusOf('GET', `/artifacts/${artifactId}`), 404)
      await assert.rejects(readdir(files), { code: 'ENOENT' })
      const { store } = app().context
      for (const type of ['customApiContent', 'artifact', 'apiImplementation', 'customApi']) {
        const { count } = await store.count({ backendId: 'homeport', type })
        assert.equal(count, 0, type)
      }
      const policy = '/policies/*.custom%2Fwalkorders(1.0).Routing_BindApiToImpl'
      assert.equal(await statusOf('GET', policy), 404)
    })
  },
)
