import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { MethodDefinition } from '../../src/engine/definition.ts'
import { methods } from '../../src/objects/index.ts'
import { FOREIGN, type Foreign, nobodys, unknownParams } from '../support/permissions/foreign.ts'
import { Scene } from '../support/permissions/scene.ts'
import { photoFiles } from '../support/photo-files.ts'
import { type Answer, onEachDatabase, type TestUser } from '../support/test-app.ts'

/** Whoever logs in so gives his session to another. */
const LOGS_IN = ['users/create', 'users/login', 'users/external_account_login']

onEachDatabase('two backends side by side', (app) => {
  let north: Scene
  let south: Scene

  before(async () => {
    const other = await app().newBackend('south')
    ;[north, south] = await Promise.all([Scene.set(app()), Scene.set(app(), other)])
  })

  /** Everything that the northern backend holds. */
  const everything = async () => {
    const { store } = app().context
    const { id: backendId } = north.backend
    const types = await store.types(backendId)
    const found = await Promise.all(
      types.map((type) => store.find({ backendId, type, limit: 1000 })),
    )
    const files = (await photoFiles(app())).filter((file) => file.startsWith(backendId))
    return { types, records: found.map(({ records }) => records), files }
  }

  /** Those of the south who try it: who may do everything there, and who has all that is needed. */
  const callers = ({ path }: MethodDefinition): (() => Promise<TestUser | null>)[] => {
    if (LOGS_IN.includes(path)) return [async () => null]
    if (path === 'users/logout') return [() => app().user(undefined, south.backend)]
    return [async () => south.people['an administrator'], async () => south.owner]
  }

  const ask = (one: Foreign, name: string, as: TestUser | null): Promise<Answer> =>
    south.send(one.method.path, as, { values: (of) => one.values(of, name) })

  /** What an answer says, when nobody looks at what things are called and when they were made. */
  const said = ({ status, body }: Answer, method: MethodDefinition, name: string): unknown => {
    const { message, reason } = body.meta
    const shown = method.verb === 'GET' ? body.response : undefined
    const text = JSON.stringify({ status, message, reason, shown })
    return JSON.parse(text.replaceAll(name, 'NAME').replace(/[0-9a-f]{24}|\d{4}-\d\d-[^"]+/g, '-'))
  }

  /** That of the north's there is nothing in it but what was sent. */
  const tellsNothing = ({ body }: Answer, sent: string) => {
    const text = JSON.stringify(body)
    const names = [north.backend.id, ...Object.values(north.things)].filter((one) => one !== sent)
    assert.deepEqual(
      names.filter((one) => text.includes(one)),
      [],
      text,
    )
  }

  describe('what is the other’s', () => {
    it('is tried in every parameter that names something', () => {
      assert.deepEqual(
        methods.flatMap((method) => unknownParams(method).map((name) => [method.path, name])),
        [],
      )
    })

    for (const one of FOREIGN) {
      const { method, param, thing } = one
      it(`is to ${method.path} what nobody's is: its ${thing} as ${param}`, async () => {
        const name = north.things[thing]
        const unknown = nobodys(north.things, thing)
        for (const caller of callers(method)) {
          const answer = await ask(one, name, await caller())
          const nobodysAnswer = await ask(one, unknown, await caller())
          assert.ok(answer.status < 500)
          assert.deepEqual(said(answer, method, name), said(nobodysAnswer, method, unknown))
          tellsNothing(answer, name)
        }
        await south.changes()
        assert.deepEqual(await north.changes(), [])
      })
    }
  })

  describe('a session of the other', () => {
    for (const method of methods) {
      it(`is ${method.auth === 'none' ? 'nobody' : 'unknown'} to ${method.path}`, async () => {
        for (const as of [north.owner, north.people['an administrator']]) {
          const answer = await south.send(method.path, as)
          assert.ok(answer.status < 500)
          tellsNothing(answer, '')
          if (method.auth !== 'none') {
            assert.deepEqual([answer.status, answer.body.meta.reason], [404, 'session_unknown'])
          }
          assert.notEqual(answer.body.meta.session_id, as.session)
        }
        assert.deepEqual(await north.changes(), [])
      })
    }

    it('stays with its user at home', async () => {
      const { body } = await app().get('users/show/me', {}, north.owner)
      assert.equal(body.response.users[0].id, north.owner.id)
    })
  })

  describe('names', () => {
    it('of users and lists can be the same, and each is found at home', async () => {
      const user = { id: '', session: '' }
      const both = [north.backend, south.backend]
      for (const [i, backend] of both.entries()) {
        const password = `word${i}`
        const values = { username: 'twin', email: 'twin@example.org', password }
        const sent = { ...values, password_confirmation: password }
        const made = await app().call('POST', 'users/create', sent, null, backend)
        assert.equal(made.status, 200)
        user.session = String(made.body.meta.session_id)
        const acl = await app().call('POST', 'acls/create', { name: 'twin' }, user, backend)
        assert.equal(acl.status, 200)
      }
      for (const [i, backend] of both.entries()) {
        const login = (password: string) =>
          app().call('POST', 'users/login', { login: 'twin', password }, null, backend)
        assert.equal((await login(`word${i}`)).status, 200)
        assert.equal((await login(`word${1 - i}`)).status, 401)
      }
    })
  })

  describe('bulk', () => {
    it('methods and counts keep to their own', async () => {
      const west = await app().newBackend('west')
      const counts = methods.filter(({ path }) => path.endsWith('/count'))
      for (const { path } of counts) {
        const counted = path.replace(':classname', 'boat')
        const { body } = await app().call('GET', counted, {}, null, west)
        assert.equal(body.meta.count, 0, path)
      }
      const untouched = await everything()
      await north.changes()
      const admin = south.people['an administrator']
      const bulk = methods.filter(({ path }) => /batch_delete|admin_drop|delete\/data/.test(path))
      // The users come last: the administrator goes with them.
      const [others, users] = [false, true].map((of) =>
        bulk.filter(({ group }) => (group === 'User') === of),
      )
      for (const { path } of [...(others ?? []), ...(users ?? [])]) {
        const app_id = south.backend.id
        const values = () => (path === 'apps/delete/data' ? { app_id } : {})
        assert.equal((await south.send(path, admin, { values })).status, 200, path)
      }
      await app().settle()
      for (const { path } of counts) {
        const answer = await south.send(path, null)
        // Of what remains when an app is emptied there are mail templates.
        if (path.startsWith('email_templates')) continue
        assert.equal(answer.body.meta.count, 0, path)
      }
      assert.deepEqual(await everything(), untouched)
      assert.deepEqual(await north.changes(), [])
    })
  })
})
