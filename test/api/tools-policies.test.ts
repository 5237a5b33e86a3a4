import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { valueFor } from '../../src/tools/policies/policy.ts'
import { ensureTeamClient } from '../../src/tools/team/team-client.ts'
import { createToken } from '../../src/tools/team/tokens.ts'
import { type ReplyProblems, validateReplies } from '../support/validate-replies.ts'
import { NOW, openToolsApp, STORES, type ToolsApp } from './tools-app.ts'

const ROUTING = '*.custom/workorders(1.2).Routing_BindApiToImpl'

const REFUSED: readonly (readonly [string, object, RegExp])[] = [
  ['no name', { value: 'x' }, /'name' is required/],
  ['no value', { name: '*.*.A' }, /'value' is required/],
  ['a value that is a number', { name: '*.*.A', value: 5 }, /'value' is required, as text/],
  ['a name without its scope', { name: 'Asset_AllowTrash', value: 'All' }, /is not the name/],
  ['a name with a NUL', { name: '*.*.A\0', value: 'All' }, /is not the name/],
  ['a name of 507 characters', { name: `*.*.${'A'.repeat(503)}`, value: 'x' }, /at most 506/],
  ['a value of 4001 characters', { name: '*.*.A', value: 'x'.repeat(4001) }, /at most 4000/],
  ['half a surrogate pair', { name: '*.*.A', value: '\ud800' }, /cannot be stored/],
  ['a value nobody knows', { name: '*.*.Asset_AllowPurge', value: 'Some' }, /must be one of All/],
  ['a bad version', { name: '*.*.Asset_DefaultInitialVersion', value: '.' }, /must be a letter/],
]

