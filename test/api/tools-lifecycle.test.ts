import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createToken } from '../../src/tools/team/tokens.ts'
import { type ReplyProblems, validateReplies } from '../support/validate-replies.ts'
import { NOW, openToolsApp, STORES, type ToolsApp } from './tools-app.ts'

const UNKNOWN = '57165555-aa10-4838-938a-354c2b3a287a'

/** Values of `If-Match` of a backend whose counter is 1, and whether they let a change pass. */
const TAGS: readonly (readonly [string, string, number])[] = [
  ['the tag', '"1"', 204],
  ['the bare tag', '1', 204],
  ['the weak tag', 'W/"1"', 204],
  ['a star', '*', 204],
  ['a list with the tag', '"7", "1"', 204],
  ['another tag', '"2"', 412],
  ['a list without the tag', '"2", W/"3"', 412],
  ['an open quote', '"1', 412],
  ['nothing', '', 412],
  ['a part of the tag', '"11"', 412],
]

/** Bodies of a PUT that are refused. */
const REFUSED: readonly (readonly [string, object | string, string])[] = [
  ['no name', { desc: 'x' }, "'name' is required"],
  ['a bad name', { name: '9lives' }, "'name' must be"],
  ['a long description', { name: 'a', desc: 'a'.repeat(101) }, "'desc' must have at most 100"],
  ['a switch in words', { name: 'a', inactive: 'no' }, "'inactive' must be true or false"],
  ['roles that are no list', { name: 'a', roleAccess: { roles: 1 } }, "'roles' must be a list"],
  ['a list', [], 'must be a JSON object'],
]

