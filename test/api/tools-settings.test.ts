import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { backendOf, DEFAULT_SETTINGS } from '../../src/engine/backend.ts'
import { type ReplyProblems, validateReplies } from '../support/validate-replies.ts'
import { openToolsApp, STORES, type ToolsApp } from './tools-app.ts'

const MAIL = 'smtp://ada:geheim@mail.example.org:587'
const SHOWN_MAIL = 'smtp://ada:***@mail.example.org:587'

for (const stores of STORES) {
  describe(`the settings of backends over HTTP on ${stores.name}`, () => {
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
      const { id } = (await call('POST', '/mobilebackends', { name: `Set${names}` })).json()
      return { id, of: `/mobilebackends/${id}`, at: `/mobilebackends/${id}/settings` }
    }
    const stored = async (id: string) => {
      const address = { backendId: 'homeport', type: 'mobilebackend', id }
      const record = await tools.tools.store.get(address)
      assert.ok(record)
      return backendOf(record).settings
    }

    it('are all shown, with the tag of the backend', async () => {
      const { at } = await create()
      const reply = await call('GET', at)
      assert.deepEqual([reply.statusCode, reply.headers.etag], [200, '"1"'])
      assert.deepEqual(reply.json(), DEFAULT_SETTINGS)
    })

    it('become others one by one, and those that are not named stay', async () => {
      const { id, of, at } = await create()
      const reply = await call('PUT', at, { perPageMax: 50, friendsTwoWay: false })
      assert.deepEqual([reply.statusCode, reply.headers.etag, reply.body], [204, '"2"', ''])
      await call('PUT', at, { mailFrom: 'shop@example.org' })
      const wanted = { perPageMax: 50, friendsTwoWay: false, mailFrom: 'shop@example.org' }
      assert.deepEqual((await call('GET', at)).json(), { ...DEFAULT_SETTINGS, ...wanted })
      assert.deepEqual(await stored(id), { ...DEFAULT_SETTINGS, ...wanted })
      assert.equal((await call('GET', of)).json().etag, '3')
      const { items } = (await call('GET', `${of}/history?limit=1`)).json()
      assert.deepEqual(items[0].changed, ['settings.mailFrom'])
    })

    it('may be sent back as they were read', async () => {
      const { id, at } = await create()
      await call('PUT', at, { smtpUrl: MAIL, trustedAccountTypes: ['twitter'] })
      const read = (await call('GET', at)).json()
      assert.equal(read.smtpUrl, SHOWN_MAIL)
      assert.equal((await call('PUT', at, { ...read, perPageMax: 7 })).statusCode, 204)
      assert.deepEqual(await stored(id), { ...read, smtpUrl: MAIL, perPageMax: 7 })
    })

    it('keep the password of the mail server to themselves, and take a new one', async () => {
      const { id, of, at } = await create()
      await call('PUT', at, { smtpUrl: MAIL })
      for (const path of [at, of, `${of}/history`]) {
        assert.ok(!(await call('GET', path)).body.includes('geheim'), path)
      }
      const foreign = await call('PUT', at, { smtpUrl: SHOWN_MAIL.replace('mail.', 'evil.') })
      assert.equal(foreign.statusCode, 400)
      assert.match(foreign.json().detail, /send it whole/)
      assert.equal((await stored(id)).smtpUrl, MAIL)
      await call('PUT', at, { smtpUrl: MAIL.replace('geheim', 'neu') })
      assert.equal((await stored(id)).smtpUrl, MAIL.replace('geheim', 'neu'))
      await call('PUT', at, { smtpUrl: null })
      assert.equal((await call('GET', at)).json().smtpUrl, null)
    })

    for (const [why, body, reason] of [
      ['an unknown name', { perPage: 5 }, /'perPage' is not a setting; there are .*perPageMax/],
      ['the wrong type', { perPageMax: '5' }, /'perPageMax' must be a whole number/],
      ['a number out of bounds', { perPageMax: 100_000 }, /from 1 to 1000/],
      ['null where there must be something', { deleteByGet: null }, /must be true or false/],
      ['no object', [5], /must be a JSON object/],
      ['two mistakes at once', { perPageMax: 0, deleteByGet: 1 }, /perPageMax.*deleteByGet/],
    ] as const) {
      it(`refuse ${why}, and nothing of the rest is taken either`, async () => {
        const { id, at } = await create()
        const sent = Array.isArray(body) ? body : { friendsTwoWay: false, ...body }
        const reply = await call('PUT', at, sent)
        assert.equal(reply.statusCode, 400)
        assert.match(reply.json().detail, reason)
        assert.deepEqual(await stored(id), DEFAULT_SETTINGS)
      })
    }

    it('change only in the state that is meant', async () => {
      const { at } = await create()
      const put = (ifMatch: string, perPageMax: number) =>
        tools.call('PUT', at, { payload: { perPageMax }, headers: { 'if-match': ifMatch } })
      assert.equal((await put('"9"', 1)).statusCode, 412)
      assert.equal((await call('GET', at)).json().perPageMax, 100)
      const both = await Promise.all([put('"1"', 2), put('"1"', 3)])
      assert.deepEqual(both.map((one) => one.statusCode).sort(), [204, 412])
      assert.equal((await put('*', 4)).statusCode, 204)
    })

    it('are the owner’s: they change when all else is published, and not in the trash', async () => {
      const { id, of, at } = await create()
      await call('POST', `${of}/publication`, {})
      assert.equal((await call('PUT', at, { perPageMax: 9 })).statusCode, 204)
      await call('POST', '/assets/trashing', { dependencies: [{ asset: { id } }] })
      const refused = await call('PUT', at, { perPageMax: 10 })
      assert.deepEqual([refused.statusCode, refused.json()['o:errorCode']], [409, 'MOBILE-10105'])
      assert.equal((await call('GET', at)).json().perPageMax, 9)
    })

    it('are of backends alone', async () => {
      for (const id of ['00000000-0000-4000-8000-000000000000', 'x']) {
        assert.equal((await call('GET', `/mobilebackends/${id}/settings`)).statusCode, 404)
        const put = await call('PUT', `/mobilebackends/${id}/settings`, { perPageMax: 5 })
        assert.equal(put.statusCode, 404)
      }
      const { id, of, at } = await create()
      const verbs = (await call('DELETE', at)).headers.allow
      assert.equal(verbs, 'GET, HEAD, PUT, OPTIONS')
      const { links } = (await call('GET', of)).json()
      assert.ok(!JSON.stringify(links).includes(`${id}/settings`))
    })
  })
}