for (const stores of STORES) {
  describe(`policies on ${stores.name}`, () => {
    let tools: ToolsApp
    let problems: ReplyProblems
    let root = {}

    before(async () => {
      tools = await openToolsApp(stores)
      problems = validateReplies(tools.app)
      const admin = { role: 'Administrator', name: 'root', ttlMs: null } as const
      root = { authorization: `Bearer ${await createToken(tools.tools, admin)}` }
    })
    after(async () => {
      await tools.close()
      problems.assertNoProblems()
    })

    const set = (name: string, value: string) =>
      tools.call('PUT', '/policies', { payload: { name, value }, headers: root })
    const get = (name: string) => tools.call('GET', `/policies/${encodeURIComponent(name)}`)
    const remove = (name: string, headers = root) =>
      tools.call('DELETE', `/policies/${encodeURIComponent(name)}`, { headers })
    const exported = async () => (await tools.call('GET', '/policies/export?format=json')).json()
    const importFile = async (
      text: string | null,
      fields: Record<string, string> = {},
      as = root,
    ) => {
      const form = new FormData()
      if (text !== null) form.append('file', new Blob([text]), 'policies.properties')
      for (const [name, value] of Object.entries(fields)) form.append(name, value)
      const request = new Request('http://localhost/', { method: 'POST', body: form })
      const type = request.headers.get('content-type') ?? ''
      const payload = await request.text()
      const headers = { ...as, 'content-type': type }
      return tools.call('POST', '/policies/import', { payload, headers })
    }

    it('sets a policy, shows it, sets it anew and removes it', async () => {
      assert.equal((await get(ROUTING)).json()['o:errorCode'], 'MOBILE-10119')
      assert.equal((await set(ROUTING, 'orders(1.0)')).statusCode, 204)
      assert.deepEqual((await get(ROUTING)).json(), { [ROUTING]: 'orders(1.0)' })
      assert.equal((await set(ROUTING, 'orders(1.1)')).statusCode, 204)
      assert.deepEqual((await get(ROUTING)).json(), { [ROUTING]: 'orders(1.1)' })
      assert.equal((await remove(ROUTING)).statusCode, 204)
      assert.equal((await get(ROUTING)).statusCode, 404)
      assert.equal((await remove(ROUTING)).statusCode, 404)
    })

    it('takes names of 506 characters', async () => {
      const name = `*.*.${'A'.repeat(502)}`
      assert.equal((await set(name, 'x')).statusCode, 204)
      assert.deepEqual((await get(name)).json(), { [name]: 'x' })
      assert.equal((await remove(name)).statusCode, 204)
    })

    for (const [what, payload, reason] of REFUSED) {
      it(`refuses ${what}`, async () => {
        const reply = await tools.call('PUT', '/policies', { payload, headers: root })
        assert.equal(reply.statusCode, 400)
        assert.match(reply.json().detail, reason)
      })
    }

    it('lets administrators alone change policies', async () => {
      const name = '*.*.Asset_AllowPurge'
      const payload = { name, value: 'None' }
      assert.equal((await tools.call('PUT', '/policies', { payload })).statusCode, 403)
      assert.equal((await remove(name, {})).statusCode, 403)
      assert.equal((await importFile(`${name}=None`, {}, {})).statusCode, 403)
      assert.equal((await get(name)).statusCode, 404)
    })

    it('goes by the narrowest name that fits', async () => {
      const scope = {
        backend: { name: 'Shop', version: '1.0' },
        artifact: { name: 'custom/a', version: '2.0' },
      }
      const value = () => valueFor(tools.tools, 'Colour', scope)
      assert.equal(await value(), null)
      for (const name of [
        '*.*.Colour',
        '*.custom/a(2.0).Colour',
        'Shop.*.Colour',
        'Shop(1.0).*.Colour',
        'Shop(1.0).custom/a(2.0).Colour',
      ]) {
        await set(name, name)
        assert.equal(await value(), name)
      }
      await set('Shop(1.1).*.Colour', 'other version')
      assert.equal(await value(), 'Shop(1.0).custom/a(2.0).Colour')
    })

    it('gives new assets the version that a policy says', async () => {
      await set('*.*.Asset_DefaultInitialVersion', '0.9')
      const create = (payload: object) => tools.call('POST', '/mobilebackends', { payload })
      assert.equal((await create({ name: 'Early' })).json().version, '0.9')
      assert.equal((await create({ name: 'Early', version: '1.0' })).json().version, '1.0')
      await remove('*.*.Asset_DefaultInitialVersion')
      assert.equal((await create({ name: 'Late' })).json().version, '1.0')
    })

    it('exports and imports in both forms', async () => {
      const value = 'a=b\\c\nd'
      await set('*.*.Odd', value)
      const text = await tools.call('GET', '/policies/export', {
        headers: { accept: 'text/plain' },
      })
      assert.match(String(text.headers['content-type']), /^text\/plain/)
      assert.match(text.body, /^\*\.\*\.Odd=a=b\\\\c\\nd$/m)
      const before = await exported()
      assert.equal(before.policies['*.*.Odd'], value)
      assert.deepEqual([before.systemPolicies, before.hiddenPolicies], [{}, {}])
      for (const file of [`# all\n${text.body}`, JSON.stringify(before)]) {
        await remove('*.*.Odd')
        const reply = await importFile(file, { desc: 'again' })
        assert.deepEqual(
          [reply.statusCode, reply.json()],
          [200, { valid: true, validationResults: [] }],
        )
        assert.deepEqual(await exported(), before)
      }
    })

    it('overwrites unless told not to, and purges only if told to', async () => {
      await set('*.*.One', '1')
      await set('*.*.Two', '2')
      await importFile('*.*.One=new\n*.*.Three=3', { overwrite: 'false' })
      const first = (await exported()).policies
      assert.deepEqual([first['*.*.One'], first['*.*.Two'], first['*.*.Three']], ['1', '2', '3'])
      await importFile('*.*.One=new', { purge: 'true' })
      assert.deepEqual((await exported()).policies, { '*.*.One': 'new' })
    })

    it('imports nothing of a file with a mistake, and says which', async () => {
      const before = await exported()
      for (const file of [
        '*.*.Ok=1\nnonsense',
        '*.*.Ok=1\nBad=2',
        '{"policies":{"*.*.Ok":1}}',
        '{',
      ]) {
        const reply = await importFile(file)
        assert.equal(reply.statusCode, 200)
        assert.equal(reply.json().valid, false)
        assert.equal(reply.json().validationResults.length, 1)
      }
      assert.deepEqual(await exported(), before)
    })

    it('refuses an import without a file, and options in other words', async () => {
      assert.equal((await importFile(null)).statusCode, 400)
      assert.equal((await importFile('*.*.A=1', { purge: 'yes' })).statusCode, 400)
      const reply = await tools.call('POST', '/policies/import', { payload: {}, headers: root })
      assert.equal(reply.statusCode, 400)
      const cut = { ...root, 'content-type': 'multipart/form-data; boundary=x' }
      const broken = await tools.call('POST', '/policies/import', { payload: '--x', headers: cut })
      assert.equal(broken.statusCode, 400)
      assert.equal((await tools.call('GET', '/policies/export?format=xml')).statusCode, 400)
    })

    it('tells of the installation where its tokens are to be had', async () => {
      const { id } = await ensureTeamClient(tools.tools.store, NOW)
      const reply = await tools.call('GET', '/environment', { headers: { host: 'hub.test:81' } })
      assert.deepEqual(reply.json(), {
        baseUri: 'http://hub.test:81',
        displayName: 'Homeport',
        envId: id,
        oauthServer: 'http://hub.test:81/oauth2/v1/token',
        serviceName: 'homeport',
      })
    })
  })
}
