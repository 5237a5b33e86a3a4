import assert from 'node:assert/strict'
import { SESSION_TYPE } from '../../../src/engine/sessions.ts'
import { setPushCredentials } from '../../../src/objects/push/credentials.ts'
import { readFcm } from '../../../src/push/credentials.ts'
import { keyOf } from '../../../src/storage/keys.ts'
import type { Change } from '../../../src/storage/port.ts'
import { SERVICE_ACCOUNT } from '../push-stand-in.ts'
import type { Answer, TestApp, TestBackend, TestUser } from '../test-app.ts'
import { callOf, type Named, type Thing, type Things, type Values } from './calls.ts'
import { MAKERS, type Made } from './makers.ts'
import { methodAt, pathOf } from './methods.ts'

/** Everybody in a scene. Who reads and who writes does so by the ACL; the reader is the partner. */
export type Person =
  | ('a stranger' | 'the owner' | 'a reader' | 'a writer' | 'an administrator')
  | 'an administrator of another backend'

/** Behind `as:` is the person whom `su_id` names. */
export type Caller = 'nobody' | Person | `${Person} as: ${Person}`

/** `private`: one reader and one writer. `public`: everyone may read and write. */
export const STATES = ['without an ACL', 'with a private ACL', 'with a public ACL'] as const
export type State = (typeof STATES)[number]

type Setting = {
  readonly people: Readonly<Record<Person, TestUser>>
  readonly ownerName: string
  readonly acls: Readonly<Record<State, string>>
}

export type Sending = {
  readonly values?: (of: Named) => Values
  /** In place of the scene's. */
  readonly things?: Partial<Named>
  readonly verb?: 'GET' | 'DELETE'
}

let marks = 0

/** A backend with people in it. Its owner has one of everything. */
export class Scene {
  readonly app: TestApp
  readonly backend: TestBackend
  readonly people: Setting['people']
  readonly ownerName: string
  readonly #acls: Setting['acls']
  #things: Things = {} as Things
  /** How far the log of changes has been read. */
  #seen = ''

  private constructor(app: TestApp, backend: TestBackend, { people, ownerName, acls }: Setting) {
    this.app = app
    this.backend = backend
    this.people = people
    this.ownerName = ownerName
    this.#acls = acls
  }

  static async set(app: TestApp, backend = app.backend): Promise<Scene> {
    // The release before search was taken away; all else is as it is now.
    const settings = { mbsRelease: '1.2.0', mailTestMode: true, trustedAccountTypes: ['trusted'] }
    await app.set(settings, backend)
    await setPushCredentials(app.context, backend.id, readFcm(SERVICE_ACCOUNT), 'test')
    const people = await peopleIn(app, backend)
    const scene = new Scene(app, backend, { ...people, acls: await makeAcls(app, backend, people) })
    scene.#things = { user: scene.owner.id } as Things
    for (const [thing, make] of Object.entries(MAKERS)) {
      if (thing === 'user') continue
      const { name } = await make(scene, '')
      scene.#things = { ...scene.#things, [thing]: name }
    }
    await scene.changes()
    return scene
  }

  get owner(): TestUser {
    return this.people['the owner']
  }

  get things(): Things {
    return this.#things
  }

  /** A name that nothing has. */
  mark(): string {
    marks += 1
    return `mark${String(marks).padStart(6, '0')}`
  }

  async make(thing: Thing, state: State = 'without an ACL'): Promise<Made> {
    return MAKERS[thing](this, this.#acls[state])
  }

  /** A call with the values that the method needs, unless the caller has others. */
  send(path: string, as: TestUser | null, how: Sending = {}): Promise<Answer> {
    const method = methodAt(path)
    const { values = callOf(path), things = {}, verb = method.verb } = how
    const sent = values({ ...this.#things, mark: this.mark(), ...things })
    const { app, backend } = this
    const isUpload = Object.values(sent).some((one) => one instanceof Blob)
    if (!isUpload) return app.call(verb, pathOf(method), sent, as, backend)
    const parts = sent as Record<string, string | Blob>
    return app.upload(verb === 'PUT' ? 'PUT' : 'POST', pathOf(method), parts, as, backend)
  }

  /** The same, which has to succeed. */
  async done(
    path: string,
    as: TestUser | null,
    more: Values = {},
    things: Partial<Named> = {},
  ): Promise<Answer> {
    const values = (of: Named) => ({ ...callOf(path)(of), ...more })
    const answer = await this.send(path, as, { values, things })
    assert.equal(answer.status, 200, `${path}: ${answer.body.meta.message}`)
    return answer
  }

  /** Who a caller is, and whom he acts for. @param owner in place of the scene's */
  cast(caller: Caller, owner = this.owner): { as: TestUser | null; suId: string | undefined } {
    const people: Readonly<Record<string, TestUser>> = { ...this.people, 'the owner': owner }
    const [name = '', su = ''] = caller.split(' as: ')
    return { as: people[name] ?? null, suId: people[su]?.id }
  }

  /** What has been written since the last time, by whomever; that sessions are used aside. */
  async changes(): Promise<readonly Change[]> {
    await this.app.settle()
    const all: Change[] = []
    for (let more = true; more; ) {
      const some = await this.app.context.store.changesAfter(this.backend.id, this.#seen, 1000)
      all.push(...some)
      this.#seen = some.at(-1)?.sequence ?? this.#seen
      more = some.length === 1000
    }
    return all.filter(({ type }) => type !== SESSION_TYPE)
  }

  /** The id of the newest record that has these members. */
  async recordOf(type: string, members: Readonly<Record<string, unknown>>): Promise<string> {
    const all = Object.entries(members).map(
      ([field, value]) => ({ op: 'eq', field, value: keyOf(value) }) as const,
    )
    const where = { op: 'and', all } as const
    const { store } = this.app.context
    const found = await store.find({ backendId: this.backend.id, type, where, limit: 1 })
    const [record] = found.records
    assert.ok(record, `there is no ${type} with ${JSON.stringify(members)}`)
    return record.id
  }

  /** Whose a record is; `undefined` when it is gone. */
  async ownerOf({ type, id }: Pick<Made, 'type' | 'id'>): Promise<string | null | undefined> {
    const record = await this.app.context.store.get({ backendId: this.backend.id, type, id })
    return record?.ownerId
  }
}

async function peopleIn(app: TestApp, backend: TestBackend) {
  marks += 1
  const ownerName = `owner${marks}`
  const elsewhere = await app.newBackend(`elsewhere${marks}`)
  const people = {
    'the owner': await app.user(ownerName, backend),
    'a stranger': await app.user(undefined, backend),
    'a reader': await app.user(undefined, backend),
    'a writer': await app.user(undefined, backend),
    'an administrator': await app.admin(`admin${marks}`, backend),
    'an administrator of another backend': await app.admin('admin', elsewhere),
  }
  return { people, ownerName }
}

async function makeAcls(
  app: TestApp,
  backend: TestBackend,
  { people }: Pick<Setting, 'people'>,
): Promise<Setting['acls']> {
  const make = async (values: Values): Promise<string> => {
    const owner = people['the owner']
    const { body } = await app.call('POST', 'acls/create', values, owner, backend)
    return body.response.acls[0].id
  }
  const [reader_ids, writer_ids] = [people['a reader'].id, people['a writer'].id]
  return {
    'without an ACL': '',
    'with a private ACL': await make({ name: 'private', reader_ids, writer_ids }),
    'with a public ACL': await make({ name: 'public', public_read: true, public_write: true }),
  }
}
