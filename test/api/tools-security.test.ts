import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { findToken } from '../../src/tools/team/token-store.ts'
import { type ReplyProblems, validateReplies } from '../support/validate-replies.ts'
import { openToolsApp, STORES, type ToolsApp } from './tools-app.ts'

for (const stores of STORES) {
  describe(`the keys and doors of backends on ${stores.name}`, () => {
    let tools: ToolsApp
    let problems: ReplyProblems
    let names = 0

    before(async () => {
      tools = await openToolsApp(stores)
      problems = validateReplies(tools.app)
    })
    after(async () => {
      await tools.close()
      problems.assertNoProblems()
    })

    const call = (method: string, path: string, payload?: object) =>
      tools.call(method, path, payload ? { payload } : {})
    const create = async () => {
      names += 1
      const made = (await call('POST', '/mobilebackends', { name: `Safe${names}` })).json()
      return { ...made, at: `/mobilebackends/${made.id}` }
    }
    const askToken = ({ clientId, clientSecret }: { clientId: string; clientSecret: string }) =>
      tools.app.inject({
        method: 'POST',
        url: '/oauth2/v1/token',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
        },
        payload: 'grant_type=client_credentials',
      })

    it('switches HTTP Basic of a draft', async () => {
      const { id, at } = await create()
      assert.deepEqual((await call('GET', `${at}/security/basic`)).json(), { basicAuth: true })
      const off = await call('PUT', `${at}/security/basic`, { basic: false })
      assert.deepEqual([off.statusCode, off.headers.etag], [204, '"2"'])
      assert.equal((await call('GET', at)).json().basicAuth, false)
      await call('PUT', `${at}/security/basic`, { basicAuth: true })
      assert.equal((await call('GET', at)).json().basicAuth, true)
      for (const body of [{}, { basic: 'no' }, { basic: null }]) {
        assert.equal((await call('PUT', `${at}/security/basic`, body)).statusCode, 400)
      }
      await call('POST', `${at}/publication`, {})
      const frozen = await call('PUT', `${at}/security/basic`, { basic: false })
      assert.equal(frozen.statusCode, 409)
      assert.equal((await call('GET', `/mobilebackends/${id}`)).json().basicAuth, true)
    })

    for (const [set, members] of [
      ['oauth', ['clientId', 'clientSecret']],
      ['basic', ['basicAuthBackendId', 'anonymousKey']],
    ] as const) {
      it(`shows, replaces and takes away the ${set} keys`, async () => {
        const { at, ...made } = await create()
        const path = `${at}/security/${set}/keys`
        const first = (await call('GET', path)).json()
        assert.deepEqual(Object.keys(first), members)
        assert.equal(first[members[0]], made[members[0]])
        await call('POST', `${at}/publication`, {})
        // A published backend is frozen, but a key that leaked must be replaceable.
        const reply = await call('POST', path)
        assert.deepEqual([reply.statusCode, reply.headers.etag], [200, '"3"'])
        const second = reply.json()
        for (const member of members) assert.notEqual(second[member], first[member])
        assert.deepEqual((await call('GET', path)).json(), second)
        assert.equal((await call('GET', at)).json()[members[0]], second[members[0]])

        assert.equal((await call('DELETE', path)).statusCode, 204)
        assert.equal((await call('GET', path)).json()['o:errorCode'], 'MOBILE-10117')
        assert.equal((await call('DELETE', path)).statusCode, 404)
        const bare = (await call('GET', at)).json()
        assert.equal(bare[members[0]], null)
        assert.equal(bare.etag, '4')
        assert.equal((await call('POST', path)).statusCode, 200)
        const { items } = (await call('GET', `${at}/history?limit=3`)).json()
        assert.deepEqual(
          items.map((one: { action: string }) => one.action),
          ['KEYS_REFRESHED', 'KEYS_REVOKED', 'KEYS_REFRESHED'],
        )
        for (const one of items) {
          assert.doesNotMatch(JSON.stringify(one), new RegExp(second[members[1]]))
        }
      })
    }

    it('gives the anonymous key in the form of HTTP Basic', async () => {
      const { at } = await create()
      const { anonymousKey } = (await call('POST', `${at}/security/basic/keys`)).json()
      assert.match(Buffer.from(anonymousKey, 'base64').toString(), /^[^:]+:.+$/)
    })

    it('ends with the old OAuth keys the tokens that they got', async () => {
      const { at } = await create()
      const old = (await call('GET', `${at}/security/oauth/keys`)).json()
      const token = (await askToken(old)).json().access_token
      assert.equal((await findToken(tools.tools, token))?.kind, 'backend')
      const fresh = (await call('POST', `${at}/security/oauth/keys`)).json()
      assert.equal(await findToken(tools.tools, token), null)
      assert.equal((await askToken(old)).statusCode, 401)
      assert.equal((await askToken(fresh)).statusCode, 200)
    })

    it('refuses to change keys by a stale tag, or in the trash', async () => {
      const { id, at, clientId } = await create()
      const headers = { 'if-match': '"9"' }
      const stale = await tools.call('POST', `${at}/security/oauth/keys`, { headers })
      assert.equal(stale.statusCode, 412)
      await call('POST', '/assets/trashing', { dependencies: [{ asset: { id } }] })
      assert.equal((await call('POST', `${at}/security/oauth/keys`)).statusCode, 409)
      assert.equal((await call('GET', at)).json().clientId, clientId)
    })

    it('switches the identity provider of a draft, once it has a credential', async () => {
      const { at, identityProviders } = await create()
      const path = `${at}/security/identityproviders`
      assert.deepEqual((await call('GET', path)).json(), identityProviders)
      const [{ id }] = identityProviders
      const bare = await call('PUT', `${path}/${id}`, { enabled: true })
      assert.equal(bare.statusCode, 400)
      const credential = { key: 'fb-prod', secret: 'not kept' }
      const on = await call('PUT', `${path}/${id}`, { enabled: true, credential })
      assert.deepEqual([on.statusCode, on.headers.etag], [204, '"2"'])
      assert.deepEqual((await call('GET', path)).json(), [
        { id, name: 'facebook', enabled: true, credential: { key: 'fb-prod' } },
      ])
      assert.equal((await call('PUT', `${path}/${id}`, { credential: null })).statusCode, 400)
      for (const body of [{ enabled: 1 }, { credential: 'x' }, { credential: {} }]) {
        assert.equal((await call('PUT', `${path}/${id}`, body)).statusCode, 400)
      }
      const unknown = await call('PUT', `${path}/0123`, { enabled: false })
      assert.equal(unknown.json()['o:errorCode'], 'MOBILE-10118')
      await call('POST', `${at}/publication`, {})
      assert.equal((await call('PUT', `${path}/${id}`, { enabled: false })).statusCode, 409)
    })
  })
}
