import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { createMember, listMembers } from '../../src/tools/team/members.ts'
import { issueSetupToken } from '../../src/tools/team/setup.ts'
import { NOW, openToolsApp, STORES, type ToolsApp } from './tools-app.ts'

const PASSWORD = 'correct horse'

for (const stores of STORES) {
  describe(`the link for the first administrator on ${stores.name}`, () => {
    const open = async (t: TestContext) => {
      const tools = await openToolsApp(stores)
      t.after(() => tools.close())
      return { tools, token: await issueSetupToken(tools.tools.store, NOW) }
    }
    const show = (tools: ToolsApp, token: string) =>
      tools.app.inject({ method: 'GET', url: `/setup?token=${encodeURIComponent(token)}` })
    const send = (tools: ToolsApp, form: Readonly<Record<string, string>>) =>
      tools.app.inject({
        method: 'POST',
        url: '/setup',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        payload: new URLSearchParams({ login: 'ada', password: PASSWORD, ...form }).toString(),
      })

    it('shows a form that brings everything along, and runs no scripts', async (t) => {
      const { tools, token } = await open(t)
      const reply = await show(tools, token)
      assert.equal(reply.statusCode, 200)
      assert.match(String(reply.headers['content-type']), /^text\/html/)
      assert.match(String(reply.headers['content-security-policy']), /default-src 'none'/)
      assert.equal(reply.headers['referrer-policy'], 'no-referrer')
      assert.equal(reply.headers['cache-control'], 'no-store')
      assert.ok(reply.payload.includes(`value="${token}"`))
      assert.equal(/<script|src=|<link/.test(reply.payload), false)
    })

    it('makes the administrator, who can log in, and is used up', async (t) => {
      const { tools, token } = await open(t)
      const reply = await send(tools, { token, login: ' ada ' })
      assert.equal(reply.statusCode, 201)
      assert.match(reply.payload, /ada is an administrator now/)
      const members = await listMembers(tools.tools)
      assert.deepEqual(
        members.map(({ login, roles }) => [login, roles]),
        [['ada', ['Administrator']]],
      )
      assert.equal((await send(tools, { token, login: 'bob' })).statusCode, 409)
      assert.equal((await show(tools, token)).statusCode, 409)
    })

    it('lets one of two through who use it at once', async (t) => {
      const { tools, token } = await open(t)
      const replies = await Promise.all(
        ['ada', 'bob'].map((login) => send(tools, { token, login })),
      )
      const codes = replies.map((reply) => reply.statusCode).sort()
      assert.equal(codes[0], 201)
      assert.ok(codes[1] === 403 || codes[1] === 409)
      assert.equal((await listMembers(tools.tools)).length, 1)
    })

    it('takes JSON too', async (t) => {
      const { tools, token } = await open(t)
      const payload = { token, login: 'ada', password: PASSWORD }
      const reply = await tools.app.inject({ method: 'POST', url: '/setup', payload })
      assert.equal(reply.statusCode, 201)
      assert.deepEqual(reply.json(), { login: 'ada', roles: ['Administrator'] })
      const again = await tools.app.inject({ method: 'POST', url: '/setup', payload })
      assert.deepEqual([again.statusCode, again.json()['o:errorCode']], [409, 'MOBILE-10110'])
    })

    it('shows the form again, with the reason, when the password is short', async (t) => {
      const { tools, token } = await open(t)
      const reply = await send(tools, { token, password: 'short', login: 'a"d' })
      assert.equal(reply.statusCode, 400)
      assert.match(reply.payload, /must have 8 to 1024 characters/)
      assert.ok(reply.payload.includes('value="a&quot;d"'))
      assert.equal((await send(tools, { token })).statusCode, 201)
    })

    it('ends after half an hour', async (t) => {
      const { tools, token } = await open(t)
      tools.clock.now = NOW + 30 * 60_000
      assert.equal((await show(tools, token)).statusCode, 403)
      assert.equal((await send(tools, { token })).statusCode, 403)
      assert.deepEqual(await listMembers(tools.tools), [])
    })

    it('ends with the next link', async (t) => {
      const { tools, token } = await open(t)
      const next = await issueSetupToken(tools.tools.store, NOW)
      assert.equal((await send(tools, { token })).statusCode, 403)
      assert.equal((await send(tools, { token: next })).statusCode, 201)
    })

    it('refuses wrong tokens and none', async (t) => {
      const { tools } = await open(t)
      for (const token of ['', 'x', '"><script>']) {
        const reply = await show(tools, token)
        assert.equal(reply.statusCode, 403)
        assert.equal(reply.payload.includes('<script>'), false)
      }
      assert.equal((await tools.app.inject({ method: 'GET', url: '/setup' })).statusCode, 403)
    })

    it('refuses when there is an administrator already', async (t) => {
      const { tools, token } = await open(t)
      const member = { login: 'ann', password: PASSWORD, roles: ['Administrator'] as const }
      await createMember(tools.tools, member, 'system')
      assert.equal((await send(tools, { token })).statusCode, 409)
      assert.equal((await show(tools, token)).statusCode, 409)
    })
  })
}
