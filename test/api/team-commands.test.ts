import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { run } from '../../src/cli/run.ts'
import { readConfig } from '../../src/config.ts'
import { createLogger } from '../../src/http/logger.ts'
import { type Server, startServer } from '../../src/manage/server.ts'
import { startPostgres, type TestPostgres } from '../support/postgres.ts'
import { DATABASES } from '../support/test-app.ts'

const SECRETS = /argon2|geheim/

for (const database of DATABASES) {
  describe(`the commands for the team, on ${database}`, () => {
    let directory = ''
    let server: TestPostgres | null = null
    let env: Record<string, string> = {}
    let running: Server | null = null

    before(async () => {
      directory = await mkdtemp(join(tmpdir(), 'homeport-commands-'))
      server = database === 'postgres' ? await startPostgres() : null
      env = {
        HOMEPORT_DATA_DIR: join(directory, 'data'),
        HOMEPORT_PORT: '0',
        ...(server && { HOMEPORT_DATABASE_URL: await server.createDatabase() }),
      }
      // Commands find it and have it do the work: quicker than opening the data for each.
      const logger = createLogger('silent', { stream: 'stderr', buffered: false })
      running = await startServer(await readConfig({ env }), logger)
    })
    after(async () => {
      await running?.stop()
      await server?.stop()
      await rm(directory, { recursive: true, force: true })
    })

    /** A command as a person types it. */
    const type = async (...argv: readonly string[]) => {
      const text = { stdout: '', stderr: '' }
      const sink = (name: 'stdout' | 'stderr') => ({
        write: (part: string) => {
          text[name] += part
        },
      })
      const streams = { stdout: sink('stdout'), stderr: sink('stderr') }
      const code = await run(argv, { env, streams })
      assert.doesNotMatch(text.stdout, SECRETS)
      return { code, ...text }
    }
    const json = async (...argv: readonly string[]) => {
      const { code, stdout } = await type(...argv, '--json')
      return { code, data: JSON.parse(stdout) }
    }
    const done = async (...argv: readonly string[]) => {
      const { code, data } = await json(...argv)
      assert.equal(code, 0, JSON.stringify(data))
      return data
    }

    it('begin with nobody', async () => {
      assert.match((await type('team', 'list')).stdout, /Nobody is on the team yet/)
      assert.match((await type('token', 'list')).stdout, /no tokens/)
      assert.deepEqual(await done('team', 'list'), { members: [] })
    })

    it('add members, with a password from a file or one that is made up', async () => {
      const file = join(directory, 'password')
      await writeFile(file, 'correct horse\n')
      const root = await done('admin', 'create', '--login', 'root', '--password-file', file)
      assert.equal(root.role, 'Administrator')
      const added = await done('team', 'add', 'dora', '--roles', 'developer,Analyst')
      const { password, id, createdOn, ...dora } = added
      assert.match(password, /^[\w-]{27}$/)
      assert.deepEqual(dora, { login: 'dora', roles: ['Developer', 'Analyst'], disabled: false })
      const { members } = await done('team', 'list')
      assert.deepEqual(members[1], { id, createdOn, ...dora })
    })

    for (const [why, argv, exitCode, code] of [
      ['a login that is taken', ['team', 'add', 'DORA', '--roles', 'Analyst'], 3, 'member_exists'],
      ['a role that is none', ['team', 'add', 'x', '--roles', 'King'], 2, 'param_invalid'],
      ['no roles', ['team', 'add', 'x'], 2, 'usage'],
      ['no login', ['team', 'remove'], 2, 'usage'],
      ['a member who is none', ['team', 'disable', 'nobody'], 1, 'member_unknown'],
      ['the last administrator', ['team', 'remove', 'root'], 3, 'last_administrator'],
      ['the same in another way', ['team', 'disable', 'root'], 3, 'last_administrator'],
      [
        'the same in a third way',
        ['team', 'set-roles', 'root', '--roles', 'Developer'],
        3,
        'last_administrator',
      ],
      ['a script without a role', ['token', 'create'], 2, 'param_invalid'],
      ['a scope that is none', ['token', 'create', '--role', 'Analyst', '--scopes', 'all'], 2],
      ['a lifetime that is none', ['token', 'create', '--role', 'Analyst', '--ttl', '5y'], 2],
      [
        'a token beyond the roles of its member',
        ['token', 'create', '--login', 'dora', '--role', 'Administrator'],
        3,
        'role_required',
      ],
      ['a token that is none', ['token', 'revoke', '0'.repeat(24)], 1, 'access_token_unknown'],
      ['a time that is none', ['audit', '--since', 'yesterday'], 2, 'param_invalid'],
      ['a number that is none', ['audit', '--limit', '0'], 2, 'param_invalid'],
    ] as const) {
      it(`refuse ${why}`, async () => {
        const before = await done('team', 'list')
        const reply = await json(...argv)
        assert.equal(reply.code, exitCode, JSON.stringify(reply.data))
        if (code) assert.equal(reply.data.error.code, code)
        assert.deepEqual(await done('team', 'list'), before)
      })
    }

    it('give other roles, shut out and let in, set a password, and remove', async () => {
      assert.deepEqual((await done('team', 'set-roles', 'dora', '--roles', 'Analyst')).roles, [
        'Analyst',
      ])
      assert.equal((await type('team', 'disable', 'dora')).stdout, 'dora is disabled.\n')
      const { stdout: table } = await type('team', 'list')
      assert.match(
        table,
        /^LOGIN +ROLES +STATE +ID\nroot +Administrator +active .*\ndora +Analyst +disabled /,
      )
      assert.equal((await done('team', 'enable', 'dora')).disabled, false)
      const reset = await type('team', 'reset-password', 'dora', '--quiet')
      assert.match(reset.stdout, /^[\w-]{27}\n$/)
      assert.equal((await done('team', 'remove', 'dora')).removed, true)
      assert.deepEqual(
        (await done('team', 'list')).members.map((one: { login: string }) => one.login),
        ['root'],
      )
    })

    it('make tokens for scripts and for members, list them and end them', async () => {
      const script = await done('token', 'create', '--role', 'developer', '--name', 'ci')
      assert.deepEqual([script.role, script.scopes, script.member], ['Developer', null, null])
      const owned = ['token', 'create', '--login', 'root', '--name', 'backup']
      const made = await done(...owned, '--scopes', 'read', '--ttl', 'never')
      assert.deepEqual(
        [made.role, made.scopes, made.member, made.expiresOn],
        [null, ['read'], 'root', null],
      )
      const { stdout: table } = await type('token', 'list')
      assert.match(table, /backup +root +as member +read +never/)
      assert.match(table, /ci +- +Developer +all +\d{4}-\d\d-\d\d/)
      assert.ok(!table.includes(script.token) && !table.includes(made.token))
      const [first] = (await done('token', 'list')).tokens
      const { token: _, ...listed } = made
      assert.deepEqual(first, listed)
      assert.match((await type('token', 'revoke', made.id)).stdout, /^The token backup is worth/)
      assert.equal((await done('token', 'list')).tokens.length, 1)
    })

    it('tell who did what, the latest first', async () => {
      const { entries, total } = await done('audit', '--limit', '3')
      assert.deepEqual(
        entries.map((one: { actions: string[]; target: { name: string } }) => [
          one.actions.join('+'),
          one.target.name,
        ]),
        [
          ['REVOKED', 'backup'],
          ['CREATED', 'backup'],
          ['CREATED', 'ci'],
        ],
      )
      assert.ok(total > 8)
      const { stdout: table } = await type(
        'audit',
        '--since',
        '-2h',
        '--target',
        entries[2].target.id,
      )
      assert.match(table, /^WHEN +WHO +WHAT +TO +CHANGES\n/)
      assert.match(
        table,
        /\d\d:\d\d:\d\dZ +command line +CREATED +Token ci +role: null -> "Developer";/,
      )
      assert.match((await type('audit', '--limit', '1')).stdout, /1 of \d+; --limit shows more/)
      assert.match(
        (await type('audit', '--since=-2h', '--actor', 'nobody')).stdout,
        /Nothing of this/,
      )
      assert.match((await type('audit', '--until', '-2h')).stdout, /Nothing of this kind/)
      const roles = await done('audit', '--words', 'dora roles', '--action', 'updated')
      assert.deepEqual(roles.entries[0].changes, [
        { member: 'roles', from: ['Developer', 'Analyst'], to: ['Analyst'] },
      ])
    })

    it('show and change the settings of a backend', async () => {
      const { id } = await done('backend', 'create', '--name', 'shop')
      const at = ['backend', 'settings', 'shop']
      assert.match((await type(...at)).stdout, /^perPageMax +100$/m)
      const mail = 'smtpUrl=smtp://ada:geheim@mail.example.org'
      const { backend, settings } = await done(
        ...[...at, '--set', 'perPageMax=50', '--set', 'friendsTwoWay=false', '--set', mail],
        ...['--set', 'mbsRelease=1.6', '--set', 'trustedAccountTypes=twitter,google'],
      )
      assert.equal(backend.id, id)
      assert.deepEqual(
        [settings.perPageMax, settings.friendsTwoWay, settings.mbsRelease, settings.smtpUrl],
        [50, false, '1.6', 'smtp://ada:***@mail.example.org'],
      )
      assert.deepEqual(settings.trustedAccountTypes, ['twitter', 'google'])
      assert.deepEqual((await done('backend', 'settings', id)).settings, settings)
      const cleared = await done(...at, '--set', 'smtpUrl=null', '--set', 'trustedAccountTypes=')
      assert.deepEqual([cleared.settings.smtpUrl, cleared.settings.trustedAccountTypes], [null, []])
      for (const [set, code] of [
        ['perPageMax=much', 'param_invalid'],
        ['perPage=5', 'param_invalid'],
        ['perPageMax', 'usage'],
        ['=5', 'usage'],
      ] as const) {
        const refused = await json(...at, '--set', set)
        assert.deepEqual([refused.code, refused.data.error.code], [2, code], set)
      }
      assert.deepEqual((await done(...at)).settings, cleared.settings)
      const [entry] = (await done('audit', '--target', id, '--limit', '1')).entries
      assert.deepEqual([entry.performedBy, entry.actions], ['command line', ['UPDATED']])
    })

    it('tell of users and push keys that are set from here, too', async () => {
      const at = ['--backend', 'shop', '--login', 'ada']
      await done('user', 'create', ...at, '--password', 'lovelace')
      await done('user', 'promote', ...at)
      await done('push', 'web', '--backend', 'shop', '--subject', 'mailto:ops@example.org')
      await done('push', 'remove', '--backend', 'shop', '--service', 'web')
      const { entries } = await done('audit', '--actor', 'command line', '--limit', '4')
      assert.deepEqual(
        entries.map((one: { actions: string[]; target: { type: string } }) => [
          ...one.actions,
          one.target.type,
        ]),
        [
          ['KEYS_REVOKED', 'MobileBackend'],
          ['KEYS_REFRESHED', 'MobileBackend'],
          ['UPDATED', 'User'],
          ['CREATED', 'User'],
        ],
      )
      const told = entries[1].changes.map((one: { member: string }) => one.member)
      assert.ok(told.includes('push.web.subject'), String(told))
    })

    it('tell of settings that an application administrator changed, and in which request', async () => {
      const { clientId, id } = await done('backend', 'show', 'shop')
      const put = async (verb: string, path: string, form: Record<string, string>) => {
        const url = `${running?.url}/v1/${path}.json?key=${clientId}`
        return fetch(url, { method: verb, body: new URLSearchParams(form) })
      }
      const login = await put('POST', 'users/login', { login: 'ada', password: 'lovelace' })
      const { meta, response } = (await login.json()) as {
        meta: { session_id: string }
        response: { users: { id: string }[] }
      }
      const changes = { allow_user_creation: 'false', _session_id: meta.session_id }
      const changed = await put('PUT', 'apps/update', changes)
      assert.equal(changed.status, 200)
      const [entry] = (await done('audit', '--target', id, '--limit', '1')).entries
      assert.deepEqual(
        [entry.performedBy, entry.requestId],
        [response.users[0]?.id, changed.headers.get('x-request-id')],
      )
      assert.deepEqual(entry.changes, [
        { member: 'settings.allowUserCreation', from: true, to: false },
      ])
    })
  })
}
