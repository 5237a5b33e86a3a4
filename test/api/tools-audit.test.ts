import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { AuditEntry } from '../../src/tools/audit/entry.ts'
import { updateBackendSettings } from '../../src/tools/backends/settings.ts'
import { issueSetupToken, setUp } from '../../src/tools/team/setup.ts'
import { type ReplyProblems, validateReplies } from '../support/validate-replies.ts'
import { NOW, plant, STORES } from './tools-app.ts'
import { openTeamApp, PASSWORD, type TeamApp } from './tools-team-app.ts'

type Query = Readonly<Record<string, string>>

/** An entry as far as most tests look: `MobileBackend Shop 1.0`, `title: null -> "A"`. */
function told({ actions, target, changes, performedBy }: AuditEntry): string[] {
  const { type, name, version } = target
  const values = changes.map(({ member, from, to }) => {
    return `${member}: ${JSON.stringify(from)} -> ${JSON.stringify(to)}`
  })
  const what = [type, name, version].filter((one) => one !== null).join(' ')
  return [performedBy, actions.join('+'), what, ...values]
}

for (const stores of STORES) {
  describe(`the audit log on ${stores.name}`, () => {
    let team: TeamApp
    let problems: ReplyProblems
    let root = ''
    let dora = ''
    let names = 0

    before(async () => {
      team = await openTeamApp(stores)
      problems = validateReplies(team.app)
      await team.member('root', 'Administrator')
      await team.member('dora', 'Developer')
      root = await team.signIn('root')
      dora = await team.signIn('dora')
    })
    after(async () => {
      await team.close()
      problems.assertNoProblems()
    })

    const call = (token: string, method: string, path: string, payload?: object) =>
      team.as(token, method, path, payload ? { payload } : {})
    const ask = (query: Query = {}, token = root) =>
      call(token, 'GET', `/audit?${new URLSearchParams(query)}`)
    const entries = async (query: Query = {}): Promise<AuditEntry[]> => {
      const reply = await ask(query)
      assert.equal(reply.statusCode, 200, reply.body)
      return reply.json().items
    }
    const latest = async (query: Query = {}): Promise<AuditEntry> => {
      const [entry] = await entries({ limit: '1', ...query })
      assert.ok(entry)
      return entry
    }
    const total = async (query: Query = {}): Promise<number> =>
      (await ask({ limit: '1', ...query })).json().totalResults
    const create = async (fields: object = {}, by = dora) => {
      names += 1
      const reply = await call(by, 'POST', '/mobilebackends', { name: `Told${names}`, ...fields })
      assert.equal(reply.statusCode, 201, reply.body)
      return { ...reply.json(), at: `/mobilebackends/${reply.json().id}` }
    }

    it('tells of a new asset with all that it has, but for its secrets', async () => {
      const { id, name, clientId } = await create({ title: 'A shop', actionComment: 'pilot' })
      const entry = await latest({ target: id })
      assert.deepEqual(told(entry).slice(0, 3), ['dora', 'CREATED', `MobileBackend ${name} 1.0`])
      const of = (member: string) => entry.changes.find((one) => one.member === member)
      assert.deepEqual(of('title'), { member: 'title', from: null, to: 'A shop' })
      assert.deepEqual(of('clientId'), { member: 'clientId', from: null, to: clientId })
      for (const member of ['clientSecret', 'anonymousKey']) {
        assert.deepEqual(of(member), { member, from: null, to: '***' })
      }
      assert.deepEqual([entry.target.id, entry.actionComment], [id, 'pilot'])
      assert.equal(entry.performedOn, new Date(NOW).toISOString())
    })

    it('tells what a member was and what it is', async () => {
      const { id, name, at } = await create({ title: 'A' })
      const changes = { name, title: 'B', version: '1.1', roleAccess: { roles: ['clerk'] } }
      assert.equal((await call(dora, 'PUT', at, changes)).statusCode, 204)
      assert.deepEqual(told(await latest({ target: id })), [
        ...['dora', 'UPDATED+RENUMBERED', `MobileBackend ${name} 1.1`],
        'version: "1.0" -> "1.1"',
        'title: "A" -> "B"',
        'roleAccess: {"enabled":false,"roles":[]} -> {"enabled":false,"roles":["clerk"]}',
      ])
    })

    it('tells that keys are others, and not which', async () => {
      const { id, at, clientSecret } = await create()
      const { clientId, clientSecret: fresh } = (
        await call(dora, 'POST', `${at}/security/oauth/keys`)
      ).json()
      const entry = await latest({ target: id })
      assert.deepEqual(entry.actions, ['KEYS_REFRESHED'])
      assert.equal(entry.changes.find((one) => one.member === 'clientId')?.to, clientId)
      assert.deepEqual(
        entry.changes.find((one) => one.member === 'clientSecret'),
        { member: 'clientSecret', from: '***', to: '***' },
      )
      await call(dora, 'DELETE', `${at}/security/oauth/keys`)
      const gone = (await latest({ target: id })).changes.find(
        (one) => one.member === 'clientSecret',
      )
      assert.deepEqual(gone, { member: 'clientSecret', from: '***', to: null })
      const all = JSON.stringify(await entries())
      for (const secret of [clientSecret, fresh]) assert.ok(!all.includes(secret))
    })

    it('tells of settings by their names, from the default on, without a password', async () => {
      const { id } = await create()
      const changes = { perPageMax: 50, smtpUrl: 'smtp://ada:geheim@mail.example.org:587' }
      await updateBackendSettings(team.tools, id, { changes, actor: 'somebody' })
      assert.deepEqual(
        told(await latest({ target: id }))
          .slice(3)
          .sort(),
        [
          'settings.perPageMax: 100 -> 50',
          'settings.smtpUrl: null -> "smtp://ada:***@mail.example.org:587"',
        ],
      )
      assert.ok(!JSON.stringify(await entries()).includes('geheim'))
    })

    it('tells of the trash, and outlives the purge', async () => {
      const { id, name, at } = await create()
      const dependencies = [{ asset: { id } }]
      const body = { dependencies, actionComment: 'obsolete' }
      await call(dora, 'POST', '/assets/trashing', body)
      assert.deepEqual(told(await latest({ target: id })), [
        ...['dora', 'TRASHED', `MobileBackend ${name} 1.0`, 'inTrash: false -> true'],
      ])
      const refused = await call(dora, 'POST', '/assets/purging', { dependencies })
      assert.equal(refused.statusCode, 403)
      assert.equal(await total({ target: id, action: 'PURGED' }), 0)
      await call(root, 'POST', '/assets/purging', body)
      assert.equal((await call(root, 'GET', at)).statusCode, 404)
      const entry = await latest({ target: id })
      assert.deepEqual(told(entry), ['root', 'PURGED', `MobileBackend ${name} 1.0`])
      assert.equal(entry.actionComment, 'obsolete')
      assert.equal(await total({ target: id }), 3)
    })

    it('tells of the batch what became of each asset', async () => {
      const [one, other] = [await create(), await create()]
      const dependencies = [one, other].map(({ id }) => ({ asset: { id } }))
      await call(dora, 'POST', '/assets/trashing', { dependencies })
      for (const { id } of [one, other])
        assert.equal(await total({ target: id, action: 'TRASHED' }), 1)
    })

    it('says nothing of a change that was not made', async () => {
      const { id, name, at } = await create()
      const before = await total()
      const stale = await team.as(dora, 'PUT', at, {
        headers: { 'if-match': '"9"' },
        payload: { name, title: 'B' },
      })
      assert.equal(stale.statusCode, 412)
      assert.equal((await call(dora, 'POST', '/mobilebackends', { name })).statusCode, 409)
      assert.equal((await call(dora, 'PUT', at, { name: '9bad' })).statusCode, 400)
      assert.equal(await total(), before)
      assert.equal(await total({ target: id }), 1)
    })

    it('has one entry for each of many who change an asset at once', async () => {
      const { id, at } = await create()
      const keys = await Promise.all(
        [1, 2, 3, 4].map(() => call(dora, 'POST', `${at}/security/basic/keys`)),
      )
      for (const { statusCode } of keys) assert.equal(statusCode, 200)
      assert.equal(await total({ target: id, action: 'KEYS_REFRESHED' }), 4)
    })

    it('tells of policies by their names, set, changed and removed', async () => {
      const name = '*.*.Asset_AllowPurge'
      await call(root, 'PUT', '/policies', { name, value: 'None' })
      await call(root, 'PUT', '/policies', { name, value: 'All' })
      await call(root, 'DELETE', `/policies/${encodeURIComponent(name)}`)
      assert.deepEqual((await entries({ target: name })).map(told), [
        ['root', 'DELETED', `Policy ${name}`, 'value: "All" -> null'],
        ['root', 'UPDATED', `Policy ${name}`, 'value: "None" -> "All"'],
        ['root', 'CREATED', `Policy ${name}`, 'value: null -> "None"'],
      ])
    })

    it('tells of members: who came, what they may, and who went', async () => {
      const body = { login: 'max', password: PASSWORD, roles: ['Developer'] }
      const { id } = (await call(root, 'POST', '/team/members', body)).json()
      await call(root, 'PUT', `/team/members/${id}`, { roles: ['Analyst'], disabled: true })
      await call(root, 'PUT', `/team/members/${id}`, { password: 'battery staple' })
      await call(root, 'DELETE', `/team/members/${id}`)
      assert.deepEqual((await entries({ target: id })).map(told), [
        ['root', 'DELETED', 'Member max'],
        ['root', 'PASSWORD_CHANGED', 'Member max', 'password: "***" -> "***"'],
        [
          ...['root', 'UPDATED+DISABLED', 'Member max'],
          'roles: ["Developer"] -> ["Analyst"]',
          'disabled: false -> true',
        ],
        [
          ...['root', 'CREATED', 'Member max', 'login: null -> "max"'],
          'roles: null -> ["Developer"]',
          'password: null -> "***"',
        ],
      ])
    })

    it('tells of sign-ins, sign-outs and tokens', async () => {
      await team.member('eve', 'Developer')
      const form = { grant_type: 'password', username: 'EVE', password: PASSWORD }
      const { access_token, refresh_token } = (await team.post('token', form)).json()
      const wanted = { name: 'ci', scopes: ['read'], ttl: 60 }
      const { id } = (await call(access_token, 'POST', '/team/tokens', wanted)).json()
      await call(access_token, 'DELETE', `/team/tokens/${id}`)
      await team.post('revoke', { token: refresh_token })
      assert.deepEqual((await entries({ actor: 'Eve' })).map(told), [
        ['eve', 'SIGNED_OUT', 'Member eve'],
        ['eve', 'REVOKED', 'Token ci'],
        [
          ...['eve', 'CREATED', 'Token ci'],
          'scopes: null -> ["read"]',
          'member: null -> "eve"',
          `expiresOn: null -> ${JSON.stringify(new Date(NOW + 60_000).toISOString())}`,
        ],
        ['eve', 'SIGNED_IN', 'Member eve'],
      ])
    })

    it('counts failed sign-ins, and is not filled by those who guess', async () => {
      await team.member('liz', 'Developer')
      const form = { grant_type: 'password', username: 'liz', password: 'wrong horse' }
      for (let tries = 0; tries < 2; tries += 1) await team.post('token', form)
      assert.equal(await total({ actor: 'liz' }), 0)
      await team.post('token', { ...form, password: PASSWORD })
      assert.deepEqual(told(await latest({ actor: 'liz' })), [
        ...['liz', 'SIGNED_IN', 'Member liz', 'failedSignIns: 2 -> 0'],
      ])
      const replies = await Promise.all(Array.from({ length: 9 }, () => team.post('token', form)))
      assert.equal(replies.filter((one) => one.statusCode === 429).length, 4)
      assert.equal(await total({ actor: 'liz', action: 'LOCKED_OUT' }), 1)
      assert.deepEqual(told(await latest({ actor: 'liz' })), [
        ...['liz', 'LOCKED_OUT', 'Member liz', 'failedSignIns: 0 -> 5'],
      ])

      // A name that nobody has, and that no database takes as it is.
      const odd = { ...form, username: 'no\0body' }
      for (let tries = 0; tries < 6; tries += 1) await team.post('token', odd)
      const [nobody, ...others] = await entries({ action: 'LOCKED_OUT', q: 'body' })
      assert.deepEqual([nobody?.target.id, nobody?.performedBy, others], [null, 'no\ufffdbody', []])
      team.clock.now = NOW
    })

    it('tells by which token and in which request something was done', async () => {
      const personal = await team.token('dora', ['write'])
      await create({}, personal)
      const mine = await latest()
      assert.deepEqual([mine.performedBy, mine.tokenName], ['dora', 'made'])
      assert.match(mine.tokenId ?? '', /^[0-9a-f]{24}$/)
      const { items } = (await call(root, 'GET', '/team/tokens')).json()
      assert.ok(items.some((one: { id: string }) => one.id === mine.tokenId))

      const { id, at } = await create()
      await call(dora, 'POST', `${at}/publication`, {})
      const [published, created] = await entries({ target: id })
      assert.ok(published && created)
      assert.notEqual(published.requestId, created.requestId)
      assert.deepEqual([published.tokenName, published.tokenId], [null, created.tokenId])

      // A script is nobody but its token.
      await team.call('PUT', at, { payload: { inactive: true, name: 'x' } })
      const reply = await team.call('POST', `${at}/security/oauth/keys`)
      assert.equal(reply.statusCode, 200)
      const script = await latest({ target: id })
      assert.deepEqual([script.performedBy, script.tokenName], ['jdoe', 'jdoe'])
      // What the server does by itself has neither.
      await updateBackendSettings(team.tools, id, { changes: { perPageMax: 5 }, actor: 'system' })
      const { tokenId, requestId } = await latest({ target: id })
      assert.deepEqual([tokenId, requestId], [null, null])
    })

    it('tells of an association once, of the backend', async () => {
      const backend = await create()
      const made = await call(dora, 'POST', '/collections', { name: 'Tied' })
      const before = await total()
      await call(dora, 'PUT', `/mobilebackends/${backend.id}/collections/${made.json().id}`)
      assert.equal(await total(), before + 1)
      const [, action, what] = told(await latest())
      assert.deepEqual([action, what], ['COLLECTION_ADDED', `MobileBackend ${backend.name} 1.0`])
    })

    it('is for administrators alone, and cannot be written', async () => {
      for (const [token, status] of [
        [dora, 403],
        ['x', 401],
      ] as const) {
        assert.equal((await ask({}, token)).statusCode, status)
      }
      for (const method of ['POST', 'PUT', 'DELETE']) {
        assert.equal((await call(root, method, '/audit')).statusCode, 405)
      }
    })
  })

  describe(`reading the audit log on ${stores.name}`, () => {
    let team: TeamApp
    let problems: ReplyProblems
    let root = ''
    const HOUR = 3_600_000

    before(async () => {
      team = await openTeamApp(stores, { listLimitMax: 5 })
      problems = validateReplies(team.app)
      for (const [at, name] of [
        [NOW - 3 * HOUR, 'Oldest'],
        [NOW - 2 * HOUR, 'Older'],
        [NOW - HOUR, 'Newer'],
      ] as const) {
        await plant(team, { name, at })
      }
      team.clock.now = NOW - HOUR / 2
      await team.member('root', 'Administrator')
      root = await team.signIn('root')
      team.clock.now = NOW
    })
    after(async () => {
      await team.close()
      problems.assertNoProblems()
    })

    const ask = async (query: string) => (await team.as(root, 'GET', `/audit?${query}`)).json()
    const namesOf = (items: readonly AuditEntry[]) => items.map(({ target }) => target.name)

    for (const [query, names] of [
      ['', ['jdoe', 'root', 'root', 'Newer', 'Older']],
      ['action=CREATED&q=1.0', ['Newer', 'Older', 'Oldest']],
      ['fromTime=-90m', ['jdoe', 'root', 'root', 'Newer']],
      ['toTime=-90m', ['Older', 'Oldest']],
      [`fromTime=${NOW - 2 * HOUR}&toTime=${NOW - HOUR}`, ['Newer', 'Older']],
      ['toTime=2026-06-01T09:00:00Z', ['Oldest']],
      ['actor=JDOE', ['jdoe', 'Newer', 'Older', 'Oldest']],
      ['action=signed_in', ['root']],
      ['q=older', ['Older']],
      ['q=older+jdoe+created', ['Older']],
      ['q=older+root', []],
      ['q=mobilebackend&limit=1', ['Newer']],
      ['actor=nobody', []],
      ['offset=4', ['Older', 'Oldest']],
      ['offset=9', []],
      ['limit=2&offset=1', ['root', 'root']],
      ['fromTime=9223372036854775807', []],
    ] as const) {
      it(`answers ${query || 'nothing'} with ${names.join(', ') || 'nothing'}`, async () => {
        assert.deepEqual(namesOf((await ask(query)).items), names)
      })
    }

    it('holds times told from now in its links, and counts all that there is', async () => {
      const reply = await ask('fromTime=-90m&limit=2')
      assert.deepEqual([reply.count, reply.totalResults, reply.hasMore], [2, 4, true])
      const { href } = reply.links.find((one: { rel: string }) => one.rel === 'next')
      assert.equal(
        href,
        `/mobile/tools/1.0/audit?offset=2&limit=2&totalResults=true&fromTime=${NOW - 1.5 * HOUR}`,
      )
    })

    for (const query of [
      'fromTime=yesterday',
      'toTime=-2d',
      'limit=0',
      'offset=-1',
      'actor=a&actor=b',
      'actor=%00',
      `target=${'x'.repeat(700)}`,
      'q=%3F%3F',
    ]) {
      it(`refuses ${query.slice(0, 30)}`, async () => {
        const reply = await team.as(root, 'GET', `/audit?${query}`)
        assert.deepEqual([reply.statusCode, reply.json()['o:errorCode']], [400, 'MOBILE-10011'])
      })
    }

    it('begins with the first administrator', async () => {
      const empty = await openTeamApp(stores)
      const token = await issueSetupToken(empty.tools.store, NOW)
      const first = { token, login: 'first', password: PASSWORD }
      await assert.rejects(setUp(empty.tools, { ...first, token: 'x' }))
      await setUp(empty.tools, first)
      const mine = await empty.signIn('first')
      const { items } = (await empty.as(mine, 'GET', '/audit?actor=first')).json()
      assert.deepEqual(
        items.map((one: AuditEntry) => told(one).slice(0, 3)),
        [
          ['first', 'SIGNED_IN', 'Member first'],
          ['first', 'CREATED', 'Member first'],
        ],
      )
      await empty.close()
    })
  })
}