for (const stores of STORES) {
  describe(`the lifecycle of backends on ${stores.name}`, () => {
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

    const json = { 'content-type': 'application/json' }
    const call = async (
      method: string,
      path: string,
      payload?: object | string,
      headers: Record<string, string> = {},
    ) =>
      tools.call(method, path, {
        ...(payload !== undefined && { payload, headers: { ...json, ...headers } }),
        ...(payload === undefined && { headers }),
      })
    const create = async (fields: object = {}) => {
      names += 1
      const reply = await call('POST', '/mobilebackends', { name: `Life${names}`, ...fields })
      assert.equal(reply.statusCode, 201)
      return reply.json()
    }
    const at = (id: string, ...rest: string[]) => ['/mobilebackends', id, ...rest].join('/')
    const read = async (id: string) => (await call('GET', at(id))).json()
    const publish = async (id: string, payload: object = {}) => {
      const reply = await call('POST', at(id, 'publication'), payload)
      assert.equal(reply.statusCode, 204)
      return reply
    }
    const history = async (id: string, query = '') =>
      (await call('GET', at(id, `history${query}`))).json()

    it('changes what is sent and leaves the rest', async () => {
      const made = await create({
        title: 'T',
        desc: 'D',
        oauth: false,
        roleAccess: { enabled: true, roles: ['R'] },
      })
      tools.clock.now = NOW + 5000
      const body = { name: made.name, desc: null, max: true, roleAccess: { enabled: false } }
      const reply = await call('PUT', at(made.id), { ...body, namespace: 'custom', colour: 'red' })
      tools.clock.now = NOW
      assert.deepEqual([reply.statusCode, reply.body, reply.headers.etag], [204, '', '"2"'])
      const { desc: _, ...rest } = made
      assert.deepEqual(await read(made.id), {
        ...rest,
        max: true,
        etag: '2',
        modifiedOn: new Date(NOW + 5000).toISOString(),
        roleAccess: { enabled: false, roles: ['R'] },
      })
    })

    for (const [what, tag, status] of TAGS) {
      it(`answers ${status} to ${what} in If-Match`, async () => {
        const made = await create()
        const body = { name: made.name, desc: 'new' }
        const reply = await call('PUT', at(made.id), body, { 'if-match': tag })
        assert.equal(reply.statusCode, status)
        const { etag, desc } = await read(made.id)
        assert.deepEqual([etag, desc], status === 204 ? ['2', 'new'] : ['1', undefined])
      })
    }

    for (const [what, payload, reason] of REFUSED) {
      it(`refuses a change with ${what}`, async () => {
        const made = await create()
        const reply = await call('PUT', at(made.id), payload)
        assert.equal(reply.statusCode, 400)
        assert.ok(reply.json().detail.includes(reason), reply.json().detail)
        assert.equal((await read(made.id)).etag, '1')
      })
    }

    it('knows no unknown backend, whatever the tag', async () => {
      const body = { name: 'a' }
      assert.equal((await call('PUT', at(UNKNOWN), body, { 'if-match': '*' })).statusCode, 404)
      for (const path of [
        'history',
        'publication',
        'dependencies',
        'reverseDependencies',
        'apis',
        'collections',
        'security/basic',
        'security/basic/keys',
        'security/oauth/keys',
        'security/identityproviders',
      ]) {
        assert.equal((await call('GET', at(UNKNOWN, path))).statusCode, 404, path)
      }
    })

    it('moves the claim of name and version', async () => {
      const [one, two] = [await create(), await create()]
      const taken = await call('PUT', at(one.id), { name: two.name })
      assert.deepEqual([taken.statusCode, taken.json()['o:errorCode']], [409, 'MOBILE-10104'])
      assert.equal((await read(one.id)).name, one.name)
      assert.equal((await call('PUT', at(one.id), { name: 'Moved' })).statusCode, 204)
      assert.equal((await call('POST', '/mobilebackends', { name: 'Moved' })).statusCode, 409)
      assert.equal((await call('POST', '/mobilebackends', { name: one.name })).statusCode, 201)
    })

    it('lets one of a hundred changes with one tag through', async () => {
      const made = await create()
      const replies = await Promise.all(
        Array.from({ length: 100 }, (_, n) =>
          call('PUT', at(made.id), { name: made.name, desc: `d${n}` }, { 'if-match': '"1"' }),
        ),
      )
      const statuses = replies.map((reply) => reply.statusCode)
      assert.equal(statuses.filter((one) => one === 204).length, 1)
      assert.equal(statuses.filter((one) => one === 412).length, 99)
      const winner = statuses.indexOf(204)
      const { etag, desc } = await read(made.id)
      assert.deepEqual([etag, desc], ['2', `d${winner}`])
      assert.equal((await history(made.id)).totalResults, 2)
    })

    it('lets all of twenty changes without a tag through, one after the other', async () => {
      const made = await create()
      const replies = await Promise.all(
        Array.from({ length: 20 }, () => call('PUT', at(made.id), { name: made.name })),
      )
      assert.ok(replies.every((reply) => reply.statusCode === 204))
      assert.equal((await read(made.id)).etag, '21')
    })

    it('keeps a history that tells who did what, latest first', async () => {
      const made = await create({ actionComment: 'begun' })
      await call('PUT', at(made.id), { name: made.name, desc: 'x', actionComment: 'described' })
      await call('PUT', at(made.id), { name: made.name, version: '1.1', inactive: true })
      await call('POST', at(made.id, 'security/oauth/keys'))
      await publish(made.id, { actionComment: 'out' })
      const { items, totalResults } = await history(made.id)
      const shown = items.map((one: Record<string, unknown>) => [
        one.etag,
        one.action,
        one.version,
        one.actionComment,
        one.changed,
      ])
      assert.equal(totalResults, 6)
      assert.deepEqual(shown, [
        ['5', 'PUBLISHED', '1.1', 'out', undefined],
        ['4', 'KEYS_REFRESHED', '1.1', null, ['oauthKeys']],
        ['3', 'DEACTIVATED', '1.1', null, undefined],
        ['3', 'RENUMBERED', '1.1', null, undefined],
        ['2', 'UPDATED', '1.0', 'described', ['desc']],
        ['1', 'CREATED', '1.0', 'begun', undefined],
      ])
      assert.deepEqual(
        items.map((one: Record<string, unknown>) => one.performedBy),
        Array(6).fill('jdoe'),
      )
      const page = await history(made.id, '?limit=2&offset=1&orderBy=performedOn:asc')
      assert.deepEqual(
        page.items.map((one: Record<string, unknown>) => one.action),
        ['UPDATED', 'RENUMBERED'],
      )
      assert.match(page.links[0].href, /history\?offset=3&limit=2&totalResults=true&orderBy=/)
    })

    for (const query of ['limit=0', 'offset=-1', 'orderBy=action', 'orderBy=performedOn:up']) {
      it(`refuses a history by ${query}`, async () => {
        const { id } = await create()
        assert.equal((await call('GET', at(id, `history?${query}`))).statusCode, 400)
      })
    }

    it('publishes a draft, once and for good', async () => {
      const made = await create()
      const before = (await call('GET', at(made.id, 'publication'))).json()
      assert.deepEqual([before.published, before.publishable], [false, true])
      const stale = await call('POST', at(made.id, 'publication'), {}, { 'if-match': '"9"' })
      assert.equal(stale.statusCode, 412)
      assert.equal((await publish(made.id, { actionComment: 'go' })).headers.etag, '"2"')
      const { published, actionComment } = await read(made.id)
      assert.deepEqual([published, actionComment], [true, 'go'])
      const again = await call('POST', at(made.id, 'publication'), {})
      assert.deepEqual([again.statusCode, again.json()['o:errorCode']], [409, 'MOBILE-10105'])
      const after = (await call('GET', at(made.id, 'publication'))).json()
      assert.deepEqual([after.published, after.publishable], [true, false])
    })

    it('takes PUT for POST and no body at all, and no DELETE', async () => {
      const [one, two] = [await create(), await create()]
      assert.equal((await call('PUT', at(one.id, 'publication'), {})).statusCode, 204)
      assert.equal((await call('POST', at(two.id, 'publication'))).statusCode, 204)
      const reply = await call('DELETE', at(one.id, 'publication'))
      assert.equal(reply.statusCode, 405)
      assert.match(String(reply.headers.allow), /GET, HEAD, POST, PUT/)
    })

    it('changes of a published backend the switch alone', async () => {
      const made = await create({ desc: 'kept' })
      await publish(made.id)
      for (const body of [
        { name: made.name },
        { name: made.name, desc: 'other' },
        { name: made.name, desc: 'other', inactive: true },
        { name: 'Other', inactive: true },
      ]) {
        const reply = await call('PUT', at(made.id), body)
        assert.deepEqual([reply.statusCode, reply.json()['o:errorCode']], [409, 'MOBILE-10105'])
      }
      const off = { name: made.name, desc: 'kept', inactive: true, actionComment: 'pause' }
      assert.equal((await call('PUT', at(made.id), off)).statusCode, 204)
      const { inactive, actionComment } = await read(made.id)
      assert.deepEqual([inactive, actionComment], [true, 'pause'])
      const list = (await call('GET', `/mobilebackends?filterType=INACTIVE&id=${made.id}`)).json()
      assert.equal(list.count, 1)
      await call('PUT', at(made.id), { name: made.name, inactive: false })
      const { items } = await history(made.id, '?limit=2')
      assert.deepEqual(
        items.map((one: Record<string, unknown>) => one.action),
        ['ACTIVATED', 'DEACTIVATED'],
      )
    })

    it('copies a backend to a version with keys of its own, and leaves the original', async () => {
      const made = await create({ title: 'T', roleAccess: { enabled: true, roles: ['R'] } })
      await publish(made.id)
      const original = await read(made.id)
      const body = { version: '1.1', actionComment: 'next' }
      const reply = await call('POST', at(made.id, 'versions'), body)
      const copy = reply.json()
      assert.equal(reply.statusCode, 201)
      assert.equal(reply.headers.etag, '"1"')
      assert.equal(reply.headers.location, `/mobile/tools/1.0/mobilebackends/${copy.id}`)
      assert.deepEqual(
        [copy.name, copy.version, copy.title, copy.published, copy.actionComment],
        [made.name, '1.1', 'T', false, 'next'],
      )
      assert.deepEqual(copy.roleAccess, made.roleAccess)
      for (const key of ['id', 'clientId', 'clientSecret', 'basicAuthBackendId']) {
        assert.notEqual(copy[key], made[key])
      }
      assert.deepEqual(await read(made.id), original)
      const taken = await call('POST', at(made.id, 'versions'), body)
      assert.deepEqual([taken.statusCode, taken.json()['o:errorCode']], [409, 'MOBILE-10104'])
      assert.equal((await call('POST', at(made.id, 'versions'), {})).statusCode, 400)
      const bad = await call('POST', at(made.id, 'versions'), { version: '.1' })
      assert.equal(bad.statusCode, 400)
      const tagged = { version: '1.2' }
      const stale = await call('POST', at(made.id, 'versions'), tagged, { 'if-match': '"1"' })
      assert.equal(stale.statusCode, 412)
    })

    it('reroutes from one published backend to another, and back to itself', async () => {
      const [one, two] = [await create(), await create()]
      const to = (id: string, target: string | null) =>
        call('PUT', at(id, 'target'), { id: target })
      assert.equal((await to(one.id, two.id)).json()['o:errorCode'], 'MOBILE-10105')
      await publish(one.id)
      assert.equal((await to(one.id, two.id)).json()['o:errorCode'], 'MOBILE-10116')
      await publish(two.id)
      assert.equal((await to(one.id, two.id)).statusCode, 204)
      const { targetBackend, targetBackendError } = await read(one.id)
      const { id, name, version } = two
      assert.deepEqual(targetBackend, { id, name, namespace: null, version })
      assert.equal(targetBackendError, null)
      const users = (await call('GET', at(two.id, 'reverseDependencies'))).json()
      assert.deepEqual(
        users.mobilebackends.map((user: { id: string }) => user.id),
        [one.id],
      )
      await call('PUT', at(two.id), { name: two.name, inactive: true })
      assert.match((await read(one.id)).targetBackendError, /is inactive/)
      assert.equal((await to(one.id, null)).statusCode, 204)
      assert.equal((await read(one.id)).targetBackend, null)
    })

    it('refuses targets that lead in a circle, to nothing, or are not said', async () => {
      const three = [await create(), await create(), await create()]
      for (const { id } of three) await publish(id)
      const [a, b, c] = three.map(({ id }) => id) as [string, string, string]
      const to = (id: string, target: unknown) => call('PUT', at(id, 'target'), { id: target })
      assert.equal((await to(a, b)).statusCode, 204)
      assert.equal((await to(b, c)).statusCode, 204)
      for (const target of [a, c]) {
        assert.equal((await to(c, target)).json()['o:errorCode'], 'MOBILE-10116')
      }
      assert.equal((await to(c, UNKNOWN)).statusCode, 404)
      assert.equal((await to(c, 5)).statusCode, 400)
      assert.equal((await call('PUT', at(c, 'target'), {})).statusCode, 400)
      assert.equal((await read(c)).targetBackend, null)
    })

    it('closes no circle when two reroute at once', async () => {
      const [one, two] = [await create(), await create()]
      await Promise.all([publish(one.id), publish(two.id)])
      const replies = await Promise.all([
        call('PUT', at(one.id, 'target'), { id: two.id }),
        call('PUT', at(two.id, 'target'), { id: one.id }),
      ])
      assert.deepEqual(replies.map((reply) => reply.statusCode).sort(), [204, 409])
    })

    it('tells what a backend needs, from inside and outside', async () => {
      const { id } = await create({ roleAccess: { enabled: true, roles: ['Technician'] } })
      const lists = {
        ...{ apis: [], collections: [], connectors: [], implementations: [] },
        ...{ mobilebackends: [], packages: [], unresolvedDependencies: [] },
      }
      const roles = [{ name: 'Technician' }]
      const needs = async (query: string) =>
        (await call('GET', at(id, `dependencies${query}`))).json()
      assert.deepEqual(await needs(''), { ...lists, roles })
      assert.deepEqual(await needs('?type=external'), { ...lists, roles })
      assert.deepEqual(await needs('?type=internal'), { ...lists, roles: [] })
      assert.equal((await call('GET', at(id, 'dependencies?type=both'))).statusCode, 400)
      const reverse = (await call('GET', at(id, 'reverseDependencies'))).json()
      assert.deepEqual(reverse, { ...lists, roles: [], clients: [] })
      const typed = await call('GET', at(id, 'reverseDependencies?type=internal'))
      assert.equal(typed.statusCode, 400)
    })

    it('has nothing associated, and nothing to associate', async () => {
      const { id } = await create()
      for (const list of ['apis', 'collections']) {
        const page = (await call('GET', at(id, `${list}?limit=5`))).json()
        assert.deepEqual(
          [page.count, page.totalResults, page.hasMore, page.items],
          [0, 0, false, []],
        )
        for (const verb of ['PUT', 'DELETE']) {
          assert.equal((await call(verb, at(id, list, UNKNOWN))).statusCode, 404)
        }
        assert.equal((await call('GET', at(id, `${list}?limit=x`))).statusCode, 400)
      }
    })

    it('answers every link of a backend', async () => {
      const { links } = await create()
      assert.equal(links.length, 18)
      for (const { rel, href } of links as { rel: string; href: string }[]) {
        const path = href.replace('/mobile/tools/1.0', '')
        const isBatch = path.startsWith('/assets/')
        const reply = isBatch
          ? await call('POST', path, path.endsWith('ies') ? { ids: [] } : { dependencies: [] })
          : await call('GET', path)
        // A developer may ask about a purge, and not order it.
        assert.ok(
          rel === 'purging' ? reply.statusCode === 403 : reply.statusCode < 300,
          `${rel}: ${reply.statusCode}`,
        )
      }
    })

    it('opens nothing to those who are no developers', async () => {
      const { id, name } = await create()
      const token = await createToken(tools.tools, { role: 'Analyst', name: 'leo', ttlMs: null })
      const headers = { authorization: `Bearer ${token}` }
      for (const [verb, path, payload] of [
        ['PUT', at(id), { name }],
        ['POST', at(id, 'publication'), {}],
        ['POST', at(id, 'versions'), { version: '2' }],
        ['POST', at(id, 'security/oauth/keys'), {}],
        ['POST', '/assets/trashing', { dependencies: [{ asset: { id } }] }],
        ['GET', at(id, 'security/oauth/keys'), undefined],
      ] as const) {
        assert.equal((await call(verb, path, payload, headers)).statusCode, 403, path)
      }
      assert.equal((await read(id)).etag, '1')
    })
  })
}
