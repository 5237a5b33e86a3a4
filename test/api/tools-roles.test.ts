import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type ReplyProblems, validateReplies } from '../support/validate-replies.ts'
import { openToolsApp, STORES, type ToolsApp } from './tools-app.ts'

const UNKNOWN = '57165555-aa10-4838-938a-354c2b3a287a'

for (const stores of STORES) {
  describe(`roles of mobile users on ${stores.name}`, () => {
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

    const call = (method: string, path: string, payload?: object, headers = {}) =>
      tools.call(method, path, { headers, ...(payload && { payload }) })
    const newName = () => {
      names += 1
      return `Role-${names}`
    }
    const create = async (fields: object = {}) => {
      const reply = await call('POST', '/roles', { name: newName(), ...fields })
      assert.equal(reply.statusCode, 201, reply.body)
      return reply.json()
    }
    const read = async (id: string) => (await call('GET', `/roles/${id}`)).json()

    it('makes a role, shows and lists it', async () => {
      const made = await create({ desc: 'mends things' })
      assert.deepEqual([made.etag, made.desc, made.createdBy], ['1', 'mends things', 'jdoe'])
      assert.deepEqual(await read(made.id), made)
      await create()
      const page = (await call('GET', '/roles?limit=1&offset=0')).json()
      assert.deepEqual([page.count, page.hasMore, page.items[0].name < 'Role-2'], [1, true, true])
      const all = (await call('GET', '/roles')).json().items.map(nameOf)
      assert.deepEqual(all, [...all].sort())
      assert.ok(all.includes(made.name))
    })

    for (const [what, fields] of [
      ['no name', { name: null }],
      ['a name with a blank', { name: 'a b' }],
      ['a name with a comma', { name: 'a,b' }],
      ['a name of 101 characters', { name: 'a'.repeat(101) }],
      ['a description of 101 characters', { name: 'a', desc: 'd'.repeat(101) }],
    ] as const) {
      it(`refuses ${what}, and makes nothing`, async () => {
        const before = (await call('GET', '/roles')).json().totalResults
        assert.equal((await call('POST', '/roles', fields)).statusCode, 400)
        assert.equal((await call('GET', '/roles')).json().totalResults, before)
      })
    }

    it('has one of a name', async () => {
      const { name } = await create()
      const other = await create()
      assert.equal((await call('POST', '/roles', { name })).statusCode, 409)
      assert.equal((await call('PUT', `/roles/${other.id}`, { name })).statusCode, 409)
      assert.equal((await read(other.id)).name, other.name)
    })

    it('is changed and removed by its present tag only', async () => {
      const { id } = await create()
      const name = newName()
      const stale = { 'if-match': '"7"' }
      assert.equal((await call('PUT', `/roles/${id}`, { name }, stale)).statusCode, 412)
      const done = await call('PUT', `/roles/${id}`, { name }, { 'if-match': '"1"' })
      assert.deepEqual([done.statusCode, done.headers.etag], [204, '"2"'])
      assert.equal((await call('DELETE', `/roles/${id}`, undefined, stale)).statusCode, 412)
      assert.equal((await read(id)).name, name)
      assert.equal((await call('DELETE', `/roles/${id}`)).statusCode, 204)
      assert.equal((await call('GET', `/roles/${id}`)).statusCode, 404)
    })

    it('keeps its name, and stays, while a backend asks for it', async () => {
      const role = await create()
      const backend = { name: 'Guarded', roleAccess: { enabled: true, roles: [role.name] } }
      const made = (await call('POST', '/mobilebackends', backend)).json()
      const below = (await call('GET', `/mobilebackends/${made.id}/dependencies`)).json()
      assert.deepEqual(below.roles, [{ name: role.name }])
      const blocked = await call('DELETE', `/roles/${role.id}`)
      assert.equal(blocked.statusCode, 409)
      assert.match(blocked.json().detail, /Guarded 1\.0/)
      assert.equal((await call('PUT', `/roles/${role.id}`, { name: newName() })).statusCode, 409)
      const described = { name: role.name, desc: 'known' }
      assert.equal((await call('PUT', `/roles/${role.id}`, described)).statusCode, 204)
      await call('PUT', `/mobilebackends/${made.id}`, {
        name: 'Guarded',
        roleAccess: { roles: [] },
      })
      assert.equal((await call('DELETE', `/roles/${role.id}`)).statusCode, 204)
    })

    for (const method of ['GET', 'PUT', 'DELETE']) {
      it(`knows no role by another id: ${method}`, async () => {
        for (const id of [UNKNOWN, 'x']) {
          const payload = method === 'PUT' ? { name: 'x' } : undefined
          assert.equal((await call(method, `/roles/${id}`, payload)).statusCode, 404)
        }
      })
    }
  })
}

function nameOf({ name }: { readonly name: string }): string {
  return name
}
